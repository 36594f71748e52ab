"""Which picture shows which variant, when not every variant has one of its own. Pure."""

from collections.abc import Collection, Sequence

from shop.catalog.text import option_key


def telling_places(coloured: Sequence[bool], pictured: Sequence[Sequence[str]]) -> list[int]:
    """Return the places of the options that one sees: the colours, or what pictures differ in.

    `coloured`: for each option, whether its values have colours; `pictured`: the values of the
    variants that have pictures. A bag in two sizes and three colours has three pictures, each of
    the first size; that size tells nothing.
    """
    colours = [place for place, has_colours in enumerate(coloured) if has_colours]
    if colours:
        return colours
    return [
        place
        for place in range(len(coloured))
        if len({option_key([values[place]]) for values in pictured}) > 1
    ]


def shows(own: Sequence[str], wanted: Sequence[str], places: Collection[int]) -> bool:
    """Return whether a picture of the variant with values `own` shows one with `wanted`."""
    return bool(places) and all(
        option_key([own[place]]) == option_key([wanted[place]]) for place in places
    )
