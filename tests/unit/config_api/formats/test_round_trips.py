from __future__ import annotations

import io
import tracemalloc
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st
from msgspec import structs

from events.smtp_setting import SettingValues
from services.config_api.domain.setting_fields import make_draft
from services.config_api.formats.port import ReadItem, WrittenSetting
from services.config_api.formats.registry import FORMATS, format_of_suffix
from tests.support.generated_settings import written_settings

EVERY_FORMAT = pytest.mark.parametrize("name", sorted(FORMATS))
CHECKED: Counter[str] = Counter()


@pytest.fixture(scope="module", autouse=True)
def _told_counts() -> Iterator[None]:
    yield
    print("\nround trips checked:", dict(CHECKED))  # noqa: T201 -- shown with -s


def written(name: str, settings: list[WrittenSetting]) -> bytes:
    return b"".join(FORMATS[name].write(settings))


def read(name: str, data: bytes) -> list[ReadItem]:
    return list(FORMATS[name].read(io.BytesIO(data)))


def without_lost(name: str, values: SettingValues) -> SettingValues:
    """Return the values with what the format says it loses set back."""
    auth = values.auth
    for pointer in FORMATS[name].loses(values):
        match pointer:
            case "/ca_pem":
                values = structs.replace(values, ca_pem=None)
            case "/auth/mechanism":
                auth = structs.replace(auth, mechanism=None)
            case _:
                assert pointer == "/auth/provider_id"
                auth = structs.replace(auth, provider_id=None)
    return structs.replace(values, auth=auth)


def assert_same(name: str, item: ReadItem, setting: WrittenSetting) -> None:
    assert (item.errors, item.ignored) == ((), ())
    assert item.fields is not None
    draft = make_draft(item.fields)
    assert item.setting_id == setting.setting_id
    assert draft.values == without_lost(name, setting.values)
    assert dict(draft.secrets) == dict(setting.secrets)


@EVERY_FORMAT
@given(settings=st.lists(written_settings(), max_size=3))
def test_what_is_written_is_read_back(name: str, settings: list[WrittenSetting]) -> None:
    items = read(name, written(name, settings))

    assert len(items) == len(settings)
    for item, setting in zip(items, settings, strict=True):
        assert_same(name, item, setting)
    CHECKED[name] += len(settings)


@EVERY_FORMAT
@given(setting=written_settings())
def test_writing_what_was_read_gives_the_same_file(name: str, setting: WrittenSetting) -> None:
    data = written(name, [setting])
    (item,) = read(name, data)
    draft = make_draft(item.fields or {})
    secrets = {field: secret for field, secret in draft.secrets.items() if secret}
    again = WrittenSetting(setting_id=item.setting_id, values=draft.values, secrets=secrets)

    assert written(name, [again]) == data


@EVERY_FORMAT
@given(setting=written_settings())
def test_without_secrets_none_is_in_the_file(name: str, setting: WrittenSetting) -> None:
    items = read(name, written(name, [replace(setting, secrets={})]))

    assert_same(name, items[0], replace(setting, secrets={}))


@EVERY_FORMAT
def test_no_setting_is_a_file_too(name: str) -> None:
    assert read(name, written(name, [])) == []


@given(setting=written_settings())
def test_only_javamail_loses_anything(setting: WrittenSetting) -> None:
    lost = {name: FORMATS[name].loses(setting.values) for name in FORMATS}
    event(f"javamail loses {lost.pop('javamail')}")

    assert set(lost.values()) == {()}


@pytest.mark.parametrize(
    ("file_name", "name"),
    [
        ("javamail-config.xml", "javamail"),
        ("a.json", "json"),
        ("a.YAML", "yaml"),
        ("/etc/a.b/settings.yml", "yaml"),
        ("a.csv", "csv"),
        ("a.txt", None),
        ("json", None),
    ],
)
def test_the_end_of_a_files_name_tells_the_format(file_name: str, name: str | None) -> None:
    found = format_of_suffix(file_name)

    assert (found.name if found else None) == name


@pytest.mark.parametrize("chunk", [1, 7])
@EVERY_FORMAT
@given(settings=st.lists(written_settings(), min_size=1, max_size=2))
def test_where_chunks_end_does_not_matter(
    name: str, chunk: int, settings: list[WrittenSetting]
) -> None:
    data = written(name, settings)

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(min(chunk, size) if size and size > 0 else chunk)

    def shown(items: Iterator[ReadItem]) -> list[tuple[str, Mapping[str, Any] | None, int | None]]:
        return [(item.setting_id, item.fields, item.line) for item in items]

    found = shown(FORMATS[name].read(Slow(data)))
    assert found == shown(FORMATS[name].read(io.BytesIO(data)))


@EVERY_FORMAT
def test_many_settings_are_written_and_read_in_bounded_memory(name: str) -> None:
    values = make_draft({"host": "smtp.acme.example", "x_mailer": "経理部" * 100}).values
    many = (WrittenSetting(setting_id=f"t{number}", values=values) for number in range(1_000))

    class Made(io.RawIOBase):
        """The file, made while it is read."""

        def __init__(self) -> None:
            self._chunks = FORMATS[name].write(many)
            self._rest = b""

        def read(self, size: int = -1, /) -> bytes:
            self._rest = self._rest or next(self._chunks, b"")
            chunk, self._rest = self._rest[:size], self._rest[size:]
            return chunk

    tracemalloc.start()
    try:
        made: Any = Made()
        count = sum(1 for _ in FORMATS[name].read(made))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert count == 1_000
    assert peak < 4_000_000
