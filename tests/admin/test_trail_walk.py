"""Every form of staff that changes something is walked: refused when stale, else in the trail.

Its entry says what was before and what is after.
"""

import pytest
from flask import Flask

from tests.admin.kit import trail
from tests.admin.staff_walk import Sent, Walk
from tests.admin.test_permissions import staff_posts
from tests.admin.trail_walk import DEEDS, REQUESTS, UNVERSIONED, overtaken
from tests.client import ShopClient


@pytest.fixture
def walk(app: Flask, owner: ShopClient) -> Walk:
    return Walk(app, owner)


def test_every_form_of_staff_is_refused_when_stale_and_leaves_an_entry_else(
    app: Flask, walk: Walk
) -> None:
    there = {rule.endpoint for rule in staff_posts(app)}
    walked = sorted(REQUESTS.keys() & there)
    wrong = {name: problem for name in walked if (problem := problem_of(name, walk))}
    assert wrong == {}


def problem_of(endpoint: str, walk: Walk) -> str:
    """Send the form of an endpoint, stale and fresh; return what is wrong with what it leaves."""
    url, form = REQUESTS[endpoint](walk)
    with walk.app.app_context():
        known = len(trail())
    stale = overtaken(form)
    if (stale is None) != (endpoint in UNVERSIONED):
        return "carries no version, or is said to carry none"
    if stale:
        status = walk.client.post(url, data=stale).status_code
        with walk.app.app_context():
            if status != 409 or len(trail()) != known:
                return f"made from another version, it is answered with {status}"
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
    monkeypatch.setitem(UNVERSIONED, "made.up", "is none")
    monkeypatch.setitem(REQUESTS, "made.up", lambda _walk: ("/admin/orders/bulk", {}))
    assert "is answered with" in problem_of("made.up", walk)
    theme = lambda w: w.form("/admin/", "/preferences", theme="dark")  # noqa: E731
    monkeypatch.setitem(REQUESTS, "made.up", theme)
    assert problem_of("made.up", walk) == "no entry"


def test_a_form_that_overtakes_others_is_seen(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    really = REQUESTS["admin.products.update"]

    def blind(walk: Walk) -> Sent:
        url, form = really(walk)
        return url, {**form, "version": ""}

    monkeypatch.setitem(REQUESTS, "admin.products.update", blind)
    assert "carries no version" in problem_of("admin.products.update", walk)
