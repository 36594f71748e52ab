"""What members of staff may be allowed to do, desk by desk. Roles hold these names. Pure."""

from typing import Final

from shop.core.errors import BadInput

DESKS: Final[dict[str, dict[str, str]]] = {
    "Products": {
        "products.view": "See products that are not on sale, too",
        "products.edit": "Change products, prices and pictures",
        "stock.edit": "Change stock",
    },
    "Orders": {
        "orders.view": "See orders and who placed them",
        "orders.ship": "Send orders and note their delivery",
        "orders.cancel": "Cancel orders",
        "orders.refund": "Give money back",
        "orders.note": "Write notes to orders",
    },
    "Customers": {
        "customers.view": "See customers",
        "messages.answer": "Read what visitors write, and say that it is done",
        "customers.edit": "Write notes to customers, block them, sign them out",
        "customers.erase": "Erase accounts of customers",
    },
    "Sales": {
        "coupons.edit": "Make and stop coupons",
        "reports.view": "See figures",
    },
    "Shop": {
        "pages.edit": "Write and publish pages: help, terms, privacy, imprint",
        "settings.edit": "Change settings, delivery and tax",
        "jobs.view": "See mails and jobs, and run them again",
        "staff.edit": "Give and take roles",
    },
}
PERMISSIONS: Final = frozenset(name for desk in DESKS.values() for name in desk)
# Whoever hands out roles could hand out all of it: that is for owners alone.
OWNERS_ONLY: Final = frozenset({"staff.edit"})


def check_permissions(names: list[str]) -> list[str]:
    """Return the permissions for a role, sorted and each once. Raises BadInput for unknown ones."""
    unknown = set(names) - (PERMISSIONS - OWNERS_ONLY)
    if unknown:
        raise BadInput(permissions=f"There is no permission {min(unknown)} to give.")
    return sorted(set(names))
