"""A walk through every operation of the contract by the real library."""

from typing import Any

import stripe

from sandboxes.stripe.control import Sandbox
from shop.core import clock

SHOP = "https://shop.example"
AMOUNT = 14900


def walk(client: stripe.StripeClient, sandbox: Sandbox) -> None:
    """Call all there is; the buyer's part is played by `sandbox`."""
    product = _catalogue(client)
    rate = _delivery_and_tax(client)
    _discounts(client)
    customer = client.v1.customers.create({"email": "buyer@example.com", "name": "A Buyer"}).id
    client.v1.customers.retrieve(customer)
    client.v1.customers.update(customer, {"metadata": {"shop": "1"}})
    client.v1.customers.list({"email": "buyer@example.com"})
    session = _session(client, sandbox, product, rate, customer)
    intent = str(client.v1.checkout.sessions.retrieve(session).payment_intent)
    _money(client, intent)
    _disputes(client, sandbox)
    _intents(client)
    _webhooks(client)
    client.v1.customers.delete(customer)


def line(**price: Any) -> dict[str, Any]:
    """Return one line item of €149.00."""
    named = price or {"product_data": {"name": "Scarf"}}
    return {
        "quantity": 1,
        "price_data": {"currency": "eur", "unit_amount": AMOUNT, **named},
    }


def session(**changes: Any) -> Any:
    """Return the least parameters of a payment page, and `changes`."""
    return {
        "mode": "payment",
        "line_items": [line()],
        "success_url": f"{SHOP}/ok?session_id={{CHECKOUT_SESSION_ID}}",
        "expires_at": clock.epoch() + 3600,
        **changes,
    }


def _catalogue(client: stripe.StripeClient) -> str:
    products, prices = client.v1.products, client.v1.prices
    product = products.create(
        {"name": "Scarf", "description": "Silk", "images": ["https://shop.example/a.webp"]}
    ).id
    products.update(product, {"metadata": {"hash": "1"}})
    products.retrieve(product)
    products.list({"active": True})
    products.search({"query": "name:'Scarf'"})
    price = prices.create({"product": product, "currency": "eur", "unit_amount": AMOUNT}).id
    prices.update(price, {"lookup_key": "scarf:eur"})
    prices.retrieve(price, {"expand": ["product"]})
    prices.list({"lookup_keys": ["scarf:eur"]})
    prices.search({"query": f"product:'{product}'"})
    products.delete(products.create({"name": "Mistake"}).id)
    return product


def _delivery_and_tax(client: stripe.StripeClient) -> str:
    rates, taxes = client.v1.shipping_rates, client.v1.tax_rates
    rate = rates.create(
        {
            "display_name": "Courier",
            "type": "fixed_amount",
            "fixed_amount": {"amount": 900, "currency": "eur"},
            "delivery_estimate": {
                "minimum": {"unit": "business_day", "value": 1},
                "maximum": {"unit": "business_day", "value": 3},
            },
        }
    ).id
    rates.update(rate, {"metadata": {"shop": "1"}})
    rates.retrieve(rate)
    rates.list({"active": True})
    tax = taxes.create({"display_name": "VAT", "inclusive": True, "percentage": 20}).id
    taxes.update(tax, {"active": False})
    taxes.retrieve(tax)
    taxes.list()
    return rate


def _discounts(client: stripe.StripeClient) -> None:
    coupons, codes = client.v1.coupons, client.v1.promotion_codes
    coupon = coupons.create({"percent_off": 10, "duration": "once"}).id
    coupons.update(coupon, {"name": "Ten per cent"})
    coupons.retrieve(coupon)
    coupons.list()
    code = codes.create({"promotion": {"type": "coupon", "coupon": coupon}, "code": "TENPERCENT"})
    codes.update(code.id, {"active": False})
    codes.retrieve(code.id)
    codes.list({"code": "TENPERCENT"})
    coupons.delete(coupons.create({"amount_off": 500, "currency": "eur", "duration": "once"}).id)


