from __future__ import annotations

from pathlib import Path

import pytest

from services.conn_tester.settings import InvalidSettings, read_settings


def test_defaults_are_those_of_the_contract() -> None:
    settings = read_settings({})
    data_dir = Path("./var").absolute()
    assert settings.url == "http://127.0.0.1:8587"
    assert settings.token is None
    assert settings.token_path == data_dir / "tester.token"
    assert settings.broker_url == f"relaybook+sqlite:///{data_dir}/bus.db"
    assert (settings.concurrency, settings.deadline_ms) == (256, 60_000)
    assert (settings.dns_servers, settings.ca_pem) == ((), None)
    assert (settings.log_level, settings.log_format) == ("info", None)
    assert not settings.reach.permits("127.0.0.1", 587)


def test_every_variable_is_read(tmp_path: Path) -> None:
    ca_file = tmp_path / "ca.pem"
    ca_file.write_text("-----BEGIN CERTIFICATE-----\n")
    settings = read_settings(
        {
            "RELAYBOOK_URL": "https://relaybook.example/",
            "RELAYBOOK_TOKEN": "rb_x",
            "RELAYBOOK_BROKER_URL": "amqp://bus.example",
            "RELAYBOOK_PROBE_ALLOW": "127.0.0.1/32:*",
            "RELAYBOOK_PROBE_DENY": "10.0.0.0/8",
            "RELAYBOOK_PROBE_CONCURRENCY": "4",
            "RELAYBOOK_PROBE_DEADLINE_MS": "5000",
            "RELAYBOOK_CA_FILE": str(ca_file),
            "RELAYBOOK_DNS_SERVERS": "192.0.2.1, 192.0.2.2:5353,[2001:db8::1]:54, 2001:db8::2",
            "RELAYBOOK_LOG_LEVEL": "debug",
            "RELAYBOOK_LOG_FORMAT": "json",
        }
    )
    assert settings.url == "https://relaybook.example"
    assert settings.token is not None
    assert (settings.token.reveal(), repr(settings.token)) == ("rb_x", "***")
    assert settings.broker_url == "amqp://bus.example"
    assert settings.reach.permits("127.0.0.1", 9)
    assert not settings.reach.permits("10.0.0.1", 587)
    assert (settings.concurrency, settings.deadline_ms) == (4, 5000)
    assert settings.ca_pem == "-----BEGIN CERTIFICATE-----\n"
    assert settings.dns_servers == (
        ("192.0.2.1", 53), ("192.0.2.2", 5353), ("2001:db8::1", 54), ("2001:db8::2", 53),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RELAYBOOK_URL", "relaybook.example"),
        ("RELAYBOOK_URL", "http://relaybook.example/?x=1"),
        ("RELAYBOOK_BROKER_URL", "redis://bus.example"),
        ("RELAYBOOK_PROBE_ALLOW", "10.0.0.1/8"),
        ("RELAYBOOK_PROBE_DENY", "nonsense"),
        ("RELAYBOOK_PROBE_CONCURRENCY", "0"),
        ("RELAYBOOK_PROBE_DEADLINE_MS", "1e3"),
        ("RELAYBOOK_PROBE_DEADLINE_MS", "600001"),
        ("RELAYBOOK_CA_FILE", "/nonexistent/ca.pem"),
        ("RELAYBOOK_CA_FILE", pytest.__file__),
        ("RELAYBOOK_DNS_SERVERS", "ns.example"),
        ("RELAYBOOK_DNS_SERVERS", "192.0.2.1:0"),
        ("RELAYBOOK_LOG_LEVEL", "loud"),
        ("RELAYBOOK_LOG_FORMAT", "xml"),
        ("RELAYBOOK_TOKEN_FILE", "/nonexistent/token"),
        ("RELAYBOOK_BROKER_URL_FILE", "/nonexistent/url"),
        ("RELAYBOOK_BROKER_URL_FILE", pytest.__file__),
    ],
)
def test_a_wrong_value_is_named(name: str, value: str) -> None:
    with pytest.raises(InvalidSettings) as refused:
        read_settings({name: value})
    assert [wrong for wrong, _ in refused.value.wrong] == [name]
    assert name in str(refused.value)


def test_all_wrong_values_are_told_at_once(tmp_path: Path) -> None:
    token_file = tmp_path / "token"
    token_file.write_text("rb_y")
    environ = {
        "RELAYBOOK_URL": "?",
        "RELAYBOOK_LOG_LEVEL": "loud",
        "RELAYBOOK_TOKEN": "rb_x",
        "RELAYBOOK_TOKEN_FILE": str(token_file),
    }
    with pytest.raises(InvalidSettings) as refused:
        read_settings(environ)
    assert {name for name, _ in refused.value.wrong} == {
        "RELAYBOOK_URL", "RELAYBOOK_LOG_LEVEL", "RELAYBOOK_TOKEN",
    }  # fmt: skip


def test_the_brokers_url_may_stand_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "broker-url"
    path.write_text("amqp://relaybook:secret@broker.example//\n")
    settings = read_settings({"RELAYBOOK_BROKER_URL_FILE": str(path)})
    assert settings.broker_url == "amqp://relaybook:secret@broker.example//"
    path.write_text("")
    empty = read_settings({"RELAYBOOK_BROKER_URL_FILE": str(path)})
    assert empty.broker_url == read_settings({}).broker_url
    both = {"RELAYBOOK_BROKER_URL_FILE": str(path), "RELAYBOOK_BROKER_URL": "amqp://b.example"}
    with pytest.raises(InvalidSettings) as refused:
        read_settings(both)
    assert [wrong for wrong, _ in refused.value.wrong] == ["RELAYBOOK_BROKER_URL"]
