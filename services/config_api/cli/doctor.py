"""`relaybook doctor`: whether this host's set-up is sound, and what to do where it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from services.config_api.bootstrap import examine
from services.config_api.cli.commands import TeachingCommand
from services.config_api.cli.configured import settings_of
from services.config_api.cli.language import N_, tr

if TYPE_CHECKING:
    from services.config_api.bootstrap import Finding
    from services.config_api.cli.session import Session

_STATES: Final = {"ok": N_("ok"), "warning": N_("warning"), "wrong": N_("wrong"),
                  "skipped": N_("not examined")}  # fmt: skip
_PARTS: Final = {
    "packages": N_("packages"),
    "versions": N_("versions"),
    "files": N_("files"),
    "database": N_("database"),
    "server": N_("database server"),
    "durability": N_("durability"),
    "schema": N_("schema"),
    "history": N_("history"),
    "clock": N_("clock"),
    "master_key": N_("master key"),
    "sealed_log": N_("sealed log"),
    "projections": N_("projections"),
    "defaults": N_("defaults file"),
    "webhooks": N_("webhooks"),
    "bus": N_("bus"),
    "broker": N_("broker"),
    "dead_letters": N_("dead letters"),
}
_REASONS: Final = {
    "collision": N_("Other distributions bring packages of the same names"),
    "mixed": N_("The program's packages come from several places"),
    "other_versions": N_("Other versions are installed than the tested ones"),
    "readable": N_("Others than the owner can read"),
    "old_postgresql": N_("PostgreSQL is too old"),
    "standby": N_("The database is a standby: it takes no writes."),
    "encoding": N_("The database cannot hold every text: its encoding is"),
    "few_places": N_("The server has few places for connections"),
    "clocks_apart": N_("This host's clock differs from the database's by"),
    "clock_behind": N_("This host's clock is behind the newest event"),
    "old_rabbitmq": N_("RabbitMQ is too old"),
    "given_up": N_("Messages that nobody could handle"),
    "not_migrated": N_("The database lacks this version's schema."),
    "older": N_("The database is older than a checkpoint that was given out."),
    "other": N_("The database holds another log than the checkpoint that was given out."),
    "broken": N_("The log's tree does not fit its newest checkpoint."),
    "changed": N_("An event is not the one that was recorded."),
    "unreadable": N_("The file with the newest checkpoint cannot be read."),
    "behind": N_("Rows of the read model are behind their events."),
    "parked": N_("Messages for webhooks were given up after their last attempt."),
    "one_role": N_("The application's role could rewrite events once it switched triggers off."),
}
_ADVICE: Final = {
    "packages": N_("Install Relaybook into a virtual environment of its own."),
    "versions": N_("Install what deploy/requirements/run.txt pins, with its hashes."),
    "files": N_("Take the rights of group and others away (chmod 600)."),
    "server": N_(
        "PostgreSQL 13 or newer, a primary, in UTF8, with 20 connections a process and some more."
    ),
    "clock": N_("Let a time service (NTP) set the clocks of all hosts."),
    "broker": N_("RabbitMQ 3.10 or newer keeps dead letters safely."),
    "dead_letters": N_(
        "The header relaybook-reason of each, in the queue relaybook.dead-letters, says why."
    ),
    "database": N_("RELAYBOOK_DATABASE_URL says where it is."),
    "schema": N_("Run `relaybook migrate`."),
    "history": N_(
        "Give RELAYBOOK_MIGRATION_DATABASE_URL the owner's role and RELAYBOOK_DATABASE_URL another"
        " one, then run `relaybook migrate`."
    ),
    "sealed_log": N_(
        "Nothing is sealed until it fits. `relaybook audit export` and `audit verify` find the"
        " position; after a restore on purpose move the file in RELAYBOOK_CHECKPOINT_FILE away."
    ),
    "projections": N_("Run `relaybook projections rebuild`; the service may go on."),
    "master_key": N_("RELAYBOOK_MASTER_KEY, its _FILE, or master.key in the data directory."),
    "defaults": N_("RELAYBOOK_DEFAULTS_FILE names it."),
    "webhooks": N_(
        "The page of the webhook says why; once its endpoint works again, press Replay there."
    ),
    "bus": N_("RELAYBOOK_BROKER_URL says where it is; commands go on, their messages wait."),
}


@click.command(
    cls=TeachingCommand,
    help=N_("Examine this host's set-up and say what to change."),
    more=N_("Changes nothing. Exit code 1 where something is wrong; warnings leave it 0."),
)
@click.pass_obj
def doctor(session: Session) -> int:
    """Print a row a part and return the exit code."""
    found = examine(settings_of(session))
    if session.json:
        session.output.document({"items": [_document(one) for one in found]})
    else:
        head = (tr("Part"), tr("State"), tr("Reason"))
        rows = [(tr(_PARTS[one.part]), tr(_STATES[one.state]), _reason(one)) for one in found]
        session.output.table(head, rows)
        for one in found:
            if one.state in {"warning", "wrong"} and one.part in _ADVICE:
                session.output.note(f"{tr(_PARTS[one.part])}: {tr(_ADVICE[one.part])}")
    return 1 if any(one.state == "wrong" for one in found) else 0


def _document(one: Finding) -> dict[str, str]:
    advised = one.state in {"warning", "wrong"} and one.part in _ADVICE
    advice = tr(_ADVICE[one.part]) if advised else ""
    return {"part": one.part, "state": one.state, "reason": _reason(one), "advice": advice}


def _reason(one: Finding) -> str:
    told = tr(_REASONS[one.reason]) if one.reason in _REASONS else one.reason
    return f"{told}: {one.detail}" if one.detail else told
