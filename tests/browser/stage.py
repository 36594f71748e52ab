"""Pages to try the shell's script on, with answers that can be held back."""

import threading
from dataclasses import dataclass, field

from flask import Blueprint, Flask, redirect, render_template, request
from werkzeug.wrappers import Response

from shop.styleguide import samples

PER_PAGE = 24
SHELL = {"shop": samples.SHOP, "nav": samples.NAV}


@dataclass
class Stage:
    """What was posted, and the gate that answers to posts wait at until it is set."""

    url: str = ""
    posts: list[str] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)


def build_stage(app: Flask) -> Stage:
    """Add `/stage/list`, `/stage/forms` and what their forms post to."""
    stage = Stage()
    pages = Blueprint("stage", __name__, url_prefix="/stage", template_folder="templates")

    @pages.get("/list")
    def show_list() -> str:
        number, auto = request.args.get("page", 1, type=int), request.args.get("auto", "3")
        first = (number - 1) * PER_PAGE + 1
        return render_template(
            "stage/list.html",
            number=number,
            auto=auto,
            pieces=[samples.piece(f"Piece {first + n}", "House", 1000) for n in range(PER_PAGE)],
            url=f"/stage/list?auto={auto}&page={{}}".format,
            **SHELL,
        )

    @pages.get("/forms")
    def show_forms() -> str:
        return render_template("stage/forms.html", **SHELL)

    @pages.post("/plain")
    def take_plain() -> Response:
        stage.posts.append(request.form.get("op", ""))
        stage.gate.wait(10)
        return redirect("/stage/list?auto=0", 303)

    @pages.post("/partial")
    def take_partial() -> str:
        stage.posts.append("partial")
        stage.gate.wait(10)
        return render_template("stage/added.html")

    @pages.post("/refused")
    def take_refused() -> tuple[str, int]:
        stage.posts.append(request.form["variant_id"])
        said = "Only 2 left."
        return render_template("errors/409.html", status=409, message=said, **SHELL), 409

    app.register_blueprint(pages)
    return stage
