"""The application with a few jobs whose progress a test can watch and steer through files.

`python -m flask --app tests/jobs/shop_with_test_jobs worker`; CLOCK_AHEAD moves this process's
clock, so that a lease of another worker has run out.
"""

import os
import time
from pathlib import Path
from typing import Any

from shop import create_app
from shop.core import clock
from shop.jobs import job


@job("test.note")
def note(payload: dict[str, Any]) -> None:
    """Append a line to the file `log`."""
    with Path(payload["log"]).open("a") as file:
        file.write(f"{payload['line']}\n")


@job("test.wait")
def wait(payload: dict[str, Any]) -> None:
    """Say that it has begun, wait for the file `gate`, say that it is done."""
    note({**payload, "line": "begun"})
    while not Path(payload["gate"]).exists():
        time.sleep(0.02)
    note({**payload, "line": "done"})


@job("test.hang", timeout=1)
def hang(payload: dict[str, Any]) -> None:
    """Never come back, as a socket without a timeout would."""
    note({**payload, "line": "begun"})
    while True:
        time.sleep(60)


clock.move(float(os.environ.get("CLOCK_AHEAD", "0")))
app = create_app()
