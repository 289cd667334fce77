from __future__ import annotations

import errno
import ssl

import pytest

from events.diagnosis import render
from services.conn_tester.diagnosis.greeting import judge_foreign, masked_extension
from services.conn_tester.diagnosis.network import judge_failures
from services.conn_tester.diagnosis.tls import judge_ended_tls, judge_handshake, plain_text
from services.conn_tester.probe.extensions import offered_mechanisms, read_extensions
from services.conn_tester.reply import ServerReply

RECORD = b"\x16\x03\x03\x00\x7a"
ALERT = b"\x15\x03\x03\x00\x02\x02\x28"


def tls_error(reason: str) -> ssl.SSLError:
    error = ssl.SSLError(1, reason)
    error.reason = reason
    return error


@pytest.mark.parametrize(
    ("reason", "opening", "code"),
    [
        ("TLSV1_ALERT_PROTOCOL_VERSION", ALERT, "protocol_version"),
        ("UNSUPPORTED_PROTOCOL", RECORD, "protocol_version"),
        ("SSLV3_ALERT_HANDSHAKE_FAILURE", ALERT, "no_common_cipher"),
        ("SSLV3_ALERT_HANDSHAKE_FAILURE", RECORD, "handshake_failed"),
        ("TLSV1_ALERT_INSUFFICIENT_SECURITY", ALERT, "no_common_cipher"),
        ("DH_KEY_TOO_SMALL", RECORD, "no_common_cipher"),
        ("TLSV13_ALERT_CERTIFICATE_REQUIRED", RECORD, "client_certificate_required"),
        ("TLSV1_ALERT_INTERNAL_ERROR", ALERT, "server_tls_broken"),
        ("DECRYPTION_FAILED_OR_BAD_RECORD_MAC", RECORD, "server_tls_broken"),
        ("TLSV1_UNRECOGNIZED_NAME", ALERT, "handshake_failed"),
    ],
)
def test_an_alert_is_judged(reason: str, opening: bytes, code: str) -> None:
    finding = judge_handshake(tls_error(reason), opening, implicit=True)
    assert finding.code == code
    assert "ALERT" not in finding.facts["alert"]


@pytest.mark.parametrize(
    ("opening", "implicit", "code"),
    [
        (b"220 hello\r\n", True, "port_expects_plain"),
        (b"554-no\r\n", True, "port_expects_plain"),
        (b"220 hello\r\n", False, "server_tls_broken"),
        (b"+OK\r\n", True, "not_smtp_pop3"),
        (b"\x00\x00", True, "server_tls_broken"),
    ],
)
def test_plain_text_in_a_handshake_is_judged(opening: bytes, implicit: bool, code: str) -> None:
    error = tls_error("WRONG_VERSION_NUMBER")
    assert judge_handshake(error, opening, implicit=implicit).code == code


def test_tls_records_are_no_plain_text() -> None:
    assert plain_text(RECORD) is None
    assert plain_text(b"") is None
    assert plain_text(b"\x16\x02") == "\\x16\\x02"


def test_tls_that_ends_early_is_judged() -> None:
    required = judge_ended_tls(tls_error("TLSV13_ALERT_CERTIFICATE_REQUIRED"))
    assert (required.code, required.facts["alert"]) == (
        "client_certificate_required", "certificate required",
    )  # fmt: skip
    assert judge_ended_tls(tls_error("WRONG_VERSION_NUMBER")).code == "server_tls_broken"


@pytest.mark.parametrize(
    ("errors", "code"),
    [
        ([OSError(errno.ECONNREFUSED, "")], "refused"),
        ([TimeoutError(), OSError(errno.ENETUNREACH, "")], "connect_timeout"),
        ([OSError(errno.EHOSTUNREACH, "")], "unreachable"),
        ([OSError(errno.ENETUNREACH, ""), OSError(errno.ECONNREFUSED, "")], "refused"),
        ([OSError(errno.ECONNRESET, ""), TimeoutError()], "connection_reset"),
        ([OSError()], "unreachable"),
    ],
)
def test_the_most_telling_failure_counts(errors: list[OSError], code: str) -> None:
    failures = {f"192.0.2.{number}": error for number, error in enumerate(errors)}
    finding = judge_failures(failures, port=25, limit_ms=5)
    assert finding.code == code
    assert finding.facts["addresses"] == list(failures)


@pytest.mark.parametrize(("port", "told"), [(25, True), (587, False)])
@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_port_that_networks_close_is_told(port: int, told: bool, language: str) -> None:
    finding = judge_failures({"192.0.2.1": TimeoutError()}, port=port, limit_ms=5)
    _, hint = render(finding.code, {"host": "h", "port": port, **finding.facts}, language)
    assert ("587" in hint) is told


def test_html_is_a_web_servers() -> None:
    assert judge_foreign("<!DOCTYPE html>").code == "not_smtp_http"


def test_extensions_are_read_with_their_parameters() -> None:
    lines = ("mx", "SIZE 100", "auth plain", "AUTH=LOGIN", "\x1b[0m", "", "8BITMIME", "AUTH PLAIN")
    extensions = read_extensions(ServerReply(code=250, lines=lines))
    assert extensions == {"SIZE": "100", "AUTH": "PLAIN LOGIN PLAIN", "8BITMIME": ""}
    assert offered_mechanisms(extensions) == ("PLAIN", "LOGIN")


@pytest.mark.parametrize(
    ("keyword", "masked"), [("XXXXXXXA", True), ("XXXXXXXX", True), ("XCLIENT", False)]
)
def test_a_masked_extension_is_recognised(keyword: str, masked: bool) -> None:
    assert (masked_extension({"SIZE": "", keyword: ""}, banner="220 mx") == keyword) is masked


def test_what_stands_behind_a_keyword_is_no_part_of_it() -> None:
    lines = ("mx", "X=\x1b[31m", "Y\x1b", "SIZE=5", "=Z")
    extensions = read_extensions(ServerReply(code=250, lines=lines))
    assert list(extensions) == ["X", "SIZE"]


def test_of_very_many_mechanisms_only_known_ones_are_kept() -> None:
    many = " ".join(f"X{number}" for number in range(500))
    assert offered_mechanisms({"AUTH": f"{many} PLAIN"}) == (*many.split()[:100], "PLAIN")


def test_endless_extensions_are_cut() -> None:
    lines = tuple(f"X{number}" for number in range(5000))
    assert len(read_extensions(ServerReply(code=250, lines=lines))) == 100
