"""What a folder of `shop.payments` says about the provider it speaks to."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from shop.core.config import Config
from shop.payments.gateway import PaymentGateway


class InProcessCall(Protocol):
    """How to call what plays a provider in this process."""

    def __call__(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, *, read_timeout: float
    ) -> tuple[int, Iterable[tuple[str, str]], bytes]:
        """Return status, headers and body; `read_timeout` in seconds.

        Raises ConnectionError and TimeoutError, as the network would.
        """


class MountedSandbox(NamedTuple):
    """What plays a provider in this process, and the secrets it was made with."""

    call: InProcessCall
    secret_key: str
    webhook_secret: str


Connect = Callable[[Config, Mapping[str, MountedSandbox]], PaymentGateway | None]


def _nowhere(_payment: str, _livemode: bool) -> str:
    return ""


@dataclass(frozen=True)
class ProviderEntry:
    """A provider that the shop can use, known by the name that rows carry.

    `connect` returns its gateway from the settings and the mounted sandboxes, by name; None where
    it is not configured. It calls nobody. `is_play_money`: what it took is void as soon as it is
    not configured any more, and its pages cannot be paid then. `webhook` is the path at which it
    sends its messages, "" for none; providers of one folder may share it. `max_event` is the
    largest message, in bytes. `form_targets` are the origins that its pages lie at: forms may lead
    there. `payment_url` returns where it shows the merchant a payment, from its reference and
    whether the money is real; "" for nowhere.
    """

    name: str
    connect: Connect
    is_play_money: bool = False
    webhook: str = ""
    max_event: int = 256 * 1024
    form_targets: tuple[str, ...] = ()
    payment_url: Callable[[str, bool], str] = _nowhere
