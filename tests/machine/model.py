"""What the machine itself believes about bags, prices, pieces, orders and prizes, and its verdicts.

The shop never hears of it: what customers and staff were told is reckoned with a second time.
"""

from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import timedelta
from fractions import Fraction
from typing import Any

from sqlalchemy import Row

from shop.core.clock import now
from shop.coupons.luck import Prize
from shop.models import FulfilmentStatus, PaymentStatus, RedemptionState, SlotState, StockPolicy
from shop.models.cart import MAX_QUANTITY
from shop.models.coupon import LIVE_USE
from shop.models.order import CAPTURED, DEAD, FULFILMENT_MOVES, OPEN, PAYMENT_MOVES, UNSENT
from tests.machine.facts import Bag, Facts, Owner, Provided
from tests.machine.world import CODES, Code, Goods

SHIPPING, FREE_FROM = 600, 15_000


@dataclass
class Books:
    """What should be in the bags and on the shelf, and what pieces cost.

    `waiting` and `out`: pieces of an order's item that are to be sent, and that customers have.
    """

    bags: dict[Owner, Bag]
    prices: dict[int, int]
    on_hand: dict[int, int]
    waiting: dict[int, int] = field(default_factory=dict)
    out: dict[int, int] = field(default_factory=dict)

    def send(self, item_id: int, quantity: int) -> None:
        """Let pieces of an order's item leave the house."""
        self.waiting[item_id] -= quantity
        self.out[item_id] += quantity

    def refund(self, item_id: int, quantity: int, returned: int | None) -> None:
        """Let pieces be refunded: so many of them came back, or unsent ones first."""
        if returned is None:
            returned = max(0, quantity - self.waiting[item_id])
        self.waiting[item_id] -= quantity - returned
        self.out[item_id] -= returned

    def put(self, owner: Owner, variant_id: int, quantity: int) -> None:
        """Let a line of a bag be so many pieces."""
        bag = self.bags.setdefault(owner, {})
        bag[variant_id] = quantity
        if quantity <= 0:
            del bag[variant_id]

    def take_bought(self, owner: Owner | None, variant_id: int, quantity: int) -> None:
        """Take what was paid for out of a bag; what was added since stays."""
        if owner is not None:
            there = self.bags.get(owner, {}).get(variant_id)
            if there is not None:
                self.put(owner, variant_id, there - quantity)

    def put_back(self, owner: Owner | None, variant_id: int, quantity: int) -> None:
        """Put what was taken for a payment into the bag again: it did not come."""
        if owner is not None:
            there = self.bags.get(owner, {}).get(variant_id, 0)
            self.put(owner, variant_id, min(MAX_QUANTITY, there + quantity))


@dataclass
class Won:
    """A prize as its winner was told of it."""

    slot: int
    owner: Owner
    until: float


