"""Real processes for tests: started with the test's settings, watched with a deadline, ended."""

import multiprocessing
import os
import runpy
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path

ROOT = Path(__file__).parent.parent
# Seconds for what must come; only a test that fails waits for so long. What is claimed never is
# that something comes soon: that would be about the machine.
PATIENCE = 120
# Processes that begin with everything imported, which is most of what a short one costs.
FORKS = multiprocessing.get_context("forkserver")
LEAVES = [*(ROOT / "shop").rglob("routes.py"), *(ROOT / "shop").rglob("handlers.py")]
FORKS.set_forkserver_preload(
    [
        "tests.races.buyer",
        "tests.races.killed_process",
        "shop.operations.commands",
        *(".".join(leaf.relative_to(ROOT).with_suffix("").parts) for leaf in LEAVES),
    ]
)


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


@dataclass(frozen=True)
class Forked:
    """A process that was forked, watched and ended like one that was started."""

    process: BaseProcess

    @property
    def pid(self) -> int:
        """The number of the process, and of its group."""
        return self.process.pid or 0

    def poll(self) -> int | None:
        """Return how it ended, minus the signal that ended it; None while it runs."""
        return self.process.exitcode

    def wait(self, timeout: float = PATIENCE) -> int | None:
        """Wait for its end for `timeout` seconds; return what `poll()` does then."""
        self.process.join(timeout)
        return self.process.exitcode

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.process.terminate()

    def kill(self) -> None:
        """End it, asking nothing."""
        self.process.kill()


@contextmanager
def forked(module: str, *arguments: str, env: dict[str, str], log: Path) -> Iterator[Forked]:
    """Run `python -m <module> <arguments>` as `running()` does, in a process that has the imports.

    For whatever is not about the start itself, which takes ten times as long as the fork.
    """
    log.touch()
    child = Forked(FORKS.Process(target=_run, args=(module, arguments, env, log, log)))
    child.process.start()
    try:
        yield child
    finally:
        with suppress(ProcessLookupError):  # it ended by itself, with all its children
            os.killpg(child.pid, signal.SIGKILL)
        child.kill()  # where it had not begun a group of its own yet
        child.wait()


@dataclass(frozen=True)
class Ended:
    """A command that has ended."""

    returncode: int | None
    stdout: str
    stderr: str


def run_flask(*arguments: str, env: dict[str, str], folder: Path) -> Ended:
    """Run `flask <arguments>` in a process of its own to its end; its output goes to `folder`."""
    out, err = folder / "stdout", folder / "stderr"
    out.write_text("")
    err.write_text("")
    child = FORKS.Process(target=_run, args=("flask", arguments, env, out, err))
    child.start()
    child.join(PATIENCE)
    return Ended(child.exitcode, out.read_text(), err.read_text())


def _run(module: str, arguments: Sequence[str], env: dict[str, str], out: Path, err: Path) -> None:
    os.setsid()
    os.environ.clear()
    os.environ.update(env)
    os.chdir(ROOT)
    for path, descriptor in ((out, 1), (err, 2)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), descriptor)
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def free_port() -> int:
    """Return a loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
