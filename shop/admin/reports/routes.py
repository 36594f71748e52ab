"""The reports desk."""

from flask import Blueprint, Response, render_template, request

from shop.admin.reports.files import report_as_csv
from shop.admin.reports.forms import read_report_filter
from shop.admin.reports.queries import Division, ReportFilter, all_lines, load_report
from shop.auth.guard import needs
from shop.core.config import config
from shop.core.errors import NotPermitted
from shop.web.visitor import current_visitor

blueprint = Blueprint("reports", __name__, url_prefix="/reports")


@blueprint.get("")
@needs("reports.view")
def index() -> str:
    """Show a page of a report."""
    asked = _asked()
    return render_template("admin/reports/index.html", asked=asked, report=load_report(asked))


@blueprint.get("/report.csv")
@needs("reports.view")
def report_file() -> Response:
    """Hand out all of a report for a spreadsheet."""
    asked = _asked()
    period = asked.chosen.period
    name = f"sales-by-{asked.by}-{period.since}-{period.until}.csv"
    answer = Response(
        report_as_csv(asked.by, all_lines(asked), config().currency), mimetype="text/csv"
    )
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _asked() -> ReportFilter:
    """Return what is asked for; customers are for those alone who see who placed orders."""
    asked = read_report_filter(request.args)
    if asked.by is Division.CUSTOMER and not current_visitor().may("orders.view"):
        raise NotPermitted
    return asked
