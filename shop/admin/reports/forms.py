"""What is asked of a report, read from its address."""

from werkzeug.datastructures import MultiDict

from shop.admin.reports.queries import Division, ReportFilter
from shop.core.clock import today
from shop.core.config import config
from shop.core.errors import NotFound
from shop.core.row_ids import parse_id
from shop.sales.period import read_period


def read_report_filter(args: MultiDict[str, str]) -> ReportFilter:
    """Return the filter in a query string. Raises NotFound for a page that cannot be."""
    page, by = parse_id(args.get("page", "1")), args.get("by", "")
    if not 1 <= page <= 10_000:
        raise NotFound
    chosen = read_period(args, today(config().timezone), usual="30")
    return ReportFilter(Division(by) if by in set(Division) else Division.DAY, chosen, page)
