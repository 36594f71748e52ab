"""A running sandbox and everything that can be done to it: for workers, tests and its own pages."""

from typing import Any

from sandboxes.stripe import checkout, disputes, events, faults, refunds, sessions, tasks, webhooks
from sandboxes.stripe.call import Call
from sandboxes.stripe.cards import INSTRUMENTS
from sandboxes.stripe.checkout import Payment
from sandboxes.stripe.config import SandboxConfig
from sandboxes.stripe.contract import Json
from sandboxes.stripe.errors import ApiError
from sandboxes.stripe.objects import completed
from sandboxes.stripe.payments import Outcome
from sandboxes.stripe.store import Row, Store, Tx
from sandboxes.stripe.webhooks import Deliver, Postman

DELIVERY = (
    "id",
    "event",
    "endpoint",
    "url",
    "state",
    "due",
    "attempt",
    "last_status",
    "last_answer",
)


class Sandbox:
    """One sandbox: its rows, its clock, its deliveries.

    Safe to use from several threads and processes; nothing is opened before the first use.
    """

    def __init__(self, config: SandboxConfig, deliver: Deliver | None = None) -> None:
        self.config = config
        self.store = Store(config.database, config.time_source)
        self.postman = Postman(self.store, config, deliver or webhooks.post)

    # -- time ------------------------------------------------------------------------------

    def now(self) -> float:
        """Sandbox time, UNIX seconds."""
        with self.store.read() as tx:
            return tx.time

    def advance(self, seconds: float) -> float:
        """Move the clock (below zero: back); what became due happens. Returns the new time."""
        with self.store.write() as tx:
            offset = float(tx.setting("clock_offset", "0")) + seconds
            tx.set_setting("clock_offset", str(offset))
        self.run_due()
        return self.now()

    def run_due(self) -> int:
        """Let happen what time has brought: expiries, settlements, disputes. Returns how many."""
        with self.store.read() as tx:
            if not tasks.is_due(tx, lazily=False) and not webhooks.must_prune(tx):
                return 0
        with self.store.write() as tx:
            if webhooks.must_prune(tx):
                webhooks.prune(tx)
            return tasks.run_due(self.call(tx))

    def deliver_due(self, now: float | None = None, limit: int = 100) -> int:
        """One tick of a worker: run what is due and deliver events; returns the attempts made.

        ``now`` is sandbox time in UNIX seconds, the sandbox's clock by default.
        """
        self.run_due()
        return self.postman.deliver_due(now, limit)

    # -- faults ----------------------------------------------------------------------------

    def fault(
        self, name: str, value: Any = True, *, times: int | None = None, route: str = ""
    ) -> None:
        """Arm a fault of ``faults.NAMES`` for the next ``times`` calls (None = until cleared).

        ``route`` limits it: part of "POST /v1/checkout/sessions" (``$`` at its end = exactly that)
        for API faults, of the event type for webhook faults, of the session id for behaviour.
        """
        with self.store.write() as tx:
            faults.add(tx, name, value, times, route)

    def clear_faults(self, name: str = "") -> None:
        """Disarm the faults of that name, or all of them."""
        with self.store.write() as tx:
            faults.clear(tx, name)

    def release(self) -> int:
        """Deliver later what the fault ``hold`` kept back, from the next tick on."""
        with self.store.write() as tx:
            return webhooks.release(tx)

    def reset(self) -> None:
        """Forget everything: objects, events, faults, the clock's offset, the seed."""
        self.store.empty()

    def seed_ids(self, seed: str | int) -> None:
        """Give reproducible ids from here on."""
        with self.store.write() as tx:
            tx.set_setting("id_seed", str(seed))
            tx.set_setting("id_count", "0")

    # -- payments --------------------------------------------------------------------------

    def pay(
        self,
        session_id: str,
        instrument: str = "visa",
        *,
        email: str = "buyer@example.com",
        name: str = "Test Buyer",
        authenticate: bool = True,
        deliver: bool = True,
        **details: Any,
    ) -> Outcome:
        """Pay an open session as the hosted page does, without a browser.

        ``instrument`` is a name of ``cards.INSTRUMENTS``; ``authenticate`` the buyer's answer to a
        3-D Secure challenge; ``deliver`` sends the events at once, as the page does. Raises
        ApiError when the session is unknown or not open.
        """
        chosen = INSTRUMENTS[instrument]
        payment = Payment(chosen, email=email, name=name, **details)
        challenge = "sandbox:challenge" if chosen.challenge and not authenticate else ""
        with self.store.write() as tx:
            call = self.call(tx)
            tasks.run_due(call, lazily=True)
            row = tx.get(sessions.KIND, session_id)
            if row.body["status"] != "open":
                raise ApiError(f"This Checkout Session has a status of `{row.body['status']}`.")
            outcome = checkout.pay(call, row, payment, challenge_url=challenge)
            if challenge and outcome.state == "requires_action":
                outcome = checkout.finish_challenge(call, row, success=False)
        if deliver:
            self.follow_up(call.emitted, row)
        return outcome

    def follow_up(self, emitted: list[str], row: Row) -> None:
        """After a payment: deliver its events, then do what its instrument does at once."""
        self.postman.deliver_waiting(tuple(emitted))
        intent = row.body["payment_intent"]
        if not intent:
            return
        with self.store.write() as tx:
            call = self.call(tx)
            found = tx.find("payment_intent", intent)
            charge = found.body["latest_charge"] if found else None
            for ref in (intent, charge):
                if ref:
                    tasks.run_due(call, ref=ref)
        if call.emitted:
            self.postman.deliver_waiting(tuple(call.emitted))

    def settle_async(self, session_id: str, *, ok: bool = True) -> None:
        """End the bank debit of a session now."""
        with self.store.write() as tx:
            row = tx.get(sessions.KIND, session_id)
            checkout.settle_async(self.call(tx), row, success=ok)

    def expire(self, session_id: str) -> None:
        """Expire an open session now, as if its time were over."""
        with self.store.write() as tx:
            sessions.expire(self.call(tx), tx.get(sessions.KIND, session_id))

    def dispute(self, charge_id: str, reason: str = "fraudulent") -> str:
        """Have the buyer's bank dispute a charge; returns the dispute's id."""
        with self.store.write() as tx:
            return disputes.dispute(self.call(tx), tx.get("charge", charge_id), reason).id

    def refund(self, charge_id: str, amount: int | None = None) -> str:
        """Refund a charge as if in Stripe's Dashboard (minor units); returns the refund's id."""
        with self.store.write() as tx:
            charge = tx.get("charge", charge_id)
            return refunds.refund(self.call(tx), charge, amount, reason=None, metadata={}).id

    def fail_refund(self, refund_id: str) -> None:
        """Have the bank send a refund back."""
        with self.store.write() as tx:
            refunds.fail(self.call(tx), tx.get(refunds.KIND, refund_id))

    def tamper(self, kind: str, object_id: str, **changes: Any) -> None:
        """Change a stored object behind everyone's back, for mismatch tests."""
        with self.store.write() as tx:
            row = tx.get(kind, object_id)
            row.body = completed({**row.body, **changes})
            tx.save(row)

    def forge_event(self, kind: str, object_kind: str, object_id: str) -> str:
        """Send an event of any type about a stored object; returns the event's id."""
        with self.store.write() as tx:
            return events.emit(self.call(tx), kind, tx.get(object_kind, object_id).body).id

    def resend(self, event_id: str) -> int:
        """Queue an event again; returns to how many endpoints."""
        with self.store.write() as tx:
            tx.get("event", event_id)
            return webhooks.resend(tx, event_id)

    # -- looking ---------------------------------------------------------------------------

    def get(self, kind: str, object_id: str) -> Json:
        """A stored object, e.g. ``get("checkout.session", id)``."""
        with self.store.read() as tx:
            return tx.get(kind, object_id).body

    def objects(self, kind: str) -> list[Json]:
        """All objects of a kind, newest first."""
        with self.store.read() as tx:
            return [row.body for row in tx.select(kind)]

    def deliveries(self) -> list[Json]:
        """All deliveries, newest first."""
        with self.store.read() as tx:
            return all_deliveries(tx)

    def call(self, tx: Tx) -> Call:
        """What the inner functions need besides their arguments."""
        return Call(tx=tx, config=self.config, origin=tx.setting("origin"))


def all_deliveries(tx: Tx, event_id: str = "", limit: int = -1) -> list[Json]:
    """Deliveries (of one event), newest first."""
    # DELIVERY names our own columns; what a request says is bound.
    rows = tx.connection.execute(
        f"SELECT {', '.join(DELIVERY)} FROM delivery WHERE ? IN ('', event)"  # noqa: S608
        " ORDER BY id DESC LIMIT ?",
        (event_id, limit),
    )
    return [dict(zip(DELIVERY, one, strict=True)) for one in rows]
