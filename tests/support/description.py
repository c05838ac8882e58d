# SPDX-License-Identifier: Apache-2.0
"""conf/api/openapi.yaml as a judge of answers: each must be described, status, type of content and body; strictly, so that
a field that is sent and not described is an error, as is one that is described as required and not sent."""

import copy
import json
import pathlib
import re

import jsonschema
import yaml

PATH = pathlib.Path(__file__).resolve().parent.parent.parent / "conf/api/openapi.yaml"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")  # RFC 3339 in UTC

CHECKER = jsonschema.FormatChecker(formats=())
CHECKER.checks("date-time")(lambda text: not isinstance(text, str) or TIME.fullmatch(text) is not None)


def as_json_schema(node):
    """OpenAPI 3.0's dialect as JSON Schema: nullable, and objects that have no other fields."""
    if isinstance(node, list):
        return [as_json_schema(one) for one in node]
    if not isinstance(node, dict):
        return node
    out = {key: as_json_schema(value) for key, value in node.items() if key != "nullable"}
    if isinstance(node.get("properties"), dict) and node.get("type") == "object":
        out.setdefault("additionalProperties", False)
    if node.get("nullable") is True:
        out = {"anyOf": [out, {"type": "null"}]}
    return out


class Description:
    def __init__(self):
        self.document = yaml.safe_load(PATH.read_text())
        schemas = as_json_schema(copy.deepcopy(self.document))
        self._resolver = jsonschema.RefResolver("", schemas)
        self._schemas = schemas
        rows = re.findall(r"^\| (\d{3}) \| ([a-z_]+) \|", self.document["components"]["responses"]["Error"]["description"], re.M)
        self.errors = {(int(status), code) for status, code in rows}
        self.seen = {}  # (method, path) → statuses that were judged

    def operations(self):
        """(METHOD, path with {agent}, what is described)"""
        for path, item in self.document["paths"].items():
            for method, operation in item.items():
                if method != "parameters":
                    yield method.upper(), path, operation

    def find(self, method, path):
        """The described path that this one is; (None, None) when there is none."""
        for template, item in self.document["paths"].items():
            if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path.partition("?")[0]):
                return template, item.get("get" if method == "HEAD" else method.lower())
        return None, None

    def resolve(self, node):
        while "$ref" in node:
            _, node = self._resolver.resolve(node["$ref"])
        return node

    def validate(self, schema, document):
        """Raises jsonschema.ValidationError."""
        jsonschema.Draft4Validator(schema, resolver=self._resolver, format_checker=CHECKER).validate(document)

    def judge(self, method, path, answer):
        """Asserts that the answer is one of those described. Returns its document or text."""
        where = f"{method} {path}: {answer.status} {answer.bytes[:500]!r}"
        template, operation = self.find(method, path)
        if operation is None:  # no such address or method: the general error
            responses = {"default": {"$ref": "#/components/responses/Error"}}
        else:
            responses = self._schemas["paths"][template]["get" if method == "HEAD" else method.lower()]["responses"]
            self.seen.setdefault((method, template), set()).add(answer.status)
        described = responses.get(str(answer.status)) or responses.get("default")
        assert described, f"a status that is not described: {where}"
        content = self.resolve(described)["content"]
        kind = answer.headers["Content-Type"].partition(";")[0]
        assert kind in content, f"content of a type that is not described ({kind}): {where}"
        if method == "HEAD":
            assert answer.bytes == b"", where
            return None
        if kind == "text/plain":
            return answer.text
        document = json.loads(answer.bytes)
        try:
            self.validate(content[kind]["schema"], document)
        except jsonschema.ValidationError as error:
            raise AssertionError(f"{error.message} at {'/'.join(map(str, error.absolute_path))}: {where}") from error
        if answer.status != 200 and kind == "application/json":
            assert (answer.status, document["error"]["code"]) in self.errors, f"no such pair of status and code is described: {where}"
        return document

    def judge_event(self, line):
        document = json.loads(line)
        schemas = self._schemas["components"]["schemas"]
        name = document.get("event")
        chosen = next((one for one in self.event_schemas() if one["properties"]["event"]["enum"] == [name]), schemas["ErrorDocument"])
        try:
            self.validate(chosen, document)
        except jsonschema.ValidationError as error:
            raise AssertionError(f"{error.message} in {line!r}") from error
        return document

    def event_schemas(self):
        return [self.resolve(one) for one in self._schemas["components"]["schemas"]["Event"]["oneOf"]]
