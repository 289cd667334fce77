from __future__ import annotations

import base64
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from services.config_api.settings import InvalidSettings, read_settings
from services.config_api.settings_values import Bind, Rate

if TYPE_CHECKING:
    from services.config_api.settings import Settings

KEY = base64.b64encode(b"k" * 32).decode()


def wrong_names(environ: dict[str, str]) -> set[str]:
    with pytest.raises(InvalidSettings) as refused:
        read_settings(environ)
    return {one.name for one in refused.value.wrong}


def origin(settings: Settings, name: str) -> tuple[str, str]:
    (found,) = (one for one in settings.origins if one.name == name)
    return found.value, found.source


def test_without_variables_everything_is_embedded() -> None:
    settings = read_settings({})
    assert settings.embedded
    assert settings.database_url == f"sqlite:///{Path('var').absolute() / 'relaybook.db'}"
    assert settings.broker_url is None
    assert settings.bind == Bind(host="127.0.0.1", port=8587)
    assert settings.base_url == "http://127.0.0.1:8587"
    assert settings.test_rate == Rate(count=30, seconds=60)
    assert settings.probe_deadline_ms == 60_000


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("RELAYBOOK_MASTER_KEY", "master.key"),
        ("RELAYBOOK_TOKEN", "admin.token"),
        ("RELAYBOOK_BROKER_URL", "bus.db"),
    ],
)
def test_what_lies_in_the_data_directory_is_shown_by_its_place(
    name: str, file: str, tmp_path: Path
) -> None:
    settings = read_settings({"RELAYBOOK_DATA_DIR": str(tmp_path)})
    assert origin(settings, name) == (str(tmp_path / file), "default")


def test_an_empty_variable_is_not_set() -> None:
    assert read_settings({"RELAYBOOK_BROKER_URL": ""}).broker_url is None


def test_all_wrong_values_are_told_at_once() -> None:
    assert wrong_names(
        {
            "RELAYBOOK_DATABASE_URL": "mysql://db/x",
            "RELAYBOOK_BROKER_URL": "redis://b",
            "RELAYBOOK_MASTER_KEY": "short",
            "RELAYBOOK_BIND": "8587",
            "RELAYBOOK_PUBLIC_URL": "ftp://x",
            "RELAYBOOK_TRUSTED_PROXIES": "-1",
            "RELAYBOOK_PROBE_ALLOW": "everything",
            "RELAYBOOK_PROBE_DENY": "10.0.0.0/8:x",
            "RELAYBOOK_PROBE_CONCURRENCY": "0",
            "RELAYBOOK_PROBE_DEADLINE_MS": "1.5",
            "RELAYBOOK_CA_FILE": "/nowhere/ca.pem",
            "RELAYBOOK_DNS_SERVERS": "resolver",
            "RELAYBOOK_TEST_RATE": "lots",
            "RELAYBOOK_LOG_LEVEL": "loud",
            "RELAYBOOK_LOG_FORMAT": "xml",
        }
    ) == {
        "RELAYBOOK_DATABASE_URL",
        "RELAYBOOK_BROKER_URL",
        "RELAYBOOK_MASTER_KEY",
        "RELAYBOOK_BIND",
        "RELAYBOOK_PUBLIC_URL",
        "RELAYBOOK_TRUSTED_PROXIES",
        "RELAYBOOK_PROBE_ALLOW",
        "RELAYBOOK_PROBE_DENY",
        "RELAYBOOK_PROBE_CONCURRENCY",
        "RELAYBOOK_PROBE_DEADLINE_MS",
        "RELAYBOOK_CA_FILE",
        "RELAYBOOK_DNS_SERVERS",
        "RELAYBOOK_TEST_RATE",
        "RELAYBOOK_LOG_LEVEL",
        "RELAYBOOK_LOG_FORMAT",
    }


def test_no_message_repeats_a_secret() -> None:
    with pytest.raises(InvalidSettings) as refused:
        read_settings({"RELAYBOOK_MASTER_KEY": "c2VjcmV0"})
    assert "c2VjcmV0" not in str(refused.value)


def test_a_secret_can_stand_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(KEY + "\n")
    settings = read_settings({"RELAYBOOK_MASTER_KEY_FILE": str(path)})
    assert settings.master_key is not None
    assert settings.master_key.reveal() == KEY
    assert settings.master_key_file == path
    assert origin(settings, "RELAYBOOK_MASTER_KEY") == ("***", f"file {path}")


