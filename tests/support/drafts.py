"""What is wrong or odd with the document of a setting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from services.config_api.domain.errors import InvalidSetting
from services.config_api.domain.setting_fields import make_draft

if TYPE_CHECKING:
    from services.config_api.domain.field_errors import FieldError


def errors_of(fields: Any) -> dict[str, str]:
    """Return the codes of everything that is wrong, by pointer."""
    with pytest.raises(InvalidSetting) as raised:
        make_draft(fields)
    return {error.pointer: error.code for error in raised.value.errors}


def error_of(**fields: Any) -> FieldError:
    """Return the only error of a setting with these fields."""
    with pytest.raises(InvalidSetting) as raised:
        make_draft({"host": "h"} | fields)
    (error,) = raised.value.errors
    return error


def warnings_of(**fields: Any) -> list[str]:
    """Return the codes of the warnings of a setting with these fields."""
    return [one.code for one in make_draft({"host": "h"} | fields).warnings]
