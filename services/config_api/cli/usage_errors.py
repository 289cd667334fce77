"""Wrong command lines in words; click's own are English only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from click import exceptions

from services.config_api.cli.language import tr

if TYPE_CHECKING:
    import click


def usage_words(error: click.UsageError) -> str:
    """Return what is wrong, how the command is used, and where its help is."""
    if isinstance(error, exceptions.NoArgsIsHelpError):
        return error.ctx.get_help()
    lines = [tr("Error: {message}", message=_message(error))]
    if error.ctx is not None:
        lines.insert(0, error.ctx.get_usage())
        lines.append(tr("`{command} --help` explains it.", command=error.ctx.command_path))
    return "\n".join(lines)


def _message(error: click.UsageError) -> str:
    match error:
        case exceptions.MissingParameter(param=param) if param is not None:
            return tr("{name} is missing.", name=param.get_error_hint(error.ctx))
        case exceptions.BadParameter(param=param) if param is not None:
            name = param.get_error_hint(error.ctx)
            return tr("{name} cannot be used: {reason}", name=name, reason=error.message)
        case exceptions.NoSuchOption():
            return tr("There is no option {name}.", name=error.option_name) + _nearest(error)
        case exceptions.NoSuchCommand():
            return tr("There is no command {name}.", name=error.command_name) + _nearest(error)
        case _:
            return error.message


def _nearest(error: exceptions.NoSuchOption | exceptions.NoSuchCommand) -> str:
    if not error.possibilities:
        return ""
    return " " + tr("Did you mean {names}?", names=", ".join(error.possibilities))
