"""What the lists of orders cost the database: few statements, each by an index in its order."""

import re

import pytest
from flask import Flask, current_app

from tests.admin.kit import paid_order
from tests.client import ShopClient
from tests.conftest import both_engines
from tests.sql import counted

LISTS = [
    ("", "ix_orders_to_send"),
    ("?view=all", "ix_orders_placed"),
    ("?view=waiting", "ix_orders_waiting"),
    ("?view=sent", "ix_orders_sent"),
    ("?view=delivered", "ix_orders_delivered"),
    ("?view=ended", "ix_orders_ended"),
    ("?view=attention", "ix_orders_attention"),
    ("?view=all&since=2026-01-01&until=2026-12-31", "ix_orders_placed"),
    ("?view=all&payment=paid", "ix_orders_placed"),
    ("?view=all&payment=processing", "ix_orders_waiting"),
    ("?view=all&payment=expired", "ix_orders_ended"),
    ("?view=all&payment=partially_refunded", "ix_orders_partly_refunded"),
    ("?view=all&provider=stripe", "ix_orders_placed"),
    ("?view=all&country=FR", "ix_orders_country"),
    ("?view=all&coupon=merci10", "ix_orders_coupon"),
    ("?view=all&sku=RING-1", "ix_orders_placed"),
]


def plan_of(statement: str) -> list[str]:
    """Return the steps by which SQLite would answer a statement."""
    values = ["x"] * statement.count("?")
    explain = current_app.extensions["sqlalchemy"].session.connection().exec_driver_sql
    return [row[3] for row in explain(f"EXPLAIN QUERY PLAN {statement}", tuple(values))]


@pytest.mark.parametrize(("query", "index"), LISTS)
def test_a_list_is_read_in_the_order_of_its_index(
    app: Flask, owner: ShopClient, query: str, index: str
) -> None:
    paid_order(app)
    owner.get("/admin/orders")
    with counted(app) as statements:
        assert owner.get(f"/admin/orders{query}").status_code == 200
    with app.app_context():
        plans = {each: plan_of(each) for each in statements if " FROM orders" in each}
    steps = [step for plan in plans.values() for step in plan]
    assert "SCAN orders" not in steps
    assert not [step for step in steps if "TEMP B-TREE FOR ORDER BY" in step]
    (rows,) = [plan for each, plan in plans.items() if "orders.search_text" in each]
    assert re.search(rf"(SCAN|SEARCH) orders USING INDEX {index}\b", "\n".join(rows)), rows


@both_engines
def test_a_list_of_orders_takes_six_statements(app: Flask, owner: ShopClient) -> None:
    for _ in range(3):
        paid_order(app)
    for query, _index in LISTS:
        owner.get(f"/admin/orders{query}")
        with counted(app) as statements:
            assert owner.get(f"/admin/orders{query}").status_code == 200
        assert len(statements) <= 6, (query, statements)
