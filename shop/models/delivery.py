"""How parcels travel and what tax a country takes."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shop.core.db import Base
from shop.models.catalog import TaxClass
from shop.models.columns import (
    KEEP_IDS,
    Created,
    Id,
    Line,
    Money,
    OrderId,
    Prose,
    Short,
    StaffId,
    Version,
)


class Rates(StrEnum):
    """What the price of a method depends on."""

    FLAT = "flat"
    WEIGHT = "weight"  # of the bag, grams
    AMOUNT = "amount"  # what the goods cost, minor units


class Carrier(Base):
    """Who carries parcels. `tracking_url`: with {number} once, "" where parcels have no page.

    Names are unique by `name_key` (`carrier_key`). Who is not active is offered for no parcel.
    """

    __tablename__ = "carrier"
    __table_args__ = (
        CheckConstraint("name <> '' AND name_key <> ''", name="name"),
        CheckConstraint(
            "tracking_url = '' OR substr(tracking_url, 1, 8) = 'https://'", name="tracking_https"
        ),
        CheckConstraint(
            "tracking_url = '' OR length(tracking_url) "
            "= length(replace(tracking_url, '{number}', '')) + length('{number}')",
            name="tracking_number",
        ),
        KEEP_IDS,
    )

    id: Mapped[Id]
    name: Mapped[Short]
    name_key: Mapped[Line] = mapped_column(unique=True)
    tracking_url: Mapped[Line] = mapped_column(default="")
    is_active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[Version] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


class DeliveryZone(Base):
    """Where parcels go alike: the countries that name it, or all that no zone has (`is_rest`)."""

    __tablename__ = "delivery_zone"
    __table_args__ = (
        CheckConstraint("name <> ''", name="name"),
        Index(
            "uq_delivery_zone_rest",
            "is_rest",
            unique=True,
            sqlite_where=text("is_rest"),
            postgresql_where=text("is_rest"),
        ),
        KEEP_IDS,
    )

    id: Mapped[Id]
    name: Mapped[Short]
    is_rest: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(default=0)
    version: Mapped[Version]


class DeliveryZoneCountry(Base):
    """A country (ISO 3166-1 alpha-2) of a zone; no country is of two."""

    __tablename__ = "delivery_zone_country"

    country: Mapped[str] = mapped_column(String(2), primary_key=True)
    zone_id: Mapped[int] = mapped_column(
        ForeignKey("delivery_zone.id", ondelete="CASCADE"), index=True
    )


class DeliveryMethod(Base):
    """A way to send an order to the countries of its zone.

    It costs `unit_amount`, or by `rates` what the band says into which the bag falls: `bands` are
    pairs of an end (grams or minor units, None for everything more) and a price, in order. Free
    when the goods cost `free_from` or more (minor units; None: never). `carrier_id`: who usually
    carries its parcels.
    """

    __tablename__ = "delivery_method"
    __table_args__ = (
        CheckConstraint("unit_amount >= 0", name="unit_amount"),
        CheckConstraint("free_from IS NULL OR free_from >= 0", name="free_from"),
        CheckConstraint("min_days >= 0 AND max_days >= min_days", name="days"),
        KEEP_IDS,
    )

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[Short]
    description: Mapped[Line] = mapped_column(default="")
    carrier_id: Mapped[int | None] = mapped_column(ForeignKey("carrier.id"))
    unit_amount: Mapped[Money]
    free_from: Mapped[Money | None]
    rates: Mapped[Rates] = mapped_column(default=Rates.FLAT, server_default=Rates.FLAT)
    bands: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    zone_id: Mapped[int] = mapped_column(ForeignKey("delivery_zone.id"), index=True)
    min_days: Mapped[int] = mapped_column(default=2)
    max_days: Mapped[int] = mapped_column(default=4)
    position: Mapped[int] = mapped_column(default=0)
    is_active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[Version] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


class TaxRate(Base):
    """The rate of one tax class in one country, in basis points. Prices include it."""

    __tablename__ = "tax_rate"
    __table_args__ = (
        UniqueConstraint("country", "tax_class"),
        CheckConstraint("rate_bp BETWEEN 0 AND 10000", name="rate_bp"),
        KEEP_IDS,
    )

    id: Mapped[Id]
    country: Mapped[str] = mapped_column(String(2))
    tax_class: Mapped[TaxClass]
    name: Mapped[Short]
    rate_bp: Mapped[int]


class Shipment(Base):
    """One parcel of an order, as it left: the carrier's name, the number and the finished link.

    The link stays when the carrier's pattern is changed. It is the one in the customer's mail, the
    parcel travels with whom it was handed to, and a carrier that is given another name or pattern
    must not lead those who wait for a parcel to somebody else's page.
    """

    __tablename__ = "shipment"
    __table_args__ = (KEEP_IDS,)

    id: Mapped[Id]
    order_id: Mapped[OrderId]
    carrier: Mapped[Short] = mapped_column(default="")
    tracking_number: Mapped[Short] = mapped_column(default="")
    tracking_url: Mapped[Prose] = mapped_column(default="")
    sent_at: Mapped[Created]
    delivered_at: Mapped[datetime | None]
    user_id: Mapped[StaffId]

    items: Mapped[list["ShipmentItem"]] = relationship(lazy="raise_on_sql", viewonly=True)


class ShipmentItem(Base):
    """How many of an order's item are in a parcel."""

    __tablename__ = "shipment_item"
    __table_args__ = (
        UniqueConstraint("shipment_id", "order_item_id"),
        CheckConstraint("quantity > 0", name="quantity"),
        KEEP_IDS,
    )

    id: Mapped[Id]
    shipment_id: Mapped[int] = mapped_column(ForeignKey("shipment.id"), index=True)
    order_item_id: Mapped[int] = mapped_column(ForeignKey("order_item.id"), index=True)
    quantity: Mapped[int]
