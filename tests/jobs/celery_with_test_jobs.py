"""`celery --app tests.jobs.celery_with_test_jobs worker`: Celery, with the jobs tests can watch."""

import tests.jobs.shop_with_test_jobs  # noqa: F401 -- registers the jobs, moves the clock
from shop.jobs.celery import app, drain_queue

__all__ = ["app", "drain_queue"]
