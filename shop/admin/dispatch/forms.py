"""What the forms for several orders send."""

from werkzeug.datastructures import MultiDict

from shop.admin.dispatch.input_types import MOST, DispatchFields
from shop.admin.dispatch.tracking_lines import Pasted, read_tracking_lines
from shop.admin.optimistic_lock import read_version
from shop.core import plaintext
from shop.core.errors import BadInput
from shop.core.row_ids import parse_id
from shop.delivery.queries import get_carrier
from shop.models.columns import LONGEST_CODE

LONGEST_PASTE = 40_000  # signs
USUAL = "usual"


def read_selection(values: MultiDict[str, str]) -> list[str]:
    """Return the numbers of the orders that were ticked, each once. Raises BadInput."""
    numbers = list(dict.fromkeys(values.getlist("order")))
    if not numbers:
        raise BadInput("Tick the orders first.")
    if len(numbers) > MOST:
        raise BadInput(
            f"These are {len(numbers)} orders. At most {MOST} can be taken at once: choose fewer."
        )
    return [number[:LONGEST_CODE] for number in numbers]


def read_pasted(form: MultiDict[str, str]) -> Pasted:
    """Return which order gets which tracking number, and what is wrong with the lines."""
    text = form.get("tracking", "")
    if len(text) > LONGEST_PASTE:
        return Pasted(problems=[f"Paste at most {LONGEST_PASTE:,} characters."])
    return read_tracking_lines(text, read_selection(form))


def read_dispatch(form: MultiDict[str, str]) -> DispatchFields:
    """Return what is to be sent, and how. Raises BadInput where any line is wrong."""
    numbers, pasted = read_selection(form), read_pasted(form)
    if pasted.problems:
        raise BadInput("Nothing was sent. Please mend the tracking numbers.")
    return DispatchFields(
        {number: read_version(form.get(f"version-{number}")) for number in numbers},
        _carrier(form),
        pasted.numbers,
        form.get("notify") == "1",
    )


def _carrier(form: MultiDict[str, str]) -> str | None:
    chosen = form.get("carrier_id", USUAL)
    if chosen == USUAL:
        return None
    if chosen:
        return get_carrier(parse_id(chosen)).name
    name = plaintext.line(form.get("carrier", ""))
    if len(name) > 120:
        raise BadInput("Use at most 120 characters for the carrier’s name.")
    return name