@dataclass
class Model:
    """The machine's own reckoning. `doubt`: what a crash may have left behind instead."""

    goods: Goods
    reached: Counter[str]
    books: Books
    doubt: Books | None = None
    muddled: set[int] = field(default_factory=set)
    statuses: dict[int, PaymentStatus] = field(default_factory=dict)
    stages: dict[int, FulfilmentStatus] = field(default_factory=dict)
    taken: set[int] = field(default_factory=set)
    frozen: dict[int, object] = field(default_factory=dict)
    prizes: dict[str, Won] = field(default_factory=dict)

    def change(self, change: Callable[[Books], None], *, is_certain: bool) -> None:
        """Reckon with what was done; after a crash it may be done or not."""
        if is_certain:
            change(self.books)
        else:
            self.doubt = deepcopy(self.books)
            change(self.doubt)

    # -- after each step -------------------------------------------------------------------

    def judge(self, before: Facts, after: Facts) -> None:
        """Compare what the rows say now with what should have come of the step."""
        if after.failed_refunds != before.failed_refunds:
            for items in after.items.values():  # what a failed refund takes back is not followed
                self.muddled.update(item.variant_id for item in items)
                self._learn_pieces(items)
        for order_id in after.orders:
            if order_id not in self.frozen:
                self._learn_pieces(after.items[order_id])
                self._judge_new_order(before, after, order_id)
            assert self.frozen[order_id] == _frozen(after, order_id), "M5: an order was edited"
        self._follow_payments(after)
        self._judge_moves(after)
        self._judge_books(after)
        self._judge_uses(after)
        self._judge_prizes(after)

    def _learn_pieces(self, items: list[Row[Any]]) -> None:
        for item in items:
            for books in filter(None, (self.books, self.doubt)):
                books.waiting[item.id], books.out[item.id] = _pieces(item)

    def _judge_new_order(self, before: Facts, after: Facts, order_id: int) -> None:
        order, items = after.orders[order_id], after.items[order_id]
        owner = after.carts[order.cart_id]
        bag = self.books.bags.get(owner, {})
        assert {item.variant_id: item.quantity for item in items} == bag, "not what was in the bag"
        for item in items:
            assert item.unit_amount == self.books.prices[item.variant_id], "not the price shown"
            assert item.amount_total == item.unit_amount * item.quantity - item.amount_discount
            assert after.variants[item.variant_id].is_on_sale
        goods = sum(item.unit_amount * item.quantity for item in items)
        discount = sum(item.amount_discount for item in items)
        shipping = 0 if goods >= FREE_FROM else SHIPPING
        if order.coupon_code:
            self._judge_discount(order_id, after, discount)
            code = CODES.get(order.coupon_code)
            shipping = 0 if code and code.is_free_delivery else shipping
        else:
            assert discount == 0
        told = (order.amount_subtotal, order.amount_discount, order.amount_shipping)
        assert told == (goods, discount, shipping), "M1: parts of the total"
        assert order.amount_total == goods - discount + shipping, "M1: total"
        assert order_id in after.uses or not order.coupon_code, "C3: discount without its use"
        self.frozen[order_id] = _frozen(after, order_id)
        self.reached["ordered"] += 1

    def _judge_discount(self, order_id: int, after: Facts, discount: int) -> None:
        order, items = after.orders[order_id], after.items[order_id]
        if order.coupon_code in self.prizes:
            self._judge_prize_used(order_id, after)
            code = Code(percent_bp=1000)
        else:
            code = CODES[order.coupon_code]
        names = {variant_id: name for name, variant_id in self.goods.variants.items()}
        meant = [i for i in items if code.scope is None or names[i.variant_id] in code.scope]
        worth = sum(item.unit_amount * item.quantity for item in meant)
        exact = min(worth, code.amount_off + Fraction(worth * code.percent_bp, 10_000))
        assert abs(discount - exact) < 1, "M3: discount"
        assert all(item.amount_discount == 0 for item in items if item not in meant)

    def _judge_prize_used(self, order_id: int, after: Facts) -> None:
        order = after.orders[order_id]
        won = self.prizes[order.coupon_code]
        assert won.owner == after.carts[order.cart_id], "L1: the prize of another bag"
        earlier = [
            other
            for other in after.orders.values()
            if other.id != order_id and other.coupon_code == order.coupon_code
        ]
        assert earlier or now().timestamp() <= won.until, "L1: the ten minutes were over"
        self.reached["prize used"] += 1

    def _follow_payments(self, after: Facts) -> None:
        """Take what was paid for out of bags and off the shelf, as the shop should have.

        In the order in which it happened: what one order leaves in a bag another may put back.
        """
        for order_id in after.moved:
            order = after.orders[order_id]
            was = self.statuses.get(order_id, PaymentStatus.PENDING)
            self._follow_bag(order, was, after)
            if was in CAPTURED or order.payment_status not in CAPTURED:
                continue
            self.reached["paid late"] += was in DEAD
            self.reached["paid free"] += order.amount_total == 0
            self.reached["coupon committed"] += bool(order.coupon_code)
            for item in after.items[order_id]:
                for books in filter(None, (self.books, self.doubt)):
                    if item.is_tracked:
                        books.on_hand[item.variant_id] -= item.quantity
                if after.owed(item.variant_id):
                    self.muddled.add(item.variant_id)
                    policy = self.goods.policies[item.variant_id]
                    self.reached["short"] += policy is StockPolicy.DENY

    def _follow_bag(self, order: Row[Any], was: PaymentStatus, after: Facts) -> None:
        """What is paid, or on its way, leaves the bag once; it comes back if no money came."""
        owner, status = after.carts.get(order.cart_id), order.payment_status
        has_left = order.id in after.processed and was in OPEN
        has_left |= status in CAPTURED and was not in CAPTURED
        comes_back = status in DEAD and was not in DEAD
        for books in filter(None, (self.books, self.doubt)):
            for item in after.items[order.id]:
                if has_left and order.id not in self.taken:
                    books.take_bought(owner, item.variant_id, item.quantity)
                if comes_back and (has_left or order.id in self.taken):
                    books.put_back(owner, item.variant_id, item.quantity)
        if comes_back:
            self.reached["put back"] += has_left or order.id in self.taken
            self.taken.discard(order.id)
        elif has_left:
            self.taken.add(order.id)

    def _judge_moves(self, after: Facts) -> None:
        assert self.statuses.keys() <= after.orders.keys(), "an order is gone"
        for order_id, order in after.orders.items():
            was, to = self.statuses.get(order_id, PaymentStatus.PENDING), order.payment_status
            assert to in _within_reach(was), f"F4: {was} → {to}"
            if was is not to:
                self.reached[str(to)] += 1
            self.statuses[order_id] = to
            self._judge_sending(order_id, order.fulfilment_status)

    def _judge_sending(self, order_id: int, to: FulfilmentStatus) -> None:
        was = self.stages.get(order_id, FulfilmentStatus.UNFULFILLED)
        assert to is was or to in FULFILMENT_MOVES[was], f"F6: {was} → {to}"
        if was is not to:
            self.reached[str(to)] += 1
            self.reached["to send again"] += was not in UNSENT and to in UNSENT
        self.stages[order_id] = to

    def _judge_books(self, after: Facts) -> None:
        mine, problems = [self.books, *filter(None, [self.doubt])], []
        self.doubt = None
        for books in mine:
            problems = self._differences(books, after)
            if not problems:
                self.books = books
                return
        raise AssertionError("; ".join(problems))

    def _differences(self, books: Books, after: Facts) -> list[str]:
        bags = {owner: bag for owner, bag in books.bags.items() if bag}
        found = []
        if bags != after.bags:
            found.append(f"K1: bags are {after.bags}, should be {bags}")
        for variant_id, row in after.variants.items():
            if row.unit_amount != books.prices[variant_id]:
                found.append(f"price of {variant_id}")
            should = books.on_hand[variant_id]
            if variant_id not in self.muddled and row.on_hand != should:
                found.append(f"I2: on hand of {variant_id} is {row.on_hand}, should be {should}")
        for order_id, items in after.items.items():
            found += self._piece_differences(books, after.orders[order_id], items)
        return found

    def _piece_differences(self, books: Books, order: Row[Any], items: list[Row[Any]]) -> list[str]:
        found = []
        for item in items:
            should = books.waiting[item.id], books.out[item.id]
            if _pieces(item) != should:
                found.append(f"F6: to send and sent of {item.id} is {_pieces(item)}, not {should}")
        is_sent = any(item.quantity_shipped for item in items)
        waits = any(books.waiting[item.id] for item in items)
        partly = order.fulfilment_status is FulfilmentStatus.PARTIALLY_SHIPPED
        if partly is not (is_sent and waits):
            found.append(f"F6: order {order.id} is {order.fulfilment_status}")
        return found

    def _judge_uses(self, after: Facts) -> None:
        """C1–C3, counted from the orders: who bought with which code."""
        uses: Counter[str] = Counter()
        theirs: Counter[tuple[str, str]] = Counter()
        for order in after.orders.values():
            if not order.coupon_code:
                assert order.id not in after.uses, "C3: a use without its code"
                continue
            use = after.uses.get(order.id)
            assert use is not None, "C3: a code without its use"
            assert use.code_key == order.coupon_code
            is_alive = order.payment_status not in DEAD
            assert is_alive == (use.state is not RedemptionState.RELEASED), "C3"
            if use.state in LIVE_USE:
                uses[use.code_key] += 1
                theirs[use.code_key, use.email_key] += 1
            self.reached["coupon honoured late"] += use.state is RedemptionState.LATE
        for code, count in uses.items():
            limit = CODES[code].limit if code in CODES else 1
            assert limit is None or count <= limit, f"C1: {code} was used {count} times"
        for (code, email), count in theirs.items():
            each = CODES[code].each if code in CODES else None
            assert each is None or count <= each, f"C1: {email} used {code} {count} times"

    def _judge_prizes(self, after: Facts) -> None:
        """L1, from the log and from what winners were told."""
        assert all(count <= 1 for count in after.redeemed.values()), "L1: redeemed twice"
        for slot in after.slots.values():
            if slot.state not in (SlotState.GRANTED, SlotState.HELD):
                continue
            won = self.prizes.get(slot.code_key)
            if won is None or slot.cart_id is None:
                continue
            assert won.slot == slot.slot, "L1: the prize changed its slot"
            if slot.state is SlotState.GRANTED:
                assert after.carts[slot.cart_id] == won.owner, "L1: the prize changed its bag"

    # -- prizes ----------------------------------------------------------------------------

    def win(self, owner: Owner, prize: Prize, before: Facts, every: int) -> None:
        """Somebody was told of a prize: nobody else may have it, and it comes when it should."""
        at = now().timestamp()
        mine = self.prizes.get(prize.code)
        if mine is not None:
            assert (mine.slot, mine.owner) == (prize.slot, owner)
            assert prize.ends_at is None or prize.ends_at.timestamp() == mine.until
            self.reached["prize shown again"] += 1
            return
        for code, other in self.prizes.items():
            if other.slot == prize.slot:
                assert not self._is_alive(code, other, before, at), "L1: a prize with two owners"
                self.reached["prize granted again"] += 1
        if prize.slot not in before.slots:
            assert prize.slot == before.paid_count + 1
            assert prize.slot % every == 0, "L1: not a lucky number"
        assert prize.ends_at == now() + timedelta(minutes=10)
        self.prizes[prize.code] = Won(prize.slot, owner, prize.ends_at.timestamp())
        self.reached["prize won"] += 1

    def _is_alive(self, code: str, won: Won, before: Facts, at: float) -> bool:
        orders = [order for order in before.orders.values() if order.coupon_code == code]
        if any(order.payment_status in OPEN for order in orders):
            return True
        return at <= won.until and before.slots[won.slot].state is SlotState.GRANTED

    def merge(self, guest: Owner, user: Owner, after: Facts) -> None:
        """K1: both bags are one now, nothing is lost that stock does not cut short."""
        theirs, mine = self.books.bags.pop(guest, {}), self.books.bags.get(user, {})
        cart_id = after.cart_of(user)
        assert after.cart_of(guest) is None, "K1: the guest's bag is still there"
        for variant_id in theirs.keys() | mine.keys():
            wanted = theirs.get(variant_id, 0) + mine.get(variant_id, 0)
            got = after.bags.get(user, {}).get(variant_id, 0)
            if got == wanted and not (variant_id in theirs and variant_id in mine):
                continue
            assert variant_id in theirs, "K1: a line that was not merged has changed"
            cap = self.cap(after, cart_id, variant_id)
            assert got == max(1, min(wanted, cap)), "K1: a line was lost or is too long"
        self.books.bags[user] = dict(after.bags.get(user, {}))
        for won in self.prizes.values():
            won.owner = user if won.owner == guest else won.owner
        self.reached["merged"] += bool(theirs and mine)
        self.reached["handed over"] += bool(theirs and not mine)

    def cap(self, facts: Facts, cart_id: int | None, variant_id: int) -> int:
        """Return how many pieces a bag may hold."""
        if self.goods.policies[variant_id] is not StockPolicy.DENY:
            return 99
        row = facts.variants[variant_id]
        own = facts.held_by(cart_id, variant_id)
        return min(99, max(0, row.on_hand - row.reserved + own))


