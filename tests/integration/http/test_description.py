"""What the description says of requests is what the readers take."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from services.config_api.domain.errors import InvalidSetting
from services.config_api.formats.document import load_fields, read_setting
from services.config_api.formats.schema_errors import read_shape
from services.config_api.http.docs import description
from services.config_api.http.examples import NEW_SETTING, SETTING
from services.config_api.http.schemas.requests import REQUESTS
from tests.integration.http.asking import Service

ODD: tuple[Any, ...] = (
    None,
    True,
    0,
    70_000,
    1.5,
    "587",
    "starttls",
    "",
    "a b",
    [],
    ["TLSv1.2", 1],
    ["SSLv3"],
    {},
)
FIELDS = (
    "id", "port", "security", "tls_protocols", "auth", "debug", "timeout_ms", "session_properties",
    "version", "last_test", "colour",
)  # fmt: skip
AUTH = ("method", "user", "mechanism", "provider_id", "colour")


def described(service: Service, name: str, document: Any) -> bool:
    """Tell whether a document is right by the description of a request."""
    components = description(service.app)["components"]
    whole = {"$ref": f"#/components/schemas/{name}", "components": components}
    return bool(Draft202012Validator(whole).is_valid(document))


def refused(document: Any) -> set[str]:
    """Return the pointers of what is refused of a new setting."""
    try:
        read_setting(document)
    except InvalidSetting as invalid:
        return {error.pointer for error in invalid.errors}
    return set()


@pytest.mark.parametrize("name", FIELDS)
def test_a_new_setting_is_described_as_it_is_read(service: Service, name: str) -> None:
    for value in ODD:
        document = NEW_SETTING | {name: value}
        told = [one for one in refused(document) if one.startswith(f"/{name}")]
        assert described(service, "NewSmtpSetting", document) == (not told), (name, value)


@pytest.mark.parametrize("name", AUTH)
def test_who_signs_in_is_described_as_it_is_read(service: Service, name: str) -> None:
    for value in ODD:
        document = NEW_SETTING | {"auth": {"method": "none", "user": "u", name: value}}
        told = [one for one in refused(document) if one == f"/auth/{name}"]
        assert described(service, "NewSmtpSetting", document) == (not told), (name, value)


def test_only_a_new_setting_needs_its_id(service: Service) -> None:
    without_id = {"host": "smtp.acme.example"}
    assert not described(service, "NewSmtpSetting", without_id)
    assert described(service, "SmtpSettingFields", without_id)
    assert not described(service, "SmtpSettingFields", {"port": 25})
    assert described(service, "SmtpSettingPatch", {"port": 25})


def test_a_patch_may_hold_null_in_every_field_that_is_described(service: Service) -> None:
    properties = description(service.app)["components"]["schemas"]["SmtpSettingPatch"]
    patch: dict[str, Any] = dict.fromkeys(properties["properties"])
    assert described(service, "SmtpSettingPatch", patch)
    load_fields(patch, partial=True)


def test_an_answer_can_be_sent_again(service: Service) -> None:
    assert described(service, "NewSmtpSetting", SETTING | {"last_test": None})
    assert refused(SETTING | {"last_test": None}) <= {"/auth/password"}


@pytest.mark.parametrize(
    ("name", "document"),
    [
        ("TokenRequest", {"name": "mailer", "roles": ["reader"]}),
        ("ConnectionTestRequest", {"setting_id": "acme"}),
        ("Claim", {"attempt": 1}),
    ],
)
def test_what_only_http_takes_is_described_as_it_is_read(
    service: Service, name: str, document: dict[str, Any]
) -> None:
    schema = REQUESTS[name]
    for field in (*schema.fields, "colour"):
        if field == "draft":
            continue
        for value in (*ODD, "x" * 321, ["acme"], ["acme", "acme"], ["reader"], 3651, 2**31 + 1):
            sent = document | {field: value}
            _, errors = read_shape(schema, sent)
            assert described(service, name, sent) == (not errors), (field, value)
