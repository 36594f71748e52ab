"""What the styleguide shows: a made-up shop, pieces, an order. No database."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

Sample = SimpleNamespace
CURRENCY = "EUR"
PLACED = datetime(2026, 11, 21, 13, 26, tzinfo=UTC)

SHOP = Sample(
    name="Maison Flux",
    announcement="Complimentary delivery over €150 · Returns within 30 days",
    contact_email="atelier@example.com",
    endless_list=False,
)
NAV = [
    Sample(url=f"/categories/{slug}", name=name)
    for slug, name in (
        ("fragrance", "Fragrance"),
        ("home", "Home"),
        ("leather", "Leather"),
        ("jewellery", "Jewellery"),
        ("writing", "Writing"),
    )
]
DESKS = [
    Sample(
        url=f"/admin/{key}",
        name=name,
        icon_name=icon,
        key=key[:1],
        count=count,
        is_current=key == "orders",
    )
    for key, name, icon, count in (
        ("", "Today", "house", None),
        ("orders", "Orders", "inbox", 7),
        ("products", "Products", "package", None),
        ("customers", "Customers", "users", None),
        ("settings", "Settings", "settings", None),
    )
]


def piece(name: str, brand: str, amount: int, **changes: Any) -> Sample:
    """Return a product as a list shows it; `amount` in minor units."""
    plain = {
        "slug": "sample",
        "name": name,
        "brand_name": brand,
        "cover": None,
        "price_from": amount,
        "compare_at": None,
        "has_price_range": False,
        "is_available": True,
        "few_left": None,
        "single_variant_id": 1,
        "is_new": False,
    }
    return Sample(**{**plain, **changes})


PIECES = [
    piece("Néroli Eau de Parfum", "Maison Flux", 14800, is_new=True, has_price_range=True),
    piece("Small Seconds 38 mm on a calf strap with a hand-sewn edge", "Aurelia", 245000),
    piece("Top-Handle Bag, Bordeaux", "Atelier Sorel", 119000, few_left=2, compare_at=145000),
    piece("Havana Sunglasses", "Comptoir Vert", 22000, is_available=False),
]
AMOUNTS = Sample(
    amount_subtotal=146600,
    amount_discount=14660,
    amount_shipping=0,
    amount_tax=22021,
    amount_total=131940,
)
STEPS = [
    ("done", "Ordered", "21 Nov"),
    ("done", "Paid", "21 Nov"),
    ("current", "Sent", "24 Nov"),
    ("", "Delivered", "27 Nov, est."),
]
EVENTS = [
    ("Handed to Colissimo", PLACED, "Lyon"),
    ("Payment received", PLACED, "Visa ending 4242"),
    ("Order placed", PLACED, ""),
]
ORDER_STATUSES = [
    "awaiting", "processing", "review", "paid", "partly_sent", "sent", "delivered", "returned",
    "refunded", "expired", "canceled",
]  # fmt: skip
TYPED = {"email": "camille@example.org", "size": "50", "delivery": "std"}
TYPED_WRONG = {"email": "", "size": "50", "delivery": "", "terms": False}


def page_url(number: int) -> str:
    """Return where page `number` of the sample list would be."""
    return f"?page={number}"


def context(name: str) -> dict[str, Any]:
    """Return what the templates of the styleguide use; `name` is the page shown."""
    return {
        "shop": SHOP,
        "nav": NAV,
        "desks": DESKS,
        "page": name,
        "currency": CURRENCY,
        "pieces": PIECES,
        "amounts": AMOUNTS,
        "steps_of_order": STEPS,
        "events": EVENTS,
        "order_statuses": ORDER_STATUSES,
        "placed": PLACED,
        "page_url": page_url,
    }
