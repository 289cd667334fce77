"""Another key signs the log from now on; the one before hands it over, and an event tells of it."""

from __future__ import annotations

from dataclasses import dataclass

from events.catalogue import encode
from events.envelope import stream_name
from events.keys import SIGNING_KEY_CATEGORY, SigningKeyRotated
from events.store.port import EventStore, Expected, StreamAppend, Wakeup
from services.config_api.application.commanding import as_command
from services.config_api.application.context import Context
from services.config_api.vault.signing_keys import SigningKeys


@dataclass(frozen=True, kw_only=True, slots=True)
class SigningKeyRotation:
    """Rotates the log's key while the service runs."""

    store: EventStore
    wakeup: Wakeup
    keys: SigningKeys

    @as_command("signing_key.rotate")
    def rotate(self, ctx: Context) -> SigningKeyRotated:
        """Let a new key sign; checkpoints of the old one stay valid.

        Raises RowExists where another rotation was faster, StoreUnavailable, WrongMasterKey.
        """
        old, new, rows = self.keys.successor()
        fact = SigningKeyRotated(verifier=new.text, retired=old.text)
        append = StreamAppend(
            stream=stream_name(SIGNING_KEY_CATEGORY, new.id.hex()),
            expected=Expected.NO_STREAM,
            events=[encode(fact, tenant=None)],
            rows=rows,
        )
        self.store.append([append], cause=ctx.cause, at=ctx.at)
        self.wakeup.signal()
        return fact