def _session(
    client: stripe.StripeClient, sandbox: Sandbox, product: str, rate: str, customer: str
) -> str:
    sessions = client.v1.checkout.sessions
    coupon = client.v1.coupons.create({"amount_off": 900, "currency": "eur", "duration": "once"})
    opened = sessions.create(
        session(
            line_items=[line(product=product), line()],
            customer=customer,
            shipping_options=[{"shipping_rate": rate}],
            discounts=[{"coupon": coupon.id}],
            expand=["line_items"],
        )
    ).id
    sessions.update(opened, {"metadata": {"seen": "1"}})
    sessions.line_items.list(opened, {"limit": 1})
    sandbox.pay(opened)
    sessions.retrieve(opened, {"expand": ["payment_intent.latest_charge", "line_items"]})
    sessions.list({"status": "complete", "expand": ["data.payment_intent.latest_charge"]})
    sessions.expire(sessions.create(session()).id)
    return opened


def _money(client: stripe.StripeClient, intent: str) -> None:
    client.v1.payment_intents.retrieve(intent, {"expand": ["latest_charge"]})
    client.v1.payment_intents.update(intent, {"description": "Order MF-1001"})
    client.v1.payment_intents.list({"created": {"gte": 1}})
    [charge] = client.v1.charges.list({"payment_intent": intent}).data
    client.v1.charges.retrieve(charge.id, {"expand": ["balance_transaction"]})
    refunds = client.v1.refunds
    refund = refunds.create({"payment_intent": intent, "amount": 500}).id
    refunds.update(refund, {"metadata": {"desk": "1"}})
    refunds.retrieve(refund, {"expand": ["charge", "payment_intent"]})
    refunds.list({"payment_intent": intent})
    client.v1.balance.retrieve()
    [moved, *_] = client.v1.balance_transactions.list({"limit": 2}).data
    client.v1.balance_transactions.retrieve(moved.id, {"expand": ["source"]})


def _disputes(client: stripe.StripeClient, sandbox: Sandbox) -> None:
    disputes = client.v1.disputes
    opened = client.v1.checkout.sessions.create(session()).id
    sandbox.pay(opened, "dispute_fraudulent")
    intent = str(client.v1.checkout.sessions.retrieve(opened).payment_intent)
    [dispute] = disputes.list({"payment_intent": intent}).data
    disputes.retrieve(dispute.id, {"expand": ["charge"]})
    disputes.update(dispute.id, {"evidence": {"customer_name": "A Buyer"}})
    disputes.close(dispute.id)


def _intents(client: stripe.StripeClient) -> None:
    intents, refunds = client.v1.payment_intents, client.v1.refunds
    canceled = intents.create({"amount": AMOUNT, "currency": "eur"}).id
    intents.cancel(canceled, {"cancellation_reason": "abandoned"})
    held = intents.create(
        {
            "amount": AMOUNT,
            "currency": "eur",
            "capture_method": "manual",
            "payment_method": "pm_card_visa",
            "confirm": True,
            "return_url": f"{SHOP}/ok",
        }
    ).id
    intents.capture(held)
    waiting = intents.create(
        {
            "amount": AMOUNT,
            "currency": "eur",
            "payment_method": "pm_card_pendingRefund",
            "confirm": True,
            "return_url": f"{SHOP}/ok",
        }
    ).id
    try:
        refunds.cancel(refunds.create({"payment_intent": waiting}).id)
    except stripe.InvalidRequestError:
        return  # only refunds that wait for the buyer can be canceled; the answer is judged


def _webhooks(client: stripe.StripeClient) -> None:
    endpoints = client.v1.webhook_endpoints
    endpoint = endpoints.create(
        {
            "url": f"{SHOP}/stripe/webhook",
            "enabled_events": ["checkout.session.completed"],
            "api_version": "2026-10-28.endive",
        }
    ).id
    endpoints.update(endpoint, {"disabled": True})
    endpoints.retrieve(endpoint)
    endpoints.list()
    endpoints.delete(endpoint)
    [event, *_] = client.v1.events.list({"type": "checkout.session.completed"}).data
    client.v1.events.retrieve(event.id)
