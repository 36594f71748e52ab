"""The desk of jobs: what was given up, and another try."""

from flask import Blueprint, Response, flash, render_template
from flask_babel import gettext as _

from shop.admin.context import staff
from shop.admin.jobs.queries import list_trouble
from shop.admin.jobs.services import retry
from shop.auth.guard import needs
from shop.web.responses import redirect_to

blueprint = Blueprint("jobs", __name__, url_prefix="/jobs")


@blueprint.get("")
@needs("jobs.view")
def index() -> str:
    """Show what did not work."""
    return render_template("admin/jobs/index.html", trouble=list_trouble())


@blueprint.post("/<int:job_id>/retry")
@needs("jobs.view")
def again(job_id: int) -> Response:
    """Run a failed job again."""
    retry(job_id, staff=staff())
    flash(_("It is tried again."), "success")
    return redirect_to("/admin/jobs", 303)
