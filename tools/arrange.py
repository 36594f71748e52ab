"""The order of the demo's pieces: no picture beside itself, and a first page of favourites.

`python -m tools.arrange` writes it to ORDER, by which the demo is read; do so whenever its files
have changed.

Lists are read in rows, and a catalogue is judged as a grid. So every list a piece stands in (the
whole shop, each section above it, its brand) is looked at: two neighbours never show the same
picture, and as far as the stock of pictures allows not the same design either.
"""

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from shop.seed.demo_data import ORDER, picture_name, read_unordered, way_to
from shop.seed.values import Demo, SeedProduct

PAGE: Final = 24
EVERYWHERE: Final = ""  # the list of all pieces
_MENDS: Final = 20  # how often an exchange is looked for, at most
_APART: Final = 6  # how far two pieces of one motif should stand from each other


class Place(NamedTuple):
    """What the order depends on. `lists`: every list but that of all pieces."""

    picture: str
    design: str
    motif: str
    lists: tuple[str, ...]
    is_dark: bool = False
    is_available: bool = True
    is_favourite: bool = False


def arrange(places: Sequence[Place]) -> list[int]:
    """Return the indexes of `places` in the order to show them; what is sold out comes last."""
    table = _Table(places)
    for is_available in (True, False):
        left = [at for at, place in enumerate(places) if place.is_available is is_available]
        table.begin(left)
        while left:
            best = min(left, key=table.cost)
            left.remove(best)
            table.put(best)
    return _mended(places, table.order)


def _mended(places: Sequence[Place], order: list[int]) -> list[int]:
    """Return the order with two pieces exchanged wherever that parts neighbours that are alike."""
    for _ in range(_MENDS):
        faults = _faults(places, order)
        if not faults:
            break
        best = order
        for one in {at for _, before, after in faults for at in (before, after)}:
            for other in range(len(order)):
                if places[order[other]].is_available is places[order[one]].is_available:
                    tried = _exchanged(order, one, other)
                    best = min(best, tried, key=lambda each: _badness(places, each))
        if best == order:
            break
        order = best
    return order


def _exchanged(order: list[int], one: int, other: int) -> list[int]:
    changed = order.copy()
    changed[one], changed[other] = changed[other], changed[one]
    return changed


def _badness(places: Sequence[Place], order: Sequence[int]) -> tuple[int, int]:
    """Return how many neighbours are alike, and how many are at least of one motif."""
    motifs = [places[at].motif for at in order]
    return len(_faults(places, order)), sum(map(str.__eq__, motifs, motifs[1:]))


def _faults(places: Sequence[Place], order: Sequence[int]) -> list[tuple[str, int, int]]:
    ordered = [places[at] for at in order]
    repeated = [(EVERYWHERE, 0, 0) for _ in repeated_on_first_page(ordered)]
    return [*neighbours_alike(ordered), *repeated]


def neighbours_alike(ordered: Sequence[Place]) -> Iterator[tuple[str, int, int]]:
    """Yield (list, index, index) for each two neighbours in a list that show the same picture.

    `ordered` are all pieces in the order of the lists.
    """
    last: dict[str, int] = {}
    for at, place in enumerate(ordered):
        for name in (EVERYWHERE, *place.lists):
            before = last.get(name)
            if before is not None and ordered[before].picture == place.picture:
                yield name, before, at
            last[name] = at


def repeated_on_first_page(ordered: Sequence[Place]) -> list[str]:
    """Return the pictures that lead more than one piece of the first page of all pieces."""
    counts = Counter(place.picture for place in ordered[:PAGE])
    return [picture for picture, count in counts.items() if count > 1]


class _Table:
    """Lays pieces down one by one; each time the one that costs least comes next."""

    def __init__(self, places: Sequence[Place]) -> None:
        self.places = places
        self.order: list[int] = []
        self.recent: deque[Place] = deque(maxlen=PAGE)
        self.last: dict[str, Place] = {}
        self.motifs: Counter[str] = Counter()
        self.crowded: Counter[tuple[str, str]] = Counter()

    def begin(self, left: Sequence[int]) -> None:
        """Count what is still to be laid down."""
        self.motifs = Counter(self.places[at].motif for at in left)
        self.crowded = Counter(
            (name, self.places[at].picture) for at in left for name in self.places[at].lists
        )

    def put(self, at: int) -> None:
        """Lay the piece down as the next one."""
        place = self.places[at]
        self.order.append(at)
        self.recent.appendleft(place)
        self.motifs[place.motif] -= 1
        for name in place.lists:
            self.last[name] = place
            self.crowded[(name, place.picture)] -= 1

    def cost(self, at: int) -> tuple[float, int]:
        """Return what it costs to show this piece next: less is better, then the lower index."""
        place = self.places[at]
        cost = self._cost_in_lists(place) + self._cost_in_grid(place)
        # What is left over in large numbers must be spread, or it clumps at the end.
        cost -= 6 * self.motifs[place.motif]
        cost -= 4 * max((self.crowded[(name, place.picture)] for name in place.lists), default=0)
        if place.is_favourite and len(self.order) < PAGE:
            cost -= 60
        return cost, at

    def _cost_in_lists(self, place: Place) -> float:
        before = [self.last[name] for name in place.lists if name in self.last]
        alike = sum(other.picture == place.picture for other in before)
        return 600 * alike + 40 * sum(other.design == place.design for other in before)

    def _cost_in_grid(self, place: Place) -> float:
        cost = 0.0
        for distance, other in enumerate(self.recent, start=1):
            if other.picture == place.picture:
                cost += 1200
            if other.motif == place.motif and distance <= _APART:
                cost += 50 * (_APART + 1 - distance)
        if self.recent and self.recent[0].is_dark and place.is_dark:
            cost += 12
        return cost


def places_of(demo: Demo, products: Sequence[SeedProduct]) -> list[Place]:
    """Return what the order needs to know of `products`."""
    return [_place(demo, product) for product in products]


def _place(demo: Demo, product: SeedProduct) -> Place:
    picture = demo.pictures[picture_name(product.shots[0])]
    return Place(
        picture=picture.name,
        design=f"{picture.motif}/{picture.design}",
        motif=picture.motif,
        lists=(*way_to(demo.categories, product.category), f"by {product.brand}"),
        is_dark=picture.tone == "dark",
        is_available=product.is_available,
        is_favourite="bestseller" in product.tags,
    )


def ordered_slugs() -> str:
    """Return the slugs of the demo's pieces in order, one a line."""
    demo = read_unordered("EUR")
    return "".join(f"{demo.products[at].slug}\n" for at in arrange(places_of(demo, demo.products)))


if __name__ == "__main__":
    ORDER.write_text(ordered_slugs(), "utf-8")
