"""Products, prices, coupons and the like."""

import pytest
import stripe

from tests.sandboxes.stripe.kit import World


def test_a_product_with_an_id_of_ones_own(world: World) -> None:
    made = world.stripe.v1.products.create(
        {"id": "shop_1_7", "name": "Vase", "metadata": {"h": "1"}}
    )

    assert made.id == "shop_1_7"
    with pytest.raises(stripe.InvalidRequestError) as caught:
        world.stripe.v1.products.create({"id": "shop_1_7", "name": "Vase"})
    assert caught.value.code == "resource_already_exists"


def test_changing_a_product_tells_what_changed(world: World) -> None:
    made = world.stripe.v1.products.create({"name": "Vase", "description": "Tall"})

    world.stripe.v1.products.update(made.id, {"name": "Jug", "description": ""})

    changed = world.stripe.v1.products.retrieve(made.id)
    assert (changed.name, changed.description) == ("Jug", None)
    world.sandbox.deliver_due()
    [event] = world.letterbox.events
    assert event["type"] == "product.updated"
    assert event["data"]["previous_attributes"]["name"] == "Vase"


def test_a_product_with_prices_cannot_be_deleted(world: World) -> None:
    made = world.stripe.v1.products.create({"name": "Vase"})
    world.stripe.v1.prices.create({"product": made.id, "currency": "eur", "unit_amount": 900})

    with pytest.raises(stripe.InvalidRequestError, match="cannot be deleted"):
        world.stripe.v1.products.delete(made.id)


def test_a_product_without_prices_can(world: World) -> None:
    made = world.stripe.v1.products.create({"name": "Vase"})

    assert world.stripe.v1.products.delete(made.id).deleted is True
    with pytest.raises(stripe.InvalidRequestError, match="No such product"):
        world.stripe.v1.products.retrieve(made.id)


def test_products_by_ids_state_and_search(world: World) -> None:
    names = ("Vase", "Lamp", "Old lamp")
    made = [world.stripe.v1.products.create({"name": name}).id for name in names]
    world.stripe.v1.products.update(made[2], {"active": False, "metadata": {"sku": "L-2"}})
    products = world.stripe.v1.products

    assert {one.id for one in products.list({"ids": made[:2]}).data} == set(made[:2])
    assert {one.id for one in products.list({"active": False}).data} == {made[2]}
    found = products.search({"query": "name~'lamp' AND active:'true'"})
    assert [one.id for one in found.data] == [made[1]]
    by_data = products.search({"query": "metadata['sku']:'L-2'"})
    assert [one.id for one in by_data.data] == [made[2]]
    with pytest.raises(stripe.InvalidRequestError, match="unable to parse"):
        products.search({"query": "lamp"})


def test_a_lookup_key_moves_only_when_told_to(world: World) -> None:
    product = world.stripe.v1.products.create({"name": "Vase"}).id
    prices = world.stripe.v1.prices
    base = {"product": product, "currency": "eur", "lookup_key": "vase:eur"}
    first = prices.create({**base, "unit_amount": 900})

    with pytest.raises(stripe.InvalidRequestError, match="already uses that lookup key"):
        prices.create({**base, "unit_amount": 950})
    second = prices.create({**base, "unit_amount": 950, "transfer_lookup_key": True})

    assert [one.id for one in prices.list({"lookup_keys": ["vase:eur"]}).data] == [second.id]
    assert prices.retrieve(first.id).lookup_key is None


def test_the_default_price_cannot_be_archived(world: World) -> None:
    made = world.stripe.v1.products.create(
        {"name": "Vase", "default_price_data": {"currency": "eur", "unit_amount": 900}}
    )
    assert made.default_price is not None

    with pytest.raises(stripe.InvalidRequestError, match="default price"):
        world.stripe.v1.prices.update(str(made.default_price), {"active": False})


