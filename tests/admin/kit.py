"""Staff at their desks, in the words of the tests."""

import io
import re
import secrets
from collections.abc import Iterator
from typing import Any

from flask import Flask
from PIL import Image
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from shop.auth.sessions import open_session
from shop.core.db import changed, db, transaction
from shop.jobs import drain
from shop.models import AuditEntry, Order, Role, User
from tests.client import ShopClient
from tests.factories import make_product, make_user
from tests.orders import kit


def sign_in(
    app: Flask, permissions: list[str] | None = None, *, is_owner: bool = False
) -> ShopClient:
    """Return a client signed in with a role; a customer without permissions and ownership."""
    with app.app_context():
        user = make_user(permissions=permissions or (), is_owner=is_owner)
        if permissions == []:
            with transaction() as session:
                role = Role(name=secrets.token_hex(4), permissions=[])
                session.add(role)
                session.flush()
                changed(update(User).where(User.id == user.id).values(role_id=role.id))
        with transaction():
            token = open_session(user.id, "tests")
    client = app.test_client()
    assert isinstance(client, ShopClient)
    with client.session_transaction() as cookie:
        cookie["sid"] = token
    return client


def picture(colour: str = "#884422", size: tuple[int, int] = (800, 1000)) -> io.BytesIO:
    """Return a PNG of one colour."""
    data = io.BytesIO()
    Image.new("RGB", size, colour).save(data, "PNG")
    data.seek(0)
    return data


def paid_order(app: Flask, quantity: int = 2, instrument: str = "visa", **product: Any) -> str:
    """Sell pieces of a new product; return the order's number."""
    with app.app_context():
        made = make_product("Iris", **{"stock": 4, **product})
        order, ref = kit.to_payment(kit.fill_cart(made, quantity=quantity))
        kit.pay(ref, instrument)
        drain()
        return order.number


def order_of(number: str) -> Order:
    """Return the order as it is now."""
    db.session.close()
    return db.session.scalars(select(Order).where(Order.number == number)).one()


def hidden(text: str, form_start: str) -> dict[str, str]:
    """Return the hidden fields of the form of a page whose opening contains `form_start`."""
    return {
        name: value
        for kind, name, value, _is_checked in _inputs(text, form_start)
        if kind == "hidden"
    }


def shown(text: str, form_start: str) -> dict[str, str]:
    """Return what a browser sends of such a form as it is, selects and text areas aside."""
    return {
        name: value
        for kind, name, value, is_checked in _inputs(text, form_start)
        if kind != "file" and (is_checked or kind != "checkbox")
    }


def _inputs(text: str, form_start: str) -> Iterator[tuple[str, str, str, bool]]:
    form = re.search(rf"<form[^>]*{re.escape(form_start)}[^>]*>.*?</form>", text, re.DOTALL)
    assert form, f"no form {form_start}"
    for tag in re.findall(r"<input[^>]*>", form[0]):
        found = dict(re.findall(r'\b(type|name|value)="([^"]*)"', tag))
        if "name" in found:
            kind = found.get("type", "text")
            yield kind, found["name"], found.get("value", ""), " checked" in tag


def fill_in(client: ShopClient, page: str, action: str, **typed: Any) -> dict[str, Any]:
    """Return what the form of `page` with this action sends, `typed` beside its hidden fields."""
    return {**hidden(client.get(page).text, f'action="{action}"'), **typed}


def twice(client: ShopClient, action: str, form: dict[str, Any]) -> list[TestResponse]:
    """Send the same form two times, as a browser without a script may."""
    return [client.post(action, data=dict(form)) for _ in range(2)]


def trail() -> list[AuditEntry]:
    """Return the staff's trail, oldest first."""
    db.session.close()
    return list(db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)))
