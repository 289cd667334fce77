"""Two validators that know nothing of each other find the description right; its examples are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from services.config_api.http.app import openapi_document
from tests.support.npm import run_node

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_URL: Final = "http://127.0.0.1:8587"
_VALIDATE: Final = """
const document = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
import("@seriousme/openapi-schema-validator").then(async ({ Validator }) => {
  const validator = new Validator();
  const result = await validator.validate(document);
  console.log(JSON.stringify({ ...result, version: validator.version }));
});
"""


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return openapi_document(_URL)


def test_a_validator_in_python_finds_the_description_right(document: dict[str, Any]) -> None:
    validate(document)


def test_a_validator_in_javascript_finds_the_description_right(
    npm_packages: Path, document: dict[str, Any]
) -> None:
    assert run_node(npm_packages, _VALIDATE, document) == {"valid": True, "version": "3.1"}


def test_the_validator_in_javascript_sees_what_is_wrong(
    npm_packages: Path, document: dict[str, Any]
) -> None:
    wrong = json.loads(json.dumps(document))
    wrong["paths"]["/livez"]["get"]["responses"]["200"].pop("description")
    assert run_node(npm_packages, _VALIDATE, wrong)["valid"] is False


def test_every_example_is_what_its_schema_says(document: dict[str, Any]) -> None:
    components = {"components": document["components"]}
    seen = 0
    for where, media in _media(document):
        examples = [one["value"] for one in media.get("examples", {}).values()]
        for example in [*examples, *([media["example"]] if "example" in media else [])]:
            schema = Draft202012Validator(media["schema"] | components)
            problems = [error.message for error in schema.iter_errors(example)]
            assert not problems, (where, problems)
            seen += 1
    assert seen > 100


def test_every_body_and_every_answer_has_an_example(document: dict[str, Any]) -> None:
    without = [
        where
        for where, media in _media(document)
        if "example" not in media and "examples" not in media
    ]
    assert without == []


def test_every_link_leads_to_an_operation_and_its_parameters(document: dict[str, Any]) -> None:
    parameters = {
        operation["operationId"]: {
            (_resolved(document, one)["in"], _resolved(document, one)["name"])
            for one in [*path.get("parameters", []), *operation["parameters"]]
        }
        for path in document["paths"].values()
        for operation in _operations(path)
    }
    links = [
        link
        for path in document["paths"].values()
        for operation in _operations(path)
        for answer in operation["responses"].values()
        for link in answer.get("links", {}).values()
    ]
    for link in links:
        named = {tuple(name.split(".", 1)) for name in link["parameters"]}
        assert named <= parameters[link["operationId"]], link
    assert len(links) >= 8


def _operations(path: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from (operation for method, operation in path.items() if method != "parameters")


def _resolved(document: dict[str, Any], parameter: dict[str, Any]) -> dict[str, Any]:
    name = parameter.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = document["components"]["parameters"][name] if name else parameter
    return found


def _media(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each body and answer by its place."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method == "parameters":
                continue
            bodies = {"body": operation.get("requestBody", {}), **operation["responses"]}
            for name, body in bodies.items():
                for media_type, media in body.get("content", {}).items():
                    yield f"{method} {path} {name} {media_type}", media
