"""People: customers and staff, how they prove who they are, and where they live."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shop.core.db import Base
from shop.models.columns import KEEP_IDS, Code, Created, Id, Line, Short, Version


class Role(Base):
    """What a member of staff may do: a list of permissions such as "orders.refund".

    `is_owner` grants everything, including staff and roles themselves.
    """

    __tablename__ = "role"
    __table_args__ = (KEEP_IDS,)

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(64), unique=True)
    permissions: Mapped[list[Any]] = mapped_column(default=list)
    is_owner: Mapped[bool] = mapped_column(default=False)
    version: Mapped[Version]


class User(Base):
    """An account. `email_key`: see `shop/core/emails.py`. Staff have a role.

    `has_single_keys`: whether single keys act on the pages of staff (WCAG 2.1.4).
    """

    __tablename__ = "users"
    __table_args__ = (KEEP_IDS,)

    id: Mapped[Id]
    email: Mapped[Line]
    email_key: Mapped[str] = mapped_column(String(255), unique=True)
    email_verified_at: Mapped[datetime | None]
    password_hash: Mapped[Line]
    password_changed_at: Mapped[datetime | None]
    name: Mapped[Short] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(String(32), default="")
    locale: Mapped[str | None] = mapped_column(String(16))
    is_active: Mapped[bool] = mapped_column(default=True)
    role_id: Mapped[int | None] = mapped_column(ForeignKey("role.id"), index=True)
    has_single_keys: Mapped[bool] = mapped_column(default=True, server_default=true())
    created_at: Mapped[Created]

    role: Mapped[Role | None] = relationship(lazy="raise_on_sql")


class UserSession(Base):
    """A signed-in browser. The cookie holds the token, the row its SHA-256; no row, no session."""

    __tablename__ = "user_session"
    __table_args__ = (KEEP_IDS,)

    id: Mapped[Id]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[Created]
    seen_at: Mapped[Created]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    user_agent: Mapped[Line] = mapped_column(default="")


class SecondFactor(Base):
    """What an account asks for beside the password: codes of an app; counts once confirmed.

    The secret is not here: it follows from `seed` and the SECRET_KEY. `last_step`: the time step
    of the newest code that was used; neither it nor an earlier one is taken again.
    """

    __tablename__ = "second_factor"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    seed: Mapped[Code]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[Created]


class RecoveryCode(Base):
    """A code for who has lost the app, as its SHA-256; it is deleted when it is used."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("user_id", "code_hash"), KEEP_IDS)

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    code_hash: Mapped[str] = mapped_column(String(64))


class StaffInvitation(Base):
    """A mail that asks somebody to work here, open until it is accepted, ended or too old.

    The token of its link is not here: it follows from `seed` and the SECRET_KEY; the row holds its
    SHA-256. Another mail of the same invitation has another seed, and the former link is dead.
    """

    __tablename__ = "staff_invitation"
    __table_args__ = (
        Index(
            "uq_staff_invitation_open",
            "email_key",
            unique=True,
            sqlite_where=text("accepted_at IS NULL AND ended_at IS NULL"),
            postgresql_where=text("accepted_at IS NULL AND ended_at IS NULL"),
        ),
        KEEP_IDS,
    )

    id: Mapped[Id]
    email: Mapped[Line]
    email_key: Mapped[Line]
    role_id: Mapped[int | None] = mapped_column(
        ForeignKey("role.id", ondelete="SET NULL"), index=True
    )
    invited_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    seed: Mapped[Code]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[Created]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class LoginAttempt(Base):
    """One counted try, for limits that hold across processes: sign-in, reset, order link…

    `subject` is what is limited beside the address: an e-mail key, a cart, or empty.
    """

    __tablename__ = "login_attempt"
    __table_args__ = (
        Index("ix_login_attempt_subject", "kind", "subject", "created_at"),
        Index("ix_login_attempt_ip", "kind", "ip", "created_at"),
        KEEP_IDS,
    )

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(24))
    subject: Mapped[Line] = mapped_column(default="")
    ip: Mapped[str] = mapped_column(String(64))
    is_success: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[Created]


class Address(Base):
    """A place in a customer's address book. `country` is ISO 3166-1 alpha-2."""

    __tablename__ = "address"
    __table_args__ = (
        Index(
            "uq_address_default",
            "user_id",
            unique=True,
            sqlite_where=text("is_default"),
            postgresql_where=text("is_default"),
        ),
        KEEP_IDS,
    )

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[Short]
    company: Mapped[Short] = mapped_column(default="")
    line1: Mapped[Line]
    line2: Mapped[Line] = mapped_column(default="")
    postal_code: Mapped[str] = mapped_column(String(16), default="")
    city: Mapped[Short]
    region: Mapped[Code] = mapped_column(default="")
    country: Mapped[str] = mapped_column(String(2))
    phone: Mapped[str] = mapped_column(String(32), default="")
    is_default: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[Created]
