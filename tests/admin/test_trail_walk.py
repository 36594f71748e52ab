"""Every form of staff that changes something is walked: each leaves an entry, before and after."""

import pytest
from flask import Flask

from tests.admin.kit import trail
from tests.admin.trail_walk import DEEDS, REQUESTS, Walk
from tests.client import ShopClient


@pytest.fixture
def walk(app: Flask, owner: ShopClient) -> Walk:
    return Walk(app, owner)


def test_every_form_of_staff_leaves_an_entry_with_before_and_after(app: Flask, walk: Walk) -> None:
    wrong = {name: problem for name in sorted(REQUESTS) if (problem := problem_of(name, walk))}
    assert wrong == {}


def problem_of(endpoint: str, walk: Walk) -> str:
    """Send the form of an endpoint; return what is wrong with the entry that it leaves."""
    url, form = REQUESTS[endpoint](walk)
    with walk.app.app_context():
        known = len(trail())
    answer = walk.client.post(url, data=form)
    if answer.status_code != 303:
        return f"{url} is answered with {answer.status_code}"
    with walk.app.app_context():
        entries = trail()[known:]
        if not entries:
            return "no entry"
        if any(entry.user_id is None for entry in entries):
            return "nobody did it"
        if endpoint not in DEEDS and any(entry.before == entry.after for entry in entries):
            return "before and after are the same"
    return ""


def test_a_form_that_leaves_none_is_seen(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = "/admin/orders/bulk", {}
    monkeypatch.setitem(REQUESTS, "made.up", lambda _walk: nothing)
    assert "is answered with" in problem_of("made.up", walk)
    monkeypatch.setitem(
        REQUESTS, "made.up", lambda w: w.form("/admin/", "/preferences", theme="dark")
    )
    assert problem_of("made.up", walk) == "no entry"
