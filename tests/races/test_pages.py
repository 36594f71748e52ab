"""Pages that are begun at once: an address and a role are given to one of them."""

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from shop.core.db import db, transaction
from shop.core.errors import BadInput
from shop.models import Page, PageRole, PageSection
from shop.pages.roles import PageText
from shop.pages.services import begin_page
from tests.conftest import both_engines
from tests.races.race_kit import attempted, in_app, together
from tests.races.unguarded import look_before_an_address_is_given

HANDS = 4


def begin(role: PageRole, slug: str) -> object:
    def write() -> str:
        with transaction():
            text = PageText("Hours", "", "Nine to five.")
            return begin_page(role, slug, PageSection.HELP, text).slug

    return attempted(write)


@both_engines
def test_an_address_and_a_role_are_given_once(app: Flask) -> None:
    one_address = [in_app(app, begin, PageRole.NONE, "hours")] * HANDS
    one_role = [in_app(app, begin, PageRole.TERMS, f"terms-{n}") for n in range(HANDS)]
    refused = [each for each in together([*one_address, *one_role]) if isinstance(each, Exception)]
    assert [type(each) for each in refused] == [BadInput] * 2 * (HANDS - 1), refused
    with app.app_context():
        assert len(db.session.scalars(select(Page.id)).all()) == 2


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_control_without_the_lock_the_others_meet_the_constraint(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On PostgreSQL alone: a file of SQLite has one writer, whatever a transaction says in it."""
    look_before_an_address_is_given(monkeypatch, HANDS)
    found = together([in_app(app, begin, PageRole.NONE, "hours")] * HANDS)
    assert sum(isinstance(each, IntegrityError) for each in found) == HANDS - 1, found
