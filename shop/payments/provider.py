"""What a folder of `shop.payments` says about the provider it speaks to."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from flask_babel import LazyString

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


@dataclass(frozen=True)
class ProviderContext:
    """What a gateway may be made from.

    The settings of the machine; the mounted sandboxes, by name; `setting`, which returns the
    merchant's choice by its key as it is now.
    """

    config: Config
    sandboxes: Mapping[str, MountedSandbox]
    setting: Callable[[str], str | int | bool]


Connect = Callable[[ProviderContext], PaymentGateway | None]


@dataclass(frozen=True)
class Words:
    """What people read about a provider, in the language of the page.

    `title` is its name, for staff. `method`: the way to pay, as customers choose it. `button`: what
    placing the order does, `hint` what happens then. `waiting`: the headline of an order whose
    money is on its way.
    """

    title: LazyString
    method: LazyString
    button: LazyString
    hint: LazyString
    waiting: LazyString


def _nowhere(_payment: str, _livemode: bool) -> str:
    return ""


@dataclass(frozen=True)
class ProviderEntry:
    """A provider that the shop can use, known by the name that rows carry.

    `connect` returns its gateway, None where the settings of the machine do not name it. It calls
    nobody. `is_play_money`: what it took is void as soon as it is not configured any more, and its
    pages cannot be paid then. `webhook` is the path at which it sends its messages, "" for none;
    providers of one folder may share it. `max_event` is the largest message, in bytes.
    `form_targets` are the origins that its pages lie at: forms may lead there. `payment_url`
    returns where it shows the merchant a payment, from its reference and whether the money is real;
    "" for nowhere.
    """

    name: str
    words: Words
    connect: Connect
    is_play_money: bool = False
    webhook: str = ""
    max_event: int = 256 * 1024
    form_targets: tuple[str, ...] = ()
    payment_url: Callable[[str, bool], str] = _nowhere
