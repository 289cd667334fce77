"""The project's own checks find what they are for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploy import check_docs, check_translations, configuration
from events.diagnosis.texts.text import Text

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_a_link_to_a_missing_file_or_heading_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(
        "# Two words\n[x](b.md) [y](#two-words) [z](#three) [w](https://example.org)\n"
        "```text\n[code](nowhere.md)\n```\n[ref]: gone/away.md\n",
        encoding="utf-8",
    )
    assert check_docs.broken_links(tmp_path) == ["a.md: b.md", "a.md: #three", "a.md: gone/away.md"]
    (tmp_path / "b.md").touch()
    assert "a.md: b.md" not in check_docs.broken_links(tmp_path)


def test_a_variable_is_told_as_the_programs_read_it() -> None:
    read = {one.name: one for one in configuration.variables()}
    token, broker = read["RELAYBOOK_TOKEN"], read["RELAYBOOK_BROKER_URL"]
    assert (token.default, token.file, token.tester) == ("DATA_DIR/admin.token", True, True)
    assert (broker.default, broker.file, broker.tester) == ("DATA_DIR/bus.db", True, True)
    assert read["RELAYBOOK_TRUSTED_PROXIES"].values == "0–16"
    assert read["RELAYBOOK_LOG_FORMAT"].values == "`json` `console`"
    assert not read["RELAYBOOK_MASTER_KEY"].tester


def test_a_variable_without_a_meaning_and_a_meaning_without_a_variable_are_found(
    tmp_path: Path,
) -> None:
    (tmp_path / "services").mkdir()
    code = 'ask("RELAYBOOK_COLOUR", file="RELAYBOOK_COLOUR_FILE")\n'
    (tmp_path / "services" / "paint.py").write_text(code, encoding="utf-8")
    read = configuration.variables()[1:]
    assert list(configuration.faults(tmp_path, read)) == [
        "deploy/variables.py: nobody reads RELAYBOOK_DATA_DIR",
        "deploy/variables.py does not say what RELAYBOOK_COLOUR means",
    ]


def test_a_table_that_lags_behind_the_code_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tmp_path / "configuration.md"
    monkeypatch.setattr(configuration, "DOCUMENT", table)
    table.write_text(configuration.document(configuration.variables()), encoding="utf-8")
    assert configuration.stale() == []
    table.write_text(table.read_text("utf-8").replace("`64`", "`65`"), encoding="utf-8")
    (lagging,) = configuration.stale()
    assert "is not what the code says" in lagging


def test_a_readme_that_its_translation_does_not_follow_is_found() -> None:
    original = (
        "## A\n```sh\nrelaybook x   # one\n```\n[p](p.png)\n\n"
        "1. **2026-11-23, a choice.** Price: b.\n"
    )
    followed = original.replace("## A", "## あ").replace("one", "いち").replace(", a", "、選択")
    assert list(check_docs.differences(original, followed)) == []
    lagging = "```sh\nrelaybook y\n```\n1. **2026-11-24、選択。**\n"
    assert list(check_docs.differences(original, lagging)) == [
        "README.ja.md has other sections than README.md",
        "README.ja.md has other commands than README.md",
        "README.ja.md has other links to pictures and folders than README.md",
        "README.ja.md has other numbers and dates of decisions than README.md",
    ]


def a_package(tmp_path: Path, po: str) -> Path:
    package = tmp_path / "services" / "shop" / "web"
    (package / "translations").mkdir(parents=True)
    (package / "templates").mkdir()
    (package / "words.py").write_text('_("In code")\n', encoding="utf-8")
    (package / "templates" / "page.html").write_text(
        "{{ _('Hello %(name)s', name=name) }}{% trans %}In a block{% endtrans %}", encoding="utf-8"
    )
    header = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
    (package / "translations" / "ja.po").write_text(header + po, encoding="utf-8")
    return package


def test_a_complete_translation_passes(tmp_path: Path) -> None:
    po = (
        'msgid "In code"\nmsgstr "A"\n\nmsgid "Hello %(name)s"\nmsgstr "B %(name)s"\n\n'
        'msgid "In a block"\nmsgstr "C"\n'
    )
    package = a_package(tmp_path, po)
    assert list(check_translations.translated_packages(tmp_path)) == [package]
    assert list(check_translations.package_faults(package)) == []


def test_missing_fuzzy_left_over_and_misfilled_translations_are_found(tmp_path: Path) -> None:
    po = (
        '#, fuzzy\nmsgid "In code"\nmsgstr "A"\n\nmsgid "Hello %(name)s"\nmsgstr "B"\n\n'
        'msgid "Gone"\nmsgstr "D"\n'
    )
    found = "\n".join(check_translations.package_faults(a_package(tmp_path, po)))
    assert "not translated: 'In code' (words.py:1)" in found
    assert "not translated: 'In a block' (templates/page.html:1)" in found
    assert "other placeholders: 'Hello %(name)s'" in found
    assert "no longer used: 'Gone'" in found


def test_a_code_that_only_one_language_describes_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(check_translations.diagnosis_faults()) == []
    spoken = {"en": ({"a": Text("A", "a")}, {}), "ja": ({}, {"b": Text("B", "b")})}
    monkeypatch.setattr(check_translations, "DIAGNOSIS", spoken)
    assert list(check_translations.diagnosis_faults()) == [
        "events/diagnosis: conclusion 'a' has no ja",
        "events/diagnosis: warning 'b' has no en",
    ]
