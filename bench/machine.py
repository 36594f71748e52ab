"""Processes under the load: started, watched, measured."""

import os
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TICKS = os.sysconf("SC_CLK_TCK")


class Missing(Exception):
    """A tool or server that the benchmark needs is not here; the message says which."""


def wrk() -> str:
    """Return the load generator. Raises Missing."""
    found = shutil.which("wrk")
    if found is None:
        raise Missing("wrk is not installed (Debian: apt-get install wrk)")
    return found


def children(pid: int) -> list[int]:
    """Return the process and everything below it."""
    found = [pid]
    for entry in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            for child in entry.read_text().split():
                found += children(int(child))
    return found


def cpu_seconds(pids: list[int], *, with_ended: bool = False) -> float:
    """Return the CPU time the processes have used, with that of their ended children if asked."""
    total = 0
    for pid in pids:
        with suppress(OSError, IndexError):
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            total += sum(map(int, fields[11:15] if with_ended else fields[11:13]))
    return total / TICKS


def postgres_pids() -> list[int]:
    """Return all processes of the PostgreSQL servers on this machine."""
    out = subprocess.run(["pgrep", "postgres"], capture_output=True, text=True, check=False)
    return [int(pid) for pid in out.stdout.split()]


def pss_mb(pids: list[int]) -> float:
    """Return the memory of the processes, shared pages counted once, in megabytes.

    Without what is mapped of a SQLite file: those pages belong to the system's file cache, which
    gives them up when memory is wanted.
    """
    total = 0
    for pid in pids:
        with suppress(OSError):
            is_database = False
            for line in Path(f"/proc/{pid}/smaps").read_text().splitlines():
                if "-" in line.split(maxsplit=1)[0]:
                    is_database = line.endswith(".sqlite3")
                elif line.startswith("Pss:") and not is_database:
                    total += int(line.split()[1])
    return total / 1024


@contextmanager
def serving(command: list[str], env: dict[str, str], url: str, log: Path) -> Iterator[int]:
    """Run a server until the block ends; yields its process id once `url` answers."""
    with log.open("ab") as out:
        server = subprocess.Popen(
            command, cwd=ROOT, env=env, stdout=out, stderr=out, start_new_session=True
        )
    try:
        _await(url, server)
        yield server.pid
    finally:
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            server.wait(15)
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)


def _await(url: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise Missing(f"the server at {url} did not start")
