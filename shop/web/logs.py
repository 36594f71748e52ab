"""What the shop says about itself: one line an event, with the request's id, without secrets.

Production writes JSON for a log collector, other environments a line to read. Both go to standard
error. What a caller adds with `extra=` becomes fields of the line.
"""

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import Any, TextIO

from flask import Flask, Response, g, request

from shop.core.clock import monotonic
from shop.core.config import Config
from shop.core.origin import origin

SLOW = 1.0  # seconds after which a request is worth a line
LONGEST = 4000  # characters kept of any one value

_REMOVED = "[removed]"
_SECRET_FIELDS = re.compile(
    r"pass(word|wd)?$|secret|token|cookie|authorization|api_?key|session$|payload|body",
    re.IGNORECASE,
)
_LINKS = "o|password/reset|account/email|verify|confirm"
_SECRETS = (
    (re.compile(r"\b([sr]k_(?:test|live)_\w{0,4})\w+"), rf"\1{_REMOVED}"),
    (re.compile(r"\bwhsec_\w+"), f"whsec_{_REMOVED}"),
    (re.compile(r"(?i)\b(bearer|basic)\s{1,4}[\w.~+/=-]{8,}"), rf"\1 {_REMOVED}"),
    (re.compile(r"(://[^\s:/@]{0,64}:)[^\s@/]{1,255}@"), rf"\1{_REMOVED}@"),
    (re.compile(r"(?i)\b((?:set-)?cookie[\"']?\s{0,4}[:=]\s{0,4})[^\r\n]+"), rf"\1{_REMOVED}"),
    (re.compile(rf"(/(?:{_LINKS})/)[^\s/?\"']+"), rf"\1{_REMOVED}"),
    (
        re.compile(
            r"(?i)\b((?:pass(?:word)?|token|secret|signature|sid)[\"']?\s{0,4}[=:]\s{0,4}[\"']?)"
            r"[^\s&\"',;]+"
        ),
        rf"\1{_REMOVED}",
    ),
    (re.compile(r"\b(\w)[\w.%+-]{0,63}(@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8})"), r"\1***\2"),
)
_STANDARD = set(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


def without_secrets(text: str) -> str:
    """Return `text` without keys, passwords, tokens, cookies, secret links and full addresses.

    Of a long text the beginning and, since errors say what they are at their end, the end remain.
    """
    if len(text) > LONGEST:
        text = f"{text[: LONGEST // 4]} … {text[-LONGEST // 2 :]}"
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


def fields_of(record: logging.LogRecord) -> dict[str, Any]:
    """Return what a line says, in order: moment (UTC), level, message, request, extras, error."""
    fields: dict[str, Any] = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "message": without_secrets(record.getMessage()),
        "request_id": origin().id,
    }
    for name, value in record.__dict__.items():
        if name not in _STANDARD:
            fields[name] = _REMOVED if _SECRET_FIELDS.search(name) else _plain(value)
    if record.exc_info:
        fields["error"] = without_secrets(logging.Formatter().formatException(record.exc_info))
    return fields


def _plain(value: object) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    return without_secrets(str(value))


class JsonFormatter(logging.Formatter):
    """One JSON object a line; line breaks inside values are escaped by JSON itself."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line for `record`."""
        fields = {name: value for name, value in fields_of(record).items() if value != ""}
        return json.dumps(fields, ensure_ascii=False)


class LineFormatter(logging.Formatter):
    """A line for people: time, level, message, fields; a traceback below it."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line for `record`, line breaks in values escaped."""
        fields = fields_of(record)
        error = fields.pop("error", "")
        head = f"{fields.pop('time')[11:23]} {fields.pop('level'):7} {fields.pop('message')}"
        rest = " ".join(f"{name}={value}" for name, value in fields.items() if value != "")
        line = f"{head}  {rest}".replace("\r", "\\r").replace("\n", "\\n")
        return f"{line}\n{error}" if error else line


class ShopHandler(logging.StreamHandler[TextIO]):
    """Writes to what standard error is at the moment of writing; there is one a process."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

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
    handler.setFormatter(JsonFormatter() if config.is_production else LineFormatter())
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
