"""From annotations of the `stripe` package to JSON schemas as OpenAPI 3.0 writes them.

Only the objects a shop meets are described; any other shrinks to its id or an opaque hash.
"""

import ast
import json
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.contract.sdk_source import (
    Inline,
    Package,
    Resource,
    Scope,
    annotated_fields,
    arguments,
    generic,
    literals,
    members,
    name_of,
    never_null,
    unquoted,
)

Schema = dict[str, Any]

DESCRIBED = frozenset(
    (
        "checkout.session item payment_intent charge refund product price coupon promotion_code "
        "discount shipping_rate tax_rate customer event webhook_endpoint dispute "
        "balance_transaction balance payment_method"
    ).split()
)

METHODS = frozenset(
    (
        "card card_present link paypal sepa_debit us_bank_account klarna ideal bancontact "
        "customer_balance boleto oxxo konbini amazon_pay cashapp type"
    ).split()
)
"""The ways to pay that are described where an object has a hash for each of some forty."""

METHOD_HASHES = frozenset(
    (
        "payment_method_options payment_method_details payment_method_data destination_details "
        "payment_method_preview"
    ).split()
)

PLAIN_METHOD_FIELDS = METHODS | frozenset(
    (
        "allow_redisplay billing_details created custom customer customer_account id livemode "
        "metadata object radar_options type"
    ).split()
)

PRIMITIVES: dict[str, Schema] = {
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "Decimal": {"type": "string", "format": "decimal"},
    "Any": {},
    "object": {},
    "IO": {"type": "object"},
    "UntypedStripeObject": {"type": "object"},
}

ID: Schema = {"type": "string", "maxLength": 5000}


class Described(NamedTuple):
    """A field: its schema, whether it may be null, whether it is always there."""

    schema: Schema
    nullable: bool
    required: bool


@dataclass
class Schemas:
    """Describes annotations and remembers which API objects they mentioned."""

    package: Package
    mentioned: list[str] = field(default_factory=list)

    def describe(self, node: ast.expr, scope: Scope, path: list[str]) -> Described:
        """Return what the annotation `node` says; `path` leads to it, for error texts."""
        node = unquoted(node)
        if generic(node) == "NotRequired":
            return self.describe(arguments(node)[0], scope, path)._replace(required=False)
        if generic(node) == "Optional":
            schema = self.describe(arguments(node)[0], scope, path).schema
            return Described(schema, nullable=True, required=False)
        parts = members(node)
        values = [part for part in parts if not _is_none(part)]
        for part in values:
            if generic(part) == "ExpandableField" and (expandable := self._expandable(part, scope)):
                return Described(expandable, len(values) < len(parts), required=True)
        schema, nullable = self._union(values, scope, path)
        return Described(schema, nullable or len(values) < len(parts), required=True)

    def hash(self, inline: Inline, path: list[str], leave_out: frozenset[str]) -> Schema:
        """Return the schema of a class with fields."""
        inner = inline.scope.inside(inline.cls)
        fields = annotated_fields(inline.cls, inline.scope.module)
        is_per_method = path[-1] in METHOD_HASHES and len(fields) > 12
        properties: Schema = {}
        required = []
        for name, annotation in fields:
            if name in leave_out or (is_per_method and _is_other_method(name, annotation)):
                continue
            said = self.describe(annotation, inner, [*path, name])
            if name in never_null(inline.cls):
                said = Described(said.schema, nullable=False, required=False)
            properties[name] = _with_null(said.schema) if said.nullable else dict(said.schema)
            _say_time(name, properties[name])
            if said.required:
                required.append(name)
        result: Schema = {"type": "object", "properties": properties}
        return {**result, "required": sorted(required)} if required else result

    def resource(self, object_name: str) -> Schema:
        """Return the schema of an API object that was mentioned."""
        home = self.package.homes[object_name]
        leave_out = {"deleted"}
        if object_name == "payment_method":
            fields = annotated_fields(home.cls, home.scope.module)
            leave_out |= {name for name, _ in fields} - PLAIN_METHOD_FIELDS
        schema = self.hash(home, [object_name], frozenset(leave_out))
        schema["x-resourceId"] = object_name
        schema["x-expandableFields"] = sorted(
            name
            for name, value in schema["properties"].items()
            if "x-expansionResources" in value or "$ref" in json.dumps(value)
        )
        return schema

    def _union(self, parts: list[ast.expr], scope: Scope, path: list[str]) -> tuple[Schema, bool]:
        """Return the schema of a union without None, and whether a member of it may be null."""
        choices: list[Schema] = []
        enum: list[object] = []
        nullable = can_unset = is_text = False
        has_dict = any(generic(part) == "Dict" for part in parts)
        for part in parts:
            kind = generic(part)
            if kind == "Literal":
                can_unset |= literals(part) == [""]
                enum += [value for value in literals(part) if literals(part) != [""]]
            elif kind == "UntypedStripeObject" and has_dict:
                continue  # metadata is typed as a dictionary or as the library's own kind of it
            elif name_of(part) == "str":
                is_text = True
            else:
                nullable |= kind == "Optional"
                choices += self._choices(part, scope, path)
        if enum:
            choices.insert(0, _enum(enum, is_open=is_text))
        elif is_text:
            choices.insert(0, {"type": "string"})
        if can_unset:
            choices.append({"type": "string", "enum": [""]})
        return (
            choices[0] if len(choices) == 1 else {"anyOf": choices} if choices else {}
        ), nullable

    def _choices(self, part: ast.expr, scope: Scope, path: list[str]) -> list[Schema]:
        match generic(part):
            case "":
                return [self._named(name_of(part), scope, path)]
            case "List" | "list":
                return [{"type": "array", "items": self._inner(part, 0, scope, path)}]
            case "Optional":
                return [self._inner(part, 0, scope, path)]
            case "Dict" | "dict":
                return [_free(self._inner(part, 1, scope, path))]
            case "UntypedStripeObject":
                return [_free(self._inner(part, 0, scope, path))]
            case "ExpandableField":
                return [dict(ID), {"type": "object", "title": "trimmed"}]
            case "ListObject" | "SearchResultObject" as kind:
                return [list_of(self._inner(part, 0, scope, path), is_search=kind[0] == "S")]
        raise ValueError(f"{ast.unparse(part)} at {path}: a kind of annotation we do not know")

    def _inner(self, part: ast.expr, index: int, scope: Scope, path: list[str]) -> Schema:
        return self.describe(arguments(part)[index], scope, path).schema

    def _named(self, name: str, scope: Scope, path: list[str]) -> Schema:
        if name in PRIMITIVES:
            return dict(PRIMITIVES[name])
        found = self.package.resolve(name, scope)
        if isinstance(found, Inline):
            return self.hash(found, path, frozenset())
        if found is None:
            return {"type": "object", "title": f"unresolved:{name}"}
        if found.object_name not in DESCRIBED:
            return {"type": "object", "title": f"trimmed:{found.object_name}"}
        return self._reference(found)

    def _expandable(self, part: ast.expr, scope: Scope) -> Schema | None:
        """Return "an id or the object", or None when no such object is described."""
        found = [self.package.resolve(name_of(m), scope) for m in members(arguments(part)[0])]
        references = [
            self._reference(one)
            for one in found
            if isinstance(one, Resource) and one.object_name in DESCRIBED
        ]
        if not references:
            return None
        return {
            "anyOf": [dict(ID), *references],
            "x-expansionResources": {"oneOf": references},
        }

    def _reference(self, resource: Resource) -> Schema:
        self.mentioned.append(resource.object_name)
        return {"$ref": f"#/components/schemas/{resource.object_name}"}


