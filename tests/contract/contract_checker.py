"""Judges requests and answers by the contract.

    judge = Judge()
    params, faults = judge.request("POST", "/v1/refunds", "payment_intent=pi_1")
    faults = judge.answer(session, strict=True)

A fault is a sentence; no faults means valid. The strict mode demands every property of every hash,
not only the required ones: what is null must say so, or code that reads it works against Stripe
and crashes against its stand-in, or the other way round.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.contract.document import FORM, contract
from tests.contract.forms import BadForm, decode_form
from tests.contract.sdk_schemas import Schema

KINDS: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}


class Route(NamedTuple):
    """An operation and where it answers."""

    verb: str
    pattern: re.Pattern[str]
    path: str
    operation: Schema


@dataclass(frozen=True)
class Judge:
    """Holds the contract of the installed library unless it is given another."""

    document: Schema = field(default_factory=contract)

    def routes(self) -> list[Route]:
        """Return all operations, those with fewer variables in their path first."""
        found = [
            Route(verb.upper(), _pattern(path), path, operation)
            for path, operations in self.document["paths"].items()
            for verb, operation in operations.items()
        ]
        return sorted(found, key=lambda route: route.path.count("{"))

    def route(self, verb: str, path: str) -> Route | None:
        """Return the operation that answers `verb path`."""
        fitting = (r for r in self.routes() if r.verb == verb.upper() and r.pattern.match(path))
        return next(fitting, None)

    def request(self, verb: str, address: str, body: str = "") -> tuple[dict[str, Any], list[str]]:
        """Return a request's decoded and typed parameters, and its faults."""
        path, _, query = address.partition("?")
        route = self.route(verb, path)
        if route is None:
            return {}, [f"no such operation: {verb} {path}"]
        try:
            values = decode_form(body or query)
        except BadForm as error:
            return {}, [str(error)]
        faults: list[str] = []
        params = self._typed(values, _parameters(route), "", faults)
        return params, faults

    def answer(self, answer: Any, *, strict: bool = False) -> list[str]:
        """Return the faults of an object, a list of objects, an event or an error."""
        if not isinstance(answer, dict):
            return [f"not an object but {type(answer).__name__}"]
        name = _schema_name(answer)
        if name in {"list", "search_result"}:
            return list(self._page(answer, strict=strict))
        if name not in self.document["components"]["schemas"]:
            return [f"no schema for {name!r}"]
        faults = list(self._faults(answer, {"$ref": f"/{name}"}, name, strict))
        if name == "event":
            inner = answer.get("data", {}).get("object", {})
            faults += [f"event {fault}" for fault in self.answer(inner, strict=strict)]
        return faults

    def _page(self, page: dict[str, Any], *, strict: bool) -> Iterator[str]:
        for name in ("data", "has_more", "url"):
            if name not in page:
                yield f"list.{name}: missing"
        for index, item in enumerate(page.get("data", [])):
            for fault in self.answer(item, strict=strict):
                yield f"data[{index}] {fault}"

    # -- requests: text becomes values --

    def _typed(self, value: Any, schema: Schema, where: str, faults: list[str]) -> Any:
        schema = self._resolved(schema)
        if "anyOf" in schema:
            return self._typed_as_any(value, schema["anyOf"], where, faults)
        match schema.get("type"):
            case "object":
                return self._typed_hash(value, schema, where, faults)
            case "array":
                if not isinstance(value, list):
                    faults.append(f"{where}: not a list")
                    return value
                items = schema.get("items", {})
                return [
                    self._typed(item, items, f"{where}[{index}]", faults)
                    for index, item in enumerate(value)
                ]
        if not isinstance(value, str):
            faults.append(f"{where}: not a plain value")
            return value
        return _scalar(value, schema, where, faults)

    def _typed_as_any(
        self, value: Any, choices: list[Schema], where: str, faults: list[str]
    ) -> Any:
        complaints: list[list[str]] = []
        for choice in choices:
            found: list[str] = []
            typed = self._typed(value, choice, where, found)
            if not found:
                return typed
            complaints.append(found)
        nearest: list[str] = min(complaints, key=len)
        faults += nearest
        return value

    def _typed_hash(self, value: Any, schema: Schema, where: str, faults: list[str]) -> Any:
        if not isinstance(value, dict):
            faults.append(f"{where}: not a hash")
            return value
        known, others = schema.get("properties", {}), schema.get("additionalProperties", True)
        typed = {}
        for name, inner in value.items():
            place = f"{where}[{name}]" if where else name
            if name in known or isinstance(others, dict):
                typed[name] = self._typed(inner, known.get(name, others), place, faults)
            elif others is False:
                faults.append(f"{place}: unknown parameter")
            else:
                typed[name] = inner
        absent = [name for name in schema.get("required", []) if name not in value]
        faults += [f"{where}[{name}]: missing" if where else f"{name}: missing" for name in absent]
        return typed

    # -- answers --

    def _resolved(self, schema: Schema) -> Schema:
        while "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            schema = self.document["components"]["schemas"][name]
        return schema

    def _faults(self, value: Any, schema: Schema, where: str, strict: bool) -> Iterator[str]:
        if value is None:
            if schema and not schema.get("nullable"):
                yield f"{where}: null, and may not be"
            return
        schema = self._resolved(schema)
        if "anyOf" in schema:
            yield from self._faults_of_any(value, schema["anyOf"], where, strict)
            return
        kind = schema.get("type")
        if kind and not _is_kind(value, kind):
            yield f"{where}: {type(value).__name__} instead of {kind}"
            return
        yield from _limits(value, schema, where)
        if isinstance(value, list):
            for index, item in enumerate(value):
                yield from self._faults(item, schema.get("items", {}), f"{where}[{index}]", strict)
        if isinstance(value, dict):
            yield from self._faults_of_hash(value, schema, where, strict)

    def _faults_of_any(
        self, value: Any, choices: list[Schema], where: str, strict: bool
    ) -> Iterator[str]:
        if isinstance(value, dict) and "object" in value:
            named = f"/{value['object']}"
            choices = [one for one in choices if one.get("$ref", "").endswith(named)] or choices
        complaints = [list(self._faults(value, one, where, strict)) for one in choices]
        yield from min(complaints, key=len)

    def _faults_of_hash(
        self, value: dict[str, Any], schema: Schema, where: str, strict: bool
    ) -> Iterator[str]:
        known, others = schema.get("properties"), schema.get("additionalProperties")
        wanted = set(schema.get("required", []))
        if strict and known:
            wanted |= {name for name, one in known.items() if one.get("nullable")}
        yield from (f"{where}.{name}: missing" for name in sorted(wanted - value.keys()))
        for name, inner in value.items():
            if known and name in known:
                yield from self._faults(inner, known[name], f"{where}.{name}", strict)
            elif isinstance(others, dict):
                yield from self._faults(inner, others, f"{where}.{name}", strict)
            elif known and strict:
                yield f"{where}.{name}: not in the contract"


