from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.smtp.probing import make_tools

if TYPE_CHECKING:
    from pathlib import Path

    from services.conn_tester.tools import Tools


@pytest.fixture
def tools(tmp_path: Path) -> Tools:
    return make_tools(tmp_path)
