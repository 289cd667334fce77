"""What is killed: an operation, the state before it, and what whoever asked for it does again."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from events.bus.work import work_outgoing
from events.store.port import Holding
from services.config_api.application.relay.publishing import Publishing
from tests.faults.crash.client import Client, Journal, Request

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from events.messages import WorkMessage
    from tests.faults.crash.subject import Subject

#: A port on loopback that nobody listens on: a test of it ends at once.
CLOSED_PORT = 9


@dataclass(frozen=True, kw_only=True)
class Scene:
    """The service, and a client of it."""

    subject: Subject
    client: Client
    journal: Journal

    def publish(self, *messages: WorkMessage) -> None:
        """Put work or results on the bus."""
        publisher = self.subject.relaybook.bus.publisher()
        at = self.subject.clock()
        publisher.publish([work_outgoing(message, at=at) for message in messages])
        publisher.close()

    def duty(self, name: str) -> Any:
        """Return one of the relay's duties."""
        (found,) = (one for one in self.subject.relaybook.relay.duty_list if one.name == name)
        return found

    @contextmanager
    def held(self, name: str) -> Iterator[Holding]:
        """Hold a duty as the relay does."""
        holding = self.subject.relaybook.duties.try_hold(name)
        assert holding is not None
        try:
            yield holding
        finally:
            holding.release()

    def publishing(self) -> Publishing:
        """Return the duty that publishes the log."""
        found = self.duty("publishing")
        assert isinstance(found, Publishing)
        return found


class Operation:
    """Nothing but the client's requests; others do more.

    `prepare` makes the state that each kill begins with, `arrange` what cannot be saved with it.
    """

    name: ClassVar[str]
    needs_api: ClassVar[bool] = False
    #: The service does not start before it is done.
    starts_itself: ClassVar[bool] = False

    @property
    def requests(self) -> Sequence[Request]:
        """What the client asks for, in order."""
        return ()

    def prepare(self, scene: Scene) -> None:
        """Make the state before."""

    def arrange(self, scene: Scene) -> None:
        """Put on the bus what must lie there."""

    def act(self, scene: Scene) -> None:
        """Do what is killed."""
        scene.client.send_all(self.requests)

    def resume(self, scene: Scene) -> None:
        """Do again what nobody confirmed; by default just the same."""
        self.act(scene)


def a_setting(setting_id: str, **changes: Any) -> dict[str, Any]:
    """Return the document of a setting with a password that a test refuses to reach."""
    return {
        "id": setting_id,
        "host": "127.0.0.1",
        "port": CLOSED_PORT,
        "security": "none",
        "auth": {"method": "password", "user": "mailer", "password": f"secret of {setting_id}"},
        **changes,
    }


def registered(setting_id: str, **changes: Any) -> Request:
    """Return the registration of a setting."""
    return Request(method="POST", path="/v1/smtp-settings", body=a_setting(setting_id, **changes))


def tested(setting_id: str) -> Request:
    """Return the request for a test."""
    return Request(method="POST", path="/v1/connection-tests", body={"setting_id": setting_id})
