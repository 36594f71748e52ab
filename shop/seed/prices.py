"""The demo's prices, written in euros, in the currency of the shop. Pure."""

from decimal import ROUND_HALF_UP, Decimal

from shop.core.money import LARGEST, exponent

# Round figures so that a demo in another currency looks sensible and its dearest piece can still be
# charged; these are no exchange rates.
_TIMES = {
    "AED": 4, "BGN": 2, "BRL": 6, "CZK": 25, "DKK": 8, "HKD": 8, "HUF": 100, "INR": 100,
    "MXN": 20, "MYR": 5, "NOK": 12, "PLN": 4, "RON": 5, "SEK": 12, "THB": 40,
    "BIF": 3000, "CLP": 1000, "DJF": 200, "GNF": 9000, "JPY": 150, "KMF": 500, "KRW": 1500,
    "MGA": 5000, "PYG": 8000, "RWF": 1500, "VND": 10_000, "VUV": 130, "XAF": 600, "XOF": 600,
    "XPF": 120,
}  # fmt: skip


def demo_amount(euros: Decimal | float | str, currency: str) -> int:
    """Return minor units of `currency` for a price of the demo; never more than can be charged."""
    value = Decimal(str(euros)) * _TIMES.get(currency, 1) * 10 ** exponent(currency)
    return min(int(value.to_integral_value(ROUND_HALF_UP)), LARGEST)
