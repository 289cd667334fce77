from __future__ import annotations

import io
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.config_api.formats.port import MalformedFile
from services.config_api.formats.registry import FORMATS
from tests.support.javamail import config, read, refused


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("not xml", 1),
        ("<javamail-config>\n<smtp>\n</javamail-config>", 3),
        ("<javamail-config>\n<smtp>\n", 3),
        ("<javamail-config>\n<smtp>&nbsp;</smtp></javamail-config>", 2),
        ("<javamail-config>\n<smtp a='1' a='2'/></javamail-config>", 2),
        ("<javamail-config/>\n<javamail-config/>", 2),
        ("<x:javamail-config/>", 1),
        ("<javamail-config>\x00</javamail-config>", 1),
    ],
)
def test_broken_xml_is_refused_with_its_line(text: str, line: int) -> None:
    error = refused(text)

    assert error.line == line
    assert error.detail.startswith("The file is not well-formed XML: ")


def test_another_document_is_refused() -> None:
    error = refused("\n<settings/>")

    assert (error.detail, error.line) == ("The file's root element is not javamail-config.", 2)


@pytest.mark.parametrize(
    "doctype",
    [
        "<!DOCTYPE javamail-config>",
        '<!DOCTYPE javamail-config SYSTEM "http://127.0.0.1:9/x.dtd">',
        '<!DOCTYPE javamail-config [<!ENTITY a "aaa"><!ENTITY b "&a;&a;&a;">]>',
        '<!DOCTYPE javamail-config [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    ],
)
def test_a_document_type_is_refused(doctype: str) -> None:
    error = refused(f"<?xml version='1.0'?>\n{doctype}\n<javamail-config>&b;</javamail-config>")

    assert "document type" in error.detail
    assert error.line == 2


def test_depth_is_limited() -> None:
    assert "levels" in refused("<javamail-config>\n" + "<a>" * 100).detail
    assert refused("<javamail-config>\n" + "<a>" * 100).line == 2


@pytest.mark.parametrize(
    ("inside", "code"),
    [
        ("<x-mailer>" + "y" * 5_000_000 + "</x-mailer>", "setting_too_large"),
        (f'<a b="{"y" * 900_000}"/>' * 5, "setting_too_large"),
        (f"<?p {'y' * 900_000}?>" * 5, "setting_too_large"),
        ("<a/>" * 20_000, "xml_too_many"),
    ],
)
def test_the_size_of_one_setting_is_limited(inside: str, code: str) -> None:
    text = config(f'<smtp-server id="a">{inside}</smtp-server>')

    assert refused(text).code == code


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('<javamail-config>\n<smtp-server id="a"/></javamail-config>', "javamail-config"),
        (
            '<javamail-config><imap>\n<smtp-server id="a"/></imap><smtp/></javamail-config>',
            "javamail-config/imap",
        ),
        (
            config('<smtp-server id="a">\n<smtp-server id="b"/></smtp-server>'),
            "javamail-config/smtp/smtp-server",
        ),
    ],
)
def test_a_server_elsewhere_is_refused_with_its_place(text: str, found: str) -> None:
    error = refused(text)

    assert (error.code, error.line, error.facts["found"]) == ("xml_misplaced", 2, found)


def test_a_file_with_other_elements_in_place_of_its_servers_is_refused() -> None:
    error = refused(config("<host>smtp.acme.example</host><port>25</port><host/>"))

    assert error.code == "xml_no_servers"
    assert error.facts["found"] == ["smtp/host", "smtp/port"]


@pytest.mark.parametrize("tag", ["<a ", "<!-- ", "<a b='", "<?p "])
def test_a_tag_without_end_is_refused_early(tag: str) -> None:
    stream = io.BytesIO(("<javamail-config>" + tag + "x" * 8_000_000).encode())

    with pytest.raises(MalformedFile) as raised:
        list(FORMATS["javamail"].read(stream))
    assert raised.value.detail == "The file has a tag without end."
    assert stream.tell() < 2_000_000


class Endless(io.RawIOBase):
    """A file of many settings that is made while it is read."""

    def __init__(self, count: int) -> None:
        server = (
            '<smtp-server id="t{0}" host="smtp.acme.example"><x-mailer>m</x-mailer></smtp-server>'
        )
        self._parts = (server.format(number).encode() for number in range(count))
        self._rest = b"<javamail-config><smtp>"
        self._end = b"</smtp></javamail-config>"

    def read(self, size: int = -1) -> bytes:
        while len(self._rest) < size:
            part = next(self._parts, None)
            if part is None:
                self._rest, self._end = self._rest + self._end, b""
                break
            self._rest += part
        chunk, self._rest = self._rest[:size], self._rest[size:]
        return chunk


def test_a_large_file_is_read_in_bounded_memory() -> None:
    tracemalloc.start()
    try:
        stream: Any = Endless(5_000)
        count = sum(1 for _ in FORMATS["javamail"].read(stream))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert count == 5_000
    assert peak < 6_000_000


@given(st.binary(max_size=200) | st.text(max_size=100).map(lambda text: config(text).encode()))
def test_any_file_is_read_or_malformed(data: bytes) -> None:
    try:
        items = read(data)
    except MalformedFile as error:
        assert error.detail  # noqa: PT017 -- refusals and items are both right answers
    else:
        assert items == []
