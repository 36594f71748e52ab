"""Everything that changes who somebody is. Use cases are imported from here."""

from shop.auth.services.address import (
    make_proof_token,
    prove_address,
    read_proof_token,
    request_email_change,
    request_proof,
)
from shop.auth.services.hands import ensure_role, hand_role
from shop.auth.services.password import (
    change_password,
    confirm_password,
    make_reset_token,
    read_reset_token,
    request_password_reset,
    reset_password,
)
from shop.auth.services.sign_in import (
    SignedIn,
    register_user,
    sign_in,
    sign_out,
    undo_registration,
)
from shop.auth.services.staff import create_admin

__all__ = [
    "SignedIn",
    "change_password",
    "confirm_password",
    "create_admin",
    "ensure_role",
    "hand_role",
    "make_proof_token",
    "make_reset_token",
    "prove_address",
    "read_proof_token",
    "read_reset_token",
    "register_user",
    "request_email_change",
    "request_password_reset",
    "request_proof",
    "reset_password",
    "sign_in",
    "sign_out",
    "undo_registration",
]
