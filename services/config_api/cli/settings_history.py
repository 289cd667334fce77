"""`relaybook settings history`: what happened to a setting, and what two versions differ in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from services.config_api.cli.changes import assigned, change_words
from services.config_api.cli.client import connect
from services.config_api.cli.commands import TeachingCommand
from services.config_api.cli.failures import WrongUsage
from services.config_api.cli.language import N_, tr
from services.config_api.cli.named import no_headers, setting_id
from services.config_api.cli.output import shown
from services.config_api.cli.setting_shown import path_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.config_api.cli.output import Output
    from services.config_api.cli.session import Session

_PAGE: Final = 100


@click.command(
    "history",
    cls=TeachingCommand,
    help=N_("Show what happened to a setting."),
    more=N_(
        "Newest first, with every changed field; secrets appear as their versions only. A deleted"
        " setting has its history, too. --compare shows what two versions differ in."
    ),
    examples=(
        "relaybook settings history acme",
        "relaybook settings history acme --compare 2 5",
    ),
)
@setting_id()
@click.option("--compare", nargs=2, type=click.IntRange(1), metavar="A B",
              help=N_("Show the differences from version A to version B."))  # fmt: skip
@click.option("--limit", type=click.IntRange(1), help=N_("At most so many."))
@no_headers
@click.pass_obj
def history(
    session: Session, /, setting_id: str, compare: tuple[int, int] | None, limit: int | None
) -> None:
    """Print a row an event, or a row a difference."""
    client = connect(session)
    path = path_of(setting_id)
    if compare is not None:
        if limit is not None:
            raise WrongUsage(tr("--limit and --compare cannot be used together."))
        first, second = compare
        document = client.get(f"{path}/compare", **{"from": first, "to": second}).document
        _show_comparison(session.output, document)
        return
    page = _PAGE if limit is None else min(limit, _PAGE)
    found = client.pages(f"{path}/history", most=limit, limit=page)
    if session.json:
        session.output.items(found)
        return
    head = (tr("Version"), tr("Recorded"), tr("Event"), tr("Actor"), tr("Changes"))
    session.output.table(head, (_row(item) for item in found))


def _show_comparison(output: Output, document: Mapping[str, Any]) -> None:
    if output.as_json:
        output.document(document)
        return
    head = (tr("Field"), f"v{document['from']}", f"v{document['to']}")
    rows = [(one["path"], shown(one["before"]), shown(one["after"])) for one in document["changes"]]
    output.table(head, rows)
    if not rows:
        output.note(tr("The versions do not differ."))


def _row(item: Mapping[str, Any]) -> tuple[str, ...]:
    kind = str(item["type"]).removeprefix("relaybook.").removesuffix(".v1")
    changes = item.get("changes", ())
    is_new = all(one["before"] is None for one in changes)
    words = assigned(changes) if is_new else map(change_words, changes)
    return (
        str(item["version"]),
        item["recorded_at"],
        kind,
        item["actor"],
        "; ".join(words),
    )