def list_of(item: Schema, *, is_search: bool = False) -> Schema:
    """Return the schema of a page of a list or of search results."""
    properties: Schema = {
        "data": {"type": "array", "items": item},
        "has_more": {"type": "boolean"},
        "object": {"type": "string", "enum": ["search_result" if is_search else "list"]},
        "url": dict(ID),
    }
    if is_search:
        properties["next_page"] = {"type": "string", "nullable": True}
        properties["total_count"] = {"type": "integer"}
    return {
        "type": "object",
        "properties": properties,
        "required": ["data", "has_more", "object", "url"],
        "x-expandableFields": ["data"],
    }


def _enum(values: list[object], *, is_open: bool) -> Schema:
    kinds = {bool: "boolean", int: "integer"}
    schema: Schema = {"type": kinds.get(type(values[0]), "string"), "enum": values}
    if is_open:  # answers may bring values that are not written down yet
        schema["x-stripeBypassValidation"] = True
    return schema


def _free(values: Schema) -> Schema:
    return {"type": "object", "additionalProperties": values} if values else {"type": "object"}


def _with_null(schema: Schema) -> Schema:
    return {**({"anyOf": [schema]} if "$ref" in schema else schema), "nullable": True}


def _say_time(name: str, schema: Schema) -> None:
    """Mark seconds since 1970, which the annotations call plain integers."""
    is_time = name in {"created", "date"} or name.endswith(
        ("_at", "redeem_by", "due_by", "_before", "_created", "_date")
    )
    if is_time and schema.get("type") == "integer":
        schema["format"] = "unix-time"


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _is_other_method(name: str, annotation: ast.expr) -> bool:
    """Tell whether a field is the hash of a way to pay that a shop of this kind does not take."""
    camel = "".join(word.capitalize() for word in name.split("_"))
    text = ast.unparse(annotation)
    return name not in METHODS and (camel in text or name.capitalize() in text)
