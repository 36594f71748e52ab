"""The form for an order's e-mail address and address."""

from wtforms import EmailField, HiddenField
from wtforms.validators import InputRequired, Length

from shop.admin.optimistic_lock import read_version
from shop.core.addresses import PostalAddress
from shop.mail.reach import reachable_email
from shop.models import Order
from shop.web.address_form import AddressForm


class OrderAddressForm(AddressForm):
    """E-mail address and address of an order; its country stays."""

    email = EmailField("E-mail", [InputRequired("Enter an e-mail address."), Length(max=200)])
    version = HiddenField()

    @classmethod
    def of(cls, order: Order) -> "OrderAddressForm":
        """Return the form of an order, with what was posted in the place of what stands there."""
        known = {**order.shipping_address, "email": order.email, "version": order.version}
        return cls(default_country=order.country, countries=(order.country,), data=known)

    @property
    def seen(self) -> int | None:
        """The version of the order from which the form was made."""
        return read_version(str(self.version.data or ""))

    def contact(self) -> tuple[str, PostalAddress]:
        """Return the e-mail address and the address. Raises BadInput."""
        return reachable_email(self.email.data or ""), self.address()
