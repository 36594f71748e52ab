"""The mails of accounts."""

from typing import Any

from flask_babel import lazy_gettext as _

from shop.auth.queries import is_taken, open_invitation, read_user
from shop.auth.services import (
    INVITED_FOR,
    make_proof_token,
    make_reset_token,
    token_of_invitation,
)
from shop.mail import Mail, compose, link, mail_job
from shop.models import User

Payload = dict[str, Any]


@mail_job("mail.password_reset", "nonce")
def password_reset(payload: Payload) -> Mail | None:
    """Send the link, if the address has an account; the token is made now and stored nowhere."""
    found = make_reset_token(payload["email_key"])
    if found is None:
        return None
    user, token = found
    return compose(
        "password_reset",
        to=user.email,
        fill={"email": user.email},
        locale=user.locale or "",
        is_secret=True,
        url=link(f"/password/reset/{token}"),
    )


@mail_job("mail.staff_invitation", "nonce")
def staff_invitation(payload: Payload) -> Mail | None:
    """Send the link of an invitation that is still open; the token is stored nowhere."""
    found = open_invitation(payload["invitation_id"])
    if found is None:
        return None
    return compose(
        "staff_invitation",
        to=found.email,
        subject=_("You are invited to work with us"),
        is_secret=True,
        url=link(f"/invite/{token_of_invitation(found.seed)}"),
        role=found.role,
        days=INVITED_FOR.days,
    )


@mail_job("mail.password_changed", "nonce")
def password_changed(payload: Payload) -> Mail | None:
    """Tell the owner that the password was changed."""
    user = read_user(User.id == payload["user_id"])
    if user is None:
        return None
    return compose(
        "password_changed",
        to=user.email,
        fill={"email": user.email},
        locale=user.locale or "",
    )


@mail_job("mail.second_factor", "nonce")
def second_factor(payload: Payload) -> Mail | None:
    """Tell the person that two-factor sign-in was turned on or off."""
    user, is_on = read_user(User.id == payload["user_id"]), payload["is_on"]
    if user is None:
        return None
    return compose(
        "second_factor",
        to=user.email,
        subject=_("Two-factor sign-in is on") if is_on else _("Two-factor sign-in is off"),
        locale=user.locale or "",
        email=user.email,
        is_on=bool(is_on),
    )


@mail_job("mail.verify_email", "nonce")
def verify_email(payload: Payload) -> Mail | None:
    """Send the link that proves the present address."""
    user = read_user((User.id == payload["user_id"]) & User.is_active)
    if user is None or user.email_verified_at is not None:
        return None
    return compose(
        "verify_email",
        to=user.email,
        fill={"email": user.email},
        locale=user.locale or "",
        is_secret=True,
        url=link(f"/account/email/{make_proof_token(user, user.email)}"),
    )


@mail_job("mail.email_change", "nonce")
def email_change(payload: Payload) -> Mail | None:
    """Send the link to the new address, or the word that it has an account of its own."""
    user, email = read_user((User.id == payload["user_id"]) & User.is_active), payload["email"]
    if user is None:
        return None
    if is_taken(email):
        return compose("email_taken", to=email, fill={"email": email})
    return compose(
        "email_change",
        to=email,
        fill={"email": email},
        locale=user.locale or "",
        is_secret=True,
        url=link(f"/account/email/{make_proof_token(user, email)}"),
    )


@mail_job("mail.email_change_notice", "nonce")
def email_change_notice(payload: Payload) -> Mail | None:
    """Tell the present address that another one was asked for."""
    return compose(
        "email_change_notice",
        to=payload["present"],
        fill={"email": payload["email"]},
    )
