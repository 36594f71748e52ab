"""The shop itself: what the merchant set, the counters and stamps, who changed what."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.db import Base
from shop.models.columns import KEEP_IDS, Code, Created, Currency, Id, StaffId, Version


class Setting(Base):
    """One merchant setting that was ever changed; the others have their default. JSON.

    `version` grows with each change.
    """

    __tablename__ = "setting"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)
    version: Mapped[Version] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


class NumberSeries(Base):
    """Numbers that are counted up; `last` was given, none is given twice."""

    __tablename__ = "number_series"
    __table_args__ = (CheckConstraint("last >= 0", name="last"),)

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    last: Mapped[int] = mapped_column(BigInteger)


class ShopState(Base):
    """One row. The stamps name versions of what is shown; bumped as a transaction's last act.

    `paid_count` counts orders with money captured or free, and never goes down.
    """

    __tablename__ = "shop_state"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    list_stamp: Mapped[int] = mapped_column(default=1)
    settings_stamp: Mapped[int] = mapped_column(default=1)
    paid_count: Mapped[int] = mapped_column(default=0)
    currency: Mapped[Currency | None]  # in which all prices were entered
    demo_seeded_at: Mapped[datetime | None]
    worker_seen_at: Mapped[datetime | None]
    webhook_seen_at: Mapped[datetime | None]  # to ten minutes: written for few of the events
    days_zone: Mapped[str | None] = mapped_column(String(64))  # in which sales have their days


class FacetIndex(Base):
    """The counted catalogue as one blob, remade by a job when `list_stamp` has moved."""

    __tablename__ = "facet_index"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    list_stamp: Mapped[int]
    built_at: Mapped[datetime]
    data: Mapped[bytes] = mapped_column(LargeBinary)


def _desk_of(context: Any) -> str:
    action: str = context.get_current_parameters()["action"]
    return action.partition(".")[0]


class AuditEntry(Base):
    """What a member of staff or a command changed: before and after. Append-only.

    `form_token` names the rendered form behind it: sent twice, it is one change and one entry.
    `desk`: the first word of the action. `reverts_id`: the entry that this one takes back, which
    is possible once; a plain number, since an entry says so also of one that is gone.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_object", "object_type", "object_id", "id"),
        Index("ix_audit_entry_user", "user_id", "id"),
        Index("ix_audit_entry_desk", "desk", "id"),
        Index("ix_audit_entry_created", "created_at", "id"),
        Index("ix_audit_entry_reverts", "reverts_id", unique=True),
        KEEP_IDS,
    )

    id: Mapped[Id]
    user_id: Mapped[StaffId]
    actor: Mapped[Code] = mapped_column(default="")  # "cli" when no user stands behind it
    action: Mapped[Code]
    desk: Mapped[Code] = mapped_column(default=_desk_of, server_default="")
    object_type: Mapped[str] = mapped_column(String(40))
    object_id: Mapped[Code]
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
    request_id: Mapped[str] = mapped_column(String(40), default="")
    form_token: Mapped[Code | None] = mapped_column(unique=True)
    reverts_id: Mapped[int | None]
    created_at: Mapped[Created]
