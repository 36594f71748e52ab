"""Style sheets, scripts, fonts and icons: served by WhiteNoise under names that carry their hash.

`/static/css/core.css` is never asked for; pages say `asset("css/core.css")` and get
`/static/css/core.<sha10>.css`, which browsers keep for ever. Nothing here touches the session.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from wsgiref.headers import Headers

from flask import Flask
from whitenoise import WhiteNoise

from shop.core.clock import monotonic
from shop.core.config import Config

STATIC = Path(__file__).parents[1] / "static"
PREFIX = "/static/"
FOREVER = "max-age=31536000, public, immutable"
ASK_AGAIN = "no-cache"
LOOK_AGAIN = 0.5  # seconds between two looks for changed files, in development
# Asked for by browsers without a page naming them.
WELL_KNOWN = {"/favicon.ico": "icons/favicon.ico", "/apple-touch-icon.png": "icons/touch.png"}
HASHED = re.compile(r"(?P<stem>.+)\.(?P<hash>[0-9a-f]{10})(?P<suffix>\.[a-z0-9]+)")
NOT_SERVED = {".br", ".gz", ".json"}

WSGI = Callable[..., Iterable[bytes]]
Start = Callable[..., Any]


@dataclass(frozen=True)
class Asset:
    """One file: its name on disk, when it was read (ns), where it is served, its SHA-256."""

    disk: str
    mtime: int
    url: str
    digest: str


class Assets:
    """The static files of the shop as WSGI middleware, and the table from name to URL.

    WhiteNoise knows the files by their names on disk. A hash that nobody knows (a page of the last
    release, or of a newer node during a rolling update) gets the present file, not to be kept,
    rather than a page without style.
    """

    def __init__(self, application: WSGI, *, watch: bool, headers: dict[str, str]) -> None:
        """Read and hash every file; `watch`: re-read changed ones; `headers`: sent with each."""
        self.application = application
        self.watch = watch
        self.looked = 0.0
        self.extra = headers
        self.assets: dict[str, Asset] = {}
        for path in sorted(STATIC.rglob("*")):
            if path.is_file() and path.suffix not in NOT_SERVED:
                self._add(path)
        self.compressed = compressed_from()
        self.files: WSGI = WhiteNoise(
            application,
            root=str(STATIC),
            prefix=PREFIX,
            autorefresh=watch,
            max_age=None,
            allow_all_origins=False,
            add_headers_function=self._add_headers,
        )

    def __call__(self, environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        """Answer a request for a file; hand everything else on."""
        url = environ.get("PATH_INFO", "")
        asset = self._find(url) if environ["REQUEST_METHOD"] in {"GET", "HEAD"} else None
        if asset is None:
            return self.application(environ, start_response)
        wanted = {**environ, "PATH_INFO": PREFIX + asset.disk}
        # A .br made from another text than the one on disk is left alone: `make vendor` renews it.
        if self.compressed.get(asset.disk) != asset.digest:
            wanted.pop("HTTP_ACCEPT_ENCODING", None)
        return self.files(wanted, start_response if url == asset.url else unkept(start_response))

    def url(self, name: str) -> str:
        """Return the URL of `name`, a path below static/. Raises KeyError where there is none."""
        if self.watch and monotonic() > self.looked + LOOK_AGAIN:
            self._look()
        return self.assets[name].url

    def _look(self) -> None:
        self.looked = monotonic()
        for asset in list(self.assets.values()):
            path = STATIC / asset.disk
            if path.stat().st_mtime_ns != asset.mtime:
                self._add(path)

    def _find(self, url: str) -> Asset | None:
        if not url.startswith(PREFIX):
            return self.assets.get(WELL_KNOWN.get(url, ""))
        hashed = HASHED.fullmatch(url, len(PREFIX))
        return self.assets.get(hashed["stem"] + hashed["suffix"]) if hashed else None

    def _add(self, path: Path) -> None:
        name = disk = path.relative_to(STATIC).as_posix()
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        # Fonts carry their hash on disk, because style sheets name them.
        hashed = HASHED.fullmatch(name)
        if hashed:
            url, name = PREFIX + name, hashed["stem"] + hashed["suffix"]
        else:
            stem, _, suffix = name.rpartition(".")
            url = f"{PREFIX}{stem}.{digest[:10]}.{suffix}"
        self.assets[name] = Asset(disk, path.stat().st_mtime_ns, url, digest)

    def _add_headers(self, headers: Headers, path: str, url: str) -> None:
        """Add what WhiteNoise does not: it is asked for each file at the start, or when watched."""
        hashed = HASHED.fullmatch(url, len(PREFIX))
        asset = self.assets.get(hashed["stem"] + hashed["suffix"] if hashed else url[len(PREFIX) :])
        for name, value in self.extra.items():
            headers[name] = value
        headers["Cache-Control"] = FOREVER
        if asset is not None:
            headers["ETag"] = f'W/"{asset.digest[:20]}"'  # by content: every node gives the same


def unkept(start_response: Start) -> Start:
    """Return a `start_response` that has browsers ask again."""

    def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
        changed = [(k, ASK_AGAIN if k == "Cache-Control" else v) for k, v in headers]
        return start_response(status, changed, *rest)

    return start


def init_assets(app: Flask, config: Config) -> None:
    """Serve the static files in front of `app`; `app.extensions["assets"]` then knows the URLs."""
    headers = {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    if config.is_https:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    assets = Assets(app.wsgi_app, watch=config.env == "development", headers=headers)
    app.extensions["assets"] = assets
    # The documented way to wrap an application; only mypy takes it for a method.
    app.wsgi_app = assets  # type: ignore[method-assign]


def compressed_from() -> dict[str, str]:
    """Return file → sha256 of the text that its .br and .gz hold, as `make vendor` noted it."""
    table: dict[str, str] = json.loads((STATIC / "compressed.json").read_text())
    return table
