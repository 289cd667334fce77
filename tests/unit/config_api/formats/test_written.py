from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given

from events.codec import spaced_json
from services.config_api.formats.written import written_document, written_json
from tests.support.generated_settings import written_settings

if TYPE_CHECKING:
    from services.config_api.formats.port import WrittenSetting


@given(setting=written_settings())
def test_a_line_of_json_is_the_document(setting: WrittenSetting) -> None:
    assert written_json(setting) == spaced_json(written_document(setting))
