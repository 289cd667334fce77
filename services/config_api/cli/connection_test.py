"""`relaybook test`: asks for a connection test, follows it live and says what to change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, get_args
from urllib.parse import quote

import click

from events.connection_test import Depth
from services.config_api.cli.client import connect
from services.config_api.cli.commands import TeachingCommand
from services.config_api.cli.conclusion import report
from services.config_api.cli.configured import read_document
from services.config_api.cli.failures import WrongUsage
from services.config_api.cli.following import follow, shown_steps
from services.config_api.cli.language import N_, tr
from services.config_api.cli.named import setting_id

if TYPE_CHECKING:
    from services.config_api.cli.client import Client
    from services.config_api.cli.following import Draw
    from services.config_api.cli.session import Session

TESTS: Final = "/v1/connection-tests"
_WITH_ENVELOPE: Final = ("envelope", "send")
EXIT_CODES: Final = {"passed": 0, "failed": 1, "inconclusive": 3}


@click.command(
    cls=TeachingCommand,
    help=N_("Test whether a setting works."),
    more=N_(
        "Tests a stored setting by its ID, or a document that is stored nowhere (-f); with both,"
        " the document with the stored password, as long as its destination is the same. Exit"
        " codes: 0 passed, 1 failed, 3 inconclusive."
    ),
    examples=(
        "relaybook test acme",
        "relaybook test acme --depth connect",
        "relaybook test acme --depth send --mail-from a@acme.example --rcpt-to b@acme.example",
        "relaybook test -f draft.json --json",
    ),
)
@setting_id(required=False)
@click.option("-f", "--file", help=N_("A JSON document of a setting; - reads stdin."))
@click.option("--depth", default="auth", show_default=True,
              type=click.Choice(get_args(Depth)),
              help=N_("How far to go: `connect` does not sign in, `envelope` names sender and"
                      " recipient, `send` sends one message."))  # fmt: skip
@click.option("--mail-from", metavar="ADDRESS", help=N_("The sender, for envelope and send."))
@click.option("--rcpt-to", metavar="ADDRESS", help=N_("The recipient, for envelope and send."))
@click.pass_obj
def test(session: Session, /, setting_id: str | None, file: str | None, **how: str | None) -> int:
    """Run one test and return its exit code."""
    if setting_id is None and file is None:
        raise WrongUsage(tr("Name a setting, or give a document with -f."))
    if how["depth"] in _WITH_ENVELOPE and None in (how["mail_from"], how["rcpt_to"]):
        raise WrongUsage(tr("--depth {depth} needs --mail-from and --rcpt-to.", depth=how["depth"]))
    request: dict[str, Any] = {name: value for name, value in how.items() if value is not None}
    if setting_id is not None:
        request["setting_id"] = setting_id
    if file is not None:
        draft = read_document(file)
        request["draft"] = {name: draft[name] for name in draft if name != "id"}
    client = connect(session)
    path = f"{TESTS}/{quote(client.write('POST', TESTS, request).document['id'])}"
    with shown_steps(session.output) as draw:
        result = _followed(client, path, draw)
    if session.json:
        session.output.document(result)
    else:
        report(session.output, result)
    return EXIT_CODES[result["verdict"]]


def _followed(client: Client, path: str, draw: Draw) -> dict[str, Any]:
    try:
        return follow(client, path, draw)
    except KeyboardInterrupt:
        client.write("POST", f"{path}/cancel")
        raise
