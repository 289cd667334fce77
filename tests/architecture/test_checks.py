"""The project's own checks find what they are for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploy import check_docs, check_translations
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
