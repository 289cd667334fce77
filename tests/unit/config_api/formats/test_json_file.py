from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.config_api.domain.setting_fields import make_draft
from services.config_api.formats.json_reader import MAX_SETTING
from services.config_api.formats.malformed import MalformedFile
from services.config_api.formats.port import ReadItem
from services.config_api.formats.registry import FORMATS
from tests.support.settings import some_fields

JSON = FORMATS["json"]


def read(text: str | bytes) -> list[ReadItem]:
    data = text.encode() if isinstance(text, str) else text
    return list(JSON.read(io.BytesIO(data)))


def refused(text: str | bytes) -> tuple[str, int | None]:
    with pytest.raises(MalformedFile) as raised:
        read(text)
    assert raised.value.told("en")
    assert raised.value.told("ja") != raised.value.told("en")
    return raised.value.code, raised.value.line


def file_of(*settings: Any) -> str:
    return json.dumps({"relaybook": 1, "settings": settings})


def errors_of(item: ReadItem) -> dict[str, str]:
    assert item.fields is None
    return {error.pointer: error.code for error in item.errors}


def test_a_setting_is_read_with_its_line() -> None:
    (item,) = read('{"relaybook": 1,\n"settings": [\n{"id": "a",\n"host": "h"}]}')

    assert (item.setting_id, item.fields, item.line) == ("a", {"host": "h"}, 3)


def test_what_is_read_is_the_draft_of_the_document() -> None:
    (item,) = read(file_of(some_fields(id="acme")))

    assert item.fields is not None
    assert make_draft(item.fields) == make_draft(some_fields())


def test_printing_an_item_does_not_show_its_secrets() -> None:
    properties = {"mail.smtp.proxy.password": "correct horse"}
    (item,) = read(file_of(some_fields(id="acme", session_properties=properties)))

    assert "horse" not in repr(item)


def test_the_keys_come_in_any_order() -> None:
    text = '{"settings": [{"id": "a", "host": "h"}], "relaybook": 1}'

    assert [item.setting_id for item in read(text)] == ["a"]


@pytest.mark.parametrize("version", ["1", "1.0"])
def test_a_byte_order_mark_and_a_number_with_a_point_are_fine(version: str) -> None:
    text = f'\ufeff{{"relaybook": {version}, "settings": []}}'

    assert read(text) == []


def test_a_problem_of_one_item_does_not_hide_the_others() -> None:
    bad, odd, good = read(file_of({"id": "a", "port": "x"}, 7, {"id": "b", "host": "h"}))

    assert (bad.fields, odd.fields, good.fields) == (None, None, {"host": "h"})
    assert errors_of(odd) == {"": "wrong_type"}


def test_shape_and_rules_of_an_item_are_told_together() -> None:
    (item,) = read(
        file_of({"id": "a b", "host": "http://h", "debug": 1, "tls": 1, "timeout_ms": 0})
    )

    assert errors_of(item) == {
        "/id": "id_invalid",
        "/host": "host_is_url",
        "/debug": "wrong_type",
        "/tls": "unknown_field",
        "/timeout_ms": "out_of_range",
    }


@pytest.mark.parametrize(("setting_id", "code"), [({}, "required"), ({"id": 7}, "wrong_type")])
def test_an_item_without_an_id_is_told(setting_id: Any, code: str) -> None:
    (item,) = read(file_of(setting_id | {"host": "h"}))

    assert (item.setting_id, errors_of(item)) == ("", {"/id": code})


def test_what_answers_hold_beside_a_setting_is_passed_over() -> None:
    answer = some_fields(id="acme", version=3, is_default=False, last_test=None, host_unicode=7)

    assert read(file_of(answer))[0].errors == ()


