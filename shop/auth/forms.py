"""Forms of signing in, registering and passwords."""

from flask_babel import lazy_gettext as _l
from wtforms import EmailField, HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from shop.web.forms import ShopForm

EMAIL = (InputRequired(_l("Enter your email address.")), Length(max=254))
PASSWORD = (InputRequired(_l("Enter your password.")), Length(max=512))
NEW_PASSWORD = (InputRequired(_l("Enter a new password.")), Length(max=512))
PASSWORD_HINT = _l("At least 8 characters. A few words you can remember are best.")


class SignInForm(ShopForm):
    """Address and password; `next` is where one was."""

    email = EmailField(_l("Email address"), EMAIL)
    password = PasswordField(_l("Password"), PASSWORD)
    next = HiddenField()


class CodeForm(ShopForm):
    """The code of the app, or a recovery code, as the second half of a sign-in."""

    code = StringField(
        _l("Code"),
        (InputRequired(_l("Enter the code.")), Length(max=40)),
        description=_l("Six digits from your app, or one of your recovery codes."),
    )
    next = HiddenField()


class RegisterForm(ShopForm):
    """The same for a new account."""

    email = EmailField(_l("Email address"), EMAIL)
    password = PasswordField(_l("Choose a password"), NEW_PASSWORD, description=PASSWORD_HINT)
    next = HiddenField()


class ForgotForm(ShopForm):
    """Whose password is forgotten."""

    email = EmailField(_l("Email address"), EMAIL)


class ResetForm(ShopForm):
    """The new password; `token` is that of the link."""

    token = HiddenField()
    password = PasswordField(_l("New password"), NEW_PASSWORD, description=PASSWORD_HINT)


class InvitationForm(ShopForm):
    """Name and password of who is invited to work here; `token` is that of the link."""

    token = HiddenField()
    name = StringField(_l("Your name"), (InputRequired(_l("Enter your name.")), Length(max=120)))
    password = PasswordField(_l("Choose a password"), NEW_PASSWORD, description=PASSWORD_HINT)


class ProofForm(ShopForm):
    """The press of a button; `token` is that of the link. Who is signed in needs no password."""

    token = HiddenField()
    password = PasswordField(_l("Password"), (Length(max=512),))
