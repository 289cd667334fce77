from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.config_api.domain.errors import InvalidSetting
from services.config_api.domain.field_errors import describe
from services.config_api.domain.secret import Secret
from services.config_api.domain.setting_fields import make_draft
from services.config_api.formats.csv_cells import guarded, unguarded
from services.config_api.formats.json_reader import MAX_SETTING
from services.config_api.formats.malformed import MalformedFile
from services.config_api.formats.port import ReadItem, WrittenSetting
from services.config_api.formats.registry import FORMATS

CSV = FORMATS["csv"]
HEADER = (
    "id,host,host_unicode,port,security,tls_protocols,ca_pem,auth.method,auth.user,auth.password,"
    "auth.mechanism,auth.provider_id,x_mailer,debug,connection_timeout_ms,timeout_ms,"
    "session_properties"
)


def read(text: str | bytes) -> list[ReadItem]:
    data = text.encode() if isinstance(text, str) else text
    return list(CSV.read(io.BytesIO(data)))


def refused(text: str | bytes) -> tuple[str, int | None]:
    with pytest.raises(MalformedFile) as raised:
        read(text)
    assert raised.value.told("en")
    assert raised.value.told("ja") != raised.value.told("en")
    return raised.value.code, raised.value.line


def cell(column: str, text: str) -> Any:
    item = one(column, text)
    assert item.errors == ()
    value: Any = item.fields
    for step in column.split("."):
        value = value[step]
    return value


def one(column: str, text: str) -> ReadItem:
    quoted = text.replace('"', '""')
    (item,) = read(f'id,host,{column}\r\nacme,h,"{quoted}"\r\n')
    return item


def written(**fields: Any) -> dict[str, str]:
    draft = make_draft({"host": "h"} | fields)
    secrets = {name: one for name, one in draft.secrets.items() if one}
    setting = WrittenSetting(setting_id="acme", values=draft.values, secrets=secrets)
    text = b"".join(CSV.write([setting])).decode()
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    return row


def test_the_header_names_every_field() -> None:
    assert b"".join(CSV.write([])).decode() == HEADER + "\r\n"


def test_a_row_is_a_setting_with_its_line() -> None:
    first, second = read('id,host,ca_pem\n\na,h,"x\ny"\n,,\nb,h,\n')

    assert (first.setting_id, first.fields, first.line) == ("a", {"host": "h", "ca_pem": "x\ny"}, 3)
    assert (second.setting_id, second.fields, second.line) == ("b", {"host": "h"}, 6)


@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
def test_columns_come_in_any_order_and_most_may_be_missing(end: str) -> None:
    (item,) = read(f"\ufeffport, host ,id\n25,h,a{end}")

    assert (item.setting_id, item.fields) == ("a", {"port": 25, "host": "h"})


def test_an_empty_cell_is_the_default() -> None:
    (item,) = read(f"{HEADER}\na,h{',' * 15}\n")

    assert item.fields == {"host": "h"}
    assert make_draft(item.fields).values.timeout_ms == 60_000


@pytest.mark.parametrize(
    ("column", "text", "value"),
    [
        ("port", " 587 ", 587),
        ("debug", "TRUE", True),
        ("debug", "false", False),
        ("timeout_ms", "null", None),
        ("timeout_ms", "5000", 5000),
        ("tls_protocols", "TLSv1.2 TLSv1.3", ["TLSv1.2", "TLSv1.3"]),
        ("tls_protocols", "TLSv1.2, TLSv1.3", ["TLSv1.2", "TLSv1.3"]),
        ("security", " none ", "none"),
        ("auth.user", " u ", " u "),
        ("x_mailer", "null", "null"),
        ("x_mailer", "'=1", "=1"),
        ("x_mailer", "''=1", "'=1"),
        ("x_mailer", "'x", "'x"),
        ("session_properties", '{"mail.x": "1"}', {"mail.x": "1"}),
        ("session_properties", '{"mail.password": "p"}', {"mail.password": Secret("p")}),
    ],
)
def test_a_cell_is_read_by_its_column(column: str, text: str, value: Any) -> None:
    assert cell(column, text) == value


@pytest.mark.parametrize(
    ("column", "text", "pointer", "code"),
    [
        ("timeout_ms", "soon", "/timeout_ms", "wrong_type"),
        ("debug", "yes", "/debug", "wrong_type"),
        ("session_properties", "{", "/session_properties", "not_json"),
        ("session_properties", '{"mail.a": "1", "mail.a": "2"}', "/session_properties", "not_json"),
        ("session_properties", '{"mail.a": NaN}', "/session_properties", "not_json"),
        ("session_properties", "[" * 50_000, "/session_properties", "not_json"),
        ("session_properties", "[]", "/session_properties", "wrong_type"),
        ("session_properties", '{"mail.a": 1}', "/session_properties/mail.a", "wrong_type"),
        ("tls_protocols", "SSLv3", "/tls_protocols/0", "protocol_unknown"),
    ],
)
def test_a_wrong_cell_is_told_by_its_field(column: str, text: str, pointer: str, code: str) -> None:
    item = one(column, text)
    problems = [*item.errors]
    if item.fields is not None:
        with pytest.raises(InvalidSetting) as raised:
            make_draft(item.fields)
        problems += raised.value.errors

    assert [(error.pointer, error.code) for error in problems] == [(pointer, code)]
    assert describe(problems[0], "en") != describe(problems[0], "ja")


