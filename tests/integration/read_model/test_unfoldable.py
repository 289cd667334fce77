"""An event that cannot be folded stops a rebuild, which says where; the rows stay as they are."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from events.envelope import NewEvent
from services.config_api.read_model.folding import UnfoldableEvent
from services.config_api.read_model.rebuild import rebuild
from services.config_api.read_model.tables import smtp_settings
from tests.support.asking import register
from tests.support.events import a_cause, an_append
from tests.support.processes import RELAYBOOK
from tests.support.relaybook import MASTER_KEY

if TYPE_CHECKING:
    from tests.support.relaybook import House

STREAM = "smtp_setting-acme"
#: Why → schema version and stored bytes of an event that is in the log.
UNFOLDABLE = {
    "missing required field `values`": (1, b'{"setting_id":"acme"}'),
    "no step from schema version 0": (0, b"{}"),
    "truncated": (1, b"{"),
}


def spoiled(house: House, schema_version: int, data: bytes) -> int:
    """Append what no row can be made of, alter a row and return the event's position."""
    register(house, "acme")
    event = NewEvent(
        type="smtp_setting.updated", schema_version=schema_version, tenant="acme", data=data
    )
    append = an_append(STREAM, event, expected=1)
    position = house.relaybook.store.append([append], cause=a_cause(), at=house.watch()).position
    with house.relaybook.engine.begin() as connection:
        connection.execute(update(smtp_settings).values(search="altered"))
    return position


def search(house: House) -> str:
    with house.relaybook.engine.connect() as connection:
        found: str = connection.execute(select(smtp_settings.c.search)).scalar_one()
    return found


@pytest.mark.parametrize("reason", UNFOLDABLE)
def test_the_first_event_that_cannot_be_folded_is_named(house: House, reason: str) -> None:
    position = spoiled(house, *UNFOLDABLE[reason])
    with pytest.raises(UnfoldableEvent, match=rf"^position {position} \({STREAM}") as stopped:
        rebuild(house.relaybook.engine, house.relaybook.store)
    told = stopped.value
    assert (told.position, told.stream, told.type) == (position, STREAM, "smtp_setting.updated")
    assert reason in told.reason
    assert search(house) == "altered"


def test_the_command_ends_with_a_code_of_its_own(house: House) -> None:
    position = spoiled(house, 0, b"{}")
    settings = house.relaybook.settings
    done = subprocess.run(
        [*RELAYBOOK, "projections", "rebuild"],
        env={
            "LANG": "C.UTF-8",
            "RELAYBOOK_DATA_DIR": str(settings.data_dir),
            "RELAYBOOK_DATABASE_URL": settings.database_url,
            "RELAYBOOK_MASTER_KEY": MASTER_KEY,
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (70, "")
    for word in (f"position {position}", STREAM, "smtp_setting.updated v0", "schema version 0"):
        assert word in done.stderr
    assert search(house) == "altered"
