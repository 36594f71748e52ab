"""The codes of a batch as a file for a spreadsheet."""

import io

from shop.admin.coupons.queries import list_batch
from shop.core.spreadsheets import write_rows


def codes_as_csv(batch: str) -> str:
    """Return the codes of a batch as CSV, with a head. Raises NotFound for no such batch."""
    rows = [[batch, row.code, str(row.state), row.used_count] for row in list_batch(batch)]
    out = io.StringIO(newline="")
    write_rows(out, [["batch", "code", "state", "uses"], *rows])
    return out.getvalue()
