from __future__ import annotations

from services.config_api.application.import_plan import PlannedItem
from services.config_api.domain.field_errors import FieldError


def test_a_problem_of_an_item_tells_its_line_or_that_of_the_item() -> None:
    item = PlannedItem(
        id="",
        action="invalid",
        problems=(
            FieldError(pointer="/host", code="required"),
            FieldError(
                pointer="/id",
                code="attribute_expected",
                facts={"attribute": "id", "element": "smtp-server", "line": 8},
            ),
        ),
        line=7,
    )
    english, japanese = (item.document(language)["problems"] for language in ("en", "ja"))

    assert [one["detail"].rpartition(" (")[2] for one in english] == ["line 7)", "line 8)"]
    assert [one["detail"].rpartition("(")[2] for one in japanese] == ["7 行目)", "8 行目)"]
