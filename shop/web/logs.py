"""What the shop says about itself: one line an event, with the request's id, without secrets.

Production writes JSON for a log collector, other environments a line to read. Both go to standard
error. What a caller adds with `extra=` becomes fields of the line.
"""

import logging
import sys
from typing import TextIO

from flask import Flask, Response, g, request

from shop.core.clock import monotonic
from shop.core.config import Config

SLOW = 1.0  # seconds after which a request is worth a line


class ShopHandler(logging.StreamHandler[TextIO]):
    """Writes to what standard error is at the moment of writing; there is one a process."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)
        self.is_json = False

    def format(self, record: logging.LogRecord) -> str:
        """Return the line for `record`. Most commands write none, and load no formatter."""
        if self.formatter is None:
            from shop.web.log_lines import JsonLines, PlainLines

            self.formatter = JsonLines() if self.is_json else PlainLines()
        return self.formatter.format(record)

    # An attribute of the base class is a property here: it must follow whoever replaces stderr.
    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        """Standard error, also after something has replaced it."""
        return sys.stderr


def init_logs(app: Flask, config: Config) -> None:
    """Send the logs of shop and libraries to standard error; say which requests are slow."""
    root = logging.getLogger()
    handler = next((h for h in root.handlers if isinstance(h, ShopHandler)), None)
    if handler is None:
        handler = ShopHandler()
        root.addHandler(handler)
    handler.is_json = config.is_production
    handler.setFormatter(None)  # another application of this process may want the other one
    logging.getLogger("shop").setLevel(logging.INFO)
    app.before_request(_start_timing)
    app.after_request(_note_if_slow)


def _start_timing() -> None:
    g.began = monotonic()


def _note_if_slow(response: Response) -> Response:
    took = monotonic() - g.get("began", monotonic())
    if took >= SLOW:
        logging.getLogger(__name__).warning(
            "slow",
            extra={
                "path": request.path,
                "method": request.method,
                "status": response.status_code,
                "seconds": round(took, 2),
            },
        )
    return response
