"""Where a request comes from, whatever a proxy makes of it; and the limits that rest on it."""

import itertools
from collections.abc import Callable

import pytest
from sqlalchemy import select

from shop.core.client_addresses import place_of, read_ip
from shop.core.db import db
from shop.models import LoginAttempt
from tests.client import ShopClient
from tests.conftest import both_engines
from tests.factories import make_user


@pytest.mark.parametrize(
    ("sent", "ip", "place"),
    [
        ("192.0.2.7", "192.0.2.7", "192.0.2.7"),
        (" 192.0.2.7:4711 ", "192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7", "192.0.2.7"),
        ("[::ffff:192.0.2.7]:1", "192.0.2.7", "192.0.2.7"),
        ("64:ff9b::192.0.2.7", "192.0.2.7", "192.0.2.7"),
        ("2002:c000:207:ffff::1", "192.0.2.7", "192.0.2.7"),
        ("2001:DB8:1:2:3:4:5:6", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::9]:4711", "2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::9]", "2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::1", "fe80::/64"),
        ("[fe80::1%25eth0]:80", "fe80::1", "fe80::/64"),
        *[
            (nonsense, "unknown", "unknown")
            for nonsense in ("", "unknown", "_hidden", "192.0.2.7:", "192.0.2.7:99999999", "1",
                             "192.0.2.007", "[192.0.2.7", "not an address" * 20, "１.2.3.4",
                             "2001:db8::1%" + "z" * 300, "evil.example", "192.0.2.7, 192.0.2.8")
        ],
    ],
)  # fmt: skip
def test_reads_what_proxies_send(sent: str, ip: str, place: str) -> None:
    assert (read_ip(sent), place_of(sent), place_of(read_ip(sent))) == (ip, place, place)


FROM_ONE_PLACE: dict[str, Callable[[int], str]] = {
    "with a port": lambda n: f"192.0.2.7:{40000 + n}",
    "IPv6 with a port": lambda n: f"[2001:db8:1:2::{n:x}]:{40000 + n}",
    "nonsense": lambda n: f"_hidden{n}",
}


@pytest.mark.parametrize("named", FROM_ONE_PLACE.values(), ids=FROM_ONE_PLACE)
def test_guessing_is_slowed_however_the_proxy_names_the_place(
    client: ShopClient, named: Callable[[int], str]
) -> None:
    """One password for many addresses, and many for one."""
    with client.application.app_context():
        make_user("ada@example.com")
        for n in range(30):
            make_user(f"person-{n}@example.com")
    token, count = client.token(), itertools.count()

    def guess(email: str) -> int:
        form = {"csrf_token": token, "email": email, "password": "wrong horse battery"}
        return client.post(
            "/login", data=form, headers={"X-Forwarded-For": named(next(count))}
        ).status_code

    assert [guess("ada@example.com") for _ in range(6)] == [422] * 5 + [429]
    others = [guess(f"person-{n}@example.com") for n in range(30)]
    assert (others.count(422), set(others[25:])) == (25, {429})


@both_engines
def test_no_address_is_too_long_for_the_database(client: ShopClient) -> None:
    headers = {"X-Forwarded-For": "2001:db8::1%" + "é" * 3000}
    form = {"email": "new@example.com", "password": "wandering teapot"}
    assert client.submit("/login", form, headers=headers).status_code == 303
    with client.application.app_context():
        assert set(db.session.scalars(select(LoginAttempt.ip))) == {"unknown"}
