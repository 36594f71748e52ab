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
from whitenoise.responders import StaticFile

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


@dataclass(frozen=True)
class Asset:
    """One file: where it lies, when it was read (nanoseconds), where it is served."""

    path: Path
    mtime: int
    url: str


class Assets(WhiteNoise):  # WhiteNoise carries no types
    """The static files of the shop as WSGI middleware, and the table from name to URL.

    A hash that nobody knows (a page of the last release, or of a newer node during a rolling
    update) gets the present file, not to be kept, rather than a page without style.
    """

    def __init__(self, application: WSGI, *, watch: bool, headers: dict[str, str]) -> None:
        """Read and hash every file; `watch`: re-read changed ones; `headers`: sent with each."""
        super().__init__(application, max_age=None, allow_all_origins=False)
        self.watch = watch
        self.looked = 0.0
        self.extra = headers
        self.assets: dict[str, Asset] = {}
        for path in sorted(STATIC.rglob("*")):
            if path.is_file() and path.suffix not in NOT_SERVED:
                self._add(path)

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer a request for a file; hand everything else on."""
        if environ["REQUEST_METHOD"] in {"GET", "HEAD"}:
            file = self._find(environ.get("PATH_INFO", ""))
            if file is not None:
                answer: Iterable[bytes] = self.serve(file, environ, start_response)
                return answer
        passed_on: Iterable[bytes] = self.application(environ, start_response)
        return passed_on

    def url(self, name: str) -> str:
        """Return the URL of `name`, a path below static/. Raises KeyError where there is none."""
        if self.watch and monotonic() > self.looked + LOOK_AGAIN:
            self._look()
        return self.assets[name].url

    def _look(self) -> None:
        self.looked = monotonic()
        for asset in list(self.assets.values()):
            if asset.path.stat().st_mtime_ns != asset.mtime:
                self._add(asset.path)

    def _find(self, url: str) -> StaticFile | None:
        if url in self.files:
            return self.files[url]
        if url.startswith(PREFIX):
            hashed = HASHED.fullmatch(url, len(PREFIX))
            name = hashed["stem"] + hashed["suffix"] if hashed else ""
        else:
            name = WELL_KNOWN.get(url, "")
        asset = self.assets.get(name)
        return self._file(asset.path, ASK_AGAIN) if asset else None

    def _add(self, path: Path) -> Asset:
        name = path.relative_to(STATIC).as_posix()
        # Fonts carry their hash on disk, because style sheets name them.
        hashed = HASHED.fullmatch(name)
        if hashed:
            url, name = PREFIX + name, hashed["stem"] + hashed["suffix"]
        else:
            stem, _, suffix = name.rpartition(".")
            url = f"{PREFIX}{stem}.{_sha256(path)[:10]}.{suffix}"
        asset = self.assets[name] = Asset(path, path.stat().st_mtime_ns, url)
        self.files[url] = self._file(path, FOREVER)
        return asset

    def _file(self, path: Path, cache_control: str) -> StaticFile:
        digest = _sha256(path)
        headers = Headers(list(self.extra.items()))
        self.add_mime_headers(headers, str(path), "")
        headers["Cache-Control"] = cache_control
        # By content, not by time: every node gives the same one.
        headers["ETag"] = f'W/"{digest[:20]}"'
        # A .br made from another text than the one on disk is left alone: `make vendor` renews it.
        encodings = {}
        if compressed_from().get(path.relative_to(STATIC).as_posix()) == digest:
            encodings = {"br": f"{path}.br", "gzip": f"{path}.gz"}
        return StaticFile(str(path), headers.items(), encodings=encodings)


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


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
