"""The shop with a page that waits for the file GATE, to stop the server meanwhile."""

import os
import time
from pathlib import Path

from shop import create_app

app = create_app()


@app.get("/slow")
def slow() -> str:
    """Say that the request has begun, answer when the gate opens."""
    gate = Path(os.environ["GATE"])
    gate.with_name("gate.begun").touch()
    while not gate.exists():
        time.sleep(0.05)
    return "done"
