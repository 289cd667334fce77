from __future__ import annotations

import io

import pytest

from services.config_api.formats.registry import FORMATS
from tests.support.javamail import SAMPLE, config, fields_of, read, refused


@pytest.mark.parametrize(
    ("encoding", "codec"),
    [
        ("UTF-8", "utf-8"),
        ("utf-8", "utf-8-sig"),
        ("UTF-16", "utf-16"),
        ("UTF-16", "utf-16-be"),
        ("UTF-16LE", "utf-16-le"),
        ("Shift_JIS", "cp932"),
        ("Windows-31J", "cp932"),
        ("EUC-JP", "euc_jp"),
        ("ISO-2022-JP", "iso2022_jp"),
    ],
)
def test_the_declared_encoding_is_read(encoding: str, codec: str) -> None:
    text = SAMPLE.replace('encoding="UTF-8"', f"encoding='{encoding}'")

    assert fields_of(read(text.encode(codec))[1])["x_mailer"] == "経理部メール"


def test_the_declaration_is_read_from_a_slow_stream_too() -> None:
    text = SAMPLE.replace('encoding="UTF-8"', 'encoding="Shift_JIS"')

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(min(size or 0, 3))

    items = list(FORMATS["javamail"].read(Slow(text.encode("cp932"))))
    assert fields_of(items[1])["x_mailer"] == "経理部メール"


def test_without_a_declaration_the_file_is_utf_8() -> None:
    text = config('<smtp-server id="a"><x-mailer>é</x-mailer></smtp-server>')

    assert fields_of(read(text)[0])["x_mailer"] == "é"


def test_latin_1_is_read() -> None:
    text = '<?xml version="1.0" encoding="ISO-8859-1"?>' + config(
        '<smtp-server id="a"><x-mailer>é</x-mailer></smtp-server>'
    )

    assert fields_of(read(text.encode("latin-1"))[0])["x_mailer"] == "é"


@pytest.mark.parametrize(
    ("name", "codec", "text"),
    [
        ("windows-1251", "cp1251", "Ж"),
        ("GB18030", "gb18030", "漢"),
        ("euc-kr", "euc_kr", "한"),
        ("Big5", "big5", "漢"),
        ("KOI8-R", "koi8_r", "Ж"),
    ],
)
def test_other_encodings_that_are_declared_are_read(name: str, codec: str, text: str) -> None:
    server = config(f'<smtp-server id="a"><x-mailer>{text}</x-mailer></smtp-server>')
    data = f'<?xml version="1.0" encoding="{name}"?>{server}'.encode(codec)

    assert fields_of(read(data)[0])["x_mailer"] == text


@pytest.mark.parametrize(
    "name",
    [
        "EBCDIC-X",
        "utf-7",
        "idna",
        "punycode",
        "unicode_escape",
        "base64",
        "rot13",
        "hz",
        "undefined",
    ],
)
def test_an_encoding_that_is_not_known_or_not_safe_is_refused_with_its_name(name: str) -> None:
    error = refused(f'<?xml version="1.0" encoding="{name}"?><javamail-config/>'.encode())

    assert (error.code, error.line, error.facts) == ("encoding_unknown", 1, {"encoding": name})


@pytest.mark.parametrize("name", ["UTF-16", "UTF-32", "cp037"])
def test_a_declaration_that_cannot_be_true_is_refused(name: str) -> None:
    error = refused(f'<?xml version="1.0" encoding="{name}"?><javamail-config/>'.encode())

    assert (error.code, error.line) == ("encoding_differs", 1)


def test_another_encoding_without_a_declaration_is_refused_with_that_reason() -> None:
    text = config('\n<smtp-server id="a"><x-mailer>経理部</x-mailer></smtp-server>')
    error = refused(text.encode("cp932"))

    assert (error.code, error.line) == ("encoding_undeclared", 2)


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"<javamail-config>\n\n<smtp>\xff</smtp></javamail-config>", 3),
        (b"<javamail-config>" + b"\n" * 100_000 + b"\xe3\x81", 100_001),
        (b'<?xml version="1.0" encoding="Shift_JIS"?>\n<javamail-config>\x81', 2),
    ],
)
def test_bytes_outside_the_encoding_are_refused_with_their_line(data: bytes, line: int) -> None:
    assert refused(data).line == line
