from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from services.config_api.application.defaults_file import InvalidDefaults, read_defaults
from services.config_api.domain.secret import Secret
from services.config_api.formats.names import SUFFIXES
from services.config_api.formats.port import WrittenSetting
from services.config_api.formats.registry import FORMATS, format_of_suffix
from services.config_api.settings_values import SETTINGS_SUFFIXES
from tests.support.settings import a_draft

if TYPE_CHECKING:
    from pathlib import Path

    from services.config_api.domain.setting_fields import SettingDraft


def read(tmp_path: Path, *settings: object) -> dict[str, SettingDraft]:
    return read_text(tmp_path, json.dumps({"relaybook": 1, "settings": settings}))


def read_text(tmp_path: Path, text: str) -> dict[str, SettingDraft]:
    path = tmp_path / "defaults.json"
    path.write_text(text, encoding="utf-8")
    return dict(read_defaults(path, FORMATS["json"]))


def refused(tmp_path: Path, *settings: object) -> InvalidDefaults:
    with pytest.raises(InvalidDefaults) as raised:
        read(tmp_path, *settings)
    return raised.value


def test_the_settings_of_a_file_by_their_ids(tmp_path: Path) -> None:
    drafts = read(
        tmp_path, {"id": "default", "host": "a.example"}, {"id": "b", "host": "b.example"}
    )

    assert {name: draft.values.host for name, draft in drafts.items()} == {
        "default": "a.example",
        "b": "b.example",
    }


@pytest.mark.parametrize("suffix", SETTINGS_SUFFIXES)
def test_a_file_of_any_format_holds_defaults(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"defaults{suffix}"
    file_format = format_of_suffix(path)
    assert file_format is not None
    draft = a_draft(x_mailer="日本語 <&>")
    written = WrittenSetting(
        setting_id="acme", values=draft.values, secrets={"password": Secret("correct horse")}
    )
    path.write_bytes(b"".join(file_format.write([written])))
    found = read_defaults(path, file_format)["acme"]

    assert (found.values, found.secrets) == (draft.values, draft.secrets)


def test_every_problem_is_named_at_once(tmp_path: Path) -> None:
    error = refused(
        tmp_path,
        {"id": "acme", "host": "http://smtp.acme.example", "port": 0},
        {"id": "acme", "host": "b.example"},
        {"id": "日本", "host": "b.example"},
        {"host": "b.example"},
    )
    found = [(one.place, one.setting_id, one.error.pointer) for one in error.problems]

    assert found == [
        (1, "acme", "/host"),
        (1, "acme", "/port"),
        (2, "acme", "/id"),
        (3, "日本", "/id"),
        (4, "", "/id"),
    ]
    assert len(error.told("en")) == len(error.told("ja")) == 5
    assert error.told("en")[4].startswith("#4 /id: ")
    assert "複数回" in error.told("ja")[2]
    assert str(error).startswith(f"{error.path}: acme /host: ")


def test_a_file_that_is_cut_off_names_what_was_wrong_before_and_the_line(tmp_path: Path) -> None:
    text = '{"relaybook": 1, "settings": [\n{"id": "a", "host": ""},\n'
    with pytest.raises(InvalidDefaults) as raised:
        read_text(tmp_path, text)

    assert raised.value.told("en")[-1].endswith("(line 3)")


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidDefaults) as raised:
        read_defaults(tmp_path / "gone.json", FORMATS["json"])

    assert raised.value.told("en") == ["No such file or directory"]


def test_no_message_repeats_a_password(tmp_path: Path) -> None:
    auth = {"method": "password", "user": "u", "password": "corr\nect"}
    error = refused(tmp_path, {"id": "acme", "host": "a.example", "auth": auth})

    assert [one.error.pointer for one in error.problems] == ["/auth/password"]
    assert "corr" not in str(error)


def test_warnings_of_the_format_and_of_the_rules_stay_with_the_draft(tmp_path: Path) -> None:
    path = tmp_path / "defaults.xml"
    path.write_text(
        '<javamail-config><smtp><smtp-server id="a" host=" a.example " port="25">'
        '<smtps enable="false" starttls="true"/></smtp-server></smtp></javamail-config>',
        encoding="utf-8",
    )
    draft = read_defaults(path, FORMATS["javamail"])["a"]

    assert {"starttls_not_enabled", "host_trimmed"} <= {one.code for one in draft.warnings}


def test_the_settings_know_the_same_ends_of_names_as_the_formats() -> None:
    assert set(SETTINGS_SUFFIXES) == set(SUFFIXES)
