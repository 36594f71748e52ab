"""Many paid orders written past the shop, into the tables of whichever checkout it is of."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

DAYS = 700  # over which they are spread
TO_SEND = 1  # one of so many waits to be sent: all of them, which is the most to count
TROUBLED = 200  # one of so many is to be looked at
CHUNK = 2000
TABLES = ("orders", "order_item", "checkout_attempt", "payment", "mail_message")


def sell(url: str, number: int) -> None:
    """Write `number` paid orders of two lines each, with an attempt, a payment and a mail."""
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    tables, at = sa.MetaData(), datetime.now(UTC)
    tables.reflect(engine, only=TABLES)
    chance = random.Random(number)
    if engine.dialect.name == "sqlite":
        at = at.replace(tzinfo=None)
    with engine.begin() as connection:
        variants = list(connection.exec_driver_sql(_VARIANTS))
        for first in range(0, number, CHUNK):
            sales = [
                _sale(n, at - timedelta(minutes=chance.randrange(DAYS * 1440)), chance, variants)
                for n in range(first + 1, min(first + CHUNK, number) + 1)
            ]
            for name in TABLES:
                rows = [row for sale in sales for row in sale[name]]
                known = set(tables.tables[name].c.keys())
                fitting = [{key: row[key] for key in row.keys() & known} for row in rows]
                connection.execute(tables.tables[name].insert(), fitting)
        connection.execute(sa.text("UPDATE shop_state SET paid_count = :n"), {"n": number})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    engine.dispose()


_VARIANTS = "SELECT id, product_id FROM product_variant ORDER BY id LIMIT 200"
Rows = dict[str, list[dict[str, Any]]]


def _sale(n: int, at: datetime, chance: random.Random, variants: list[Any]) -> Rows:
    waits = n % TO_SEND == 0
    lines = [_line(n, place, variant) for place, variant in enumerate(chance.sample(variants, 2))]
    total = sum(line["amount_total"] for line in lines)
    order = {
        "id": n, "number": f"B-{n:08}", "access_token": f"bench-{n}", "snapshot_hash": "bench",
        "email": f"buyer{n % 5000}@example.org", "email_key": f"buyer{n % 5000}@example.org",
        "phone": "", "customer_name": f"Buyer {n % 5000}", "search_text": f"b-{n:08} buyer",
        "company": "", "vat_id": "", "shipping_address": {}, "country": chance.choice(("FR", "DE")),
        "customer_note": "", "ip": "", "locale": "en_IE", "language": "en", "source": "web",
        "is_sandbox": True, "payment_status": "paid",
        "fulfilment_status": "unfulfilled" if waits else "delivered",
        "attention": "stock_short" if n % TROUBLED == 0 else "", "is_disputed": False,
        "currency": "EUR", "tax_mode": "inclusive", "amount_subtotal": total, "coupon_code": "",
        "amount_discount": 0, "amount_shipping": 0, "amount_tax": 0, "shipping_tax_amount": 0,
        "amount_total": total, "amount_paid": total, "amount_refunded": 0, "delivery_name": "Post",
        "placed_at": at, "paid_at": at, "paid_on": at.date(), "updated_at": at, "version": 1,
    }  # fmt: skip
    attempt = {
        "id": f"bench-{n}", "order_id": n, "n": 1, "provider": "sandbox",
        "provider_ref": f"bench-{n}", "state": "complete", "amount": total, "currency": "EUR",
        "params": {}, "is_processing": False, "failures": 0, "created_at": at, "updated_at": at,
        "expires_at": at,
    }  # fmt: skip
    payment = {
        "order_id": n, "provider": "sandbox", "provider_ref": f"bench-{n}", "state": "captured",
        "payment_intent": f"bench-{n}", "amount": total, "currency": "EUR", "method": "card",
        "method_label": "Visa 4242", "livemode": False, "amount_refunded": 0, "created_at": at,
    }  # fmt: skip
    mail = {
        "kind": "order_paid", "dedupe_key": f"bench-{n}", "message_id": f"<{n}@bench>",
        "to_address": order["email"], "subject": "Thank you", "state": "sent", "order_id": n,
        "error": "", "created_at": at, "sent_at": at,
    }  # fmt: skip
    sent = [{**line, "quantity_shipped": 0 if waits else line["quantity"]} for line in lines]
    return {
        "orders": [order],
        "order_item": sent,
        "checkout_attempt": [attempt],
        "payment": [payment],
        "mail_message": [mail],
    }


def _line(n: int, place: int, variant: Any) -> dict[str, Any]:
    quantity = 1 + n % 2
    return {
        "order_id": n, "position": place, "variant_id": variant[0], "product_id": variant[1],
        "product_name": "Piece", "variant_label": "", "brand_name": "", "product_slug": "piece",
        "sku": f"B-{variant[0]}", "search_text": "piece", "quantity": quantity,
        "unit_amount": 5000, "amount_discount": 0, "amount_total": 5000 * quantity,
        "tax_class": "standard", "tax_rate_bp": 0, "tax_amount": 0, "weight_grams": 0,
        "is_tracked": True, "quantity_refunded": 0, "quantity_returned": 0,
    }  # fmt: skip