def _frozen(facts: Facts, order_id: int) -> object:
    order = facts.orders[order_id]
    lines = [(i.id, i.variant_id, i.quantity, i.amount_total) for i in facts.items[order_id]]
    return order.number, order.amount_total, order.coupon_code, lines


def _pieces(item: Row[Any]) -> tuple[int, int]:
    """Return how many pieces wait to be sent, and how many the customer has."""
    unsent = item.quantity_refunded - item.quantity_returned
    waiting = item.quantity - item.quantity_shipped - unsent
    return waiting, item.quantity_shipped - item.quantity_returned


def _within_reach(start: PaymentStatus) -> set[PaymentStatus]:
    """Return the states that one step may bring, several moves together."""
    found, new = {start}, {start}
    while new:
        new = {to for status in new for to in PAYMENT_MOVES[status]} - found
        found |= new
    return found


def judge_provider(facts: Facts, told: Provided) -> None:
    """M2 and M4 in the provider's own books."""
    orders = {order.number: order for order in facts.orders.values()}
    for page in told.pages:
        order = orders[page.number]
        assert (page.amount, page.currency) == (order.amount_total, order.currency), "M2"
        if page.is_paid and page.intent:
            assert told.received[page.intent] == order.amount_total, "M2: captured"
            assert told.back.get(page.intent, 0) <= order.amount_total, "M4: more went back"
