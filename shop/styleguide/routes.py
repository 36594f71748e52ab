"""`/styleguide`: every component with sample data; registered outside production only."""

from flask import Blueprint, render_template, request
from werkzeug.exceptions import NotFound

from shop.styleguide import samples
from shop.styleguide.forms import SampleForm

blueprint = Blueprint("styleguide", __name__, url_prefix="/styleguide", template_folder="templates")
PAGES = ("parts", "product", "bag", "account", "admin", "editor")


@blueprint.get("/", defaults={"name": "parts"})
@blueprint.get("/<name>")
def page(name: str) -> str:
    """Show one page of samples; `?wrong=1` shows its form as it comes back with errors."""
    if name not in PAGES:
        raise NotFound
    form = SampleForm(data=samples.TYPED)
    if "wrong" in request.args:
        form = SampleForm(data=samples.TYPED_WRONG)
        form.validate()
    return render_template(f"styleguide/{name}.html", form=form, **samples.context(name))
