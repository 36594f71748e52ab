"""The order of pieces in the lists: no picture beside itself, and a first page of favourites. Pure.

Lists are read in rows, and a catalogue is judged as a grid. So every list a piece stands in (the
whole shop, each shelf above it, its house) is looked at: two neighbours never show the same
picture, and as far as the stock of pictures allows not the same design either.
"""

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Generic, NamedTuple, TypeVar

T = TypeVar("T")
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


class Spread(Generic[T]):
    """Lets a long stream of pieces pass in which few neighbours are alike, and parts those.

    A piece whose picture a neighbour in one of its lists shows waits until another has come
    between. `take()` and `rest()` give what may be shown next, in order.
    """

    def __init__(self, shown: Iterable[Place] = ()) -> None:
        self._last: dict[str, str] = {}
        self._waiting: list[tuple[Place, T]] = []
        for place in shown:
            self._put(place)

    def take(self, place: Place, piece: T) -> list[T]:
        """Take the next piece of the stream; return those that may be shown now."""
        self._waiting.append((place, piece))
        passed: list[T] = []
        while (fit := self._first_fit()) is not None:
            place, piece = self._waiting.pop(fit)
            self._put(place)
            passed.append(piece)
        return passed

    def rest(self) -> list[T]:
        """Return the pieces that still wait: at the end of the stream nothing can part them."""
        pieces = [piece for _, piece in self._waiting]
        self._waiting.clear()
        return pieces

    def _first_fit(self) -> int | None:
        for at, (place, _) in enumerate(self._waiting):
            if all(self._last.get(name) != place.picture for name in place.lists):
                return at
        return 0 if len(self._waiting) > PAGE else None

    def _put(self, place: Place) -> None:
        self._last.update(dict.fromkeys(place.lists, place.picture))


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
