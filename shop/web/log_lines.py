"""How a line of the logs is written: JSON for a collector or a line to read, without secrets.

The library gathers what a record says; what is taken out of it is decided here.
"""

import re
from typing import Any

from pythonjsonlogger.core import LogData
from pythonjsonlogger.json import JsonFormatter

from shop.core.origin import origin

LONGEST = 4000  # characters kept of any one value

_REMOVED = "[removed]"
_SECRET_FIELDS = re.compile(
    r"pass(word|wd)?$|secret|token|cookie|authorization|api_?key|session$|payload|body",
    re.IGNORECASE,
)
_LINKS = "o|invite|preview|password/reset|account/email|verify|confirm"
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


def without_secrets(text: str) -> str:
    """Return `text` without keys, passwords, tokens, cookies, secret links and full addresses.

    Of a long text the beginning and, since errors say what they are at their end, the end remain.
    """
    if len(text) > LONGEST:
        text = f"{text[: LONGEST // 4]} … {text[-LONGEST // 2 :]}"
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


class JsonLines(JsonFormatter):
    """One JSON object a record: moment (UTC), level, logger, message, request, extras, error."""

    def __init__(self) -> None:
        """Name the fields; what is not named and is no extra is left out."""
        super().__init__(
            ["levelname", "name", "message"],
            rename_fields={"levelname": "level", "name": "logger", "exc_info": "error"},
            timestamp="time",
            json_ensure_ascii=False,
        )

    def process_log_record(self, log_data: LogData) -> LogData:
        """Return the fields in order, empty ones left out, secrets replaced."""
        named = {name: log_data.pop(name) for name in ("time", "level", "logger", "message")}
        head = {
            "time": named["time"].isoformat(timespec="milliseconds"),
            "level": str(named["level"]).lower(),
            "logger": named["logger"],
            "message": without_secrets(named["message"]),
            "request_id": origin().id,
        }
        rest = {name: _plain(name, value) for name, value in log_data.items()}
        return {name: value for name, value in (head | rest).items() if value != ""}


def _plain(name: str, value: object) -> object:
    if _SECRET_FIELDS.search(str(name)):
        return _REMOVED
    if value is None or isinstance(value, bool | int | float):
        return value
    return without_secrets(str(value))


class PlainLines(JsonLines):
    """A line for people: time, level, message, fields; a traceback below it."""

    def serialize_log_record(self, log_data: LogData) -> str:
        """Return the line, line breaks in values escaped."""
        fields: dict[str, Any] = dict(log_data)
        error = fields.pop("error", "")
        head = f"{fields.pop('time')[11:23]} {fields.pop('level'):7} {fields.pop('message', '')}"
        rest = " ".join(f"{name}={value}" for name, value in fields.items())
        line = f"{head}  {rest}".replace("\r", "\\r").replace("\n", "\\n")
        return f"{line}\n{error}" if error else line
