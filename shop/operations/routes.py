"""What a proxy, a container or a monitor asks: is the process up, may it get requests?"""

import logging

from flask import Blueprint, Response, jsonify

from shop.operations.queries import is_database_ready

log = logging.getLogger(__name__)

blueprint = Blueprint("operations", __name__)


@blueprint.get("/healthz")
def health() -> Response:
    """Answer 200: the process is up. Touches nothing else."""
    return _answer("up", 200)


@blueprint.get("/readyz")
def readiness() -> Response:
    """Answer 200 when the database is there and migrated, else 503."""
    if is_database_ready():
        return _answer("ready", 200)
    log.warning("not ready")
    return _answer("not ready", 503)


def _answer(status: str, code: int) -> Response:
    response = jsonify(status=status)
    response.status_code = code
    response.headers["Cache-Control"] = "no-store"
    return response
