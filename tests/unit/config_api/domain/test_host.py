from __future__ import annotations

import ipaddress
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.config_api.domain.host import Host, HostRefused, read_host

TEXTS = st.text(max_size=60) | st.from_regex(r"[a-zA-Z0-9.:@/\[\]%_ -]{0,30}", fullmatch=True)


def names_in(text: str) -> list[str]:
    """Return the stored form of a host, or of the one in the fix of what is refused."""
    try:
        return [read_host(text).name]
    except HostRefused as error:
        return [read_host(error.fix["host"]).name] if error.fix else []


def refused(text: str) -> HostRefused:
    with pytest.raises(HostRefused) as raised:
        read_host(text)
    return raised.value


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("smtp.acme.example", "smtp.acme.example"),
        ("SMTP.Acme.Example", "smtp.acme.example"),
        ("localhost", "localhost"),
        ("smtp.acme.example.", "smtp.acme.example"),
        ("mail_relay.internal", "mail_relay.internal"),
        ("r3--sn.acme.example", "r3--sn.acme.example"),
        ("faß.de", "xn--fa-hia.de"),
        ("メール.例え.jp", "xn--4dkua4c.xn--r8jz45g.jp"),
        ("א1.example", "xn--1-zhc.example"),
        ("\uff46a\u00df.de", "xn--fa-hia.de"),
        ("日本語\uff0ejp", "xn--wgv71a119e.jp"),
        ("メール。例え。jp", "xn--4dkua4c.xn--r8jz45g.jp"),
        ("\uff33\uff2d\uff34\uff30.acme.example", "smtp.acme.example"),
        ("XN--FA-HIA.de", "xn--fa-hia.de"),
        ("192.0.2.7", "192.0.2.7"),
        ("2001:DB8:0::1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
    ],
)
def test_a_host_has_one_stored_form(typed: str, name: str) -> None:
    assert read_host(typed) == Host(name=name, typed=typed)


def test_blanks_around_a_host_are_trimmed() -> None:
    assert read_host("\u3000smtp.acme.example ") == Host(
        name="smtp.acme.example", typed="smtp.acme.example", trimmed=True
    )


def test_invisible_characters_in_a_host_are_taken_out() -> None:
    assert read_host("\ufeffsmtp\u200b.ac\u00adme.example") == Host(
        name="smtp.acme.example", typed="smtp.acme.example", trimmed=True, odd=True
    )


@pytest.mark.parametrize("text", ["", " ", "\u3000", "\u200b", "\ufeff \u00a0"])
def test_an_empty_host_is_missing(text: str) -> None:
    assert refused(text).code == "host_missing"


@pytest.mark.parametrize("text", ["smtp.acme.example\n", "a\x00b", "a\tb", "a\x85b", "a\ud800"])
def test_control_characters_in_a_host_are_refused(text: str) -> None:
    assert refused(text).code == "control_characters"


@pytest.mark.parametrize(
    ("text", "code", "fix"),
    [
        ("smtp://smtp.acme.example", "host_is_url", {"host": "smtp.acme.example"}),
        (
            "smtps://smtp.acme.example:465/",
            "host_is_url",
            {"host": "smtp.acme.example", "port": 465, "security": "implicit_tls"},
        ),
        (
            "SMTPS://smtp.acme.example:2465",
            "host_is_url",
            {"host": "smtp.acme.example", "port": 2465, "security": "implicit_tls"},
        ),
        (
            "ssl://smtp.acme.example",
            "host_is_url",
            {"host": "smtp.acme.example", "port": 465, "security": "implicit_tls"},
        ),
        (
            "submission://smtp.acme.example",
            "host_is_url",
            {"host": "smtp.acme.example", "port": 587, "security": "starttls"},
        ),
        (
            "https://smtp.acme.example:8025/mail?x=1#y",
            "host_is_url",
            {"host": "smtp.acme.example", "port": 8025},
        ),
        ("ACME <mailer@acme.example>", "host_is_address", {"host": "acme.example"}),
        ("mailto:mailer@acme.example", "host_is_address", {"host": "acme.example"}),
        ("smtp.acme.example/path", "host_is_url", {"host": "smtp.acme.example"}),
        ("//smtp.acme.example", "host_is_url", {"host": "smtp.acme.example"}),
        ("smtp:\\\\smtp.acme.example", "host_is_url", {"host": "smtp.acme.example"}),
        ("https://", "host_is_url", None),
        ("mailer@acme.example", "host_is_address", {"host": "acme.example"}),
        ("mailer@acme.example:25", "host_is_address", {"host": "acme.example", "port": 25}),
        ("mailer@", "host_is_address", None),
        ("smtp.acme.example:587", "host_has_port", {"host": "smtp.acme.example", "port": 587}),
        ("smtp.acme.example：587", "host_has_port", {"host": "smtp.acme.example", "port": 587}),
        ("smtp.acme.example:", "host_has_port", {"host": "smtp.acme.example"}),
        ("smtp.acme.example:0", "host_has_port", {"host": "smtp.acme.example"}),
        ("smtp.acme.example:65536", "host_has_port", {"host": "smtp.acme.example"}),
        ("smtp.acme.example:123456", "host_has_port", {"host": "smtp.acme.example"}),
        ("[2001:db8::1]:25", "host_has_port", {"host": "2001:db8::1", "port": 25}),
        ("192.0.2.7:25", "host_has_port", {"host": "192.0.2.7", "port": 25}),
    ],
)
def test_more_than_a_host_is_refused_with_the_host_inside_as_the_fix(
    text: str, code: str, fix: Any
) -> None:
    error = refused(text)

    assert (error.code, error.fix) == (code, fix)
    assert error.facts["cleaned"] == (fix and fix["host"])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("smtp://mailer:canary@smtp.acme.example", "smtp://mailer:***@smtp.acme.example"),
        ("mailer:ca:n@ry@smtp.acme.example", "mailer:***@smtp.acme.example"),
        ("smtp://mailer@smtp.acme.example", "smtp://mailer@smtp.acme.example"),
    ],
)
def test_a_password_in_a_url_is_not_repeated(text: str, shown: str) -> None:
    assert refused(text).facts["value"] == shown


