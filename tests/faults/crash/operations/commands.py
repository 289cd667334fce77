"""Commands and imports over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.faults.crash.client import Request
from tests.faults.crash.operations.base import Operation, Scene, a_setting, registered, tested

if TYPE_CHECKING:
    from collections.abc import Sequence

_ANY = {"If-Match": "*"}


class Command(Operation):
    """A setting's life: registered, changed, moved, restored, tested, deleted, and again."""

    name = "command"

    @property
    def requests(self) -> Sequence[Request]:
        one = "/v1/smtp-settings/one"
        moved = {"host": "localhost", "auth": {"password": "another"}}
        return (
            registered("one"),
            Request(method="PATCH", path=one, body={"x_mailer": "first"}, headers=_ANY),
            Request(method="PATCH", path=one, body=moved, headers=_ANY),
            tested("one"),
            Request(method="POST", path=f"{one}/restore", body={"version": 2}, headers=_ANY),
            Request(
                method="POST", path="/v1/tokens", body={"name": "another", "roles": ["reader"]}
            ),
            Request(method="DELETE", path=one, headers=_ANY),
            registered("one", x_mailer="again"),
            registered("two"),
        )


class Import(Operation):
    """A file of settings that adds some and overwrites others."""

    name = "import"
    size = 40

    @property
    def requests(self) -> Sequence[Request]:
        return (
            Request(
                method="POST",
                path="/v1/imports?mode=update&format=json",
                body={
                    "relaybook": 1,
                    "settings": [
                        a_setting(f"tenant-{number}", x_mailer="imported")
                        for number in range(self.size)
                    ],
                },
            ),
            Request(
                method="PATCH",
                path="/v1/smtp-settings/tenant-1",
                body={"x_mailer": "after"},
                headers=_ANY,
            ),
        )

    def prepare(self, scene: Scene) -> None:
        scene.client.send_all([registered(f"tenant-{number}") for number in range(0, 20, 4)])
