"""More pieces than the demo has: its brands, designs and palettes put together anew. Pure.

The n-th further piece is the same on every machine. Motifs take turns, and within a motif brands
and pictures do, separately for pieces on sale and for those that are sold out: so no list of the
further pieces shows a picture beside itself.
"""

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any, Final

from shop.catalog.input_types import NewVariant, OptionFields, OptionValue
from shop.catalog.text import make_slug
from shop.core.money import LARGEST
from shop.models import StockPolicy
from shop.seed.demo_data import CLOSE, demo_shot, picture_name, read_demo, read_toml
from shop.seed.naming import make_barcode, make_sku
from shop.seed.values import Demo, SeedPicture, SeedProduct, Shot

_NOT_TO_REPEAT: Final = frozenset({"services", "gift-cards"})
_UNIQUE: Final = frozenset({"one of a kind", "made to order"})
_SOLD_OUT_EVERY: Final = 17
_COMPARED_EVERY: Final = 8


def further_products(count: int, currency: str, start: int = 0) -> Iterator[SeedProduct]:
    """Yield `count` pieces beyond the demo's own, from the `start`-th; prices in `currency`."""
    table = _table(currency)
    for number in range(start, start + count):
        yield _recombined(table, number)


@dataclass(frozen=True)
class _Motif:
    """What pieces of a motif are made from. `stride` turns the pictures from brand to brand."""

    name: str
    bases: Sequence[SeedProduct]
    brands: Sequence[str]
    leads: Sequence[SeedPicture]
    stride: int
    nouns: Sequence[str]
    sentences: Mapping[str, Sequence[str]]  # begin, make, use


@dataclass(frozen=True)
class _Table:
    demo: Demo
    motifs: Sequence[_Motif]
    series: Sequence[str]
    colours: Mapping[str, str]
    cheapest: int
    dearest: int


@cache
def _table(currency: str) -> _Table:
    demo, patterns = read_demo(currency), read_toml("patterns.toml")
    bases: dict[str, list[SeedProduct]] = defaultdict(list)
    for product in demo.products:
        if _may_be_repeated(product):
            bases[demo.pictures[picture_name(product.shots[0])].motif].append(product)
    motifs = [
        _motif(demo, name, sorted(bases[name], key=lambda product: product.slug), entry)
        for name, entry in patterns["motif"].items()
    ]
    prices = [v.fields.unit_amount for product in demo.products for v in product.variants]
    return _Table(
        demo=demo,
        motifs=motifs,
        series=patterns["series"].split(),
        colours=read_toml("colours.toml"),
        cheapest=min(prices),
        dearest=max(prices),
    )


def _may_be_repeated(product: SeedProduct) -> bool:
    """Return whether further pieces may take after this one: its options must be replaceable."""
    if product.category in _NOT_TO_REPEAT or _UNIQUE & set(product.tags):
        return False
    return len(product.options) < 2 or not any(map(_is_colour, product.options))


def _is_colour(option: OptionFields) -> bool:
    return any(value.hex for value in option.values)


def _motif(demo: Demo, name: str, bases: Sequence[SeedProduct], entry: dict[str, Any]) -> _Motif:
    brands = sorted({product.brand for product in bases})
    leads = [picture for picture in demo.pictures.values() if picture.motif == name]
    # From one piece to the next the picture changes, also when the brands begin again.
    stride = next(n for n in range(1, len(leads)) if (len(brands) - 1) * n % len(leads) != 1)
    return _Motif(name, bases, brands, leads, stride, entry["nouns"], entry)