def test_several_master_keys_are_parted_by_white_space(tmp_path: Path) -> None:
    settings = read_settings({"RELAYBOOK_MASTER_KEY": f"{KEY} {KEY}"})
    assert settings.master_key is not None
    assert settings.master_key.reveal().split() == [KEY, KEY]
    assert settings.master_key_file is None
    assert wrong_names({"RELAYBOOK_MASTER_KEY": f"{KEY} {KEY[:-1]}"}) == {"RELAYBOOK_MASTER_KEY"}
    embedded = read_settings({"RELAYBOOK_DATA_DIR": str(tmp_path)})
    assert embedded.master_key_file == embedded.master_key_path


def test_a_secret_in_the_variable_and_in_a_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("x")
    environ = {"RELAYBOOK_TOKEN": "y", "RELAYBOOK_TOKEN_FILE": str(path)}
    assert wrong_names(environ) == {"RELAYBOOK_TOKEN"}


def test_a_file_that_cannot_be_read_is_refused() -> None:
    assert wrong_names({"RELAYBOOK_TOKEN_FILE": "/nowhere/token"}) == {"RELAYBOOK_TOKEN_FILE"}


def test_postgresql_needs_a_master_key(tmp_path: Path) -> None:
    environ = {
        "RELAYBOOK_DATA_DIR": str(tmp_path),
        "RELAYBOOK_DATABASE_URL": "postgresql+psycopg://app@db/relaybook",
    }
    assert wrong_names(environ) == {"RELAYBOOK_MASTER_KEY"}
    (tmp_path / "master.key").write_text(KEY)
    assert not read_settings(environ).embedded


def test_passwords_in_addresses_are_masked(tmp_path: Path) -> None:
    settings = read_settings(
        {
            "RELAYBOOK_DATABASE_URL": "postgresql+psycopg://app:hunter2@db/relaybook",
            "RELAYBOOK_BROKER_URL": "amqp://app:hunter2@broker/",
            "RELAYBOOK_MASTER_KEY": KEY,
            "RELAYBOOK_TOKEN": "hunter2",
        }
    )
    shown = " ".join(one.value for one in settings.origins)
    assert "hunter2" not in shown
    assert KEY not in shown
    assert "app:***@db" in shown
    assert "hunter2" not in repr(settings.token)
    assert settings.migration_database_url == settings.database_url


@pytest.mark.parametrize(
    ("text", "bind"),
    [("0.0.0.0:80", Bind(host="0.0.0.0", port=80)), ("[::1]:8587", Bind(host="::1", port=8587))],  # noqa: S104 -- only read
)
def test_an_address_to_listen_on_is_host_and_port(text: str, bind: Bind) -> None:
    settings = read_settings({"RELAYBOOK_BIND": text})
    assert settings.bind == bind
    assert str(settings.bind) == text


def test_a_defaults_file_must_be_there_and_tell_its_format(tmp_path: Path) -> None:
    assert read_settings({}).defaults_file is None
    for name in ("a.xml", "a.json", "a.YAML", "a.yml", "a.csv"):
        (tmp_path / name).touch()
        settings = read_settings({"RELAYBOOK_DEFAULTS_FILE": str(tmp_path / name)})
        assert settings.defaults_file == tmp_path / name
    (tmp_path / "a.txt").touch()
    for name in ("a.txt", "gone.xml", "."):
        environ = {"RELAYBOOK_DEFAULTS_FILE": str(tmp_path / name)}
        assert wrong_names(environ) == {"RELAYBOOK_DEFAULTS_FILE"}


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("24h", timedelta(hours=24)),
        ("30m", timedelta(minutes=30)),
        ("90s", timedelta(seconds=90)),
        ("366d", timedelta(days=366)),
        ("off", None),
        ("", None),
    ],
)
def test_a_period_of_retests_is_read(text: str, period: timedelta | None) -> None:
    assert read_settings({"RELAYBOOK_RETEST_EVERY": text}).retest_every == period


@pytest.mark.parametrize("text", ["0h", "24", "h", "1.5h", "-1h", "24 h", "367d", "1w", "daily"])
def test_what_is_no_period_of_retests_is_refused(text: str) -> None:
    environ = {"RELAYBOOK_RETEST_EVERY": text}
    assert wrong_names(environ) == set(environ)


