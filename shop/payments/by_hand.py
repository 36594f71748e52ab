"""Providers whose money no machine reports: what buyers are told, and what staff say."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from flask_babel import LazyString

from shop.payments.gateway import GatewayRefund, SessionState


@dataclass(frozen=True)
class Detail:
    """One thing that a buyer must know to pay: its name, how it is written, how it is typed."""

    label: LazyString
    text: str
    typed: str = ""


@dataclass(frozen=True)
class Instructions:
    """What a buyer does elsewhere so that the money comes: `amount` in minor units.

    `details`: whom to, in the order of the page. `reference` is what the money must name, `until`
    the last day on which it may come.
    """

    amount: int
    currency: str
    details: tuple[Detail, ...]
    reference: str
    until: date


class ByHand(Protocol):
    """Money that no machine reports: buyers are told what to do, staff say what came and went.

    All of it is known in the shop's own database: these methods ask nobody else, and join the
    caller's transaction.
    """

    def instructions(self, ref: str) -> Instructions | None:
        """Return what the buyer of a page is to do; None once it waits for no money."""

    def receive(self, ref: str, amount: int, on: date) -> SessionState:
        """Note that `amount` (minor units, above 0) came for a page on a day, and return its state.

        Also for a page that has ended. Raises AlreadyKnown when money was noted for it before, and
        SessionUnknown.
        """

    def settle_refund(self, ref: str, *, is_sent: bool) -> GatewayRefund:
        """Note that the money of a pending refund was sent back, or that it will not be.

        Raises AlreadyKnown when either was noted before, and ObjectUnknown.
        """
