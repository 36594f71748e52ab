"""The rooms of the settings desk: each group of settings, and what is set beside them. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from shop.settings.kinds import Definition
from shop.settings.registry import (
    CATALOGUE,
    COMPANY,
    CUSTOMERS,
    DEFINITIONS,
    DELIVERY,
    LOOK,
    LUCK,
    MAINTENANCE,
    ORDERS,
    SHOP,
    STAFF,
    STAFF_MAILS,
    TRANSFER,
    groups,
)

HOME: Final = "/admin/settings"


@dataclass(frozen=True)
class Room:
    """A page of the desk. `group`: that of the settings on it, "" for none.

    `also`: words by which it is found, beside those that stand there.
    """

    slug: str
    name: str
    about: str
    icon_name: str = "settings"
    group: str = ""
    also: str = ""

    @property
    def url(self) -> str:
        """Its address, which does not change."""
        return f"{HOME}/{self.slug}"

    def settings(self) -> list[Definition]:
        """Return the settings on it, in order."""
        return groups().get(self.group, [])


# A group that is not named here has a room all the same, at the end.
_ROOMS: Final = (
    Room("shop", SHOP, "Name, announcement, contact address, region and language.", "store", SHOP),
    Room(
        "look", LOOK, "Logo for light and dark ground, accent colour.", "image", LOOK,
        "logo colour brand",
    ),
    Room(
        "company", COMPANY, "Who runs the shop: imprint, slips and the foot of mails say it.",
        "file-text", COMPANY, "legal imprint address",
    ),
    Room("customers", CUSTOMERS, "Who may buy, and how an account begins.", "user", CUSTOMERS),
    Room("catalogue", CATALOGUE, "How lists grow, and when a piece runs low.", "tag", CATALOGUE),
    Room(
        "delivery", DELIVERY, "Zones, methods with their prices, carriers.", "truck",
        DELIVERY, "delivery zones methods shipping carriers tracking free from countries",
    ),
    Room(
        "tax-rates", "Tax rates", "The rate of each class in each country.", "receipt-text",
        also="vat percent countries reduced standard",
    ),
    Room(
        "orders", ORDERS, "Their numbers, limits on unpaid ones, money that comes too late.",
        "shopping-bag", ORDERS,
    ),
    Room(
        "payments", "Payments", "Who takes the money, and whether it is real.", "credit-card",
        also="stripe webhook keys sandbox provider",
    ),
    Room(
        "bank-transfer", TRANSFER, "The account that customers pay to, and how long they have.",
        "copy", TRANSFER,
    ),
    Room(
        "mail", "Mail", "The words of each mail to customers; who it comes from; a test mail.",
        "mail", also="sender server test text subject greeting order confirmation password",
    ),
    Room("mails-to-staff", STAFF_MAILS, "What staff hear by mail.", "inbox", STAFF_MAILS),
    Room("try-your-luck", LUCK, "How often somebody wins, and how much.", "gift", LUCK),
    Room("sign-in-of-staff", STAFF, "What colleagues need to get in.", "key-round", STAFF),
    Room(
        "maintenance", MAINTENANCE, "Close the shop for visitors, with a word and a time.", "clock",
        MAINTENANCE, "closed closing offline 503",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Found:
    """A setting that a search found, and the room it stands in."""

    room: Room
    definition: Definition

    @property
    def url(self) -> str:
        """Where it is changed."""
        return f"{self.room.url}#{self.definition.key}"


def rooms() -> list[Room]:
    """Return all rooms, in the order of the desk."""
    known = {room.group for room in _ROOMS}
    rest = [Room(slug_of(name), name, "", group=name) for name in groups() if name not in known]
    return [*_ROOMS, *rest]


def find_room(slug: str) -> Room | None:
    """Return the room at `slug`."""
    return next((room for room in rooms() if room.slug == slug), None)


def slug_of(group: str) -> str:
    """Return the last part of the address of a group of settings."""
    return group.lower().replace(" ", "-")


def setting_urls() -> dict[str, str]:
    """Return where each setting is changed, by its key."""
    return {found.definition.key: found.url for found in _all()}


def search_rooms(text: str) -> tuple[list[Room], list[Found]]:
    """Return the rooms and the settings in which each word of `text` stands, in order."""
    words = text.casefold().split()
    if not words:
        return [], []
    found_rooms = [room for room in rooms() if _has(words, room.name, room.about, room.also)]
    return found_rooms, [found for found in _all() if _has(words, *_texts(found.definition))]


def _all() -> Iterator[Found]:
    for room in rooms():
        for definition in room.settings():
            yield Found(room, DEFINITIONS[definition.key])


def _texts(definition: Definition) -> tuple[str, ...]:
    words = (words for _value, words in definition.choices)
    return (definition.label, definition.hint, definition.key, definition.group, *words)


def _has(words: list[str], *texts: str) -> bool:
    whole = " ".join(texts).casefold()
    return all(word in whole for word in words)
