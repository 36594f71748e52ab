"""Events as the sandbox sends them and as it lists them."""

from datetime import timedelta

from shop.core import clock
from tests.contract.bench import working_bench


def test_the_sandboxs_own_letters_are_read(bench):
    page = bench.paid_page()
    [event] = [e for e in bench.events() if e.type == "checkout.session.completed"]
    assert (event.object_ref, event.object_type) == (page.ref, "checkout.session")
    assert event.payment_intent == page.payment_intent
    assert event.livemode is False


def test_what_was_not_delivered_is_listed_oldest_first(bench):
    start = clock.now() - timedelta(seconds=1)
    bench.sandbox.fault("drop")
    pages = [bench.paid_page(reference=f"MF-{number}").ref for number in range(5)]
    missed = bench.gateway.failed_events(created_after=start)
    assert [event.object_ref for event in missed] == pages
    first_two = bench.gateway.failed_events(created_after=start, limit=2)
    assert first_two == missed[:2]
    assert bench.gateway.failed_events(created_after=start, after=missed[1].id) == missed[2:]
    rest = bench.gateway.failed_events(created_after=start, after=missed[1].id, limit=1)
    assert rest == missed[2:3]
    assert bench.gateway.failed_events(created_after=start, types=["charge.refunded"]) == []


def test_a_cursor_that_stripe_forgot_falls_back_to_the_window(bench):
    start = clock.now() - timedelta(seconds=1)
    bench.sandbox.fault("drop")
    page = bench.paid_page()
    [missed] = bench.gateway.failed_events(created_after=start, after="evt_long_ago")
    assert missed.object_ref == page.ref
    bench.witness.request_faults.clear()


def test_delivered_events_are_not_listed(bench):
    bench.paid_page()
    bench.events()
    start = clock.now() - timedelta(hours=1)
    assert bench.gateway.failed_events(created_after=start) == []


def test_a_shop_that_never_said_where_it_is_gets_its_letters_too(tmp_path):
    with working_bench(tmp_path, shop_url="") as bench:
        page = bench.paid_page()
        assert [event.object_ref for event in bench.events()] == [page.ref]
