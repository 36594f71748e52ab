"""Bank transfer: always there, and offered once the merchant has named an account."""

from flask_babel import lazy_gettext as _

from shop.payments.manual.gateway import TransferGateway
from shop.payments.provider import ProviderContext, ProviderEntry, Words


def _connect(around: ProviderContext) -> TransferGateway:
    return TransferGateway(around.setting, around.config.timezone)


MANUAL = ProviderEntry(
    "manual",
    Words(
        title=_("Bank transfer"),
        method=_("Bank transfer"),
        button=_("Place order with obligation to pay"),
        hint=_(
            "The button places your order. We then tell you our account, and send your pieces once "
            "your money is here."
        ),
        waiting=_("Waiting for your bank transfer"),
    ),
    _connect,
)
