"""`relaybook settings list|get|effective`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from services.config_api.cli.client import connect
from services.config_api.cli.commands import TeachingCommand
from services.config_api.cli.language import N_, tr
from services.config_api.cli.named import RENDER_TARGETS, VERDICTS, no_headers, setting_id
from services.config_api.cli.output import shown
from services.config_api.cli.setting_shown import SETTINGS, flat, path_of, show

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from services.config_api.cli.output import Output
    from services.config_api.cli.session import Session

PAGE: Final = 500
_AT_HELP: Final = N_("As it was at a position of the log or an RFC 3339 instant.")


@click.command(
    "list",
    cls=TeachingCommand,
    help=N_("List the settings."),
    examples=(
        "relaybook settings list --q acme",
        "relaybook settings list --verdict failed --json",
        "relaybook settings list --at 2026-01-31T00:00:00Z",
    ),
)
@click.option("--q", help=N_("Part of ID, host or user."))
@click.option("--default/--no-default", "is_default", default=None,
              help=N_("Only defaults, or only those that an administrator owns."))  # fmt: skip
@click.option("--verdict", type=click.Choice(VERDICTS),
              help=N_("Only those whose last test ended so."))  # fmt: skip
@click.option("--at", help=_AT_HELP)
@click.option("--limit", type=click.IntRange(1), help=N_("At most so many."))
@no_headers
@click.pass_obj
def list_(session: Session, /, limit: int | None, **filters: Any) -> None:  # noqa: ANN401 -- options
    """Print one row a setting."""
    page = PAGE if limit is None else min(limit, PAGE)
    found = _Counted(connect(session).pages(SETTINGS, most=limit, limit=page, **filters))
    if session.json:
        session.output.items(found)
        return
    head = (tr("ID"), tr("Host"), tr("Port"), tr("Security"), tr("Default"), tr("Last test"))
    session.output.table(head, (_row(item) for item in found))
    if not found.count:
        session.output.note(tr("No settings."))


@click.command(
    "get",
    cls=TeachingCommand,
    help=N_("Show one setting."),
    examples=(
        "relaybook settings get acme",
        "relaybook settings get acme --at 2026-01-31T00:00:00Z",
    ),
)
@setting_id()
@click.option("--at", help=_AT_HELP)
@click.pass_obj
def get(session: Session, /, setting_id: str, at: str | None) -> None:
    """Print a setting, one field a line."""
    show(session.output, connect(session).get(path_of(setting_id), at=at))


@click.command(
    "effective",
    cls=TeachingCommand,
    help=N_("Show the setting that applies to a tenant."),
    more=N_(
        "It is the tenant's own, otherwise the one of the ID `default`. Each session property has"
        " its source: derived from the setting's fields, or written by an administrator. --render"
        " prints the text for a mail client's own configuration, with placeholders for secrets."
    ),
    examples=(
        "relaybook settings effective acme",
        "relaybook settings effective acme --render spring-boot > application-mail.properties",
    ),
)
@setting_id()
@click.option("--render", type=click.Choice(RENDER_TARGETS),
              help=N_("Print it as this client's configuration."))  # fmt: skip
@no_headers
@click.pass_obj
def effective(session: Session, /, setting_id: str, render: str | None) -> None:
    """Print the fields, then the session properties with their sources; or the rendered text."""
    client = connect(session)
    path = f"{path_of(setting_id)}/effective"
    if render is None:
        _show_effective(session.output, client.get(path).document)
        return
    text = client.text(path, render=render)
    if session.json:
        session.output.document({"id": setting_id, "render": render, "text": text})
    else:
        click.echo(text, nl=not text.endswith("\n"))


def _show_effective(output: Output, document: dict[str, Any]) -> None:
    if output.as_json:
        output.document(document)
        return
    properties = document.pop("session_properties")
    output.pairs({name: shown(value) for name, value in flat(document)})
    output.line()
    head = (tr("Session property"), tr("Value"), tr("Source"))
    rows = [(name, shown(one.get("value")), one["source"]) for name, one in properties.items()]
    output.table(head, rows)


class _Counted:
    """Passes items on and counts them."""

    def __init__(self, items: Iterable[Mapping[str, Any]]) -> None:
        self._items = items
        self.count = 0

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        for item in self._items:
            self.count += 1
            yield item


def _row(item: Mapping[str, Any]) -> tuple[str, ...]:
    mark = "✓" if item["is_default"] else ""
    return (item["id"], item["host"], str(item["port"]), item["security"], mark, _tested(item))


def _tested(item: Mapping[str, Any]) -> str:
    """Return the verdict of the last test, its version, and whether that is still in force."""
    last = item.get("last_test")
    if last is None:
        return "-"
    told = f"{last['verdict']} (v{last['version']})"
    if last["version"] == item["version"]:
        return told
    return tr("{told}, changed since", told=told)
