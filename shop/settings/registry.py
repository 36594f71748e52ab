"""Every setting of the merchant, with its default. Pure.

A new setting is one more field here: commands, the staff page and the checks follow.
"""

from dataclasses import dataclass
from typing import Final

from shop.core.errors import NotFound
from shop.core.iban import clean_bic, clean_iban
from shop.core.languages import LANGUAGES
from shop.core.vat import clean_vat_id
from shop.settings.kinds import Definition, Kind, define, definitions_of

SHOP: Final = "Shop"
LOOK: Final = "Look"
CUSTOMERS: Final = "Customers"
CATALOGUE: Final = "Catalogue"
DELIVERY: Final = "Delivery"
ORDERS: Final = "Orders"
TRANSFER: Final = "Bank transfer"
STAFF_MAILS: Final = "Mails to staff"
LUCK: Final = "Try your luck"
STAFF: Final = "Sign-in of staff"
MAINTENANCE: Final = "Maintenance"
COMPANY: Final = "Company"


@dataclass(frozen=True, kw_only=True)
class ShopSettings:
    """The values in force, typed. Percentages are whole percents, times hours or minutes."""

    name: str = define(
        "Maison Flux", Kind.TEXT, "Shop name", "In the header, in titles and in mails.", SHOP,
        low=1, high=60,
    )  # fmt: skip
    announcement: str = define(
        "", Kind.TEXT, "Announcement", "One line above every page; empty shows none.", SHOP,
        high=160,
    )  # fmt: skip
    contact_email: str = define(
        "", Kind.EMAIL, "Contact address", "Shown in the footer and in mails.", SHOP,
    )  # fmt: skip
    locale: str = define(
        "en_IE", Kind.LOCALE, "Region",
        "How amounts and the order of dates are written, like en_IE, de_DE or fr_FR; prices are "
        "typed in the same way.", SHOP, high=16,
    )  # fmt: skip
    language: str = define(
        "en", Kind.LANGUAGE, "Language",
        "Of words and the names of months. Offered are languages whose every word is translated.",
        SHOP, choices=tuple(LANGUAGES.items()),
    )  # fmt: skip
    default_country: str = define(
        "FR", Kind.COUNTRY, "Country chosen first",
        "The country an address form starts with.", SHOP,
    )  # fmt: skip
    accent: str = define(
        "", Kind.COLOUR, "Accent colour",
        "Of the count on the bag, labels and marks, like #855e1a; empty: the delivered gold. It "
        "must be readable on light ground; dark ground gets a lighter tone of it.", LOOK, high=7,
    )  # fmt: skip
    company_name: str = define(
        "", Kind.TEXT, "Company", "Its name with the legal form, like Maison Flux SAS.", COMPANY,
        high=120,
    )  # fmt: skip
    company_street: str = define(
        "", Kind.TEXT, "Street and number", "No post-office box: papers must reach you.", COMPANY,
        high=120,
    )  # fmt: skip
    company_place: str = define(
        "", Kind.TEXT, "Postcode and city", "Like 75011 Paris.", COMPANY, high=120,
    )  # fmt: skip
    company_country: str = define("", Kind.TEXT, "Country", "In words.", COMPANY, high=60)
    company_represented: str = define(
        "", Kind.TEXT, "Represented by", "Who answers for the company, by name.", COMPANY, high=120,
    )  # fmt: skip
    company_phone: str = define(
        "", Kind.TEXT, "Telephone", "For customers, with the country’s number, like +33 1 23 45 …",
        COMPANY, high=40,
    )  # fmt: skip
    company_register: str = define(
        "", Kind.TEXT, "Register", "Where the company is entered, like RCS Paris 123 456 789.",
        COMPANY, high=120,
    )  # fmt: skip
    company_vat_id: str = define(
        "", Kind.TEXT, "VAT number",
        "As the tax office gave it, with its country in front. Its form is checked.", COMPANY,
        high=20, rule=clean_vat_id,
    )  # fmt: skip
    guest_checkout: bool = define(
        True, Kind.FLAG, "Buying without an account",
        "Guests may order with an e-mail address alone.", CUSTOMERS,
    )  # fmt: skip
    registration_at_login: bool = define(
        True, Kind.FLAG, "Signing in makes an account",
        "An address we do not know yet becomes a new account, and the page says so.", CUSTOMERS,
    )  # fmt: skip
    tier_silver_from: int = define(
        500, Kind.NUMBER, "Silver from",
        "What a customer must have bought in all, in whole units of the shop’s currency; bronze "
        "begins with the first purchase. 0: there is no silver.",
        CUSTOMERS, high=100_000_000,
    )  # fmt: skip
    tier_gold_from: int = define(
        2000, Kind.NUMBER, "Gold from",
        "The same for gold. At or below silver, nobody is silver. 0: there is no gold.",
        CUSTOMERS, high=100_000_000,
    )  # fmt: skip
    endless_list: bool = define(
        False, Kind.FLAG, "Endless lists",
        "Lists load more pieces while one scrolls, instead of a button after each page.",
        CATALOGUE,
    )  # fmt: skip
    low_stock_threshold: int = define(
        3, Kind.NUMBER, "Low stock",
        "At this many pieces or fewer a page says how many are left; 0 never says it. Staff hear "
        "of a piece at the same number, unless it has one of its own.",
        CATALOGUE, high=1000, unit="pieces", job="catalog.refresh_listings",
    )  # fmt: skip
    ship_from_country: str = define(
        "FR", Kind.COUNTRY, "Sent from", "The country your parcels start in.", DELIVERY,
    )  # fmt: skip
    delivery_cutoff_hour: int = define(
        14, Kind.NUMBER, "Last hour for sending today",
        "Orders paid before this hour leave the same day (in the shop's time zone).",
        DELIVERY, high=23, unit="o’clock",
    )  # fmt: skip
    order_prefix: str = define(
        "", Kind.PREFIX, "Order numbers begin with",
        "Up to eight letters, digits and hyphens, like AB-. For new orders; empty: nothing.",
        ORDERS, high=8,
    )  # fmt: skip
    order_start: int = define(
        0, Kind.NUMBER, "First order number",
        "New orders are counted from here on. 0: random numbers, which do not tell how many "
        "orders there are.", ORDERS, high=999_999_999, series="order",
    )  # fmt: skip
    open_orders_per_email: int = define(
        3, Kind.NUMBER, "Unpaid orders of one customer",
        "More than these at once are refused: of an account, or of an e-mail address from one "
        "place, so that nobody can lock others out by typing theirs; ten times as many from all "
        "places together. 0 sets no limit.",
        ORDERS, high=1000,
    )  # fmt: skip
    open_orders_per_ip: int = define(
        10, Kind.NUMBER, "Unpaid orders from one place",
        "An internet address, or a network of IPv6 (/64). More than these at once are refused. "
        "0 sets no limit.", ORDERS, high=1000,
    )  # fmt: skip
    unpaid_orders_per_hour: int = define(
        30, Kind.NUMBER, "Unpaid orders from one place in an hour",
        "Those that ended count, too: it slows down who tries stolen cards. 0 sets no limit.",
        ORDERS, high=10_000,
    )  # fmt: skip
    attention_policy: str = define(
        "ask", Kind.CHOICE, "Paid, but cannot be sent",
        "What happens to money that arrives for pieces that are gone.", ORDERS,
        choices=(("ask", "Ask staff"), ("refund", "Refund by itself after a while")),
    )  # fmt: skip
    attention_refund_hours: int = define(
        48, Kind.NUMBER, "Refund after", "Only when refunding by itself is chosen.", ORDERS,
        low=1, high=720, unit="hours",
    )  # fmt: skip
    transfer_holder: str = define(
        "", Kind.TEXT, "Account holder",
        "Customers can pay by bank transfer once holder and IBAN are entered.", TRANSFER, high=70,
    )  # fmt: skip
    transfer_iban: str = define(
        "", Kind.TEXT, "IBAN", "Where the money goes. Its check digits are checked.", TRANSFER,
        high=42, rule=clean_iban,
    )  # fmt: skip
    transfer_bic: str = define(
        "", Kind.TEXT, "BIC", "Of your bank; some banks abroad ask for it.", TRANSFER, high=14,
        rule=clean_bic,
    )  # fmt: skip
    transfer_bank: str = define(
        "", Kind.TEXT, "Bank", "The name of your bank, for customers to read.", TRANSFER, high=70,
    )  # fmt: skip
    transfer_days: int = define(
        7, Kind.NUMBER, "Time to pay",
        "Pieces are held for so long; then the order ends and its customer is told.", TRANSFER,
        low=1, high=60, unit="days",
    )  # fmt: skip
    transfer_reminder_days: int = define(
        3, Kind.NUMBER, "Reminder after",
        "One mail to whoever has not paid by then. 0, or as long as the time to pay: none.",
        TRANSFER, high=60, unit="days",
    )  # fmt: skip
    daily_sales_mail: bool = define(
        False, Kind.FLAG, "Sales of the day by mail",
        "Every morning staff get the figures of the day before, at STAFF_EMAIL.", STAFF_MAILS,
    )  # fmt: skip
    low_stock_mail: bool = define(
        False, Kind.FLAG, "Low stock by mail",
        "Staff hear when a piece begins to run low, once until there is enough of it again.",
        STAFF_MAILS,
    )  # fmt: skip
    nth_order: int = define(
        0, Kind.NUMBER, "Every how many orders somebody wins",
        "5 lets every fifth paid order win. 0 switches the game off.", LUCK, high=1_000_000,
    )  # fmt: skip
    lucky_percent: int = define(
        10, Kind.NUMBER, "Size of the prize", "Taken off the goods of the winner.", LUCK,
        low=1, high=100, unit="%",
    )  # fmt: skip
    staff_second_factor: bool = define(
        False, Kind.FLAG, "Two-factor sign-in for all staff",
        "Whoever has none is led to set it up before any desk opens.", STAFF,
    )  # fmt: skip
    maintenance: bool = define(
        False, Kind.FLAG, "Closed for maintenance",
        "Visitors read that you are back soon (503), from their next click on. Staff who are "
        "signed in go on as always, money that is on its way still arrives.", MAINTENANCE,
    )  # fmt: skip
    maintenance_text: str = define(
        "", Kind.TEXT, "What visitors read",
        "A sentence or two; empty: that something is put in order and bags stay as they are.",
        MAINTENANCE, high=300,
    )  # fmt: skip
    maintenance_until: str = define(
        "", Kind.MOMENT, "Until",
        "The shop opens by itself then, in its own time zone. Empty: when you say so.",
        MAINTENANCE, high=16,
    )  # fmt: skip

    @property
    def company_lines(self) -> list[str]:
        """Name and address of who runs the shop, line by line."""
        lines = (self.company_name, self.company_street, self.company_place, self.company_country)
        return [line for line in lines if line]


# What a shop must say of itself (2000/31/EC, art. 5); the contact address is checked with them.
REQUIRED_OF_A_COMPANY: Final = (
    "company_name", "company_street", "company_place", "company_country", "contact_email",
)  # fmt: skip

DEFINITIONS: Final[dict[str, Definition]] = definitions_of(ShopSettings)


def get_definition(key: str) -> Definition:
    """Return the definition of the setting `key`. Raises NotFound."""
    found = DEFINITIONS.get(key)
    if found is None:
        raise NotFound(f"There is no setting called {key}.")
    return found


def groups() -> dict[str, list[Definition]]:
    """Return all definitions under the names of their groups, in order."""
    found: dict[str, list[Definition]] = {}
    for definition in DEFINITIONS.values():
        found.setdefault(definition.group, []).append(definition)
    return found
