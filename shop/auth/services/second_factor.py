"""The second factor of a sign-in: set up, asked for, turned off, reset."""

import logging
from typing import Final

from sqlalchemy import delete, func, select, update

from shop.auth.enqueue import enqueue_once
from shop.auth.one_time_codes import (
    hash_recovery_code,
    make_recovery_codes,
    make_seed,
    matching_step,
    secret_of,
)
from shop.auth.services.password import confirm_password
from shop.auth.sessions import close_all_sessions
from shop.core.clock import epoch, now
from shop.core.db import changed, db, end_read, insert_new, retried, transaction
from shop.core.emails import normalise_email
from shop.core.errors import BadInput, NotFound, OrderError
from shop.models import RecoveryCode, SecondFactor, User
from shop.settings.queries import shop_settings
from shop.shared.audit_log import write_audit_entry
from shop.shared.rate_limits import By, Limit, clear_attempts, count_try

log = logging.getLogger(__name__)

CODES: Final = (
    Limit(5, 3600, By.SUBJECT, first_wait=15),
    Limit(30, 3600, By.IP, first_wait=15),
)
WRONG_CODE: Final = "This code is not right, or it was used. Wait for the next one."


def has_second_factor(user_id: int) -> bool:
    """Return whether the account asks for a code."""
    on = (SecondFactor.user_id == user_id) & SecondFactor.confirmed_at.is_not(None)
    return db.session.scalar(select(SecondFactor.user_id).where(on)) is not None


def count_code(user_id: int, ip: str) -> int:
    """Count a try of a code and return its id. Raises TooManyRequests."""
    return count_try("code", str(user_id), ip, *CODES)


def use_code(user_id: int, code: str) -> None:
    """Use a code of the app or a recovery code up, in the caller's transaction.

    Of two requests with the same code one passes. Raises BadInput (`code`).
    """
    plain = "".join(code.split())
    is_six = plain.isascii() and plain.isdecimal() and len(plain) == 6
    if not (_use_step(user_id, plain) if is_six else _use_recovery_code(user_id, plain)):
        raise BadInput(code=WRONG_CODE)


def _use_step(user_id: int, code: str) -> bool:
    row = db.session.get(SecondFactor, user_id)
    step = matching_step(secret_of(user_id, row.seed), code, epoch()) if row else None
    if row is None or step is None:
        return False
    fresh = (SecondFactor.user_id == user_id) & (SecondFactor.seed == row.seed)
    used = update(SecondFactor).where(fresh, SecondFactor.last_step < step)
    return changed(used.values(last_step=step)) == 1


def _use_recovery_code(user_id: int, code: str) -> bool:
    this = RecoveryCode.code_hash == hash_recovery_code(user_id, code)
    return changed(delete(RecoveryCode).where(RecoveryCode.user_id == user_id, this)) == 1


@retried
def begin_second_factor(user_id: int) -> None:
    """Make a seed for an app, in place of one that was never confirmed; nothing asks for it yet."""
    with transaction():
        unconfirmed = SecondFactor.confirmed_at.is_(None)
        changed(delete(SecondFactor).where(SecondFactor.user_id == user_id, unconfirmed))
        insert_new(SecondFactor, user_id=user_id, seed=make_seed())


def confirm_second_factor(
    user_id: int, password: str, code: str, ip: str, session_id: int | None
) -> list[str]:
    """Let sign-ins ask for a code from now on; return the recovery codes, shown once.

    Sessions other than `session_id` end; the person is told by mail. Raises BadInput (`password`,
    `code`), TooManyRequests, OrderError when it is on already or no secret was made.
    """
    _check_state(user_id, is_on=False)
    _user, try_id = confirm_password(user_id, password, ip, field="password")
    code_id = count_code(user_id, ip)
    codes = _confirm(user_id, code, (try_id, code_id), session_id)
    log.info("second factor on", extra={"user_id": user_id, "ip": ip})
    return codes


def _check_state(user_id: int, *, is_on: bool) -> None:
    row = db.session.execute(
        select(SecondFactor.confirmed_at).where(SecondFactor.user_id == user_id)
    ).one_or_none()
    end_read()
    if row is None or (row.confirmed_at is not None) != is_on:
        raise OrderError("This has changed meanwhile. Open the page once more.")


