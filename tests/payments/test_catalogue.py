"""Discounts and products kept at Stripe, and the key."""

from functools import partial

import pytest

from sandboxes.transport import call
from shop.payments.errors import (
    KeyRefused,
    PaymentRefused,
)
from shop.payments.page_request import Line
from shop.payments.stripe.config import GatewayConfig
from shop.payments.stripe.gateway import StripeGateway
from tests.contract.bench import SHOP

# -- discounts and products --


def test_a_discount_is_made_once(bench):
    for _ in range(2):
        assert bench.gateway.ensure_discount("d-1", amount=500, currency="EUR") == "d-1"
    [coupon] = bench.sandbox.objects("coupon")
    assert (coupon["amount_off"], coupon["currency"]) == (500, "eur")
    assert (coupon["duration"], coupon["max_redemptions"]) == ("once", 1)


@pytest.mark.parametrize("changes", [{"amount": 501}, {"currency": "USD"}])
def test_a_discount_with_other_terms_is_refused(bench, changes):
    bench.gateway.ensure_discount("d-1", amount=500, currency="EUR")
    with pytest.raises(PaymentRefused) as caught:
        bench.gateway.ensure_discount("d-1", **{"amount": 500, "currency": "EUR", **changes})
    assert caught.value.code == "coupon_mismatch"


def test_removing_a_discount_twice_is_fine(bench):
    bench.gateway.ensure_discount("d-1", amount=500, currency="EUR")
    bench.gateway.delete_discount("d-1")
    bench.gateway.delete_discount("d-1")
    assert bench.sandbox.objects("coupon") == []


def test_a_product_is_created_then_updated(bench):
    images = [f"{SHOP}/a.webp", "http://localhost/b.webp"]
    ref = bench.gateway.upsert_product(
        "shop_x_7", name="Scarf", description="Silk", images=images, metadata={"hash": "1"}
    )
    assert ref == "shop_x_7"
    [product] = bench.sandbox.objects("product")
    assert (product["name"], product["description"]) == ("Scarf", "Silk")
    assert (product["images"], product["metadata"]) == ([f"{SHOP}/a.webp"], {"hash": "1"})
    bench.gateway.upsert_product("shop_x_7", name="Shawl", description=" ", metadata={"hash": "2"})
    [product] = bench.sandbox.objects("product")
    assert (product["name"], product["description"]) == ("Shawl", None)
    assert (product["images"], product["metadata"]) == ([], {"hash": "2"})


def test_a_product_comes_back_from_the_archive(bench):
    bench.gateway.upsert_product("shop_x_7", name="Scarf", description="")
    bench.gateway.archive_product("shop_x_7")
    [product] = bench.sandbox.objects("product")
    assert product["active"] is False
    bench.gateway.upsert_product("shop_x_7", name="Scarf", description="")
    [product] = bench.sandbox.objects("product")
    assert product["active"] is True


def test_archiving_what_was_never_synced_is_fine(bench):
    bench.gateway.archive_product("shop_x_8")


def test_a_page_names_the_synced_product(bench):
    ref = bench.gateway.upsert_product("shop_x_7", name="Scarf", description="")
    page = bench.open_page(lines=[Line("Scarf", 1, 14900, product_ref=ref)])
    [item] = bench.client.v1.checkout.sessions.line_items.list(page.ref).data
    assert item.description == "Scarf"
    assert len(bench.sandbox.objects("product")) == 1


# -- the key --


def test_the_key_works(bench):
    account = bench.gateway.check()
    assert (account.provider, account.livemode) == ("sandbox", False)
    assert account.api_version.endswith(".endive")


def test_a_wrong_key_is_told_apart(bench):

    config = GatewayConfig(
        secret_key="sk_test_sandboxwrong", in_process=partial(call, bench.witness)
    )
    with pytest.raises(KeyRefused):
        StripeGateway(config).check()
