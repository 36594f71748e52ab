"""Finished pages, kept under the stamps of what they show, with holes for what is the visitor's.

A page is rendered once with markers in its holes (`g.page_recorder`, `shop.web.holes.hole`),
cut at them and kept; each visitor gets the pieces joined around their own values. Pages live in
the process, at most BUDGET bytes, and in Redis where one is configured: an error there is a miss.
While one thread renders a page the others that want it wait for it.
"""

import hashlib
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask, current_app, g, make_response
from flask.wrappers import Response
from markupsafe import escape

from shop.core.clock import monotonic
from shop.core.config import Config, config
from shop.web.holes import HOLES
from shop.web.locales import page_locale
from shop.web.public_url import public_url
from shop.web.visitor import current_visitor

log = logging.getLogger(__name__)

BUDGET = 8 * 1024 * 1024  # bytes a process
LARGEST = BUDGET // 16  # one page
OVERHEAD = 120  # bytes a piece costs beside its text
PATIENCE = 5  # seconds a thread waits for another that renders the same page
SHORT = 5  # seconds a page lives whose counts are of an older state
REDIS_LIFE = 600  # seconds
REDIS_REST = 5  # seconds without Redis after it failed
CUT = b"\x01"

Key = tuple[object, ...]
Pieces = tuple[bytes, ...]  # text, name of a hole, text, name of a hole, … text


@dataclass
class _Entry:
    pieces: Pieces
    size: int
    expires: float | None


@dataclass
class PageStore:
    """The pages of one process: the least recently wanted go first."""

    budget: int = BUDGET
    size: int = 0
    entries: "OrderedDict[str, _Entry]" = field(default_factory=OrderedDict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, key: str) -> Pieces | None:
        """Return the page's pieces, if they are kept and still fresh."""
        with self.lock:
            entry = self.entries.get(key)
            if entry is None:
                return None
            if entry.expires is not None and entry.expires < monotonic():
                self._drop(key)
                return None
            self.entries.move_to_end(key)
            return entry.pieces

    def put(self, key: str, pieces: Pieces, seconds: float | None = None) -> None:
        """Keep a page, for `seconds` or until it must make room; one that is too large is not."""
        size = len(key) + sum(len(piece) + OVERHEAD for piece in pieces)
        if size > LARGEST:
            return
        expires = None if seconds is None else monotonic() + seconds
        with self.lock:
            self._drop(key)
            self.entries[key] = _Entry(pieces, size, expires)
            self.size += size
            while self.size > self.budget:
                self._drop(next(iter(self.entries)))

    def _drop(self, key: str) -> None:
        entry = self.entries.pop(key, None)
        if entry is not None:
            self.size -= entry.size


class PageCache:
    """The kept pages of an application, and who is rendering which."""

    def __init__(self, settings: Config) -> None:
        self.store = PageStore()
        self.shared = _Redis(settings) if settings.redis_url else None
        self.rendering: dict[str, threading.Event] = {}
        self.lock = threading.Lock()

    def pieces(self, key: str, render: Callable[[], str]) -> Pieces:
        """Return the page under `key`, rendering it when nobody has; errors of `render` pass."""
        found = self.store.get(key)
        if found is not None:
            return found
        mine, event = self._take(key)
        if not mine:
            event.wait(PATIENCE)
            found = self.store.get(key)
            return found if found is not None else _record(render)[0]
        try:
            return self._fetch_or_render(key, render)
        finally:
            with self.lock:
                self.rendering.pop(key, None)
            event.set()

    def _take(self, key: str) -> tuple[bool, threading.Event]:
        with self.lock:
            other = self.rendering.get(key)
            if other is not None:
                return False, other
            self.rendering[key] = event = threading.Event()
            return True, event

    def _fetch_or_render(self, key: str, render: Callable[[], str]) -> Pieces:
        if self.shared is not None and (text := self.shared.get(key)) is not None:
            pieces = _cut(text)
            if _is_fillable(pieces):
                self.store.put(key, pieces)
                return pieces
        pieces, seconds = _record(render)
        self.store.put(key, pieces, seconds)
        if self.shared is not None and seconds is None:
            self.shared.put(key, CUT.join(pieces))
        return pieces


def init_pagecache(app: Flask, settings: Config) -> None:
    """Give `app` its store of finished pages."""
    app.extensions["pagecache"] = PageCache(settings)


