"""What orders are called: the merchant's prefix, random digits or a series that is counted on."""

import re
from typing import Any

import pytest
from flask import Flask

from shop.core.db import db
from shop.core.errors import BadInput
from shop.settings.queries import shop_settings
from shop.settings.services import set_setting, set_settings
from tests.conftest import both_engines
from tests.factories import make_product
from tests.orders import kit


def place_one(product: Any) -> str:
    number = kit.place(kit.fill_cart(product)).order.number
    db.session.remove()
    return number


@both_engines
def test_numbers_are_random_until_the_merchant_counts(ctx: Flask) -> None:
    kit.open_shop()
    kit.lift_limits()
    product = make_product(stock=50)
    assert re.fullmatch(r"[2-9A-Z]{4}-[2-9A-Z]{4}", place_one(product))
    set_setting("order_prefix", "ab-", user_id=None)
    assert re.fullmatch(r"AB-[2-9A-Z]{4}-[2-9A-Z]{4}", place_one(product))
    set_setting("order_start", "1000", user_id=None)
    assert [place_one(product) for _ in range(2)] == ["AB-1000", "AB-1001"]
    for taken in ("1", "999", "1001"):
        with pytest.raises(BadInput) as refused:
            set_settings({"order_start": taken, "name": "Other"}, user_id=None)
        assert refused.value.fields == {
            "order_start": "1001 was given already. Start at 1002 or above."
        }
    assert shop_settings().name != "Other"
    set_settings({"order_start": "1000", "order_prefix": ""}, user_id=None)  # as it is: no change
    assert place_one(product) == "1002"
    set_setting("order_start", "0", user_id=None)
    assert "-" in place_one(product)
    set_setting("order_start", "2000", user_id=None)
    assert place_one(product) == "2000"


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("order_prefix", "AB1"),  # 1 and 23 would be 12 and 3
        ("order_prefix", "-AB"),
        ("order_prefix", "=AB"),
        ("order_prefix", "A B-"),
        ("order_prefix", "ÄB-"),
        ("order_prefix", "ABCDEFGHI"),
        ("order_start", "-1"),
        ("order_start", "1000000000"),
        ("order_start", "1.000"),
    ],
)
def test_prefixes_and_first_numbers_that_cannot_be(ctx: Flask, key: str, text: str) -> None:
    with pytest.raises(BadInput) as refused:
        set_setting(key, text, user_id=None)
    assert refused.value.fields[key].endswith(".")
