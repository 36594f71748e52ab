"""How gunicorn serves the shop, and keeps one job worker beside it (JOBS=process, the default).

The process's own environment may say PORT, BIND, WEB_CONCURRENCY (processes) and WEB_THREADS; the
shop's settings are in `.env.example`. Nothing of the shop is imported here, so that a reload
(SIGHUP) brings new code.
"""

import json
import logging
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from dotenv import dotenv_values

ROOT = Path(__file__).resolve().parent
SETTINGS = {**dotenv_values(ROOT / ".env"), **os.environ}
SERVING = Path(SETTINGS.get("INSTANCE_PATH") or ROOT / "instance") / "serving.json"
IS_PRODUCTION = SETTINGS.get("SHOP_ENV") == "production"


def number(name: str, default: int, low: int, high: int) -> int:
    """Return a number of the environment; end with a sentence when it is none."""
    text = os.environ.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
        sys.exit(f"{name} must be a number from {low} to {high}, not {text!r}.")
    return int(text)


def listening() -> str:
    """Return where to listen; end with a sentence when that is no address."""
    text = os.environ.get("BIND") or f"127.0.0.1:{PORT}"
    for one in text.split(","):
        port = one.rpartition(":")[2]
        is_tcp = port.isascii() and port.isdigit() and int(port) <= 65535
        if not (is_tcp or one.startswith(("unix:", "fd://"))):
            sys.exit(f"BIND must be address:port or unix:/path, not {one!r}.")
    return text


PORT = number("PORT", 8000, 1, 65535)

wsgi_app = "wsgi:app"
chdir = str(ROOT)
bind = listening()
worker_class = "gthread"
workers = number("WEB_CONCURRENCY", 2, 1, 256)
threads = number("WEB_THREADS", 8, 1, 1024)
preload_app = False  # engines and clients are made after the fork
# A browser keeps its connection, and with gthread that one process: without a proxy in front,
# two processes would serve as one.
keepalive = 75 if (SETTINGS.get("TRUSTED_PROXIES") or "0") != "0" else 0
timeout = 60  # above the slowest page: Stripe's three tries of 3 s + 8 s
graceful_timeout = 30
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 -- heartbeat files
control_socket_disable = True


class JsonLine(logging.Formatter):
    """What the master says, as the shop writes its lines in production."""

    def format(self, record: logging.LogRecord) -> str:
        fields = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            fields["error"] = self.formatException(record.exc_info)
        return json.dumps(fields)


if IS_PRODUCTION:
    logconfig_dict = {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": JsonLine}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"level": "WARNING", "handlers": []},
        "loggers": {
            "gunicorn.error": {"level": "INFO", "handlers": ["stderr"], "propagate": False}
        },
    }
accesslog = None  # the proxy has one; the shop logs what is slow or wrong
errorlog = "-"


class JobWorker:
    """The one `flask worker` child: started, started again with growing pauses, stopped."""

    SHORT = 60  # seconds: a worker that ran longer was well, and comes back at once
    LONGEST_PAUSE = 60

    def __init__(self, server) -> None:
        self.server = server
        self.child: subprocess.Popen[bytes] | None = None
        self.started_at = 0.0
        self.next_start = 0.0
        self.deaths = 0

    def start(self) -> None:
        """Start the worker. Its mails need an address; without SITE_URL that is the local one."""
        env = dict(os.environ)
        if not SETTINGS.get("SITE_URL") and not IS_PRODUCTION:
            env["SITE_URL"] = f"http://127.0.0.1:{PORT}"
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "worker"]
        command += ["--parent", str(os.getpid())]  # it must not outlive a killed master
        self.child = subprocess.Popen(command, cwd=ROOT, env=env)
        self.started_at = time.monotonic()

    def look(self, *_signal: object) -> None:
        """Start the worker again if it is gone and its pause is over. Runs every second."""
        is_stopping = not self.server.LISTENERS
        if is_stopping or self.child is None or self.child.poll() is None:
            return
        at = time.monotonic()
        if self.started_at:
            ran = at - self.started_at
            self.deaths = 1 if ran > self.SHORT else self.deaths + 1
            self.next_start = at + min(2**self.deaths / 2, self.LONGEST_PAUSE)
            self.started_at = 0.0
            say(f"the job worker has ended after {ran:.0f} s; it is started again")
        if at >= self.next_start:
            self.start()

    def stop(self, *, within: float) -> None:
        """Let the running job finish, for at most `within` seconds."""
        child, self.child = self.child, None
        if child is None or child.poll() is not None:
            return
        child.terminate()
        try:
            child.wait(within)
        except subprocess.TimeoutExpired:
            say("the job worker did not stop in time; its job will run again")
            child.kill()
            child.wait()


def say(message: str) -> None:
    """Write a line to standard error; safe inside a signal handler, unlike logging."""
    line = f"{message}\n"
    if IS_PRODUCTION:
        line = json.dumps({"level": "warning", "logger": "gunicorn", "message": message}) + "\n"
    os.write(2, line.encode())


def when_ready(server) -> None:
    """Say for `flask doctor` where the shop serves; start the job worker, looked after by a timer.

    Both wait until the port is ours.
    """
    serving = {"pid": os.getpid(), "addresses": [str(one) for one in server.LISTENERS]}
    SERVING.parent.mkdir(parents=True, exist_ok=True)
    SERVING.write_text(json.dumps(serving))
    if (SETTINGS.get("JOBS") or "process") != "process":
        return
    server.job_worker = JobWorker(server)  # this file is read anew at each reload; the server stays
    server.job_worker.start()
    signal.signal(signal.SIGALRM, server.job_worker.look)
    signal.setitimer(signal.ITIMER_REAL, 1, 1)


def post_fork(server, worker) -> None:
    """Forget what the master does with signals, until the worker has handlers of its own.

    Told to stop before that, it would call the master's, which has no effect in a worker.
    """
    for number in (signal.SIGALRM, signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)


def post_worker_init(worker) -> None:
    """Leave Ctrl-C to the master; write what gunicorn says here as the shop's own log lines."""
    # A terminal sends it to all of the group. Then the master's SIGQUIT would come while gthread's
    # handler holds the lock of its threads, and wait for that lock until the master kills.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    errors = logging.getLogger("gunicorn.error")
    errors.handlers.clear()
    errors.propagate = True


def worker_exit(server, worker) -> None:
    """Store the visits that the worker has counted and still holds in memory."""
    application = getattr(worker, "wsgi", None)
    if application is not None:
        application.extensions["visits"].store()


def on_reload(server) -> None:
    """Let the job worker finish its job and go; start another with the new code and settings."""
    signal.setitimer(signal.ITIMER_REAL, 0)
    former = getattr(server, "job_worker", None)
    if former is not None and former.child is not None:
        former.child.terminate()
    when_ready(server)


def on_exit(server) -> None:
    """Stop the job worker with the server."""
    signal.setitimer(signal.ITIMER_REAL, 0)
    SERVING.unlink(missing_ok=True)
    if getattr(server, "job_worker", None) is not None:
        server.job_worker.stop(within=graceful_timeout)
