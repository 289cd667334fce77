from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.config_api.domain.secret import Secret
from services.config_api.formats.json_reader import MAX_SETTING
from services.config_api.formats.malformed import MalformedFile
from services.config_api.formats.port import ReadItem
from services.config_api.formats.registry import FORMATS
from services.config_api.formats.yaml_scalars import plain_value

YAML = FORMATS["yaml"]


def read(text: str | bytes) -> list[ReadItem]:
    data = text.encode() if isinstance(text, str) else text
    return list(YAML.read(io.BytesIO(data)))


def refused(text: str | bytes) -> tuple[str, int | None]:
    with pytest.raises(MalformedFile) as raised:
        read(text)
    assert raised.value.told("en")
    assert raised.value.told("ja") != raised.value.told("en")
    return raised.value.code, raised.value.line


def one(inside: str) -> ReadItem:
    (item,) = read("relaybook: 1\nsettings:\n- id: acme\n  host: h\n" + inside)
    return item


def field(inside: str, *path: str) -> Any:
    item = one(inside)
    assert item.errors == ()
    value: Any = item.fields
    for step in path:
        value = value[step]
    return value


def test_a_setting_is_read_with_its_line() -> None:
    (item,) = read("# ours\nsettings:\n  - id: a\n    host: h\nrelaybook: 1\n")

    assert (item.setting_id, item.fields, item.line) == ("a", {"host": "h"}, 3)


def test_json_is_yaml() -> None:
    text = json.dumps({"relaybook": 1, "settings": [{"id": "a", "host": "h", "port": 25}]})

    assert read(text)[0].fields == {"host": "h", "port": 25}


@pytest.mark.parametrize(
    "word",
    ["no", "on", "Yes", "012", "1:20", "2026-01-01", "1e3", "true", "0x1f", "=", ".nan", "1"],
)
def test_a_text_stays_as_it_stands(word: str) -> None:
    assert field(f"  x_mailer: {word}\n", "x_mailer") == word
    assert field(f"  session_properties: {{mail.x: {word}}}\n", "session_properties") == {
        "mail.x": word
    }
    assert field(
        f"  auth: {{method: password, user: u, password: {word}}}\n", "auth", "password"
    ) == Secret(word)


@pytest.mark.parametrize("word", ["", "~", "null", "Null", "NULL"])
def test_nothing_is_null_unless_it_is_quoted(word: str) -> None:
    assert field(f"  timeout_ms: {word}\n", "timeout_ms") is None
    assert field(f"  x_mailer: {word}\n", "x_mailer") is None
    assert field(f"  x_mailer: '{word}'\n", "x_mailer") == word


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("587", 587),
        ("012", 12),
        ("+25", 25),
        ("0o31", 25),
        ("0x19", 25),
        ("25.0", 25.0),
        ("2.5e1", 25.0),
        ("-1", -1),
        ("true", True),
        ("False", False),
        ("no", "no"),
        ("1:20", "1:20"),
        ("1_000", "1_000"),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("0b1", "0b1"),
    ],
)
def test_numbers_and_flags_follow_yaml_1_2(word: str, value: Any) -> None:
    found = plain_value(word)

    assert (found, type(found)) == (value, type(value))


def test_a_word_that_is_no_flag_is_told() -> None:
    item = one("  debug: no\n  port: '587'\n")

    assert [error.pointer for error in item.errors] == ["/debug", "/port"]


def test_a_block_of_text_keeps_its_lines() -> None:
    assert field("  ca_pem: |\n    a\n    b\n", "ca_pem") == "a\nb\n"


