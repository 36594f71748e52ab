"""The contract: an OpenAPI 3.0 document of the part of Stripe's API a shop uses.

    python -m tests.contract.document OUT.json

Generated in under a second from whatever `stripe` is installed, so that an upgrade of the library
is judged by the library itself. It is not an official document.
"""

import ast
import json
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import stripe

from tests.contract.sdk_schemas import ID, Schema, Schemas
from tests.contract.sdk_source import (
    Inline,
    Package,
    Scope,
    arguments,
    generic,
    installed,
    name_of,
    unquoted,
)

CALLS = ("list", "create", "retrieve", "update")

SERVICES: dict[str, tuple[str, ...]] = {
    "stripe.checkout._session_service": (*CALLS, "expire"),
    "stripe.checkout._session_line_item_service": ("list",),
    "stripe._payment_intent_service": (*CALLS, "cancel", "capture"),
    "stripe._charge_service": ("list", "retrieve"),
    "stripe._refund_service": (*CALLS, "cancel"),
    "stripe._product_service": (*CALLS, "delete", "search"),
    "stripe._price_service": (*CALLS, "search"),
    "stripe._coupon_service": (*CALLS, "delete"),
    "stripe._promotion_code_service": CALLS,
    "stripe._shipping_rate_service": CALLS,
    "stripe._tax_rate_service": CALLS,
    "stripe._customer_service": (*CALLS, "delete"),
    "stripe._event_service": ("list", "retrieve"),
    "stripe._webhook_endpoint_service": (*CALLS, "delete"),
    "stripe._dispute_service": ("list", "retrieve", "update", "close"),
    "stripe._balance_transaction_service": ("list", "retrieve"),
    "stripe._balance_service": ("retrieve",),
}
"""The library's services and the calls of each that the contract covers."""

ERROR_TYPES = ["api_error", "card_error", "idempotency_error", "invalid_request_error"]
FORM = "application/x-www-form-urlencoded"


@cache
def contract() -> Schema:
    """Return the document for the installed library, made once per process."""
    return build(installed())


def build(package: Package) -> Schema:
    """Return the document for `package`."""
    schemas = Schemas(package)
    paths: Schema = {}
    deleted: list[str] = []
    for module, calls in SERVICES.items():
        for verb, path, operation in _operations(schemas, module, calls, deleted):
            paths.setdefault(path, {})[verb] = operation
    objects = _objects(schemas)
    objects |= {f"deleted_{name}": _deleted(name) for name in deleted}
    objects["api_errors"] = _api_errors(schemas, objects)
    objects["error"] = {
        "type": "object",
        "properties": {"error": {"$ref": "#/components/schemas/api_errors"}},
        "required": ["error"],
    }
    objects |= {name: one for name, one in _objects(schemas).items() if name not in objects}
    return {
        "openapi": "3.0.0",
        "info": {"title": "Stripe API, trimmed for a shop", "version": stripe.api_version},
        "servers": [{"url": stripe.DEFAULT_API_BASE}],
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": dict(sorted(objects.items()))},
    }


def _operations(
    schemas: Schemas, module_name: str, calls: tuple[str, ...], deleted: list[str]
) -> Iterator[tuple[str, str, Schema]]:
    module = schemas.package.module(module_name)
    [service] = [cls for name, cls in module.classes.items() if name.endswith("Service")]
    for function in service.body:
        if isinstance(function, ast.FunctionDef) and function.name in calls:
            verb, path = _address(function)
            request = _request(schemas, function, Scope(module), path)
            answer = _answer(schemas, function, Scope(module), path)
            if verb == "delete":
                name = answer["$ref"].rpartition("/")[2]
                deleted.append(name)
                answer = {"$ref": f"#/components/schemas/deleted_{name}"}
            yield verb, path, _operation(verb, path, request, answer)


def _address(function: ast.FunctionDef) -> tuple[str, str]:
    """Return verb and path of `self._request("post", "/v1/x/{id}".format(...))`."""
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "_request":
            verb, path = node.args[0], node.args[1]
            if isinstance(path, ast.Call) and isinstance(path.func, ast.Attribute):
                path = path.func.value
            assert isinstance(verb, ast.Constant)
            assert isinstance(path, ast.Constant)
            return str(verb.value), str(path.value)
    raise ValueError(f"{function.name} makes no request")


