from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.web.in_process import SETTING, a_service

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.integration.http.asking import Service


@pytest.fixture
def service(tmp_path: Path, sqlite_template: Path) -> Iterator[Service]:
    with a_service(tmp_path, sqlite_template) as one:
        yield one


@pytest.fixture
def of_api(service: Service) -> str:
    """What the API tells after it carried out a command and refused one."""
    ask = service.asker("operator")
    ask("POST", "/v1/smtp-settings", json=SETTING)
    ask("POST", "/v1/smtp-settings", json=SETTING)
    return service.app.test_client().get("/metrics").get_data(as_text=True)
