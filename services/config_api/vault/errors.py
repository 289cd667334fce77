"""Why the vault does not seal or open."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from events.smtp_setting import SecretRef


class VaultError(Exception):
    """The vault cannot do what was asked."""


class MalformedMasterKey(VaultError):
    """The text is not 32 bytes in base64; the text itself is never repeated."""


class WrongMasterKey(VaultError):
    """The master key is not the one that the stored keys are wrapped with."""


class NoMasterKey(WrongMasterKey):
    """The master key is lost: what is stored stays sealed, and nothing new can be sealed."""


class SecretGone(VaultError):
    """No sealed value is held for this reference, or its key was shredded."""

    def __init__(self, ref: SecretRef) -> None:
        super().__init__(f"the secret {ref.id} version {ref.version} is not held any more")
        self.ref = ref


class SealBroken(VaultError):
    """The sealed value does not open: it was altered, or moved here from somewhere else."""

    def __init__(self, ref: SecretRef) -> None:
        super().__init__(f"the secret {ref.id} version {ref.version} does not open")
        self.ref = ref
