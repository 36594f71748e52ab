"""What a parcel abroad may cost on arrival, in words."""

from flask_babel import gettext as _

from shop.core.customs import Border, border, list_odd_areas


def duties_text(origin: str, country: str, postal_code: str = "") -> str:
    """Return the sentence on duties and taxes that are not in the total; "" where none are due.

    `origin`, `country`: ISO codes. While no postcode is known, places abroad that lie behind
    another border than the rest of their country are named.
    """
    words = _words(border(origin, country, postal_code))
    odd = [] if postal_code or origin == country else list_odd_areas(origin, country)
    if not odd:
        return words
    places = ", ".join(area.name for area in odd)
    if words:
        return f"{words} {_('Other rules hold for %(places)s.', places=places)}"
    return f"{_('To %(places)s:', places=places)} {_may()}"


def has_odd_areas(origin: str, country: str) -> bool:
    """Return whether what may be due in the country depends on the postcode."""
    return bool(list_odd_areas(origin, country))


def _words(found: Border) -> str:
    crosses = {
        Border.CUSTOMS: _("Your parcel crosses a customs border."),
        Border.TAX: _("Your parcel leaves our VAT area."),
    }
    if found not in crosses:
        return ""
    return f"{crosses[found]} {_may()}"


def _may() -> str:
    return str(_("Import duties and taxes may be due on arrival; they are not in this total."))