@retried
def _confirm(
    user_id: int, code: str, try_ids: tuple[int, int], session_id: int | None
) -> list[str]:
    with transaction():
        if has_second_factor(user_id):
            raise OrderError("Two-factor sign-in is on already.")
        use_code(user_id, code)
        waiting = (SecondFactor.user_id == user_id) & SecondFactor.confirmed_at.is_(None)
        if not changed(update(SecondFactor).where(waiting).values(confirmed_at=now())):
            raise OrderError("Two-factor sign-in is on already.")
        for try_id in try_ids:
            clear_attempts(try_id)
        close_all_sessions(user_id, session_id)
        _tell(user_id, is_on=True)
        write_audit_entry(
            "staff.second_factor_on",
            "user",
            user_id,
            user_id=user_id,
            before={"second_factor": False},
            after={"second_factor": True},
        )
        return _write_codes(user_id)


def renew_recovery_codes(user_id: int, password: str, code: str, ip: str) -> list[str]:
    """Return new recovery codes; the former ones are worth nothing. Raises as above."""
    _check_state(user_id, is_on=True)
    _user, try_id = confirm_password(user_id, password, ip, field="password")
    return _renew(user_id, code, (try_id, count_code(user_id, ip)))


@retried
def _renew(user_id: int, code: str, try_ids: tuple[int, int]) -> list[str]:
    with transaction():
        use_code(user_id, code)
        for try_id in try_ids:
            clear_attempts(try_id)
        before = count_recovery_codes(user_id)
        write_audit_entry(
            "staff.recovery_codes",
            "user",
            user_id,
            user_id=user_id,
            before={"recovery_codes": before},
            after={"recovery_codes": "made anew"},
        )
        return _write_codes(user_id)


def turn_off_second_factor(user_id: int, password: str, code: str, ip: str) -> None:
    """Let the password alone do again. Raises as above; OrderError where staff must have it."""
    is_staff = db.session.scalar(select(User.role_id).where(User.id == user_id)) is not None
    if is_staff and shop_settings().staff_second_factor:
        raise OrderError("The shop asks all staff for two-factor sign-in.")
    _check_state(user_id, is_on=True)
    _user, try_id = confirm_password(user_id, password, ip, field="password")
    _turn_off(user_id, code, (try_id, count_code(user_id, ip)))
    log.info("second factor off", extra={"user_id": user_id, "ip": ip})


@retried
def _turn_off(user_id: int, code: str, try_ids: tuple[int, int]) -> None:
    with transaction():
        use_code(user_id, code)
        for try_id in try_ids:
            clear_attempts(try_id)
        drop_second_factor(user_id)
        write_audit_entry(
            "staff.second_factor_off",
            "user",
            user_id,
            user_id=user_id,
            before={"second_factor": True},
            after={"second_factor": False},
        )


def drop_second_factor(user_id: int) -> bool:
    """Take second factor and recovery codes away, in the caller's transaction; tell the person.

    Returns whether it was on.
    """
    was_on = has_second_factor(user_id)
    changed(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    changed(delete(SecondFactor).where(SecondFactor.user_id == user_id))
    if was_on:
        _tell(user_id, is_on=False)
    return was_on


@retried
def reset_second_factor(email: str) -> None:
    """Let an account sign in with its password alone, by a command; its sessions end.

    Raises NotFound for an unknown address, OrderError for one without a second factor.
    """
    with transaction() as session:
        key = normalise_email(email)
        user_id = session.scalar(select(User.id).where(User.email_key == key).with_for_update())
        if user_id is None:
            raise NotFound(f"There is no account with the address {email}.")
        if not drop_second_factor(user_id):
            raise OrderError(f"{email} has no two-factor sign-in.")
        close_all_sessions(user_id)
        write_audit_entry(
            "staff.reset_second_factor",
            "user",
            user_id,
            user_id=None,
            before={"second_factor": True},
            after={"second_factor": False},
        )


def count_recovery_codes(user_id: int) -> int:
    """Return how many recovery codes are left."""
    counted = select(func.count()).select_from(RecoveryCode)
    return db.session.scalar(counted.where(RecoveryCode.user_id == user_id)) or 0


def _write_codes(user_id: int) -> list[str]:
    changed(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    codes = make_recovery_codes()
    db.session.add_all(
        RecoveryCode(user_id=user_id, code_hash=hash_recovery_code(user_id, code)) for code in codes
    )
    return codes


def _tell(user_id: int, *, is_on: bool) -> None:
    enqueue_once("mail.second_factor", user_id=user_id, is_on=int(is_on))
