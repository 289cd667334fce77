from __future__ import annotations

from string import Formatter

import pytest
from hypothesis import given

from services.config_api.rendering.certificates import certificates
from services.config_api.rendering.notes import NOTES, Language
from services.config_api.rendering.registry import TARGETS
from tests.support.hostile import a_sending, hostile_texts
from tests.support.settings import a_certificate


@pytest.mark.parametrize("code", NOTES)
def test_each_comment_is_one_line_in_both_languages_with_the_same_facts(code: str) -> None:
    facts = {
        language: {name for _, name, _, _ in Formatter().parse(text) if name}
        for language, text in NOTES[code].items()
    }
    assert set(facts) == {"en", "ja"}
    # Japanese may repeat the name of the program where English has a pronoun.
    assert facts["en"] - {"target"} == facts["ja"] - {"target"}
    assert not any("\n" in text for text in NOTES[code].values())


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("language", ["en", "ja"])
def test_comments_stand_in_front_and_a_language_changes_nothing_else(
    name: str, language: Language
) -> None:
    sending = a_sending(ca_pem=a_certificate(), debug=True, x_mailer="x")
    texts = [TARGETS[name].render(sending, one) for one in ("en", language)]
    bodies = [[line for line in text.splitlines() if line[:1] != "#"] for text in texts]
    assert bodies[0] == bodies[1]
    assert TARGETS[name].comments is texts[0].startswith("#")


@given(remark=hostile_texts())
def test_remarks_between_certificates_stay_out(remark: str) -> None:
    block = a_certificate()
    assert certificates(f"{remark}\n{block}{remark}\n{block}") == [block, block]
