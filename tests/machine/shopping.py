"""The machine: everything that customers, staff, the provider, time and bad luck can do."""

import hashlib
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import func, select

from shop.audit.provider import audit_provider
from shop.audit.services import Difference, audit
from shop.cart.coupons import apply_coupon, remove_coupon, try_luck
from shop.cart.merge import merge_carts
from shop.cart.owner import CartOwner
from shop.cart.queries import get_cart
from shop.cart.services import accept_changes, add_item, remove_item, set_quantity
from shop.core.db import db
from shop.core.errors import InsufficientStock, ProductUnavailable
from shop.coupons.changes import switch_coupon
from shop.coupons.luck import return_expired
from shop.jobs import drain
from shop.models import (
    CheckoutAttempt,
    FulfilmentStatus,
    Job,
    JobState,
    MailMessage,
    MovementKind,
    PaymentStatus,
    Provider,
)
from shop.models.order import CAPTURED, OPEN, SENDABLE
from shop.orders.checkout_details import CheckoutDetails
from shop.orders.payment.attempt import find_live
from shop.orders.payment.end import end_dead_attempt
from shop.orders.payment.refundable import get_remainder
from shop.orders.remainder import RefundChoice, part_of
from shop.orders.services import (
    RefundLine,
    cancel_order,
    deliver_order,
    fulfil,
    place_order,
    reconcile,
    refund_order,
    restock_refund,
    ship_order,
    start_payment,
    sweep,
)
from shop.settings.services import set_setting
from shop.stock.services import adjust_stock
from tests.machine.facts import Facts, Owner, Page, Provided, read, read_provider
from tests.machine.model import Books, Model, Won, judge_provider
from tests.machine.world import (
    CODES,
    EMAILS,
    PIECES,
    Answer,
    Kind,
    World,
    hours,
    put_on_sale,
    reprice,
)
from tests.orders import kit

# How pages are paid: mostly by a good card.
INSTRUMENTS = (
    *["visa"] * 9, "declined", "3ds_declined", "sepa", "sepa_later", "sepa_fails_later",
    "refund_pending", "refund_fails", "dispute_fraudulent",
)  # fmt: skip
FAULTS = (("reset_connection", True), ("drop_after", True), ("fail", 500), ("fail_after", 500))
RUNS = ("sweep", "reconcile", "work", "return prizes")
CRASHING = (
    *("check out", "check out", "come back", "deliver", "try luck", "cancel"),
    *("refund", "send", "restock", *RUNS),
)
WAITS = (1, 65, 610, 1200, 1900, 3700, hours(7), hours(48))
shoppers = st.integers(0, 2)
which = st.integers(0, 5)
cards = st.sampled_from(INSTRUMENTS)
pieces = st.sampled_from(sorted(PIECES))
wishes = st.sampled_from(["", "luck", "luck", *sorted(CODES)])


def assert_no(differences: Iterable[Difference]) -> None:
    """Complain of what the audit found."""
    found = [str(difference) for difference in differences]
    assert not found, "\n".join(found)


@dataclass
class Shopper:
    """Somebody with a browser. `token` names the guest's bag, `user_id` the account."""

    number: int
    token: str
    user_id: int | None = None
    checkout_token: str = ""

    @property
    def owner(self) -> Owner:
        """Whose bag this browser shows."""
        return ("guest", self.token) if self.user_id is None else ("user", self.user_id)

    @property
    def cart_owner(self) -> CartOwner:
        """The same, as the services take it."""
        if self.user_id is not None:
            return CartOwner(user_id=self.user_id)
        return CartOwner(token_hash=self.token)

    @property
    def ip(self) -> str:
        """Where this browser is."""
        return f"198.51.100.{self.number}"


