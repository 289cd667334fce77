from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from events.diagnosis import CODES, WARNINGS
from tests.integration.zoo import table
from tests.integration.zoo.catalogue import SITUATIONS
from tests.integration.zoo.situation import USUAL_WARNINGS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from events.connection_test import TestResult
    from tests.integration.zoo.situation import Situation


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda situation: situation.name)
def test_a_situation_leads_to_its_conclusion(
    results: Mapping[str, TestResult | BaseException], situation: Situation
) -> None:
    result = results[situation.name]
    if isinstance(result, BaseException):
        raise result
    assert (result.code, result.step) == (situation.code, situation.step), result
    assert result.fix == situation.fix
    warned = {warning.code for warning in result.warnings}
    assert warned - USUAL_WARNINGS == situation.warnings


def test_every_code_and_every_warning_of_the_catalogue_is_shown() -> None:
    assert set(table.shown_codes()) == set(CODES)
    assert set(table.shown_warnings()) == set(WARNINGS)


def test_the_table_in_the_readme_is_that_of_the_situations() -> None:
    wanted = table.written()
    assert table.README.read_text(encoding="utf-8") == wanted, (
        "write it with: .venv/bin/python -m tests.integration.zoo.table"
    )


def test_no_two_situations_have_one_name() -> None:
    names = [situation.name for situation in SITUATIONS]
    assert len(set(names)) == len(names)
