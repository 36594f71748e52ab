"""Addresses for programs, which prove themselves by signature or key and never by a cookie."""

from collections.abc import Callable

from flask import Blueprint, Flask, Response, current_app, request
from flask.blueprints import BlueprintSetupState

_KEY = "machine_paths"


def init_machines(app: Flask) -> None:
    """Let the blueprints that follow tell where programs speak."""
    app.extensions[_KEY] = set()


def post_from_machines(blueprint: Blueprint, path: str, view: Callable[[], Response]) -> None:
    """Let programs POST to `path` of a blueprint, from anywhere, without cookie or token.

    Nothing proves who speaks but what `view` does to prove it.
    """

    def note(state: BlueprintSetupState) -> None:
        state.app.extensions[_KEY].add(f"{state.url_prefix or ''}{path}")

    blueprint.record(note)
    blueprint.add_url_rule(path, view_func=view, methods=["POST"])


def is_machine_path() -> bool:
    """Return whether the request comes from a program that proves itself without a cookie."""
    paths: set[str] = current_app.extensions[_KEY]
    return request.path in paths
