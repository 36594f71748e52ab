"""What asking a provider led to: about one payment page, and in a run about all that is open."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from shop.core.isolation import Failure, Run, SomeFailed
from shop.payments.gateway import SessionState


class Outcome(StrEnum):
    """What `fulfil` found or did."""

    PAID = "paid"  # now, by this call
    ALREADY = "already"  # by an earlier one
    OPEN = "open"  # the page waits to be paid
    PROCESSING = "processing"  # the bank needs days
    DEAD = "dead"  # expired or failed: no money will come
    MISMATCH = "mismatch"  # money came, but not as agreed; staff decide
    DUPLICATE = "duplicate"  # money came a second time; it is being sent back


class Ending(StrEnum):
    """What became of an order that was to end."""

    NOW = "now"  # by this call
    BEFORE = "before"  # by an earlier one
    PAID = "paid"  # money came, as agreed or not
    UNDER_WAY = "under_way"  # the bank needs days


@dataclass(frozen=True)
class ClosedPage:
    """The payment page of an order, ended at the provider, and what it turned out to be.

    `attempt_id` is None for an order without a page, `state` where there is provably none.
    """

    order_id: int
    attempt_id: str | None = None
    state: SessionState | None = None


@dataclass
class Reconciled:
    """What one run looked at and changed. `failures`: what it could not deal with, and why.

    `undone_since` is when the earliest of a provider's news came into being that could not be
    dealt with, by its name. `unread` names the lists of news that were not gone through, and whose
    they are.
    """

    looked_at: int = 0
    fulfilled: int = 0
    ended: int = 0
    failures: list[Failure[Any]] = field(default_factory=list)
    undone_since: dict[str, datetime] = field(default_factory=dict)
    unread: set[tuple[str, str]] = field(default_factory=set)

    @property
    def failed(self) -> int:
        """How many things could not be dealt with."""
        return len(self.failures)

    def check(self) -> None:
        """Raise SomeFailed, naming how many and which, when anything failed."""
        if self.failures:
            raise SomeFailed("reconciling", self.failures)

    def count(self, outcome: Outcome | None) -> None:
        """Count what asking about something led to."""
        self.fulfilled += outcome is Outcome.PAID
        self.ended += outcome is Outcome.DEAD

    def add(self, run: Run[Any]) -> None:
        """Count what became of one loop."""
        self.looked_at += run.looked_at
        self.failures += run.failures

    def hold_back(self, provider: str, came_at: datetime) -> None:
        """Keep a provider's mark before news of `came_at`, which could not be dealt with."""
        self.undone_since[provider] = min(came_at, self.undone_since.get(provider, came_at))

    def known_until(self, provider: str, started: datetime) -> datetime | None:
        """Return up to when a provider's news is dealt with, in a run that `started` then.

        None while some of it was not gone through.
        """
        if any(whose == provider for whose, _what in self.unread):
            return None
        return min(started, self.undone_since.get(provider, started))
