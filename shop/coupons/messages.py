"""What the pages say about a coupon that cannot be used."""

from flask_babel import gettext as _

from shop.coupons.terms import TOLD, Refusal
from shop.web.templating import page_money


def refusal_text(refusal: Refusal, missing: int, currency: str) -> str:
    """Return what to tell whoever tries a code; `missing` in minor units.

    What a code that does not exist gets, all get that would tell one from it (security
    requirement 21).
    """
    if refusal not in TOLD:
        return str(_("This code cannot be used. Check how it is written, or whether it ended."))
    return standing_text(refusal, missing, currency)


def standing_text(refusal: Refusal, missing: int, currency: str) -> str:
    """Return why a coupon that is in one's bag already does nothing now."""
    texts = {
        Refusal.NOT_YET: _("This code is not valid yet."),
        Refusal.ENDED: _("This code has ended."),
        Refusal.USED_UP: _("This code has been used up."),
        Refusal.USED_BY_YOU: _("You have used this code before."),
        Refusal.LOST: _("The time of this prize is over."),
        Refusal.NOT_FIRST: _("This code is for a first order."),
        Refusal.OTHER_PIECES: _("This code is for other pieces than those in your bag."),
        Refusal.MINIMUM: _(
            "%(amount)s more and this code counts.", amount=page_money(missing, currency)
        ),
    }
    return str(texts.get(refusal) or _("This code can no longer be used."))
