"""The demo shop on a port of its own, with a database of its own, for tools that look at pages."""

import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.processes import ROOT, free_port, running

OWNER = "owner@example.org"


@dataclass(frozen=True)
class Demo:
    """A running demo shop: its address, and the password of OWNER."""

    url: str
    password: str


@contextmanager
def demo_shop() -> Iterator[Demo]:
    """Serve a freshly filled demo shop beside the block."""
    with tempfile.TemporaryDirectory() as folder:
        env = _environment(Path(folder))
        for command in (("db", "upgrade"), ("seed", "demo")):
            _flask(env, *command)
        said = _flask(env, "create-admin", OWNER, "--generate")
        password = said.rsplit("Password: ", 1)[1].strip()
        port = free_port()
        log = Path(folder) / "gunicorn.log"
        with running("-m", "gunicorn", env={**env, "PORT": str(port)}, log=log) as server:
            url = f"http://127.0.0.1:{port}"
            _wait(url, log)
            yield Demo(url, password)
            server.terminate()
            server.wait(timeout=40)


def _environment(folder: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k in {"PATH", "HOME", "LANG"}}
    return {**kept, "INSTANCE_PATH": str(folder), "DATABASE_URL": "", "STRIPE_SECRET_KEY": ""}


def _flask(env: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True, text=True)
    return done.stdout


def _wait(url: str, log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"the shop does not answer:\n{log.read_text()}")