def _request(schemas: Schemas, function: ast.FunctionDef, scope: Scope, path: str) -> Schema:
    for argument in function.args.args:
        if argument.arg == "params" and argument.annotation is not None:
            node = unquoted(argument.annotation)
            node = unquoted(arguments(node)[0]) if generic(node) else node
            params = schemas.package.resolve(name_of(node), scope)
            assert isinstance(params, Inline)
            return schemas.hash(params, [path], frozenset())
    return {"type": "object", "properties": {}}


def _answer(schemas: Schemas, function: ast.FunctionDef, scope: Scope, path: str) -> Schema:
    assert function.returns is not None
    schema = schemas.describe(function.returns, scope, [path]).schema
    if "properties" in schema and schema["properties"]["object"].get("enum") == ["list"]:
        schema["properties"]["url"]["pattern"] = "^" + re.sub(r"\{\w+\}", "[^/]+", path)
    return schema


def _operation(verb: str, path: str, request: Schema, answer: Schema) -> Schema:
    parameters: list[Schema] = [
        {"in": "path", "name": name, "required": True, "style": "simple", "schema": dict(ID)}
        for name in re.findall(r"\{(\w+)\}", path)
    ]
    if verb == "get":
        parameters += _query(request)
        request = {"type": "object", "properties": {}}
    _close(request)
    body = {FORM: {"encoding": _encoding(request), "schema": request}}
    return {
        "operationId": _operation_id(verb, path),
        "parameters": parameters,
        "requestBody": {"content": body, "required": bool(request.get("required"))},
        "responses": {
            "200": _json(answer),
            "default": _json({"$ref": "#/components/schemas/error"}),
        },
    }


def _query(request: Schema) -> Iterator[Schema]:
    for name, schema in sorted(request["properties"].items()):
        style = {"style": "deepObject", "explode": True} if _is_deep(schema) else {"style": "form"}
        required = name in request.get("required", [])
        yield {"in": "query", "name": name, "required": required, "schema": schema, **style}


def _encoding(request: Schema) -> Schema:
    deep = {"explode": True, "style": "deepObject"}
    return {name: deep for name, schema in request["properties"].items() if _is_deep(schema)}


def _is_deep(schema: Schema) -> bool:
    return schema.get("type") in {"object", "array"} or "anyOf" in schema


def _json(schema: Schema) -> Schema:
    return {"description": "Answer.", "content": {"application/json": {"schema": schema}}}


def _operation_id(verb: str, path: str) -> str:
    words = re.sub(r"[{}]", "", path[3:]).replace("_", "/").split("/")
    return verb.capitalize() + "".join(word.capitalize() for word in words)


def _close(schema: Schema) -> None:
    """Requests take no parameters that are not written down."""
    if schema.get("type") == "object" and "properties" in schema:
        schema["additionalProperties"] = False
        for inner in schema["properties"].values():
            _close(inner)
    for choice in schema.get("anyOf", []):
        _close(choice)
    if "items" in schema:
        _close(schema["items"])


def _objects(schemas: Schemas) -> dict[str, Schema]:
    """Describe all objects that were mentioned, and those that these mention."""
    found: dict[str, Schema] = {}
    while schemas.mentioned:
        name = schemas.mentioned.pop()
        if name not in found:
            found[name] = schemas.resource(name)
    return found


def _deleted(name: str) -> Schema:
    return {
        "type": "object",
        "properties": {
            "deleted": {"type": "boolean", "enum": [True]},
            "id": dict(ID),
            "object": {"type": "string", "enum": [name]},
        },
        "required": ["deleted", "id", "object"],
        "x-resourceId": f"deleted_{name}",
        "x-expandableFields": [],
    }


def _api_errors(schemas: Schemas, objects: dict[str, Schema]) -> Schema:
    module = schemas.package.module("stripe._error_object")
    error = Inline(module.classes["ErrorObject"], Scope(module))
    schema = schemas.hash(error, ["error"], frozenset())
    for one in schema["properties"].values():
        one.pop("nullable", None)  # left out rather than null
    schema["properties"]["type"] = {"type": "string", "enum": ERROR_TYPES}
    # the list of codes stands with the error a payment remembers
    remembered = objects["payment_intent"]["properties"]["last_payment_error"]["properties"]
    schema["properties"]["code"] = {**remembered["code"], "x-stripeBypassValidation": True}
    schema["properties"]["code"].pop("nullable", None)
    return {**schema, "required": ["type"], "x-resourceId": "api_errors"}


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(contract(), separators=(",", ":")))