@pytest.mark.parametrize(
    ("text", "reason", "fix"),
    [
        ("a..example", "empty_label", None),
        (".example", "empty_label", None),
        ("a.example..", "empty_label", None),
        (".", "empty_label", None),
        ("-a.example", "hyphen", None),
        ("a-.example", "hyphen", None),
        ("a b.example", "blank", None),
        ("a\u00a0b.example", "blank", None),
        ("日本 語.example", "blank", None),
        ("a,b.example", "character", None),
        ("*.example", "character", None),
        ("host:smtp", "character", None),
        ("2001:db8:::1", "not_an_address", None),
        ("smtp.acme.example:25:26", "not_an_address", None),
        ("[192.0.2.7]", "brackets", {"host": "192.0.2.7"}),
        ("fe80::1%eth0", "zone", None),
        ("[fe80::1%eth0]", "zone", None),
        ("xn--a.example", "not_idna", None),
        ("xn--zz--zz.example", "not_idna", None),
        ("☃☃\u200d.example", "not_idna", None),
        ("a\u202eb.example", "not_idna", None),
        ("1א.example", "not_idna", None),
        ("אa.example", "not_idna", None),
        (f"{'a' * 64}.example", "label_too_long", None),
        ("ä" * 70 + ".example", "label_too_long", None),
        (f"{'a.' * 130}example", "too_long", None),
        ("a" * 1001, "too_long", None),
        ("2130706433", "ends_in_a_number", None),
        ("0x7f000001", "ends_in_a_number", None),
        ("0177.0.0.1", "ends_in_a_number", None),
        ("127.1", "ends_in_a_number", None),
        ("0x7f.1", "ends_in_a_number", None),
        ("smtp.0x", "ends_in_a_number", None),
        ("1.2.3.4.5", "ends_in_a_number", None),
        ("\uff11\uff19\uff12.0.2.7", "ends_in_a_number", {"host": "192.0.2.7"}),
        ("①②⑦.0.0.1", "ends_in_a_number", {"host": "127.0.0.1"}),
    ],
)
def test_what_is_no_name_and_no_address_is_invalid_for_a_reason(
    text: str, reason: str, fix: Any
) -> None:
    error = refused(text)

    assert (error.code, error.facts["reason"], error.fix) == ("host_invalid", reason, fix)


def test_what_is_repeated_of_an_invalid_host_is_short() -> None:
    assert len(refused("!" * 900).facts["value"]) == 253


@given(TEXTS)
@example("[::1%25]")
@example("a@[::]")
@example("xn--")
@example("\u00ad")
@example("\u3002")
@example("0.")
def test_every_text_is_a_host_or_refused(text: str) -> None:
    names = names_in(text)

    assert all(name.isascii() and name == name.lower() for name in names)
    assert all(len(name) <= 253 for name in names)


@given(TEXTS)
def test_the_stored_form_of_a_host_is_its_own_stored_form(text: str) -> None:
    try:
        name = read_host(text).name
    except HostRefused:
        return

    assert read_host(name).name == name


@given(st.ip_addresses())
def test_every_address_is_a_host(address: str) -> None:
    assert ipaddress.ip_address(read_host(str(address)).name) == address


@given(
    st.from_regex(r"((xn--)?[0-9a-fx_-]{1,5}\.){0,3}(xn--)?[0-9a-fx_-]{1,5}[.\n]?", fullmatch=True)
)
@example("a" * 63)
@example("a" * 64)
@example(".".join(["a" * 62] * 4))
@example(".".join(["a" * 63] * 4))
@example("0x1f")
@example("127.0.0.1")
def test_a_name_in_its_stored_form_is_judged_like_one_typed_in_capitals(typed: str) -> None:
    def judged(text: str) -> object:
        try:
            return read_host(text).name
        except HostRefused as error:
            return error.code, error.facts.get("reason")

    assert judged(typed) == judged(typed.upper())
