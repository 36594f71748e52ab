"""How many people looked, filled a bag and came to checkout on a day, told without cookies."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from sqlalchemy import CheckConstraint, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.db import Base
from shop.models.columns import KEEP_IDS, Id

LONGEST_VISITOR = 32  # characters
Visitor = Annotated[str, mapped_column(String(LONGEST_VISITOR))]


class VisitStage(StrEnum):
    """How far a visitor has come; who pays is told by the orders."""

    SEEN = "seen"
    BAG = "bag"
    CHECKOUT = "checkout"


class Visit(Base):
    """A visitor has come so far on a day of the shop's time zone.

    `visitor` is a hash of where requests come from, made with the salt of the day. It is kept
    until the day after, so that nobody is counted twice.
    """

    __tablename__ = "visit"
    __table_args__ = (UniqueConstraint("day", "stage", "visitor"), KEEP_IDS)

    id: Mapped[Id]
    day: Mapped[date]
    stage: Mapped[VisitStage]
    visitor: Mapped[Visitor]


class VisitSalt(Base):
    """What the hashes of a day are made with. Once it is gone nobody can tell whose they were."""

    __tablename__ = "visit_salt"

    day: Mapped[date] = mapped_column(primary_key=True)
    salt: Mapped[bytes] = mapped_column(LargeBinary(32))


class VisitSum(Base):
    """How many visitors came so far on a day; kept."""

    __tablename__ = "visit_sum"
    __table_args__ = (CheckConstraint("visitors > 0", name="visitors"),)

    day: Mapped[date] = mapped_column(primary_key=True)
    stage: Mapped[VisitStage] = mapped_column(primary_key=True)
    visitors: Mapped[int]
