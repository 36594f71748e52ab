"""Everything that changes who somebody is. Use cases are imported from here."""

from shop.auth.services.address import (
    make_proof_token,
    prove_address,
    read_proof_token,
    request_email_change,
    request_proof,
)
from shop.auth.services.hands import ensure_role, hand_role
from shop.auth.services.invitation import (
    INVITED_FOR,
    InvitationAccepted,
    InvitationVoid,
    accept_invitation,
    accept_signed_in,
    hash_invitation_token,
    new_invitation_seed,
    read_invitation,
    token_of_invitation,
)
from shop.auth.services.password import (
    change_password,
    confirm_password,
    make_reset_token,
    read_reset_token,
    request_password_reset,
    reset_password,
)
from shop.auth.services.second_factor import (
    begin_second_factor,
    confirm_second_factor,
    drop_second_factor,
    has_second_factor,
    renew_recovery_codes,
    reset_second_factor,
    turn_off_second_factor,
)
from shop.auth.services.sign_in import (
    CodeNeeded,
    SignedIn,
    finish_sign_in,
    register_user,
    sign_in,
    sign_out,
    undo_registration,
)
from shop.auth.services.staff import create_admin

__all__ = [
    "INVITED_FOR",
    "CodeNeeded",
    "InvitationAccepted",
    "InvitationVoid",
    "SignedIn",
    "accept_invitation",
    "accept_signed_in",
    "begin_second_factor",
    "change_password",
    "confirm_password",
    "confirm_second_factor",
    "create_admin",
    "drop_second_factor",
    "ensure_role",
    "finish_sign_in",
    "hand_role",
    "has_second_factor",
    "hash_invitation_token",
    "make_proof_token",
    "make_reset_token",
    "new_invitation_seed",
    "prove_address",
    "read_invitation",
    "read_proof_token",
    "read_reset_token",
    "register_user",
    "renew_recovery_codes",
    "request_email_change",
    "request_password_reset",
    "request_proof",
    "reset_password",
    "reset_second_factor",
    "sign_in",
    "sign_out",
    "token_of_invitation",
    "turn_off_second_factor",
    "undo_registration",
]
