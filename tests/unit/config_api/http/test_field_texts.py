from __future__ import annotations

import string

import pytest

from services.config_api.domain.field_errors import FieldError
from services.config_api.http.field_texts import FIELDS, field_text


@pytest.mark.parametrize("code", sorted(FIELDS))
def test_both_languages_of_a_code_tell_the_same_facts(code: str) -> None:
    english, japanese = (
        {name for _, name, _, _ in string.Formatter().parse(FIELDS[code][language]) if name}
        for language in ("en", "ja")
    )
    assert english == japanese
    assert FIELDS[code]["en"].isascii()
    assert not FIELDS[code]["ja"].isascii()


def test_what_the_rules_of_a_setting_say_is_told_as_they_say_it() -> None:
    assert field_text(FieldError(pointer="/host", code="required"), "en")
    wrong = FieldError(pointer="?q", code="wrong_length", facts={"limit": 320})
    assert "320" in field_text(wrong, "ja")
