"""Work after the commit: outbox rows, run at least once by a worker.

A service writes `enqueue("mail.order_paid", {"order_id": 7}, f"mail.order_paid:{7}")` inside its
transaction; `@job("mail.order_paid")` in the feature's `handlers.py` does the work. A handler may
run twice (the worker may die between the work and its record), so it is idempotent.
"""

from shop.jobs.registry import job, register_schedule
from shop.jobs.runner import drain
from shop.jobs.services import enqueue

__all__ = ["drain", "enqueue", "job", "register_schedule"]