class Shopping(RuleBasedStateMachine):
    """Three browsers, two accounts, three addresses; a shop where everything is scarce."""

    def __init__(self, world: World, reached: Counter[str]) -> None:
        super().__init__()
        world.reset()
        self.world, self.reached = world, reached
        self.tokens = 0
        goods = world.goods
        books = Books({}, dict(goods.prices), dict(goods.on_hand))
        self.model = Model(goods, reached, books)
        self.shoppers = [Shopper(number, self._token()) for number in range(3)]
        self.every = 2
        self.off_sale: set[str] = set()
        self.shown: set[str] = set()
        self.facts = Facts()
        self.provided = Provided()
        self._look()

    # -- helpers ---------------------------------------------------------------------------

    def _token(self) -> str:
        self.tokens += 1
        return hashlib.sha256(str(self.tokens).encode()).hexdigest()

    def _look(self) -> None:
        with self.world.app.app_context():
            self.facts = read()

    def _do(
        self,
        act: Callable[..., Any],
        *args: Any,
        then: Callable[[Books], None] | None = None,
        **kwargs: Any,
    ) -> Answer:
        """Do something; `then` is what it changes when it is done, or perhaps, after a crash."""
        answer = self.world.attempt(act, *args, **kwargs)
        if answer.kind is Kind.CRASHED:
            self.reached["crashed"] += 1
        if then is not None and answer.kind is not Kind.REFUSED:
            self.model.change(then, is_certain=answer.is_done)
        return answer

    def _cart(self, who: Shopper) -> int | None:
        return self.facts.cart_of(who.owner)

    def _pages(self, *statuses: str) -> list[Page]:
        return [page for page in self.provided.pages if page.status in statuses]

    def _payable(self) -> list[Page]:
        return [page for page in self._pages("open") if page.ref in self.shown]

    def _orders(self, *statuses: PaymentStatus) -> list[int]:
        return [n for n, order in self.facts.orders.items() if order.payment_status in statuses]

    # -- what must hold --------------------------------------------------------------------

    @invariant()
    def everything_holds(self) -> None:
        """Judge what the step has written, by the machine's own reckoning and by the audit."""
        self.world.wait(1)
        self.provided = read_provider(self.world.sandbox)
        if self.world.tripwire.has_written:
            self.world.tripwire.has_written = False
            with self.world.app.app_context():
                before, self.facts = self.facts, read()
                self.model.judge(before, self.facts)
                if self.world.watch.sees_something(db.session.connection()):
                    assert_no(audit())
        judge_provider(self.facts, self.provided)

    # -- the bag ---------------------------------------------------------------------------

    @initialize(wanted=st.lists(st.tuples(shoppers, pieces), min_size=2, max_size=5))
    def open_with_bags(self, wanted: list[tuple[int, str]]) -> None:
        """Begin with something in the bags."""
        for number, name in wanted:
            self._add(self.shoppers[number], name, 1)
            self._look()

    @rule(number=shoppers, name=pieces, quantity=st.integers(1, 3))
    def add(self, number: int, name: str, quantity: int) -> None:
        self._add(self.shoppers[number], name, quantity)

    def _add(self, who: Shopper, name: str, quantity: int) -> Answer:
        variant_id = self.world.goods.variants[name]
        total = self.model.books.bags.get(who.owner, {}).get(variant_id, 0) + quantity
        cap = self.model.cap(self.facts, self._cart(who), variant_id)
        answer = self._do(
            add_item,
            who.cart_owner,
            variant_id,
            quantity,
            then=lambda books: books.put(who.owner, variant_id, total),
        )
        self._judge_quantity(answer, variant_id, total, cap)
        return answer

    def _judge_quantity(self, answer: Answer, variant_id: int, total: int, cap: int) -> None:
        is_on_sale = self.facts.variants[variant_id].is_on_sale
        if answer.kind is Kind.DONE:
            assert is_on_sale
            assert total <= cap, "more than there is"
        if answer.kind is Kind.REFUSED:
            refusal = answer.value
            assert isinstance(refusal, InsufficientStock | ProductUnavailable), refusal
            assert not is_on_sale or total > cap, "refused while it was there"

    @precondition(lambda self: self.facts.lines)
    @rule(number=which, index=which, quantity=st.integers(0, 4))
    def set_quantity(self, number: int, index: int, quantity: int) -> None:
        cart_id, item_id, variant_id = self._line(number, index)
        owner = self.facts.carts[cart_id]
        cap = self.model.cap(self.facts, cart_id, variant_id)
        answer = self._do(
            set_quantity,
            cart_id,
            item_id,
            quantity,
            then=lambda books: books.put(owner, variant_id, quantity),
        )
        if quantity:
            self._judge_quantity(answer, variant_id, quantity, cap)

    @precondition(lambda self: self.facts.lines)
    @rule(number=which, index=which)
    def remove(self, number: int, index: int) -> None:
        cart_id, item_id, variant_id = self._line(number, index)
        owner = self.facts.carts[cart_id]
        answer = self._do(
            remove_item, cart_id, item_id, then=lambda books: books.put(owner, variant_id, 0)
        )
        assert answer.kind is not Kind.REFUSED

    def _line(self, number: int, index: int) -> tuple[int, int, int]:
        filled = sorted(self.facts.lines)
        cart_id = filled[number % len(filled)]
        lines = self.facts.lines[cart_id]
        return cart_id, *lines[index % len(lines)]

    @rule(number=shoppers)
    def accept_changes(self, number: int) -> None:
        who = self.shoppers[number]
        cart_id, variants = self._cart(who), self.facts.variants

        def fit(books: Books) -> None:
            for variant_id, quantity in list(books.bags.get(who.owner, {}).items()):
                cap = self.model.cap(self.facts, cart_id, variant_id)
                on_sale = variants[variant_id].is_on_sale
                books.put(who.owner, variant_id, min(quantity, cap) if on_sale else 0)

        self._do(accept_changes, cart_id, then=fit)

    # -- codes and luck --------------------------------------------------------------------

    @rule(number=shoppers, code=st.sampled_from(sorted(CODES)))
    def enter_code(self, number: int, code: str) -> None:
        self._enter(self.shoppers[number], code)

    def _enter(self, who: Shopper, code: str) -> Answer:
        return self._do(
            apply_coupon,
            self._cart(who),
            code,
            user_id=who.user_id,
            email_key=EMAILS[who.number],
            ip=who.ip,
        )

    @precondition(lambda self: self.model.prizes)
    @rule(number=shoppers, index=which)
    def enter_the_code_of_a_prize(self, number: int, index: int) -> None:
        """Whoever it was told to: only the winner's bag may carry it."""
        code = list(self.model.prizes)[index % len(self.model.prizes)]
        who = self.shoppers[number]
        if self._enter(who, code).is_done:
            assert self.model.prizes[code].owner == who.owner, "L1: somebody else's prize"
        else:
            self.reached["prize refused"] += 1

    @rule(number=shoppers)
    def take_the_code_out(self, number: int) -> None:
        self._do(remove_coupon, self._cart(self.shoppers[number]))

    @rule(number=shoppers, is_slow=st.booleans())
    def try_luck(self, number: int, is_slow: bool) -> None:
        """Draw; whoever is too slow loses what was won to whoever draws next."""
        self._try_luck(self.shoppers[number])
        if is_slow:
            self.everything_holds()
            self.world.wait(610)
            self._try_luck(self.shoppers[(number + 1) % 3])

    def _try_luck(self, who: Shopper) -> None:
        answer = self._do(try_luck, self._cart(who), ip=who.ip)
        if answer.kind is Kind.DONE and answer.value is not None:
            self.model.win(who.owner, answer.value, self.facts, self.every)
        if answer.kind is Kind.CRASHED:
            self._learn_prizes(who)

    def _learn_prizes(self, who: Shopper) -> None:
        """A prize may have been won in the moment of the crash: the bag shows it."""
        self._look()
        for slot in self.facts.slots.values():
            if slot.code_key and slot.code_key not in self.model.prizes and slot.cart_id:
                until = slot.expires_at.timestamp()
                self.model.prizes[slot.code_key] = Won(slot.slot, who.owner, until)

    # -- accounts --------------------------------------------------------------------------

    @rule(number=shoppers, account=st.integers(0, 1), name=pieces)
    def sign_in(self, number: int, account: int, name: str) -> None:
        """The guest's bag joins the account's; done again, nothing more happens."""
        who, user_id = self.shoppers[number], self.world.goods.users[account]
        if who.user_id is not None:
            self._leave(who)
        self._add(who, name, 1)
        self.everything_holds()
        guest: Owner = ("guest", who.token)
        for _ in range(2):
            had = self.facts.cart_of(guest)
            answer = self._do(merge_carts, who.token, user_id)
            self._look()
            if had is not None and self.facts.cart_of(guest) is None:
                self.model.merge(guest, ("user", user_id), self.facts)
        assert answer.is_done
        who.user_id = user_id

    @rule(number=shoppers)
    def sign_out(self, number: int) -> None:
        """The browser becomes a stranger's: nothing is in its bag."""
        self._leave(self.shoppers[number])

    def _leave(self, who: Shopper) -> None:
        who.user_id, who.token = None, self._token()
        assert self._cart(who) is None

    # -- checkout and payment --------------------------------------------------------------

    @rule(number=shoppers, email=st.integers(0, 2), is_double_click=st.booleans())
    def check_out(self, number: int, email: int, is_double_click: bool) -> None:
        """Place the order for what the page says, and go to the payment page."""
        self._check_out(self.shoppers[number], email, is_double_click=is_double_click)

    def _check_out(self, who: Shopper, email: int, *, is_double_click: bool = False) -> str | None:
        if not (is_double_click and who.checkout_token):
            who.checkout_token = self._token()[:40]
        placed = self._do(self._place, who, EMAILS[email])
        if not placed.is_done:
            return None
        order, attempt = placed.value
        self.reached["same order again"] += order in self.facts.orders
        return self._open_page(order, attempt)

    def _open_page(self, order_id: int, attempt: CheckoutAttempt | None = None) -> str | None:
        """Go to the payment page: only one that a browser was sent to can be paid."""
        if not self._do(start_payment, order_id, attempt).is_done:
            return None
        with self.world.app.app_context():
            live = find_live(order_id)
        if live is None or live.provider_ref is None:
            return None
        self.shown.add(live.provider_ref)
        return live.provider_ref

    def _place(self, who: Shopper, email: str) -> tuple[int, Any]:
        cart_id = self._cart(who)
        cart = get_cart(cart_id, country="FR", user_id=who.user_id, email_key=email)
        details = CheckoutDetails(
            email=email,
            email_key=email,
            address=kit.ADDRESS,
            delivery_method_id=None,
            seen_total=cart.totals.amount_total,
            checkout_token=who.checkout_token,
            ip=who.ip,
            user_id=who.user_id,
        )
        placed = place_order(cart_id, details)
        return placed.order.id, placed.attempt

    @rule(number=shoppers, name=pieces, wish=wishes, card=cards, is_stranger=st.booleans())
    def buy(self, number: int, name: str, wish: str, card: str, is_stranger: bool) -> None:
        """Into the bag, perhaps with a code, checked out and paid; the news is still to come."""
        self._buy(self.shoppers[number], name, wish, card, is_stranger=is_stranger)

    @rule(number=shoppers, name=pieces, wish=wishes, card=cards, is_stranger=st.booleans())
    def buy_and_come_back(
        self, number: int, name: str, wish: str, card: str, is_stranger: bool
    ) -> None:
        """The same, and the browser returns to the shop."""
        ref = self._buy(self.shoppers[number], name, wish, card, is_stranger=is_stranger)
        if ref is not None:
            self._do(fulfil, Provider.SANDBOX, ref)

    def _buy(
        self, who: Shopper, name: str, wish: str, card: str, *, is_stranger: bool
    ) -> str | None:
        if is_stranger:
            self._leave(who)
        self._add(who, name, 1)
        self.everything_holds()
        if wish and name == "cadeau":
            self._enter(who, "PARCEL")
        elif wish == "luck":
            self._try_luck(who)
        elif wish:
            self._enter(who, wish)
        self.everything_holds()
        ref = self._check_out(who, who.number)
        self.everything_holds()
        if ref is None or ref not in {page.ref for page in self._payable()}:
            return None
        self.world.sandbox.pay(ref, card, authenticate=False, deliver=False)
        return ref

    @precondition(lambda self: self._orders(PaymentStatus.PENDING))
    @rule(index=which)
    def go_on_with_the_payment(self, index: int) -> None:
        waiting = self._orders(PaymentStatus.PENDING)
        self._open_page(waiting[index % len(waiting)])

    @precondition(lambda self: self._payable())
    @rule(index=which, card=cards)
    def pay(self, index: int, card: str) -> None:
        """The buyer pays, or cannot; nobody tells the shop yet."""
        pages = self._payable()
        ref = pages[index % len(pages)].ref
        self.world.sandbox.pay(ref, card, authenticate=False, deliver=False)

    @precondition(lambda self: self._pages("open"))
    @rule(index=which)
    def the_page_ends(self, index: int) -> None:
        """The provider ends a page by itself."""
        pages = self._pages("open")
        self.world.sandbox.expire(pages[index % len(pages)].ref)

    @precondition(lambda self: self._orders(PaymentStatus.PENDING))
    @rule(index=which)
    def the_shop_gives_up(self, index: int) -> None:
        """The shop believes a page dead that can still be paid: its money will come late."""
        waiting = self._orders(PaymentStatus.PENDING)
        order_id = waiting[index % len(waiting)]

        def give_up() -> None:
            live = find_live(order_id)
            if live is not None and live.provider_ref in self.shown:
                end_dead_attempt(live.id, "expired")

        self._do(give_up)

    @precondition(lambda self: self.provided.pages)
    @rule(index=which)
    def come_back(self, index: int) -> None:
        """The buyer's browser loads the page one returns to."""
        pages = self.provided.pages
        self._do(fulfil, Provider.SANDBOX, pages[index % len(pages)].ref)

    # -- news ------------------------------------------------------------------------------

    @precondition(lambda self: self.provided.waiting)
    @rule(index=which)
    def deliver(self, index: int) -> None:
        waiting = self.provided.waiting
        self._do(self.world.deliver, waiting[index % len(waiting)])

    @precondition(lambda self: self.provided.waiting)
    @rule()
    def deliver_all(self) -> None:
        for event_id in self.provided.waiting:
            self._do(self.world.deliver, event_id)

    @precondition(lambda self: self.provided.past)
    @rule(index=st.integers(0, 30))
    def deliver_again(self, index: int) -> None:
        past = self.provided.past
        event_id = past[index % len(past)]
        self.reached["event again"] += event_id not in self.provided.waiting
        self._do(self.world.deliver, event_id)

    @precondition(lambda self: self.provided.waiting)
    @rule(index=which)
    def lose_an_event(self, index: int) -> None:
        waiting = self.provided.waiting
        self.world.lose(waiting[index % len(waiting)])

    # -- what runs by the clock ------------------------------------------------------------

    @rule(seconds=st.sampled_from(WAITS))
    def wait(self, seconds: float) -> None:
        self.world.wait(seconds)

    @rule(what=st.sampled_from(RUNS))
    def run(self, what: str) -> None:
        """What the worker does by itself."""
        acts = {"sweep": sweep, "reconcile": reconcile, "return prizes": return_expired}
        self._do(acts.get(what, drain), **({"limit": 4} if what == "work" else {}))

    # -- staff -----------------------------------------------------------------------------

    @rule(
        deed=st.one_of(
            st.tuples(st.just("price"), pieces, st.sampled_from([100, 999, 3333, 14800])),
            st.tuples(st.just("count"), pieces, st.sampled_from([-9, -1, 1, 2, 3])),
            st.tuples(st.just("sale"), pieces, st.none()),
            st.tuples(st.just("code"), st.sampled_from(sorted(CODES)), st.none()),
            st.tuples(st.just("odds"), st.none(), st.sampled_from([0, 1, 2, 3])),
        )
    )
    def staff(self, deed: tuple[str, Any, Any]) -> None:
        """Prices, pieces, what is on sale, codes and odds."""
        what, name, value = deed
        if what == "price":
            self._change_the_price(self.world.goods.variants[name], value)
        elif what == "count":
            variant_id = self.world.goods.variants[name]
            on_hand = self.facts.variants[variant_id].on_hand
            self._count_the_shelf(variant_id, max(value, -on_hand) or 1)
        elif what == "sale":
            self._put_on_sale(name)
        elif what == "code":
            self._do(switch_coupon, name, is_active=False)
        elif self._do(set_setting, "nth_order", str(value), user_id=None).is_done:
            self.every = value

    def _change_the_price(self, variant_id: int, amount: int) -> None:
        def change(books: Books) -> None:
            books.prices[variant_id] = amount

        self._do(reprice, variant_id, amount, then=change)

    def _count_the_shelf(self, variant_id: int, delta: int) -> None:
        kind = MovementKind.RESTOCK if delta > 0 else MovementKind.WRITE_OFF

        def count(books: Books) -> None:
            books.on_hand[variant_id] += delta

        answer = self._do(adjust_stock, variant_id, delta, kind, "", None, then=count)
        assert answer.kind is not Kind.REFUSED

    def _promised(self) -> list[Any]:
        return [row for row in self.facts.variants.values() if row.reserved and row.on_hand]

    @precondition(lambda self: self._promised())
    @rule(index=which)
    def lose_what_is_promised(self, index: int) -> None:
        """Pieces that somebody is about to pay for are broken or stolen."""
        promised = self._promised()
        row = promised[index % len(promised)]
        self._count_the_shelf(row.id, -row.on_hand)

    def _put_on_sale(self, name: str) -> None:
        product_id = self.world.goods.products[self.world.goods.variants[name]]
        answer = self._do(put_on_sale, product_id, is_on_sale=name in self.off_sale)
        if answer.is_done:
            self.off_sale ^= {name}

    @precondition(lambda self: self._orders(*OPEN))
    @rule(index=which)
    def cancel(self, index: int) -> None:
        waiting = self._orders(*OPEN)
        self._do(cancel_order, waiting[index % len(waiting)], notify=True)

    def _to_send(self) -> list[tuple[int, dict[int, int]]]:
        """Return the orders that can be sent, with the pieces of each item that wait."""
        waiting = self.model.books.waiting
        found = [
            (n, {item.id: waiting[item.id] for item in self.facts.items[n] if waiting[item.id]})
            for n in self._orders(*SENDABLE)
        ]
        return [(order_id, pieces) for order_id, pieces in found if pieces]

    @precondition(lambda self: self._to_send())
    @rule(index=which, is_part=st.booleans())
    def send(self, index: int, is_part: bool) -> None:
        """A parcel leaves: everything that waits, or a piece of it."""
        ready = self._to_send()
        order_id, parcel = ready[index % len(ready)]
        if is_part:
            parcel = {next(iter(parcel)): 1}

        def leave(books: Books) -> None:
            for item_id, quantity in parcel.items():
                books.send(item_id, quantity)

        answer = self._do(ship_order, order_id, parcel, carrier="", tracking_number="", then=leave)
        assert answer.kind is not Kind.REFUSED, "F6: what waits could not be sent"

    def _sent(self) -> list[int]:
        status = FulfilmentStatus.SHIPPED
        return [n for n, order in self.facts.orders.items() if order.fulfilment_status is status]

    @precondition(lambda self: self._sent())
    @rule(index=which)
    def arrive(self, index: int) -> None:
        """Everything that was sent has arrived."""
        sent = self._sent()
        answer = self._do(deliver_order, sent[index % len(sent)])
        assert answer.kind is not Kind.REFUSED

    @precondition(lambda self: self._orders(*CAPTURED))
    @rule(
        index=which,
        share=st.sampled_from(["all", "one piece", "came back", "amount"]),
        restock=st.booleans(),
    )
    def refund(self, index: int, share: str, restock: bool) -> None:
        paid = self._orders(*CAPTURED)
        order_id = paid[index % len(paid)]
        lines: list[RefundLine] = []

        def give_back(books: Books) -> None:
            items = {item.id: item for item in self.facts.items[order_id]}
            for line in lines:
                item = items[line.order_item_id]
                books.refund(item.id, line.quantity, line.quantity_returned)
                if restock and item.is_tracked:
                    books.on_hand[item.variant_id] += line.quantity

        answer = self._do(self._refund, order_id, share, restock, lines, then=give_back)
        if answer.is_done:
            self.reached["refund asked"] += 1
            self.reached["restocked"] += restock and bool(lines)
            self.reached["came back"] += share == "came back" and bool(lines)

    def _refund(self, order_id: int, share: str, restock: bool, lines: list[RefundLine]) -> None:
        items, out = self.facts.items[order_id], self.model.books.out
        whole = get_remainder(order_id)
        returned = 1 if share == "came back" else None
        chosen = next((i.id for i in items if out[i.id] and returned), items[0].id)
        part = part_of(whole, RefundChoice({chosen: 1}, with_shipping=False))
        part = {"all": whole}.get(share, part)
        token = self._token()[:40]
        if share == "amount":
            refund_order(order_id, 1, form_token=token)
            return
        if returned and not out[chosen]:
            returned = None
        lines += [
            RefundLine(n, count, worth, restock, returned)
            for n, (count, worth) in part.lines.items()
        ]
        refund_order(
            order_id,
            part.amount,
            form_token=token,
            lines=lines,
            amount_shipping=part.amount_shipping,
        )

    @precondition(lambda self: self.facts.unstocked)
    @rule(index=which)
    def restock(self, index: int) -> None:
        """Refunded pieces go back on the shelf later."""
        waiting = list(self.facts.unstocked.items())
        refund_id, rows = waiting[index % len(waiting)]

        def put_back(books: Books) -> None:
            for row in rows:
                books.on_hand[row.variant_id] += row.pieces

        answer = self._do(restock_refund, rows[0].order_id, refund_id, then=put_back)
        assert answer.kind is not Kind.REFUSED
        self.reached["restocked later"] += answer.is_done

    # -- trouble ---------------------------------------------------------------------------

    @rule(what=st.sampled_from(CRASHING), statement=st.integers(1, 30), index=which)
    def crash(self, what: str, statement: int, index: int) -> None:
        """The process ends at a statement of what it does."""
        acts: dict[str, tuple[object, Callable[..., object]]] = {
            "check out": (True, lambda: self._check_out(self.shoppers[index % 3], index % 3)),
            "try luck": (True, lambda: self._try_luck(self.shoppers[index % 3])),
            "come back": (self.provided.pages, partial(self.come_back, index)),
            "deliver": (self.provided.waiting, partial(self.deliver, index)),
            "cancel": (self._orders(*OPEN), partial(self.cancel, index)),
            "refund": (self._orders(*CAPTURED), partial(self.refund, index, "all", True)),
            "send": (self._to_send(), partial(self.send, index, False)),
            "restock": (self.facts.unstocked, partial(self.restock, index)),
        }
        is_possible, act = acts.get(what, (True, partial(self.run, what)))
        if is_possible:
            self.world.tripwire.left = statement
            act()

    @rule(trouble=st.one_of(st.sampled_from(FAULTS), st.sampled_from([-3600, 0])))
    def trouble(self, trouble: tuple[str, object] | int) -> None:
        """The provider fails some calls; the shop's own clock falls behind, or is set right."""
        if isinstance(trouble, int):
            self.world.set_clock(trouble)
        else:
            self.world.sandbox.fault(*trouble, times=3)

    # -- the end ---------------------------------------------------------------------------

    def teardown(self) -> None:
        """Let everything come to rest; then nothing is held, owed or unknown any more."""
        if sys.exception() is not None:
            return
        world = self.world
        world.tripwire.left = 0
        world.sandbox.clear_faults()
        world.set_clock(0)
        for _ in range(5):
            self.everything_holds()
            if not (self.provided.waiting or self._orders(*OPEN) or self._is_work_left()):
                break
            world.wait(hours(1.2))
            for event_id in self.provided.waiting:
                self._do(world.deliver, event_id)
            self._do(drain)
            self._do(sweep)
            self._do(reconcile)
        self.everything_holds()
        self.reached["prize redeemed"] += sum(self.facts.redeemed.values())
        with world.app.app_context():
            self._judge_the_end()

    def _is_work_left(self) -> bool:
        with self.world.app.app_context():
            ready = select(Job.id).where(Job.state == JobState.READY)
            return bool(self._pages("open")) or db.session.scalar(ready) is not None

    def _judge_the_end(self) -> None:
        facts, told = self.facts, self.provided
        orders = {order.number: order for order in facts.orders.values()}
        assert not self._orders(*OPEN), "I4: an order waits for ever"
        paid_there = Counter(page.number for page in told.pages if page.is_paid)
        free = {order.number for order in facts.orders.values() if not order.amount_total}
        paid_here = {number for number, o in orders.items() if o.payment_status in CAPTURED}
        assert paid_here - free == paid_there.keys(), "F1: shop and provider differ"
        assert not self._pages("open"), "F3: a page can still be paid"
        for hold in facts.holds:
            assert facts.orders[hold.order_id].payment_status in CAPTURED, "I4: held for nobody"
        for order in facts.orders.values():
            kind = MailMessage.kind == "order_paid"
            mails = select(func.count()).where(kind, MailMessage.order_id == order.id)
            is_paid = order.payment_status in CAPTURED
            assert db.session.scalar(mails) == is_paid, "F2: one mail for each paid order"
        failed = select(Job.name, Job.error).where(Job.state == JobState.FAILED)
        assert db.session.execute(failed).all() == []
        assert_no(audit())
        assert_no(audit_provider(days=365))
