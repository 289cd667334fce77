"""How commands of this program look: common options, help in two languages, lazy groups."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import click
from click.shell_completion import CompletionItem

from services.config_api.cli import language
from services.config_api.cli.failures import ReaderGone
from services.config_api.cli.language import N_, tr
from services.config_api.cli.session import Session

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


_HELP: Final = N_("Show this message and exit.")


def _set_json(ctx: click.Context, _param: click.Parameter, value: bool) -> None:  # noqa: FBT001 -- click's signature
    if value:
        ctx.ensure_object(Session).json = True


def _set_language(_ctx: click.Context, _param: click.Parameter, value: str | None) -> None:
    if value:
        language.use(value)


def _everywhere() -> list[click.Parameter]:
    """Return what every command understands: `--json` and `--lang`."""
    return [
        click.Option(
            ["--json", "as_json"],
            is_flag=True,
            expose_value=False,
            callback=_set_json,
            help=N_("Print JSON on stdout."),
        ),
        click.Option(
            ["--lang"],
            type=click.Choice(language.LANGUAGES),
            is_eager=True,
            expose_value=False,
            callback=_set_language,
            help=N_("Language of the messages; otherwise that of LANG."),
        ),
    ]


class TeachingCommand(click.Command):
    """A command whose help is shown in the language in use, with examples.

    `help` is its summary; `more` is a paragraph below it; `examples` are command lines.
    """

    def __init__(
        self,
        *args: Any,  # noqa: ANN401 -- passed on to click
        more: str = "",
        examples: Sequence[str] = (),
        **kwargs: Any,  # noqa: ANN401 -- the same
    ) -> None:
        super().__init__(*args, **kwargs)
        self.summary: str = self.help or ""
        self.more = more
        self.examples = examples
        self.params += _everywhere()

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 -- click's signature
        """Carry the command out; raises ReaderGone, for click would make 1 of a broken pipe."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise ReaderGone from error

    def get_short_help_str(self, limit: int = 45) -> str:  # noqa: ARG002 -- click's signature
        return tr(self.summary)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = _HELP
        return option

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        pieces = " ".join(self.collect_usage_pieces(ctx))
        formatter.write_usage(ctx.command_path, pieces, prefix=tr("Usage:") + " ")

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 -- click's signature
        for text in filter(None, (self.summary, self.more)):
            formatter.write_paragraph()
            with formatter.indentation():
                formatter.write_text(tr(text))

    def format_arguments(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        arguments = [one for one in self.get_params(ctx) if isinstance(one, click.Argument)]
        if arguments:
            with formatter.section(tr("Arguments")):
                formatter.write_dl([_argument_row(one, ctx) for one in arguments])

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section(tr("Options")):
            formatter.write_dl(_option_rows(self, ctx))

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 -- click's signature
        if self.examples:
            with formatter.section(tr("Examples")):
                for example in self.examples:
                    formatter.write(f"{'':>{formatter.current_indent}}{example}\n")


class TeachingGroup(TeachingCommand, click.Group):
    """A group of such commands.

    `lazy` maps a command's name to (where it is: `module:name`, its summary in English); it is
    imported when it is called, not for the help of the group.
    """

    command_class = TeachingCommand

    def __init__(
        self,
        *args: Any,  # noqa: ANN401 -- passed on to click
        lazy: Mapping[str, tuple[str, str]] | None = None,
        **kwargs: Any,  # noqa: ANN401 -- the same
    ) -> None:
        super().__init__(*args, **kwargs)
        self.lazy = dict(lazy or {})

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*self.lazy, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.lazy:
            return super().get_command(ctx, cmd_name)
        module, _, name = self.lazy[cmd_name][0].partition(":")
        command = getattr(import_module(module), name)
        return command if isinstance(command, click.Command) else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.exceptions.NoSuchCommand as error:
            names = self.list_commands(ctx)  # click suggests from the commands that are loaded
            raise click.exceptions.NoSuchCommand(
                error.command_name, possibilities=names, ctx=ctx
            ) from None

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete names without loading their commands; options as click does."""
        names = [
            CompletionItem(name, help=self._summary_of(name))
            for name in self.list_commands(ctx)
            if name.startswith(incomplete)
        ]
        return names + click.Command.shell_complete(self, ctx, incomplete)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        TeachingCommand.format_options(self, ctx, formatter)
        self.format_commands(ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section(tr("Commands")):
            formatter.write_dl([(name, self._summary_of(name)) for name in self.list_commands(ctx)])

    def _summary_of(self, name: str) -> str:
        summary = self.lazy[name][1] if name in self.lazy else self.commands[name].help
        return tr(summary) if summary else ""


def _argument_row(argument: click.Argument, ctx: click.Context) -> tuple[str, str]:
    return argument.make_metavar(ctx), tr(argument.help) if argument.help else ""


def _option_rows(command: click.Command, ctx: click.Context) -> list[tuple[str, str]]:
    rows = []
    for param in command.get_params(ctx):
        record = param.get_help_record(ctx)
        if record is not None and isinstance(param, click.Option):
            english = param.help or ""
            rows.append((record[0], record[1].replace(english, tr(english), 1)))
    return rows
