"""What an OAuth provider may be, and who may change what of it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.integration.http.asking import Asker, Service, problem
from tests.integration.http.providing import (
    PATH,
    SETTING,
    document,
    registered,
    with_setting,
)
from tests.support.authorization_server import Provider


@pytest.fixture
def environ(provider: Provider) -> dict[str, str]:
    return {"RELAYBOOK_PROBE_ALLOW": f"127.0.0.1/32:{urlsplit(provider.url).port}"}


@pytest.fixture
def sender(service: Service) -> Asker:
    return service.asker("credentials")


class TestRules:
    def test_only_an_administrator_chooses_mail_hosts(
        self, operator: Asker, admin: Asker, provider: Provider
    ) -> None:
        problem(operator("POST", PATH, document(provider)), 403, "forbidden")
        without = document(provider)
        del without["mail_hosts"]
        assert operator("POST", PATH, without).get_json()["mail_hosts"] == []
        anywhere = {"If-Match": "*"}
        more = document(provider, mail_hosts=["evil.example"])
        problem(operator("PUT", f"{PATH}/idp", more, headers=anywhere), 403, "forbidden")
        chosen = document(provider, mail_hosts=["ok.example"])
        assert admin("PUT", f"{PATH}/idp", chosen, headers=anywhere).status_code == 200
        same = operator("PUT", f"{PATH}/idp", chosen | {"name": "x"}, headers=anywhere)
        assert same.get_json()["mail_hosts"] == ["ok.example"]

    def test_a_preset_fills_in_what_is_missing_for_an_operator_too(self, operator: Asker) -> None:
        sent = {"id": "g", "preset": "google", "grant": "authorization_code", "client_id": "c"}
        told = operator("POST", PATH, sent).get_json()
        assert told["token_url"] == "https://oauth2.googleapis.com/token"
        assert told["mail_hosts"] == ["smtp.gmail.com", "smtp-relay.gmail.com"]
        assert told["scopes"] == ["https://mail.google.com/"]
        assert told["extra"] == {"access_type": "offline", "prompt": "consent"}
        url = operator("POST", f"{PATH}/g/authorize").get_json()["url"]
        assert url.startswith("https://accounts.google.com/o/oauth2/v2/auth?")
        assert "code_challenge_method=S256" in url
        assert "access_type=offline" in url

    def test_microsoft_needs_a_directory_where_no_person_signs_in(self, operator: Asker) -> None:
        sent = {
            "id": "m",
            "preset": "microsoft365",
            "grant": "client_credentials",
            "client_id": "c",
            "client_secret": "s3cret-one",
        }
        (error,) = problem(operator("POST", PATH, sent), 422, "validation-failed")["errors"]
        assert (error["pointer"], error["code"]) == ("/directory", "directory_missing")
        told = operator("POST", PATH, sent | {"directory": "contoso.com"}).get_json()
        assert told["token_url"].startswith("https://login.microsoftonline.com/contoso.com/")
        assert told["scopes"] == ["https://outlook.office365.com/.default"]

    @pytest.mark.parametrize(
        ("changes", "pointer", "code"),
        [
            ({"token_url": "ftp://a"}, "/token_url", "url_invalid"),
            ({"token_url": "https://u:p@a/t"}, "/token_url", "url_invalid"),
            ({"token_url": "https://a/t#f"}, "/token_url", "url_invalid"),
            ({"token_url": "https://a b/t"}, "/token_url", "url_invalid"),
            ({"token_url": "https://a:99999/t"}, "/token_url", "url_invalid"),
            ({"token_url": "https://2130706433/t"}, "/token_url", "url_invalid"),
            ({"token_url": None}, "/token_url", "required"),
            ({"grant": "password"}, "/grant", "not_one_of"),
            ({"grant": "jwt_bearer"}, "/private_key", "secret_of_grant"),
            ({"grant": "refresh_token"}, "/refresh_token", "secret_of_grant"),
            ({"client_secret": None}, "/client_secret", "secret_of_grant"),
            ({"client_secret": "********"}, "/client_secret", "masked_password"),
            ({"client_secret": "a\nb"}, "/client_secret", "control_characters"),
            ({"private_key": "nonsense"}, "/private_key", "private_key_invalid"),
            ({"private_key": "****"}, "/private_key", "masked_password"),
            ({"client_id": ""}, "/client_id", "required"),
            ({"scopes": ["a b"]}, "/scopes", "scope_invalid"),
            ({"scopes": "a"}, "/scopes", "wrong_type"),
            ({"mail_hosts": ["https://x"]}, "/mail_hosts/0", "host_is_url"),
            ({"extra": {"grant_type": "x"}}, "/extra/grant_type", "parameter_reserved"),
            ({"extra": {"ä": "x"}}, "/extra/ä", "parameter_invalid"),
            ({"directory": "x"}, "/directory", "directory_without_preset"),
            ({"id": "~x"}, "/id", "id_invalid"),
            ({"nonsense": 1}, "/nonsense", "unknown_field"),
        ],
    )
    def test_a_wrong_field_is_told(
        self,
        admin: Asker,
        provider: Provider,
        changes: dict[str, Any],
        pointer: str,
        code: str,
    ) -> None:
        answer = admin("POST", PATH, document(provider, **changes))
        errors = problem(answer, 422, "validation-failed")["errors"]
        assert [(one["pointer"], one["code"]) for one in errors] == [(pointer, code)]
        assert all(one["detail"] for one in errors)

    @pytest.mark.parametrize(
        "changes",
        [
            {"token_url": "https://evil.example/token"},
            {"client_id": "other"},
            {"grant": "jwt_bearer"},
            {"subject": "somebody"},
            {"audience": "https://evil.example/"},
            {"key_id": "k"},
        ],
    )
    def test_a_stored_secret_goes_nowhere_else(
        self, admin: Asker, provider: Provider, changes: dict[str, Any]
    ) -> None:
        registered(admin, provider)
        moved = document(provider, **changes)
        del moved["client_secret"]
        answer = admin("PUT", f"{PATH}/idp", moved, headers={"If-Match": "*"})
        (error,) = problem(answer, 422, "secret-required")["errors"]
        assert error["pointer"] == "/client_secret"

    def test_a_provider_that_settings_name_is_not_deleted(
        self, admin: Asker, provider: Provider
    ) -> None:
        registered(admin, provider)
        with_setting(admin)
        refused = admin("DELETE", f"{PATH}/idp", headers={"If-Match": "*"})
        assert "acme" in problem(refused, 409, "in-use")["detail"]

    def test_conditions_are_those_of_every_other_thing(
        self, admin: Asker, provider: Provider
    ) -> None:
        registered(admin, provider)
        problem(admin("POST", PATH, document(provider)), 409, "already-exists")
        problem(admin("DELETE", f"{PATH}/idp"), 428, "precondition-required")
        stale = {"If-Match": '"v7"'}
        problem(admin("DELETE", f"{PATH}/idp", headers=stale), 412, "version-conflict")
        problem(admin("DELETE", f"{PATH}/nobody", headers=stale), 404, "not-found")
        problem(admin("POST", f"{PATH}/nobody/authorize"), 404, "not-found")
        (error,) = problem(admin("POST", f"{PATH}/idp/authorize"), 422, "validation-failed")[
            "errors"
        ]
        assert (error["pointer"], error["code"]) == ("/grant", "no_consent")

    def test_a_setting_warns_of_a_provider_only_while_there_is_none(
        self, admin: Asker, provider: Provider
    ) -> None:
        first = admin("POST", "/v1/smtp-settings", SETTING).get_json()
        assert [one["code"] for one in first["warnings"]] == ["provider_unknown"]
        registered(admin, provider)
        for method, body in (("PUT", SETTING | {"port": 465}), ("PATCH", {"port": 2525})):
            answer = admin(
                method, "/v1/smtp-settings/acme", body, headers={"If-Match": "*"}
            ).get_json()
            codes = [one["code"] for one in answer.get("warnings", [])]
            assert "provider_unknown" not in codes
        plan = admin(
            "POST",
            "/v1/imports?mode=update&dry_run=true",
            {"relaybook": 1, "settings": [SETTING | {"id": "globex"}]},
        ).get_json()
        assert plan["items"][0]["warnings"] == []
