from __future__ import annotations

import pytest

from services.config_api.domain.setting_id import is_setting_id


@pytest.mark.parametrize("text", ["a", "default", "Acme.1_2@x-y", "0", "a" * 64])
def test_a_tenant_has_such_an_id(text: str) -> None:
    assert is_setting_id(text)


@pytest.mark.parametrize("text", ["", "-a", ".a", "a b", "a/b", "ä", "a" * 65, "a\n", "a\x00"])
def test_other_texts_are_no_ids(text: str) -> None:
    assert not is_setting_id(text)
