"""Builds what seals the log, proves it and hands it out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from events.store.sealed_log import SealedLog
from events.store.sql.opening import OpenedStore
from events.store.sql.sealed_log import SqlSealedLog
from services.config_api.application.context import Clock
from services.config_api.application.sealed_log.bundle import Bundles
from services.config_api.application.sealed_log.continuity import Continuity
from services.config_api.application.sealed_log.known import KnownCheckpoint
from services.config_api.application.sealed_log.proofs import Proofs
from services.config_api.application.sealed_log.rotation import SigningKeyRotation
from services.config_api.application.sealed_log.sealer import Sealer
from services.config_api.read_model.writing import write_rows
from services.config_api.settings import Settings
from services.config_api.vault.signing_keys import SigningKeys
from services.config_api.vault.vault import Vault


@dataclass(frozen=True, kw_only=True, slots=True)
class LogParts:
    """The sealed log and what works on it."""

    log: SealedLog
    keys: SigningKeys
    sealer: Sealer
    continuity: Continuity
    proofs: Proofs
    bundles: Bundles
    rotation: SigningKeyRotation


def build_log(settings: Settings, clock: Clock, opened: OpenedStore, vault: Vault) -> LogParts:
    """Return the sealed log, connected to nothing yet."""
    log = SqlSealedLog(opened.engine, opened.read_engine)
    keys = SigningKeys(
        vault=vault,
        read_engine=opened.read_engine,
        clock=clock,
        write_rows=partial(write_rows, opened.engine),
    )
    known = KnownCheckpoint(path=settings.checkpoint_file)
    store = opened.store
    return LogParts(
        log=log,
        keys=keys,
        sealer=Sealer(store=store, log=log, keys=keys, known=known, clock=clock),
        continuity=Continuity(store=store, log=log, keys=keys, known=known),
        proofs=Proofs(store=store, log=log),
        bundles=Bundles(store=store, log=log, keys=keys, clock=clock),
        rotation=SigningKeyRotation(store=store, wakeup=opened.wakeup, keys=keys),
    )
