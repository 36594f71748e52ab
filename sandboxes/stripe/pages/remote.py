"""The remote control for tests in other processes, only with ``control=True``.

``POST /test/<name>`` with a JSON object of arguments does what the method of that name of
``Sandbox`` does, and answers ``{"result": …}``; ``GET /test/<name>`` looks.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, current_app, jsonify, request
from werkzeug.wrappers import Response

from sandboxes.stripe.control import Sandbox
from sandboxes.stripe.errors import ApiError

blueprint = Blueprint("remote", __name__, url_prefix="/test")

LOOKS = ("now", "get", "objects", "deliveries")
ACTIONS = (
    "advance",
    "run_due",
    "deliver_due",
    "fault",
    "clear_faults",
    "release",
    "reset",
    "seed_ids",
    "pay",
    "settle_async",
    "expire",
    "dispute",
    "refund",
    "fail_refund",
    "tamper",
    "forge_event",
    "resend",
)


@blueprint.get("/<name>")
def look(name: str) -> Response:
    """Look at something; arguments are the query's."""
    return _run(name, LOOKS, request.args.to_dict())


@blueprint.post("/<name>")
def act(name: str) -> Response:
    """Do something; arguments are the JSON body's."""
    arguments = request.get_json(silent=True) if request.data else {}
    if not isinstance(arguments, dict):
        abort(400, "The body must be a JSON object.")
    return _run(name, ACTIONS, arguments)


@blueprint.errorhandler(ApiError)
def refused(error: ApiError) -> tuple[Response, int]:
    """The API's error as it is."""
    return jsonify({"error": error.error}), error.status


@blueprint.errorhandler(TypeError)
@blueprint.errorhandler(ValueError)
@blueprint.errorhandler(KeyError)
def misused(error: Exception) -> tuple[Response, int]:
    """Arguments that the method does not take."""
    return jsonify({"error": {"message": str(error)}}), 400


def _run(name: str, allowed: tuple[str, ...], arguments: dict[str, Any]) -> Response:
    if name not in allowed:
        abort(404)
    sandbox: Sandbox = current_app.extensions["sandbox"]
    method: Callable[..., Any] = getattr(sandbox, name)
    result = method(**arguments)
    if dataclasses.is_dataclass(result) and not isinstance(result, type):
        result = dataclasses.asdict(result)
    return jsonify({"result": result})
