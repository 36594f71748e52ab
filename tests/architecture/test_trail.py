"""Whatever staff can change is walked: tests/admin/trail_walk.py has a request for each form."""

from flask import Flask

from tests.admin.test_permissions import staff_posts
from tests.admin.trail_walk import READS, REQUESTS


def test_each_form_of_staff_has_a_request_that_is_walked(app: Flask) -> None:
    """Each of them leaves an entry with before and after: tests/admin/test_trail_walk.py.

    Who adds a POST below /admin adds a request to REQUESTS of tests/admin/trail_walk.py.
    """
    there = {rule.endpoint for rule in staff_posts(app)}
    assert there == REQUESTS.keys() | READS.keys()
