# SPDX-License-Identifier: Apache-2.0
"""conf/api/openapi.yaml is whole in itself: what is referred to is there, what is there is referred to, and no keyword is
misspelt (Debian has no validator of OpenAPI 3.0 that comes without a web framework)."""

import re

import jsonschema

OBJECTS = {
    "schema": {"type", "description", "required", "properties", "additionalProperties", "items", "enum", "format", "nullable", "minimum", "maximum",
               "minLength", "maxLength", "pattern", "default", "example", "oneOf", "allOf"},
    "operation": {"summary", "description", "parameters", "requestBody", "responses"},
    "response": {"description", "content"},
    "parameter": {"name", "in", "required", "schema", "description"},
}


def references(node):
    if isinstance(node, dict):
        if "$ref" in node:
            assert set(node) == {"$ref"}, f"OpenAPI ignores what stands beside a $ref: {node}"
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def check(kind, node, where):
    if "$ref" not in node:
        assert set(node) <= OBJECTS[kind], f"{where}: {set(node) - OBJECTS[kind]}"


def schemas(node, where=""):
    """Every schema below a node that is none itself."""
    if isinstance(node, list):
        for value in node:
            yield from schemas(value, where)
    elif isinstance(node, dict):
        for key, value in node.items():
            yield from schema(value, f"{where}/{key}") if key == "schema" else schemas(value, f"{where}/{key}")


def schema(node, where):
    yield where, node
    for name, value in node.get("properties", {}).items():
        yield from schema(value, f"{where}.{name}")
    for part in [node["items"]] if "items" in node else node.get("oneOf", []) + node.get("allOf", []):
        yield from schema(part, where + "[]")


def test_every_reference_has_its_target_and_every_component_its_use(description):
    document = description.document
    used = set(references(document))
    components = {f"#/components/{kind}/{name}" for kind, group in document["components"].items() for name in group}
    assert used <= components, used - components
    assert components - used <= {"#/components/schemas/EventName"}, "EventName is the list for readers and tests"


def test_every_operation_is_complete(description):
    for method, path, operation in description.operations():
        where = f"{method} {path}"
        check("operation", operation, where)
        assert operation["summary"] and "default" in operation["responses"] and "200" in operation["responses"], where
        for parameter in operation.get("parameters", []):
            check("parameter", parameter, where)
        for response in operation["responses"].values():
            check("response", response, where)
        declared = {description.resolve(one)["name"] for one in description.document["paths"][path].get("parameters", [])}
        assert set(re.findall(r"\{(\w+)\}", path)) == declared, where


def test_every_schema_is_one(description):
    document = description.document
    everything = list(schemas({**document["paths"], **document["components"]["responses"], **document["components"]["parameters"]}))
    for name, node in document["components"]["schemas"].items():
        everything += schema(node, name)
    for where, node in everything:
        check("schema", node, where)
        if "$ref" in node:
            continue
        assert {"type", "oneOf", "allOf"} & set(node) or "description" in node, where
        if node.get("type") == "object":
            assert set(node.get("required", [])) <= set(node["properties"]), f"{where} requires what it does not have"
    jsonschema.Draft4Validator.check_schema(description._schemas["components"]["schemas"]["Agent"])
