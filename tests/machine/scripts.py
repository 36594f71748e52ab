"""Shopping that is written down, step by step: what random shopping may come by, or may not.

A script is a generator over the machine: each `yield` is a step, after which `play()` asks whether
everything holds.
"""

from collections import Counter
from collections.abc import Callable, Iterator

from tests.machine.shopping import Shopping
from tests.machine.world import World

Steps = Iterator[object]
Script = Callable[[Shopping], Steps]


def play(script: Script, world: World, reached: Counter[str] | None = None) -> Shopping:
    """Play a script in a new shop; return the machine as it stands after the last step."""
    machine = Shopping(world, Counter() if reached is None else reached)
    for _ in script(machine):
        machine.everything_holds()
    return machine


def bags(shop: Shopping) -> Steps:
    """Two bags with different things in them."""
    yield shop.add(0, "cuir", 1)
    yield shop.add(1, "bois", 1)


def ordered(shop: Shopping) -> Steps:
    """One of the bags gets a code and is checked out, twice in the same tab."""
    yield from bags(shop)
    yield shop.enter_code(0, "TEN")
    for _ in range(2):
        yield shop.check_out(0, 0, is_double_click=True)


def paid(shop: Shopping) -> Steps:
    """It is paid, and the browser comes back before the news does."""
    yield from ordered(shop)
    yield shop.pay(0, "visa")
    yield shop.come_back(0)


def news_comes_twice(shop: Shopping) -> Steps:
    """The provider tells of a payment, and tells of it once more."""
    yield from paid(shop)
    yield shop.deliver_all()
    yield shop.deliver_again(0)


def paid_for_nothing(shop: Shopping) -> Steps:
    """What costs nothing is delivered for nothing."""
    yield shop.buy(0, "cadeau", "PARCEL", "visa", is_stranger=False)


def canceled(shop: Shopping) -> Steps:
    """Staff cancel an order that nobody has paid."""
    yield from ordered(shop)
    yield shop.cancel(0)


def expired(shop: Shopping) -> Steps:
    """Nobody pays, until the time is over."""
    yield from ordered(shop)
    yield shop.wait(3700)
    yield shop.run("sweep")


def paid_late(shop: Shopping) -> Steps:
    """The shop gives a page up that is paid all the same."""
    yield from ordered(shop)
    yield shop.the_shop_gives_up(0)
    yield shop.pay(0, "visa")
    yield shop.come_back(0)


def paid_after_a_theft(shop: Shopping) -> Steps:
    """What is about to be paid for is gone from the shelf."""
    yield from ordered(shop)
    yield shop.lose_what_is_promised(0)
    yield shop.pay(0, "visa")
    yield shop.come_back(0)


def a_bank_says_no(shop: Shopping) -> Steps:
    """A debit is under way for some minutes, then it fails."""
    yield shop.buy_and_come_back(0, "cuir", "", "sepa_fails_later", is_stranger=False)
    yield shop.wait(610)
    yield shop.deliver_all()


def two_sign_in(shop: Shopping) -> Steps:
    """A guest's bag becomes that of an account; that of another browser joins it."""
    yield shop.sign_in(0, 0, "cuir")
    yield shop.sign_in(1, 0, "bois")


def killed(shop: Shopping) -> Steps:
    """The process ends while it books a payment, and the browser tries again."""
    yield from ordered(shop)
    yield shop.pay(0, "visa")
    yield shop.crash("come back", 9, 0)
    yield shop.come_back(0)


def two_draw(shop: Shopping) -> Steps:
    """Every order wins, and two bags draw for the next; the code is told to both."""
    yield shop.staff(("odds", None, 1))
    for number in range(2):
        yield shop.add(number, "cuir", 1)
        yield shop.try_luck(number, is_slow=False)
    yield shop.enter_the_code_of_a_prize(1, 0)


def drawn_again(shop: Shopping) -> Steps:
    """A winner is too slow: the prize is the next one's."""
    yield shop.staff(("odds", None, 1))
    yield from bags(shop)
    yield shop.try_luck(0, is_slow=True)


def prize_redeemed(shop: Shopping) -> Steps:
    """A prize is won, used and paid for."""
    yield shop.staff(("odds", None, 1))
    yield shop.buy_and_come_back(0, "cuir", "luck", "visa", is_stranger=False)


def refunded(shop: Shopping) -> Steps:
    """The money goes back at once, the piece to its shelf later; the browser comes once more."""
    yield from paid(shop)
    yield shop.refund(0, "all", restock=False)
    yield shop.run("work")
    yield shop.restock(0)
    yield shop.come_back(0)


def refunded_in_part(shop: Shopping) -> Steps:
    """A cent goes back."""
    yield from paid(shop)
    yield shop.refund(0, "amount", restock=False)
    yield shop.run("work")


def two_pieces(shop: Shopping, card: str) -> Steps:
    """Two pieces of one kind are bought."""
    yield shop.add(0, "cuir", 1)
    yield shop.buy_and_come_back(0, "cuir", "", card, is_stranger=False)


def one_came_back(shop: Shopping) -> Steps:
    """Of two pieces one is sent, comes back, is refunded and lies on the shelf again."""
    yield from two_pieces(shop, "visa")
    yield shop.send(0, is_part=True)
    yield shop.refund(0, "came back", restock=True)


def all_sent(shop: Shopping) -> Steps:
    """Then the other is sent, too."""
    yield from one_came_back(shop)
    yield shop.send(0, is_part=False)


def delivered(shop: Shopping) -> Steps:
    """And arrives."""
    yield from all_sent(shop)
    yield shop.arrive(0)


def to_be_sent_after_all(shop: Shopping) -> Steps:
    """One of two pieces is refunded, the other sent; then the refund fails."""
    yield from two_pieces(shop, "refund_fails")
    yield shop.refund(0, "one piece", restock=False)
    yield shop.send(0, is_part=False)
    yield shop.run("work")
    yield shop.deliver_all()


# Each ends where no other goes on from.
def sent_while_others_pay(shop: Shopping) -> Steps:
    """A piece is sent to whom it is owed, although those on the shelf are being paid by others."""
    yield shop.buy(0, "bois", "", "visa", is_stranger=True)
    yield shop.the_shop_gives_up(0)
    for number in (1, 2):
        yield shop.buy(number, "bois", "", "declined", is_stranger=True)
    yield shop.run("reconcile")
    yield shop.send(0, is_part=True)


SCRIPTS: tuple[Script, ...] = (
    news_comes_twice,
    paid_for_nothing,
    canceled,
    expired,
    paid_late,
    paid_after_a_theft,
    sent_while_others_pay,
    a_bank_says_no,
    two_sign_in,
    killed,
    two_draw,
    drawn_again,
    prize_redeemed,
    refunded,
    refunded_in_part,
    delivered,
    to_be_sent_after_all,
)
