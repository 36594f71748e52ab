"""The counted catalogue as one blob, which every process of a large shop loads. Pure."""

import json
import struct
import zlib
from array import array

from shop.catalog.facets import Facets

_HEADER = struct.Struct("<4sI")
_MAGIC = b"FCT1"


def to_bytes(facets: Facets) -> bytes:
    """Return the counted catalogue as one compressed blob."""
    width = (facets.everything.bit_length() + 7) // 8
    header = json.dumps(
        {
            "stamp": facets.stamp,
            "width": width,
            "categories": list(facets.categories),
            "brands": list(facets.brands),
            "collections": list(facets.collections),
            "prices": len(facets.prices),
        }
    ).encode()
    # What the first version did not know stands behind all that it reads.
    sets = [facets.everything, facets.available]
    sets += [*facets.categories.values(), *facets.brands.values()]
    more = [facets.reduced, *facets.collections.values()]
    parts = [
        *(bits.to_bytes(width, "little") for bits in sets),
        facets.price_ids.tobytes(),
        facets.prices.tobytes(),
        *(bits.to_bytes(width, "little") for bits in more),
        facets.new_ids.tobytes(),
        facets.new_at.tobytes(),
    ]
    data = _HEADER.pack(_MAGIC, len(header)) + header + b"".join(parts)
    return zlib.compress(data, level=1)


def from_bytes(blob: bytes) -> Facets:
    """Return what `to_bytes()` wrote. Raises ValueError for anything else."""
    try:
        data = zlib.decompress(blob)
        magic, length = _HEADER.unpack_from(data)
        head = json.loads(data[_HEADER.size : _HEADER.size + length])
    except (zlib.error, struct.error, ValueError) as error:
        raise ValueError("not a counted catalogue") from error
    if magic != _MAGIC:
        raise ValueError("a counted catalogue of another version")
    read = _Reader(data, _HEADER.size + length, head["width"])
    everything, available = read.sets(2)
    facets = Facets(
        stamp=head["stamp"],
        everything=everything,
        available=available,
        categories=dict(zip(head["categories"], read.sets(len(head["categories"])), strict=True)),
        brands=dict(zip(head["brands"], read.sets(len(head["brands"])), strict=True)),
        price_ids=read.column("I", head["prices"]),
        prices=read.column("Q", head["prices"]),
    )
    if "collections" not in head:  # of a version that did not count them: soon counted again
        facets.stamp = 0
        return facets
    (facets.reduced,) = read.sets(1)
    kept = read.sets(len(head["collections"]))
    facets.collections = dict(zip(head["collections"], kept, strict=True))
    facets.new_ids = read.column("I", head["prices"])
    facets.new_at = read.column("Q", head["prices"])
    return facets


class _Reader:
    """Reads sets and columns one after the other."""

    def __init__(self, data: bytes, start: int, width: int) -> None:
        self._data, self._at, self._width = data, start, width

    def sets(self, count: int) -> list[int]:
        return [int.from_bytes(self._next(self._width), "little") for _ in range(count)]

    def column(self, code: str, count: int) -> "array[int]":
        found: array[int] = array(code)
        found.frombytes(self._next(count * found.itemsize))
        return found

    def _next(self, size: int) -> bytes:
        start, self._at = self._at, self._at + size
        return self._data[start : self._at]