def _recombined(table: _Table, number: int) -> SeedProduct:
    turn, place = divmod(number, len(table.motifs))
    motif = table.motifs[place]
    # How often this motif has come on sale, or sold out, before: each kind turns by itself.
    is_sold_out = _is_sold_out(turn, place)
    sold_out_before = len(_sold_out_turns(turn, place))
    round_, seat = divmod(
        sold_out_before if is_sold_out else turn - sold_out_before, len(motif.brands)
    )
    lead = motif.leads[(seat * motif.stride + round_) % len(motif.leads)]
    dice = random.Random(number)  # noqa: S311 -- repeatable, nothing is secret
    series = table.series[(number * 7 + turn) % len(table.series)]
    name = _name(motif, series, dice, number // (len(table.motifs) * len(table.series)))
    base = dice.choice(motif.bases)
    product = replace(
        base,
        slug=f"{_slug(name)}-{motif.brands[seat]}-{number + 1}",
        name=name,
        brand=motif.brands[seat],
        tags=(motif.name, lead.colours[0]),
        details=table.demo.categories[base.category].details,
        shots=_shots(table.demo, lead),
        age_days=40 + number * 13 % 900,
    )
    words = {"series": series, "colour": lead.colours[0]}
    product = _described(product, motif, dice, brand=table.demo.brands[product.brand].name, **words)
    if base.options and _is_colour(base.options[0]):
        product = _coloured(table, product, motif, lead)
    return _priced(table, product, number, dice, is_sold_out=is_sold_out)


@lru_cache(maxsize=4096)
def _slug(name: str) -> str:
    return make_slug(name)


def _is_sold_out(turn: int, place: int) -> bool:
    return (turn + place) % _SOLD_OUT_EVERY == _SOLD_OUT_EVERY - 1


def _sold_out_turns(turn: int, place: int) -> range:
    """Return the turns before `turn` at which the motif at `place` is sold out."""
    first = (_SOLD_OUT_EVERY - 1 - place) % _SOLD_OUT_EVERY
    return range(first, turn, _SOLD_OUT_EVERY)


def _name(motif: _Motif, series: str, dice: random.Random, edition: int) -> str:
    noun = dice.choice(motif.nouns)
    return f"{series} {noun} No. {edition + 2}" if edition else f"{series} {noun}"


def _described(
    product: SeedProduct, motif: _Motif, dice: random.Random, **words: str
) -> SeedProduct:
    """Return the piece with a summary and a description, no sentence twice."""
    summary, begin = dice.sample(motif.sentences["begin"], 2)
    make = dice.choice(motif.sentences["make"])
    uses = dice.sample(motif.sentences["use"], 2)
    text = " ".join([begin, make, *uses])
    return replace(product, summary=summary.format(**words), text=text.format(**words))


def _shots(demo: Demo, lead: SeedPicture) -> list[Shot]:
    other = next(
        (
            picture.name
            for picture in demo.pictures.values()
            if (picture.motif, picture.design) == (lead.motif, lead.design)
            and picture.name != lead.name
        ),
        f"{lead.name}{CLOSE}",
    )
    return [demo_shot(demo.pictures, lead.name), demo_shot(demo.pictures, other)]


def _coloured(table: _Table, product: SeedProduct, motif: _Motif, lead: SeedPicture) -> SeedProduct:
    """Return the piece in the colours of its motif's designs, that of its lead picture first."""
    designs = {lead.design: lead} | {
        picture.design: picture
        for picture in motif.leads
        if picture.view == "lead" and picture.design != lead.design
    }
    shown = list(designs.values())[: max(2, len(product.variants))]
    labels = {picture.colours[0].capitalize(): picture for picture in shown}
    values = [OptionValue(label, _hex(table, label)) for label in labels]
    first = product.variants[0]
    variants = [
        replace(first, fields=replace(first.fields, option_values=(label,), unit_measure=None))
        for label in labels
    ]
    shots = [
        demo_shot(table.demo.pictures, picture.name, (label,)) for label, picture in labels.items()
    ]
    return replace(
        product,
        options=[OptionFields("Colour", values)],
        variants=variants,
        shots=[shots[0], product.shots[1], *(shot for shot in shots[1:])],
    )


def _hex(table: _Table, label: str) -> str | None:
    """Return the swatch for "Forest green": that of the label, or of its first word."""
    return table.colours.get(label) or table.colours.get(label.split(maxsplit=1)[0])


def _priced(
    table: _Table, product: SeedProduct, number: int, dice: random.Random, *, is_sold_out: bool
) -> SeedProduct:
    """Return the piece with SKUs, prices and stock of its own."""
    factor = dice.uniform(0.7, 1.5)
    brand = table.demo.brands[product.brand].code
    found = []
    for variant in product.variants:
        fields = variant.fields
        sku = make_sku(brand, f"{number + 1:06}", product.name, fields.option_values)
        amount = max(table.cheapest, min(_round(fields.unit_amount, factor), table.dearest))
        before = _round(amount, 1.25) if number % _COMPARED_EVERY == 3 else 0
        priced = replace(
            fields,
            sku=sku,
            barcode=make_barcode(sku),
            unit_amount=amount,
            compare_at_amount=before if before > amount else None,
            stock_policy=StockPolicy.DENY,
        )
        found.append(NewVariant(priced, stock=0 if is_sold_out else _stock(dice, amount)))
    return replace(product, variants=found)


def _round(amount: int, factor: float) -> int:
    """Return the amount times factor, to a hundred minor units, or to a thousand above 500."""
    step = 1000 if amount >= 50_000 else 100
    return min(max(step, round(amount * factor / step) * step), LARGEST)


def _stock(dice: random.Random, amount: int) -> int:
    return dice.choice((1, 2, 3, 5) if amount > 100_000 else (1, 2, 3, 8, 14, 25, 40, 60, 200))
