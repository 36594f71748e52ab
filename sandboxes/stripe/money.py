"""Currencies and amounts in minor units."""

# Smallest charge in minor units (stripe.com: minimum and maximum charge amounts).
MINIMUM = {
    "usd": 50, "eur": 50, "gbp": 30, "aud": 50, "brl": 50, "cad": 50, "chf": 50, "inr": 50,
    "nzd": 50, "sgd": 50, "jpy": 50, "aed": 200, "bgn": 100, "czk": 1500, "dkk": 250, "hkd": 400,
    "huf": 17500, "mxn": 1000, "myr": 200, "nok": 300, "pln": 200, "ron": 200, "sek": 300,
    "thb": 1000,
}  # fmt: skip
MAXIMUM = 99_999_999
ZERO_DECIMAL = frozenset("bif clp djf gnf jpy kmf krw mga pyg rwf ugx vnd vuv xaf xof xpf".split())
THREE_DECIMAL = frozenset("bhd jod kwd omr tnd".split())
# Without decimals in the world, sent with two of 00: docs.stripe.com/currencies, special cases.
EMPTY_DECIMALS = frozenset({"isk", "ugx"})
SYMBOLS = {"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥"}


def minimum(currency: str) -> int:
    """The smallest amount that can be charged, in minor units."""
    return MINIMUM.get(currency, 50)


def decimals(currency: str) -> int:
    """How many decimal places a currency is written with."""
    if currency in ZERO_DECIMAL - EMPTY_DECIMALS:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def format_amount(amount: int, currency: str) -> str:
    """An amount to read: ``€1,234.50``, ``¥500``, ``12.00 SEK``."""
    places = decimals(currency)
    sign, whole = ("−" if amount < 0 else ""), abs(amount)
    text = f"{whole // 10**places:,}"
    if places:
        text += f".{whole % 10**places:0{places}d}"
    symbol = SYMBOLS.get(currency)
    return f"{sign}{symbol}{text}" if symbol else f"{sign}{text} {currency.upper()}"


def share(total: int, weights: list[int]) -> list[int]:
    """``total`` spread by weight, rounded down; the last share takes the rest."""
    whole = sum(weights)
    if whole == 0:
        return [0] * len(weights)
    shares = [total * weight // whole for weight in weights[:-1]]
    return [*shares, total - sum(shares)]


def percent(amount: int, percentage: float) -> int:
    """That percentage of an amount, half a unit rounded up."""
    scaled = round(percentage * 10_000)
    return (amount * scaled + 500_000) // 1_000_000
