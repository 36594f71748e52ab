"""Real processes for tests: started with the test's settings, watched with a deadline, ended."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).parent.parent
# Seconds for what must come; only a test that fails waits for so long. What is claimed never is
# that something comes soon: that would be about the machine.
PATIENCE = 120


def eventually(
    condition: Callable[[], object], *, within: float = PATIENCE, what: str = ""
) -> None:
    """Return as soon as `condition()` is true; fail when it is not `within` seconds."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, f"not within {within} s: {what or condition}"
        time.sleep(0.05)


def environment(settings: dict[str, str], **more: str) -> dict[str, str]:
    """Return the environment of a child process that runs the shop with `settings`."""
    kept = {k: v for k, v in os.environ.items() if k in {"PATH", "HOME", "LANG", "VIRTUAL_ENV"}}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **settings, **more}


@contextmanager
def running(
    *command: str, env: dict[str, str], log: Path, cwd: Path = ROOT
) -> Iterator[subprocess.Popen[bytes]]:
    """Run `python <command>` beside the block; what it prints goes to `log`.

    The process and its children are killed when the block ends, whatever happened.
    """
    with log.open("ab") as out:
        child = subprocess.Popen(
            [sys.executable, *command],
            env=env,
            cwd=cwd,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield child
    finally:
        with suppress(ProcessLookupError):  # it ended by itself, with all its children
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def free_port() -> int:
    """Return a loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
