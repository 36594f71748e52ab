"""Stripe's contract as the sandbox needs it; tools/sandbox_contract.py writes the file."""

import gzip
import json
import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

Json = dict[str, Any]

PATH = Path(__file__).with_name("contract.json.gz")


class Operation(NamedTuple):
    """One endpoint: its verb, its path with ``{names}``, and what a request may say."""

    verb: str
    path: str
    pattern: re.Pattern[str]
    request: Json


class Contract(NamedTuple):
    """The API version, all endpoints (those with fewer variables first), all object shapes."""

    api_version: str
    operations: tuple[Operation, ...]
    objects: dict[str, Json]


@cache
def load() -> Contract:
    """The contract, read once per process."""
    data = json.loads(gzip.decompress(PATH.read_bytes()))
    operations = [
        Operation(verb, path, _pattern(path), request) for verb, path, request in data["operations"]
    ]
    operations.sort(key=lambda one: one.path.count("{"))
    return Contract(data["api_version"], tuple(operations), data["objects"])


def find_operation(verb: str, path: str) -> tuple[Operation, dict[str, str]] | None:
    """The endpoint that answers ``verb path`` and the variables of its path."""
    for operation in load().operations:
        if operation.verb == verb and (match := operation.pattern.match(path)):
            return operation, match.groupdict()
    return None


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path) + r"\Z")