def test_limits_on_tests_can_be_lifted() -> None:
    assert read_settings({"RELAYBOOK_TEST_RATE": "off"}).test_rate is None


def test_resolvers_are_addresses_with_or_without_port() -> None:
    settings = read_settings({"RELAYBOOK_DNS_SERVERS": "127.0.0.1:53, ::1,[::1]:5353"})
    assert settings.dns_servers == ("127.0.0.1:53", "::1", "[::1]:5353")
    with pytest.raises(InvalidSettings) as refused:
        read_settings({"RELAYBOOK_DNS_SERVERS": "::1, ns.example:53, 192.0.2.1:0"})
    (wrong,) = refused.value.wrong
    assert wrong.reason == "not IP[:PORT]: 'ns.example:53', '192.0.2.1:0'"


OPENID = {
    "RELAYBOOK_OIDC_ISSUER": "https://id.example/realms/mail/",
    "RELAYBOOK_OIDC_CLIENT_ID": "relaybook",
    "RELAYBOOK_OIDC_CLIENT_SECRET": "hunter2",
    "RELAYBOOK_OIDC_ROLES": "groups=mail-admins:admin",
}


def test_a_provider_is_read_and_its_secret_masked() -> None:
    settings = read_settings(OPENID)
    assert settings.openid is not None
    assert settings.openid.issuer == "https://id.example/realms/mail/"
    assert settings.openid.host == "id.example"
    assert settings.openid.client_secret is not None
    assert settings.openid.client_secret.reveal() == "hunter2"
    assert origin(settings, "RELAYBOOK_OIDC_CLIENT_SECRET") == ("***", "environment")
    assert origin(settings, "RELAYBOOK_OIDC_ROLES")[0] == "groups=mail-admins:admin"
    assert "hunter2" not in repr(settings)
    assert read_settings({}).openid is None


def test_a_providers_secret_may_stand_in_a_file_or_be_missing(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("hunter2\n")
    without = {**OPENID, "RELAYBOOK_OIDC_CLIENT_SECRET": ""}
    assert read_settings(without).openid is not None
    in_file = read_settings({**without, "RELAYBOOK_OIDC_CLIENT_SECRET_FILE": str(path)}).openid
    assert in_file is not None
    assert in_file.client_secret is not None
    assert in_file.client_secret.reveal() == "hunter2"
    gone = {**without, "RELAYBOOK_OIDC_CLIENT_SECRET_FILE": "/nowhere/secret"}
    assert wrong_names(gone) == {"RELAYBOOK_OIDC_CLIENT_SECRET_FILE"}


def test_a_provider_needs_its_client_and_its_rules() -> None:
    alone = {"RELAYBOOK_OIDC_ISSUER": "https://id.example"}
    assert wrong_names(alone) == {"RELAYBOOK_OIDC_CLIENT_ID", "RELAYBOOK_OIDC_ROLES"}
    wrong = {**OPENID, "RELAYBOOK_OIDC_ISSUER": "id.example", "RELAYBOOK_OIDC_CLIENT_ID": ""}
    assert wrong_names(wrong) == {"RELAYBOOK_OIDC_ISSUER", "RELAYBOOK_OIDC_CLIENT_ID"}


def test_what_belongs_to_a_provider_is_refused_without_one() -> None:
    without = {name: value for name, value in OPENID.items() if not name.endswith("ISSUER")}
    assert wrong_names(without) == set(without)


def test_all_wrong_values_of_a_provider_are_told_at_once() -> None:
    wrong = {
        "RELAYBOOK_OIDC_ISSUER": "ftp://id.example",
        "RELAYBOOK_OIDC_CLIENT_ID": "a b",
        "RELAYBOOK_OIDC_ROLES": "groups:admin",
    }
    assert wrong_names(wrong) == set(wrong)


@pytest.mark.parametrize(
    "issuer",
    ["id.example", "https://", "https://user@id.example", "https://id.example?x", "https://a#b",
     "https://id.example:port", "https://id .example", "https://id.exämple"],
)  # fmt: skip
def test_an_issuer_is_a_url_without_user_query_and_fragment(issuer: str) -> None:
    assert wrong_names({**OPENID, "RELAYBOOK_OIDC_ISSUER": issuer}) == {"RELAYBOOK_OIDC_ISSUER"}