def finished_page(key: Key | None, render: Callable[[], str]) -> Response:
    """Answer with the page that `render` makes, or with the one kept under `key`.

    `key` names everything the page depends on but settings, locale, currency and the shop's
    own address, which are added;
    None: the page is not kept. A page whose render sets `g.page_is_provisional` is kept for
    SHORT seconds only.
    """
    if key is None or current_app.debug:
        return make_response(render())
    cache: PageCache = current_app.extensions["pagecache"]
    visitor = current_visitor()
    full = (*key, visitor.settings_stamp, page_locale(), config().currency, public_url())
    pieces = cache.pieces(repr(full), render)
    response = make_response(_fill(pieces))
    response.mimetype = "text/html"
    return response


def kept_part(key: Key, render: Callable[[], str]) -> str:
    """Return a part of a page, kept with its holes: filled, or open while the page is recorded."""
    cache: PageCache = current_app.extensions["pagecache"]
    full = repr(("part", *key, current_visitor().settings_stamp, page_locale()))
    pieces = None if current_app.debug else cache.store.get(full)
    if pieces is None:
        pieces = _record_part(render)
        cache.store.put(full, pieces)
    is_recording = g.get("page_recorder") is not None
    return (CUT.join(pieces) if is_recording else _fill(pieces)).decode()


def _record(render: Callable[[], str]) -> tuple[Pieces, float | None]:
    """Render with markers in the holes; returns the pieces and for how many seconds they hold."""
    pieces = _record_part(render)
    return pieces, SHORT if g.pop("page_is_provisional", False) else None


def _record_part(render: Callable[[], str]) -> Pieces:
    before = g.get("page_recorder")
    g.page_recorder = True
    try:
        pieces = _cut(render().encode())
    finally:
        g.page_recorder = before
    if not _is_fillable(pieces):
        raise RuntimeError("a page holds a marker that is no hole")
    return pieces


def _cut(text: bytes) -> Pieces:
    return tuple(text.split(CUT))


def _is_fillable(pieces: Pieces) -> bool:
    return len(pieces) % 2 == 1 and all(name.decode() in HOLES for name in pieces[1::2])


def _fill(pieces: Pieces) -> bytes:
    filled = list(pieces)
    known: dict[bytes, bytes] = {}
    for place in range(1, len(filled), 2):
        name = filled[place]
        if name not in known:
            known[name] = escape(HOLES[name.decode()]()).encode()
        filled[place] = known[name]
    return b"".join(filled)


class _Redis:
    """The store that many nodes share. It is asked after the process's own, and never trusted to
    be there: after an error it is left alone for REDIS_REST seconds."""

    def __init__(self, settings: Config) -> None:
        self.url = settings.redis_url
        # Two shops may share a Redis; their stamps count alike.
        self.shop = hashlib.sha256(settings.database_url.encode()).hexdigest()[:12]
        self.client: Any = None
        self.prefix = ""
        self.resting_until = 0.0

    def get(self, key: str) -> bytes | None:
        """Return the text under `key`; None when it is not there or Redis is not."""
        found = self._ask(lambda client: client.get(self._name(key)))
        return found if isinstance(found, bytes) else None

    def put(self, key: str, text: bytes) -> None:
        """Keep `text` under `key` for REDIS_LIFE seconds, if Redis is there."""
        self._ask(lambda client: client.set(self._name(key), text, ex=REDIS_LIFE))

    def _ask(self, question: Callable[[Any], object]) -> object:
        import redis

        if monotonic() < self.resting_until:
            return None
        try:
            if self.client is None:  # made after the fork, in the process that uses it
                self.client = redis.Redis.from_url(
                    self.url, socket_timeout=0.25, socket_connect_timeout=0.25
                )
                self.prefix = f"vitrine:page:{self.shop}:{_release()}:"
            return question(self.client)
        except redis.RedisError as error:
            self.resting_until = monotonic() + REDIS_REST
            log.warning("page cache without redis", extra={"reason": str(error)})
            return None

    def _name(self, key: str) -> str:
        return self.prefix + hashlib.sha256(key.encode()).hexdigest()


def _release() -> str:
    """Return a hash of the code: two releases never share pages."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parents[1].rglob("*")):
        if path.suffix in {".py", ".html", ".css", ".js"}:
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