def test_all_problems_of_a_row_are_told_together() -> None:
    (item,) = read("id,host,port,session_properties,debug\na b,http://h,99999,{,x\n")

    assert {error.pointer: error.code for error in item.errors} == {
        "/session_properties": "not_json",
        "/debug": "wrong_type",
        "/id": "id_invalid",
        "/host": "host_is_url",
        "/port": "port_invalid",
    }


@pytest.mark.parametrize("begin", list("=+-@\t\r"))
def test_what_a_spreadsheet_would_calculate_is_guarded(begin: str) -> None:
    assert guarded(f"{begin}1") == f"'{begin}1"
    assert guarded(f"'{begin}1") == f"''{begin}1"
    assert guarded(f"x{begin}") == f"x{begin}"


@given(st.text("'=+-@\t\rx ", max_size=6))
def test_every_guarded_text_comes_back_and_begins_no_formula(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert guarded(text)[:1] not in ("=", "+", "-", "@", "\t", "\r")


def test_formulas_are_guarded_in_the_file() -> None:
    row = written(
        x_mailer="=HYPERLINK(1)", auth={"method": "password", "user": "@u", "password": "+p"}
    )

    assert (row["x_mailer"], row["auth.user"], row["auth.password"]) == (
        "'=HYPERLINK(1)",
        "'@u",
        "'+p",
    )


def test_what_is_absent_or_null_is_written_so_that_it_is_told_apart() -> None:
    row = written(timeout_ms=None)

    assert (row["timeout_ms"], row["connection_timeout_ms"]) == ("null", "60000")
    assert (row["x_mailer"], row["session_properties"], row["tls_protocols"]) == ("", "", "")
    assert (row["debug"], row["security"], row["port"]) == ("false", "starttls", "587")


def test_session_properties_are_one_json_cell() -> None:
    row = written(session_properties={"mail.a": 'x"y', "mail.b": "経理"})

    assert row["session_properties"] == '{"mail.a": "x\\"y", "mail.b": "経理"}'


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("", "empty", None),
        ("\n\n", "empty", None),
        ("id;host\na;h\n", "csv_separator", 1),
        ("a,h\n", "csv_separator", 1),
        ("id,port\n", "column_missing", 1),
        ("host\n", "column_missing", 1),
        ("id,host,tls\n", "column_unknown", 1),
        ("id,host,\n", "column_unknown", 1),
        ("\nid,host,id\n", "column_repeated", 2),
        ("id,host\na,h\nb\n", "cell_count", 3),
        ("id,host\na,h,\n", "cell_count", 2),
        ('id,host\n"a"b,h\n', "not_csv", 2),
        ('id,host\na,h\nb,"h\n\n', "not_csv", 3),
        ("id,host\na,h\rb,h\n", "not_csv", 2),
        ("id,host\na,\0h\n", "nul", 2),
        ("id,host\na,経理部\n".encode("cp932"), "csv_not_utf8", 2),
        ("id,host\na,h\n".encode("utf-16"), "csv_not_utf8", 1),
        ("id,host\na,h\n".encode("utf-16-le"), "csv_not_utf8", 1),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_line(
    text: str | bytes, code: str, line: int | None
) -> None:
    assert refused(text) == (code, line)


@pytest.mark.parametrize("begin", ['a,"', "a,", "a,h" + "," * 30, '"\n\n'])
def test_a_row_without_end_is_refused_before_all_of_it_is_read(begin: str) -> None:
    stream = io.BytesIO(f"id,host\n{begin}".encode() + b"xxx," * MAX_SETTING)

    with pytest.raises(MalformedFile) as raised:
        list(CSV.read(stream))
    assert (raised.value.code, raised.value.line) == ("setting_too_large", 2)
    assert stream.tell() <= 2 * MAX_SETTING


def test_more_values_than_a_setting_can_have_are_refused() -> None:
    cell = "[" + "[]," * 10_001 + "[]]"

    assert refused(f'id,host,session_properties\na,h,"{cell}"\n') == ("too_many_values", 2)


def test_many_lines_in_one_cell_count_as_one_row() -> None:
    assert refused('id,host\na,"' + "x\n" * MAX_SETTING) == ("setting_too_large", 2)


@given(st.binary(max_size=60) | st.text("id,host\n\"a\r ='", max_size=60).map(str.encode))
def test_any_file_is_read_or_malformed(data: bytes) -> None:
    for begin in (b"", b"id,host\n"):
        try:
            items = read(begin + data)
        except MalformedFile as error:
            assert error.detail  # noqa: PT017 -- refusals and items are both right answers
        else:
            assert all(item.line for item in items)
