"""Parts pieces that show the same picture while they stream into the lists. Pure."""

from collections.abc import Iterable
from typing import Final, Generic, NamedTuple, TypeVar

T = TypeVar("T")
MOST: Final = 24  # pieces that wait: a page of a list


class Place(NamedTuple):
    """What a piece shows, and the lists that it stands in beside that of all pieces."""

    picture: str
    lists: tuple[str, ...]
    is_available: bool = True


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

    def take(self, place: Place, product: T) -> list[T]:
        """Take the next piece of the stream; return those that may be shown now."""
        self._waiting.append((place, product))
        passed: list[T] = []
        while (fit := self._first_fit()) is not None:
            place, product = self._waiting.pop(fit)
            self._put(place)
            passed.append(product)
        return passed

    def rest(self) -> list[T]:
        """Return the pieces that still wait: at the end of the stream nothing can part them."""
        products = [product for _, product in self._waiting]
        self._waiting.clear()
        return products

    def _first_fit(self) -> int | None:
        for at, (place, _) in enumerate(self._waiting):
            if all(self._last.get(name) != place.picture for name in place.lists):
                return at
        return 0 if len(self._waiting) > MOST else None

    def _put(self, place: Place) -> None:
        self._last.update(dict.fromkeys(place.lists, place.picture))
