"""Staff accounts: made at the command line, never by a form that a customer can reach."""

import logging

from sqlalchemy import select, update

from shop.auth.passwords import check_new_password, hash_password
from shop.auth.sessions import close_all_sessions
from shop.core.clock import now
from shop.core.db import changed, insert_new, retried, transaction
from shop.core.emails import normalise_email
from shop.customers.booking import follow_account
from shop.mail.reach import reachable_email
from shop.models import Role, User
from shop.shared.audit_log import write_audit_entry

log = logging.getLogger(__name__)

OWNER = "Owner"


def create_admin(email: str, password: str) -> bool:
    """Make the account an owner with this password; return whether the account is new.

    An existing account gets the password too, and all its sessions end: whoever registered the
    address before must not become an owner with the password they chose. Raises BadInput.
    """
    address = reachable_email(email)
    check_new_password(password, address)
    return _make_owner(address, hash_password(password))


@retried
def _make_owner(address: str, password_hash: str) -> bool:
    key = normalise_email(address)
    with transaction() as session:
        insert_new(Role, name=OWNER, permissions=[], is_owner=True)
        role_id = session.scalars(select(Role.id).where(Role.name == OWNER)).one()
        is_new = insert_new(User, email=address, email_key=key, password_hash=password_hash)
        user = session.scalars(select(User).where(User.email_key == key).with_for_update()).one()
        before = None if is_new else {"role_id": user.role_id, "is_active": user.is_active}
        changed(
            update(User)
            .where(User.id == user.id)
            .values(
                role_id=role_id,
                is_active=True,
                password_hash=password_hash,
                password_changed_at=now(),
            )
        )
        follow_account(user.id)
        close_all_sessions(user.id)
        write_audit_entry(
            "staff.create_owner",
            "user",
            user.id,
            user_id=None,
            before=before,
            after={"role": OWNER, "is_active": True},
        )
    log.info("owner made", extra={"user_id": user.id})
    return is_new