def test_a_session_over_prices_that_exist(world: World) -> None:
    product = world.stripe.v1.products.create({"name": "Vase"}).id
    price = world.stripe.v1.prices.create(
        {"product": product, "currency": "eur", "unit_amount": 900}
    ).id

    session = world.session(line_items=[{"price": price, "quantity": 2}])
    assert session.amount_total == 1800
    world.stripe.v1.prices.update(price, {"active": False})

    with pytest.raises(stripe.InvalidRequestError, match="inactive"):
        world.session(line_items=[{"price": price, "quantity": 2}])


def test_a_session_over_a_synced_product(world: World) -> None:
    world.stripe.v1.products.create({"id": "shop_1_7", "name": "Vase"})
    data = {"currency": "eur", "unit_amount": 900, "product": "shop_1_7"}

    session = world.session(line_items=[{"price_data": data, "quantity": 1}], expand=["line_items"])

    assert session.line_items.data[0].description == "Vase"
    assert session.line_items.data[0].price.product == "shop_1_7"


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({}, "either `percent_off` or `amount_off`"),
        ({"percent_off": 10, "amount_off": 10, "currency": "eur"}, "either"),
        ({"percent_off": 101}, "at most 100"),
        ({"percent_off": 0}, "greater than 0"),
        ({"amount_off": 0, "currency": "eur"}, "Invalid positive integer"),
        ({"amount_off": 10}, "must pass currency"),
    ],
)
def test_coupons_that_make_no_sense(world: World, params: dict[str, object], text: str) -> None:
    with pytest.raises(stripe.InvalidRequestError, match=text):
        world.stripe.v1.coupons.create(params)  # type: ignore[arg-type]


def test_a_coupon_ends(world: World) -> None:
    end = int(world.sandbox.now()) + 60
    world.stripe.v1.coupons.create({"id": "C", "percent_off": 10, "redeem_by": end})
    world.sandbox.advance(60)

    assert world.stripe.v1.coupons.retrieve("C").valid is False
    with pytest.raises(stripe.InvalidRequestError, match="expired or used up"):
        world.session(discounts=[{"coupon": "C"}])


def test_a_coupon_in_another_currency(world: World) -> None:
    world.stripe.v1.coupons.create({"id": "C", "amount_off": 100, "currency": "usd"})

    with pytest.raises(stripe.InvalidRequestError, match="is in usd, not in eur"):
        world.session(discounts=[{"coupon": "C"}])


def test_a_code_typed_on_the_page(world: World) -> None:
    coupon = world.stripe.v1.coupons.create({"percent_off": 20}).id
    code = world.stripe.v1.promotion_codes.create(
        {"promotion": {"type": "coupon", "coupon": coupon}, "code": "SPRING", "max_redemptions": 1}
    )
    session = world.session(allow_promotion_codes=True)
    path = f"/c/pay/{session.id}"

    wrong = world.browser.submit(f"{path}/update", {"promotion_code": "AUTUMN"}, path)
    assert (wrong.status_code, "This code is invalid." in wrong.text) == (422, True)
    right = world.browser.submit(f"{path}/update", {"promotion_code": "spring"}, path)
    assert right.status_code == 303

    world.sandbox.pay(session.id)
    paid = world.reload(session)
    assert paid.amount_total == 2000
    assert paid.discounts[0].promotion_code == code.id
    assert world.stripe.v1.promotion_codes.retrieve(code.id).active is False


def test_customers(world: World) -> None:
    customers = world.stripe.v1.customers
    made = customers.create(
        {"email": "ada@example.com", "name": "Ada", "address": {"city": "Lyon"}}
    )
    assert made.address.country is None

    customers.update(made.id, {"name": "Ada L.", "metadata": {"tier": "gold"}})
    assert customers.list({"email": "ada@example.com"}).data[0].name == "Ada L."
    session = world.session(customer=made.id)
    assert "ada@example.com" in world.browser.open(session).text
    world.sandbox.pay(session.id)
    assert world.reload(session).customer_details.email == "ada@example.com"
    assert customers.delete(made.id).deleted is True


def test_a_customer_is_made_when_asked_for(world: World) -> None:
    session = world.paid(customer_creation="always")

    assert world.stripe.v1.customers.retrieve(session.customer).email == "buyer@example.com"
    assert session.payment_intent.customer == session.customer
