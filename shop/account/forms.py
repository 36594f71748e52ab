"""Forms of the account pages. Addresses: shop/web/address_form.py, shared with the checkout."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, EmailField, PasswordField, StringField
from wtforms.fields import TelField
from wtforms.validators import Length

from shop.auth.forms import EMAIL, NEW_PASSWORD, PASSWORD, PASSWORD_HINT
from shop.web.address_form import AddressForm
from shop.web.forms import ShopForm


class DetailsForm(ShopForm):
    """Who one is."""

    name = StringField(_l("Full name"), [Length(max=120)])
    phone = TelField(_l("Telephone"), [Length(max=32)])


class EmailForm(ShopForm):
    """Another address, and proof that it is oneself who asks."""

    email = EmailField(_l("New email address"), EMAIL)
    password = PasswordField(_l("Your password"), PASSWORD)


class PasswordForm(ShopForm):
    """The present password and the next."""

    old_password = PasswordField(_l("Present password"), PASSWORD)
    password = PasswordField(_l("New password"), NEW_PASSWORD, description=PASSWORD_HINT)


class FactorForm(ShopForm):
    """Proof that it is oneself who changes the second factor: the password, and a code."""

    password = PasswordField(_l("Your password"), PASSWORD)
    code = StringField(
        _l("Code"),
        [Length(max=40)],
        description=_l("Six digits from your app. Later a recovery code does, too."),
    )


class CloseForm(ShopForm):
    """Proof that it is oneself who leaves."""

    password = PasswordField(_l("Your password"), PASSWORD)


class BookForm(AddressForm):
    """An address of the book."""

    is_default = BooleanField(_l("Begin checkout with this address"))
