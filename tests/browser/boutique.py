"""A small boutique to look at: pieces of every kind, with pictures of the demo in all sizes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from flask import Flask
from sqlalchemy import delete

from shop.catalog.input_types import PictureFields
from shop.core.db import transaction
from shop.coupons.services import CouponTerms, create_coupon
from shop.models import Category, CouponKind, LuckySlot, Product, SlotState
from shop.seed.pictures import store_source
from shop.settings.queries import shop_settings
from shop.settings.services import set_setting
from tests.factories import make_brand, make_category, make_product
from tests.orders import kit
from tests.processes import ROOT

BAKED = ROOT / "shop" / "seed" / "demo" / "pictures"
# A motif of the demo's pictures, what it is called here, and its price in minor units.
PIECES = (
    ("perfume", "Néroli Eau de Parfum", 14800),
    ("candle", "Figuier Candle", 6400),
    ("watch", "Heure Claire Watch", 890000),
    ("handbag", "Rivoli Handbag", 124000),
    ("vase", "Argile Vase", 18500),
    ("scarf", "Brume Scarf", 21000),
    ("ring", "Aube Ring", 98000),
    ("lamp", "Lueur Lamp", 34000),
)

NEVER = 1_000_000  # the game is on, and nobody wins


@dataclass
class Boutique:
    """What is for sale, by what is special about it."""

    category: Category
    plain: Product
    chosen: Product  # two options, one combination sold out
    few: Product  # two left
    gone: Product  # sold out
    pieces: list[Product] = field(default_factory=list)


def pictures(motif: str, count: int = 2) -> list[PictureFields]:
    """Return the first pictures of a motif, stored in this shop."""
    stored = [store_source(f"demo:{motif}-{n:02}") for n in range(1, count + 1)]
    return [PictureFields(one.key, one.width, one.height, "A piece on stone") for one in stored]


def furnish() -> Boutique:
    """Open the shop and fill its shelves; needs an application context."""
    kit.open_shop()
    set_setting("announcement", "Complimentary delivery from €150", user_id=None)
    set_setting("nth_order", str(NEVER), user_id=None)
    create_coupon("WINTER20", CouponTerms(kind=CouponKind.PERCENT, percent_bp=2000))
    brand, atelier = make_brand("Maison Flux"), make_brand("Atelier Nord")
    scent, home = make_category("Scent"), make_category("Interior")
    made = [
        make_product(
            name,
            price=price,
            stock=1000,  # more than all tests together buy
            category=scent if n < 2 else home,
            brand=brand if n % 2 else atelier,
            pictures=pictures(motif, 2 if n else 4),
            summary=f"{name}, made by hand in small numbers.",
            description="Made in a small workshop near Grasse.\n\nEach piece is checked by hand.",
            details=[("Materials", "Glass, brass and patience."), ("Care", "Keep it dry.")],
            slug=f"piece-{n}",
        )
        for n, (motif, name, price) in enumerate(PIECES)
    ]
    chosen = make_product(
        "Brume Scarf in Colours",
        price=21000,
        category=home,
        brand=brand,
        pictures=pictures("scarf", 3),
        slug="chosen",
        variants=[
            {"option_values": [colour, size], "stock": 0 if (colour, size) == ("Wine", "L") else 9,
             "compare_at_amount": 26000}
            for colour in ("Moss", "Wine")
            for size in ("S", "L")
        ],
    )  # fmt: skip
    few = make_product(
        "Last Candle", price=6400, stock=2, category=scent, slug="few",
        pictures=pictures("candle"),
    )  # fmt: skip
    gone = make_product(
        "Sold Lamp", price=34000, stock=0, category=home, slug="gone",
        pictures=pictures("lamp"),
    )  # fmt: skip
    for n in range(20):
        motif = PIECES[n % len(PIECES)][0]
        make_product(
            f"{PIECES[n % len(PIECES)][1]} No {n + 2}", price=5000 + 700 * n, category=home,
            brand=atelier, pictures=pictures(motif),
        )  # fmt: skip
    return Boutique(home, made[0], chosen, few, gone, made)


@contextmanager
def one_in(app: Flask, number: int) -> Iterator[None]:
    """Let one card in `number` win while the block runs, in a shop that is being served.

    Prizes of earlier visitors are gone: held, they would be in the way of the next one; returned,
    they would be won.
    """
    with app.app_context():
        with transaction() as session:
            earlier = LuckySlot.state.in_([SlotState.GRANTED, SlotState.RETURNED])
            session.execute(delete(LuckySlot).where(earlier))
        before = shop_settings().nth_order
        set_setting("nth_order", str(number), user_id=None)
    try:
        yield
    finally:
        with app.app_context():
            set_setting("nth_order", str(before), user_id=None)
