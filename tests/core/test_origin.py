"""Who did it: an entry of the audit log and a line of the log name the request or the job."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from flask import Flask

from shop.core.db import db, transaction
from shop.core.origin import Origin, begin_request, end_request, origin, within_job
from shop.models import AuditEntry
from shop.shared.audit_log import write_audit_entry
from tests.client import ShopClient


def entry() -> tuple[str, str]:
    with transaction():
        write_audit_entry("test.done", "thing", 1, user_id=None)
    found = db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert found
    return found.actor, found.request_id


def test_an_entry_names_its_request_its_job_or_a_command(app: Flask) -> None:
    with app.app_context():
        assert entry() == ("cli", "")
        with within_job("job-7"):
            assert entry() == ("cli", "job-7")
        begin_request("abc12345")
        assert entry() == ("web", "abc12345")
        end_request()
        assert entry() == ("cli", "")


def test_a_request_is_named_as_its_answer_says_and_then_forgotten(
    app: Flask, client: ShopClient
) -> None:
    seen: list[Origin] = []

    @app.after_request
    def look(response: object) -> object:
        seen.append(origin())
        return response

    answer = client.get("/healthz")
    assert seen == [Origin("web", answer.headers["X-Request-Id"])]
    assert origin() == Origin()


def test_another_thread_began_elsewhere() -> None:
    begin_request("abc12345")
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(origin).result() == Origin()
    end_request()


def test_a_job_that_fails_is_over_as_well() -> None:
    with pytest.raises(ValueError, match="no"), within_job("job-7"):
        raise ValueError("no")
    assert origin() == Origin()