def _schema_name(answer: dict[str, Any]) -> str:
    if "error" in answer:
        return "error"
    name = str(answer.get("object", ""))
    return f"deleted_{name}" if answer.get("deleted") is True else name


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile("^" + re.sub(r"\{\w+\}", "[^/]+", path) + "$")


def _parameters(route: Route) -> Schema:
    if route.verb != "GET":
        schema: Schema = route.operation["requestBody"]["content"][FORM]["schema"]
        return schema
    query = [one for one in route.operation["parameters"] if one["in"] == "query"]
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {one["name"]: one["schema"] for one in query},
        "required": [one["name"] for one in query if one["required"]],
    }


def _scalar(value: str, schema: Schema, where: str, faults: list[str]) -> Any:
    if value == "" and schema.get("enum") != [""]:
        faults.append(f"{where}: empty, and cannot be unset")
        return value
    typed = _number(value, schema, where, faults)
    if "enum" in schema and typed not in schema["enum"]:
        faults.append(f"{where}: {value!r} is none of {schema['enum']}")
    if len(value) > schema.get("maxLength", 5000):
        faults.append(f"{where}: too long")
    return typed


def _number(value: str, schema: Schema, where: str, faults: list[str]) -> Any:
    patterns = {"integer": r"-?\d+", "number": r"-?\d+(\.\d+)?", "boolean": "true|false"}
    kind = "number" if schema.get("format") == "decimal" else schema.get("type", "")
    if kind not in patterns:
        return value
    if not re.fullmatch(patterns[kind], value, re.ASCII):
        faults.append(f"{where}: {value!r} is no {kind}")
        return value
    if schema.get("format") == "decimal":
        return value
    if kind == "boolean":
        return value == "true"
    return int(value) if kind == "integer" else float(value)


def _is_kind(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, KINDS[kind])


def _limits(value: Any, schema: Schema, where: str) -> Iterator[str]:
    is_closed = "enum" in schema and not schema.get("x-stripeBypassValidation")
    if is_closed and value not in schema["enum"]:
        yield f"{where}: {value!r} is none of {schema['enum']}"
    if isinstance(value, str) and len(value) > schema.get("maxLength", len(value)):
        yield f"{where}: longer than {schema['maxLength']}"
    if schema.get("format") == "unix-time" and not 10**9 < value < 10**10:
        yield f"{where}: {value} is no time of this century"