DOCUMENT = "relaybook: 1\nsettings:\n"


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("", "empty", None),
        ("# nothing\n", "empty", None),
        ("---\n", "not_a_document", 2),
        ("- a\n", "not_a_document", 1),
        ("text", "not_a_document", 1),
        ("relaybook: 1\n", "settings_missing", 2),
        ("settings: []\n", "version_missing", 2),
        ("relaybook: '1'\nsettings: []\n", "version_unknown", 1),
        ("relaybook: 2\nsettings: []\n", "version_unknown", 1),
        ("relaybook: 1\nsettings: {}\n", "settings_no_list", 2),
        ("relaybook: 1\nsettings:\n", "settings_no_list", 2),
        ("relaybook: 1\nrelaybook: 1\n", "key_repeated", 2),
        ("relaybook: 1\nothers: 1\n", "key_unknown", 2),
        (DOCUMENT + "- id: a\n  id: b\n", "key_repeated", 4),
        (DOCUMENT + "- auth: {user: a, 'user': b}\n", "key_repeated", 3),
        (DOCUMENT + "- &a {id: a}\n", "yaml_alias", 3),
        (DOCUMENT + "- *a\n", "yaml_alias", 3),
        (DOCUMENT + "- id: *a\n", "yaml_alias", 3),
        (DOCUMENT + "- x_mailer: !!python/object/apply:os.system [id]\n", "yaml_tag", 3),
        (DOCUMENT + "- x_mailer: !!str 1\n", "yaml_tag", 3),
        (DOCUMENT + "- !x {id: a}\n", "yaml_tag", 3),
        (DOCUMENT + "- x_mailer: !x\n", "yaml_tag", 3),
        (DOCUMENT + "- <<: {id: a}\n", "yaml_merge", 3),
        (DOCUMENT + "- ? [a]\n  : b\n", "yaml_key", 3),
        (DOCUMENT + "- {a: 1}: b\n", "yaml_key", 3),
        ("relaybook: 1\nsettings: []\n---\nrelaybook: 1\n", "yaml_documents", 3),
        (DOCUMENT + "- port: 9223372036854775808\n", "integer_too_large", 3),
        (DOCUMENT + "- port: " + "9" * 5_000 + "\n", "integer_too_large", 3),
        (DOCUMENT + "- port: 0xfffffffffffffffff\n", "integer_too_large", 3),
        (DOCUMENT + "- port: 1e999\n", "number_too_large", 3),
        (DOCUMENT + '- x_mailer: "\\ud800"\n', "not_yaml", 3),
        (DOCUMENT + "- a: b: c\n", "not_yaml", 3),
        (DOCUMENT + "\t- a\n", "not_yaml", 3),
        (DOCUMENT + "- [a\n", "not_yaml", 4),
        (DOCUMENT + '- "a\n', "not_yaml", 4),
        (DOCUMENT + "- a\x07\n", "yaml_character", 3),
        (DOCUMENT + "- a\u2028b\n", "yaml_character", 3),
        (DOCUMENT + "- a\x00\n", "nul", 3),
        ("%YAML 3.0\n---\na\n", "not_yaml", 1),
        ((DOCUMENT + "- x_mailer: 経理部\n").encode("cp932"), "not_utf8", 3),
        (DOCUMENT.encode("utf-16"), "not_utf8", 1),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_line(
    text: str | bytes, code: str, line: int | None
) -> None:
    assert refused(text) == (code, line)


def test_a_billion_laughs_are_refused_at_the_first() -> None:
    bomb = "a: &a [x, x]\n" + "".join(f"a{n}: &a{n} [*a, *a]\n" for n in range(30))

    assert refused(bomb)[0] in ("yaml_alias", "key_unknown")
    assert refused("relaybook: &a [x, x]\nsettings: [*a, *a]\n") == ("yaml_alias", 1)


@pytest.mark.parametrize(("begin", "end"), [("[", "]"), ("{a: ", "}")])
def test_depth_counts_from_the_file(begin: str, end: str) -> None:
    def nested(levels: int) -> str:
        return DOCUMENT + "- " + begin * levels + end * levels

    assert len(read(nested(30))) == 1
    assert refused(nested(31)) == ("too_deep", 3)
    assert refused(nested(20_000)) == ("too_deep", 3)


@pytest.mark.parametrize("begin", ['- x_mailer: "', "- x_mailer: |\n  ", "- [", "- x_mailer: "])
def test_a_setting_without_end_is_refused_before_all_of_it_is_read(begin: str) -> None:
    stream = io.BytesIO((DOCUMENT + begin).encode() + b"xxxxxx, " * MAX_SETTING)

    with pytest.raises(MalformedFile) as raised:
        list(YAML.read(stream))
    assert raised.value.code == "setting_too_large"
    assert raised.value.line == 3
    assert stream.tell() <= 2 * MAX_SETTING


@given(
    st.binary(max_size=60)
    | st.from_regex(r"(relaybook: 1\n)?settings:[\[\]{}\",:0-9.+\\ a-z&*!|>%#?\n-]{0,60}").map(
        str.encode
    )
)
def test_any_file_is_read_or_malformed(data: bytes) -> None:
    try:
        items = read(data)
    except MalformedFile as error:
        assert error.detail  # noqa: PT017 -- refusals and items are both right answers
    else:
        assert all(item.line for item in items)
