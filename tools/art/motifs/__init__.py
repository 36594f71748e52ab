"""The motifs: a function each that draws one thing on a canvas, in the colours it is given."""

from collections.abc import Callable

from tools.art.motifs.care import creamjar, lipstick, soap
from tools.art.motifs.desk import giftbox, pen
from tools.art.motifs.fragrance import candle, diffuser, flacon, perfume
from tools.art.motifs.home import candlestick, chair, lamp, vase
from tools.art.motifs.jewellery import pendant, ring
from tools.art.motifs.leather import cardholder, handbag, notebook, tote
from tools.art.motifs.table import chocolates, cups, decanter, tea
from tools.art.motifs.watch import watch
from tools.art.motifs.wear import blanket, scarf, sunglasses, umbrella

MOTIFS: dict[str, Callable[..., None]] = {
    motif.__name__: motif
    for motif in (
        blanket, candle, candlestick, cardholder, chair, chocolates, creamjar, cups, decanter,
        diffuser, flacon, giftbox, handbag, lamp, lipstick, notebook, pen, pendant, perfume, ring,
        scarf, soap, sunglasses, tea, tote, umbrella, vase, watch,
    )
}  # fmt: skip
LYING = frozenset(
    {"cardholder", "chocolates", "notebook", "pen", "pendant", "scarf", "umbrella", "watch"}
)
"""Seen from above, on a sheet of paper without a floor."""