@pytest.mark.parametrize(
    ("host", "typed", "read_as"),
    [
        ("xn--4dkua4c.example", "メール.example", "メール.example"),
        ("h.example", "H.Example", "H.Example"),
        ("h.example", "evil.example", "h.example"),
        ("h.example", "http://h.example", "h.example"),
    ],
)
def test_how_the_host_was_typed_counts_only_for_the_same_host(
    host: str, typed: str, read_as: str
) -> None:
    (item,) = read(file_of({"id": "a", "host": host, "host_unicode": typed}))

    assert item.fields == {"host": read_as}


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("", "empty", None),
        (" \n ", "empty", None),
        ("[]", "not_a_document", 1),
        ("7", "not_a_document", 1),
        ("{}", "version_missing", 1),
        ('{"relaybook": 1}', "settings_missing", 1),
        ('{"settings": []}', "version_missing", 1),
        ('{"relaybook": 2, "settings": []}', "version_unknown", 1),
        ('{"relaybook": "1", "settings": []}', "version_unknown", 1),
        ('{"relaybook": true, "settings": []}', "version_unknown", 1),
        ('{"relaybook": 1,\n"settings": {}}', "settings_no_list", 2),
        ('{"relaybook": 1,\n"relaybook": 1}', "key_repeated", 2),
        ('{"settings": [],\n"settings": []}', "key_repeated", 2),
        ('{"relaybook": 1,\n"others": []}', "key_unknown", 2),
        ('{"relaybook": 1, "settings": []}\nx', "not_json", 2),
        ('{"relaybook": 1, "settings": []\n', "not_json", 2),
        ('{"relaybook": 1, "settings": [\n1 2]}', "not_json", 2),
        ('{"relaybook": 1, "settings": [1,\n]}', "not_json", 2),
        ('{"relaybook": 1,\n}', "not_json", 2),
        ("{relaybook: 1}", "not_json", 1),
        ('{"relaybook" 1}', "not_json", 1),
        ('{"relaybook": 1 "settings": []}', "not_json", 1),
        ('{"relaybook": 1, "settings": [\n{"a": 1,\n"b" 2}]}', "not_json", 3),
        ('{"relaybook": 1, "settings": [\n{"a": "x\ny"}]}', "not_json", 2),
        ('{"relaybook": 1, "settings": [\n{"a": 1, "a": 2}]}', "key_repeated", 2),
        ('{"relaybook": 1, "settings": [\n{"a": NaN}]}', "not_a_number", 2),
        ('{"relaybook": 1, "settings": [\n-Infinity]}', "not_a_number", 2),
        ('{"relaybook": 1, "settings": [\n1e999]}', "number_too_large", 2),
        ('{"relaybook": 1, "settings": [\n9223372036854775808]}', "integer_too_large", 2),
        ('{"relaybook": 1, "settings": [\n"\\ud800"]}', "surrogate", 2),
        ('{"relaybook": 1, "settings": [\n\0]}', "nul", 2),
        (b'{"relaybook": 1, "settings": [\n"\xff"]}', "not_utf8", 2),
        ('{"relaybook": 1}'.encode("utf-16"), "not_utf8", 1),
        ('{"relaybook": 1}'.encode("utf-16-be"), "not_utf8", 1),
        ('{"relaybook": 1, "メール": 1}'.encode("cp932"), "not_utf8", 1),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_line(
    text: str | bytes, code: str, line: int | None
) -> None:
    assert refused(text) == (code, line)


def nested(levels: int) -> str:
    return '{"relaybook": 1, "settings": [\n' + "[" * levels + "]" * levels + "]}"


def test_depth_counts_from_the_file() -> None:
    assert len(read(nested(30))) == 1
    assert refused(nested(31)) == ("too_deep", 2)
    assert refused(nested(100_000)) == ("too_deep", 2)


@pytest.mark.parametrize("begin", ['{"x_mailer": "', "[" + "1," * 40_000, '{"a":[{},', "1"])
def test_a_setting_without_end_is_refused_before_all_of_it_is_read(begin: str) -> None:
    text = '{"relaybook": 1, "settings": [\n' + begin
    stream = io.BytesIO(text.encode() + b"1,1 " * 4 * MAX_SETTING)

    with pytest.raises(MalformedFile) as raised:
        list(JSON.read(stream))
    assert raised.value.line == 2
    assert raised.value.code in ("setting_too_large", "not_json")
    assert stream.tell() <= 3 * MAX_SETTING


@pytest.mark.parametrize(
    "wide",
    [
        {"tls_protocols": ["x"] * 10_001},
        {f"n{number}": 1 for number in range(10_001)},
        {"auth": {"user": [["x"] * 100] * 101}},
    ],
)
def test_more_values_than_a_setting_can_have_are_refused(wide: Any) -> None:
    assert refused(file_of(wide)) == ("too_many_values", 1)


def test_a_huge_number_across_chunks_is_refused() -> None:
    text = '{"relaybook": 1, "settings": [' + "1" * 200_000 + "]}"

    assert refused(text)[0] == "integer_too_large"


@given(st.integers(1, 40), st.sampled_from([1, 1.5, -0.25e-7, 123456789, True, None, "x", [], {}]))
def test_values_are_whole_wherever_a_chunk_ends(size: int, value: Any) -> None:
    class Slow(io.BytesIO):
        def read(self, _size: int | None = -1, /) -> bytes:
            return super().read(size)

    data = file_of(value, value, {"id": "a", "host": "h"}).encode()
    items = list(JSON.read(Slow(data)))
    assert [item.fields for item in items] == [None, None, {"host": "h"}] or value == {}


@given(
    st.binary(max_size=60)
    | st.from_regex(
        r'\{"(relaybook|settings|x)": ?[\[\]{}",:0-9eE.+\\ a-z-]{0,60}', fullmatch=True
    ).map(str.encode)
)
def test_any_file_is_read_or_malformed(data: bytes) -> None:
    try:
        items = read(data)
    except MalformedFile as error:
        assert error.detail  # noqa: PT017 -- refusals and items are both right answers
    else:
        document = json.loads(data)
        assert len(items) == len(document["settings"])
