"""The reference parser of AsyncAPI, which knows nothing of us, finds the description right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from events.bus.asyncapi import asyncapi_document
from tests.support.npm import run_node

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.http.asking import Service

_PARSE: Final = """
const { Parser } = require("@asyncapi/parser");
const given = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
new Parser().parse(given).then(({ document, diagnostics }) => {
  const found = diagnostics.filter((one) => one.severity === 0)
    .map((one) => `${one.path.join("/")}: ${one.message}`);
  const channels = document ? document.channels().length : 0;
  console.log(JSON.stringify({ found, channels }));
});
"""


def test_the_reference_parser_finds_the_description_right(npm_packages: Path) -> None:
    document = asyncapi_document("1.2.3")
    answer = run_node(npm_packages, _PARSE, document)
    assert answer == {"found": [], "channels": len(document["channels"])}


def test_the_reference_parser_finds_what_is_wrong(npm_packages: Path) -> None:
    document = asyncapi_document("1.2.3")
    document["channels"]["smtp_setting.updated"]["messages"]["lost"] = {"$ref": "#/nowhere"}
    assert run_node(npm_packages, _PARSE, document)["found"] != []


def test_everybody_may_read_it(service: Service) -> None:
    answer = service.app.test_client().get("/v1/asyncapi.json")
    assert answer.status_code == 200
    assert answer.get_json()["channels"] == asyncapi_document("1.2.3")["channels"]
