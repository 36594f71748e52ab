"""Load: wrk for pages that are read, our own threads for forms that are sent. Closed loop."""

import http.client
import json
import os
import re
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile
from urllib.parse import urlencode

from bench.machine import wrk

Task = Callable[[], bool]
SCRIPT = Path(__file__).parent / "report.lua"
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@dataclass
class Load:
    """What a load came to. Times in milliseconds, `bytes` a response."""

    requests: int
    seconds: float
    p50_ms: float
    p95_ms: float
    bytes: float = 0
    failed: int = 0

    @property
    def rps(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds if self.seconds else 0.0


def read(port: int, paths: Sequence[str], concurrency: int, seconds: int, cookie: str = "") -> Load:
    """Fetch `paths` in turn with `concurrency` connections for `seconds`."""
    with NamedTemporaryFile("w", suffix=".txt") as urls:
        urls.write("\n".join(paths))
        urls.flush()
        out = subprocess.run(
            [
                wrk(),
                *("-t", "1", "-c", str(concurrency), "-d", f"{seconds}s", "--latency"),
                *("--timeout", "30s", "-s", str(SCRIPT), f"http://127.0.0.1:{port}"),
            ],
            env={**os.environ, "URLS_FILE": urls.name, "COOKIE": cookie},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    found = json.loads(out.split("RESULT ", 1)[1].splitlines()[0])
    return Load(**found)


@dataclass
class Browser:
    """A visitor: keeps cookies, sends forms with their token."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def request(
        self, method: str, path: str, body: str | None = None, **headers: str
    ) -> tuple[int, str, str]:
        """Return status, Location and text."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        if self.cookies:
            headers["Cookie"] = self.cookie
        if body is not None:
            headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
        connection.request(method, path, body=body, headers=headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        for line in answer.headers.get_all("Set-Cookie") or ():
            name, _, rest = line.partition("=")
            self.cookies[name] = rest.split(";", 1)[0]
        connection.close()
        return answer.status, answer.headers.get("Location", ""), text

    @property
    def cookie(self) -> str:
        """The Cookie header."""
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def token(self, page: str = "/cart") -> str:
        """Return the CSRF token of a page."""
        found = _TOKEN.search(self.request("GET", page)[2])
        if found is None:
            raise RuntimeError(f"no form on {page}")
        return found[1]

    def submit(self, path: str, token: str, **form: str) -> int:
        """Send a form; return the status."""
        return self.request("POST", path, urlencode({"csrf_token": token, **form}))[0]


def send(tasks: Sequence[Task], concurrency: int) -> Load:
    """Run the tasks by `concurrency` threads, each of which takes the next when it is done."""
    waiting, times, failed = list(tasks), [], []
    lock = threading.Lock()

    def work() -> None:
        while True:
            with lock:
                if not waiting:
                    return
                task = waiting.pop()
            began = time.perf_counter()
            good = task()
            with lock:
                times.append((time.perf_counter() - began) * 1000)
                failed.extend([] if good else [task])

    threads = [threading.Thread(target=work) for _ in range(concurrency)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    cuts = statistics.quantiles(times, n=20) if len(times) > 1 else times * 19
    return Load(len(times), seconds, statistics.median(times), cuts[18], 0, len(failed))
