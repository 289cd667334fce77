"""The setting in force over HTTP, as JSON and as the text of each target."""

from __future__ import annotations

import json

import pytest

from services.config_api.rendering.registry import TARGETS
from tests.integration.http.asking import Asker, Service, problem

PATH = "/v1/smtp-settings/acme/effective"
ACME = {
    "id": "acme",
    "host": "smtp.acme.example",
    "auth": {"method": "password", "user": "mailer", "password": "correct horse"},
    "session_properties": {"mail.smtp.timeout": "5000", "mail.smtp.proxy.password": "canary"},
}


@pytest.fixture(autouse=True)
def acme(operator: Asker) -> None:
    assert operator("POST", "/v1/smtp-settings", ACME).status_code == 201


def test_derived_and_own_properties_stand_beside_each_other(reader: Asker) -> None:
    properties = reader("GET", PATH).get_json()["session_properties"]
    assert properties["mail.smtp.timeout"] == {"value": "5000", "source": "setting"}
    assert properties["mail.smtp.connectiontimeout"] == {"value": "60000", "source": "derived"}
    assert "mail.smtp.proxy.password" not in properties


@pytest.mark.parametrize("render", TARGETS)
def test_each_target_is_a_text_with_its_own_tag(reader: Asker, render: str) -> None:
    answer = reader("GET", f"{PATH}?render={render}")
    assert answer.status_code == 200
    assert answer.content_type == TARGETS[render].content_type
    assert answer.headers["ETag"] == f'"acme-v1-{render}"'
    assert answer.headers["Content-Disposition"] == (
        f'inline; filename="{TARGETS[render].filename}"'
    )
    assert "smtp.acme.example" in answer.get_data(as_text=True)
    again = {"If-None-Match": f'"acme-v1-{render}"'}
    assert reader("GET", f"{PATH}?render={render}", headers=again).status_code == 304
    other = {"If-None-Match": '"acme-v1-none"'}
    assert reader("GET", f"{PATH}?render={render}", headers=other).status_code == 200


@pytest.mark.parametrize("render", TARGETS)
def test_no_secret_is_in_any_text(reader: Asker, render: str) -> None:
    text = reader("GET", f"{PATH}?render={render}").get_data(as_text=True)
    assert "correct horse" not in text
    assert "canary" not in text


def test_comments_are_in_the_asked_language(reader: Asker) -> None:
    japanese = reader("GET", f"{PATH}?render=django", headers={"Accept-Language": "ja"})
    assert "SMTP 設定 acme" in japanese.get_data(as_text=True)
    assert japanese.headers["ETag"] == '"acme-v1-django-ja"'
    assert japanese.headers["Content-Language"] == "ja"
    assert "Accept-Language" in japanese.headers["Vary"]


def test_json_is_the_same_in_each_language(reader: Asker) -> None:
    path = f"{PATH}?render=nodemailer"
    japanese = reader("GET", path, headers={"Accept-Language": "ja"})
    assert japanese.headers["ETag"] == '"acme-v1-nodemailer"'
    assert json.loads(japanese.get_data()) == reader("GET", path).get_json()


def test_a_tenant_without_a_setting_gets_the_text_of_the_default_one(
    operator: Asker, reader: Asker
) -> None:
    path = "/v1/smtp-settings/zed/effective?render=env"
    problem(reader("GET", path), 404, "not-found")
    operator("POST", "/v1/smtp-settings", {"id": "default", "host": "mail.example"})
    answer = reader("GET", path)
    assert answer.headers["ETag"] == '"default-v1-env"'
    assert "SMTP_HOST=mail.example\n" in answer.get_data(as_text=True)


@pytest.mark.parametrize("nobody", ["x" * 65, "%C3%A9", "%FF", "-zed"])
@pytest.mark.parametrize("query", ["", "?render=env"])
def test_what_is_no_tenants_id_has_no_default_setting(
    operator: Asker, reader: Asker, nobody: str, query: str
) -> None:
    operator("POST", "/v1/smtp-settings", {"id": "default", "host": "mail.example"})
    answer = reader("GET", f"/v1/smtp-settings/{nobody}/effective{query}")
    problem(answer, 404, "not-found")


@pytest.mark.parametrize("query", ["render=perl", "render=", "render=env&render=env", "view=env"])
def test_another_target_is_refused(reader: Asker, query: str) -> None:
    problem(reader("GET", f"{PATH}?{query}"), 422, "validation-failed")


def test_the_setting_of_another_tenant_is_not_there(service: Service) -> None:
    other = service.asker("reader", tenants=["zed"])
    problem(other("GET", f"{PATH}?render=env"), 404, "not-found")
