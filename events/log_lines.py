"""What every process does to a log line before it is written, so that no secret is in it.

Names that stand for secrets have no value, texts lose what looks like a credential, tracebacks come
without local variables, and an exception without its words where a library may have put a value in
them: the place in the code tells what went wrong.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import structlog

from events.tracing import current

if TYPE_CHECKING:
    from types import TracebackType

    from structlog.typing import EventDict, ExcInfo, Processor, WrappedLogger

MASK: Final = "***"
_UNTOLD: Final = "(its words are not logged: they could hold a secret)"
_DEEPEST: Final = 8
_WORDS: Final = (
    r"pass(?:word|phrase|wd)|secret|token|authorization|cookie|credential"
    r"|(?:private|master|api)[_-]?key|assertion|code_verifier"
)
#: Another mechanism behind AUTH is what a server offers, and no initial response (RFC 4954 3).
_MECHANISM: Final = (
    r"(?:PLAIN|LOGIN|ANONYMOUS|EXTERNAL|NTLM|GSSAPI|XOAUTH2|OAUTHBEARER|(?:CRAM|DIGEST)-MD5"
    r"|SCRAM-SHA-[0-9]{1,3}(?:-PLUS)?)"
)
#: A name that stands for a secret itself, not for its id, place or time.
_NAME: Final = re.compile(rf".*(?:{_WORDS})s?(?:[_-]?(?:value|text|header))?", re.IGNORECASE)
_SHAPES: Final = tuple(
    (re.compile(shape, re.IGNORECASE | re.DOTALL), instead)
    for shape, instead in (
        # a private key in PEM
        (r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*-----|\Z)", MASK),
        # a token of ours, and what stands behind the schemes of HTTP and SASL
        (r"\brb_[0-9A-Z]{16,}", MASK),
        (
            rf"\b(Bearer|Basic|AUTH [A-Z0-9-]+) (?!{_MECHANISM}(?:[\s\"',]|\Z))[^\s\"',]{{4,}}",
            rf"\1 {MASK}",
        ),
        # a password in a URL, and secrets among the parameters of one or of a form
        (r"(://[^\s/:@]*):[^\s/@]+@", rf"\1:{MASK}@"),
        (rf"\b((?:\w*(?:{_WORDS})|link|code|state)=)[^\s&\"']+", rf"\1{MASK}"),
        # members of JSON and of Python's dicts
        (
            rf"([\"']\w*(?:{_WORDS})[\"']\s*:\s*)(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')",
            rf'\1"{MASK}"',
        ),
    )
)
#: Packages whose errors say what the system said, and classes that do so in others.
_TOLD_PACKAGES: Final = frozenset({"events", "services", "deploy", "amqp", "kombu"})
_TOLD_NAMES: Final = frozenset({"OperationalError", "InterfaceError"})
#: Their lines at the level debug are the headers and bodies of what is sent.
_TALKATIVE: Final = ("httpcore", "sqlalchemy", "urllib3")


def rendering(*, console: bool) -> list[Processor]:
    """Return the last steps of a line: for people at a terminal, otherwise one JSON object."""
    last: Any = structlog.processors.JSONRenderer(ensure_ascii=False)
    if console:
        # What it gets is a text already; its own way shows local variables.
        plain = structlog.dev.plain_traceback
        last = structlog.dev.ConsoleRenderer(exception_formatter=plain)
    return [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.ExceptionRenderer(_of_exc_info),
        redacted,
        last,
    ]


def placed(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Name the trace and the span that a line belongs to; a processor of structlog."""
    place = current()
    if place is not None:
        line.setdefault("trace_id", place.trace_id)
        line.setdefault("span_id", place.span_id)
    return line


def redacted(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Return a line without secrets; a processor of structlog, after exceptions are texts."""
    return {name: _value(name, value, 0) for name, value in line.items()}


def told(error: BaseException) -> str:
    """Return the traceback of an error and its causes, without local variables and values."""
    return "\n".join(_lines(error, set()))


def catch_the_rest() -> None:
    """Log what ends a thread or the process, too; let no library tell what it sends."""
    log = structlog.get_logger(__name__)

    def of_process(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        log.critical("the process ended by an error", exc_info=(kind, error, trace))

    def of_thread(ended: threading.ExceptHookArgs) -> None:
        error = ended.exc_value
        name = None if ended.thread is None else ended.thread.name
        log.critical("a thread ended by an error", thread=name, exc_info=error)

    sys.excepthook = of_process
    threading.excepthook = of_thread
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


def _of_exc_info(exc_info: ExcInfo) -> str:
    return told(exc_info[1])


def _value(name: object, value: object, depth: int) -> object:
    """Return a value as it may be written; `name` is what it is called."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(name, str) and _NAME.fullmatch(name):
        return MASK
    if isinstance(value, Mapping) and depth < _DEEPEST:
        return {_clean(str(key)): _value(key, one, depth + 1) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset) and depth < _DEEPEST:
        return [_value(None, one, depth + 1) for one in value]
    return _last_line(value) if isinstance(value, BaseException) else _clean(_text(value))


def _text(value: object) -> str:
    return value if isinstance(value, str) else repr(value)


def _clean(text: str) -> str:
    for shape, instead in _SHAPES:
        text = shape.sub(instead, text)
    return text


def _lines(error: BaseException, seen: set[int]) -> Iterator[str]:
    seen.add(id(error))
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None and id(cause) not in seen:
        yield from _lines(cause, seen)
        yield "which led to:"
    if error.__traceback__ is not None:
        yield "Traceback (most recent call last):"
        yield "".join(traceback.format_tb(error.__traceback__)).rstrip("\n")
    yield _last_line(error)
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield "one of them:"
            yield from _lines(one, seen)


def _last_line(error: BaseException) -> str:
    kind = type(error)
    name = (
        kind.__qualname__
        if kind.__module__ == "builtins"
        else f"{kind.__module__}.{kind.__qualname__}"
    )
    return f"{name}: {_clean(str(error)) if _says_no_value(error) else _UNTOLD}"


def _says_no_value(error: BaseException) -> bool:
    """Tell whether the words of an error are the system's or our own."""
    kind = type(error)
    if isinstance(error, OSError) or kind.__name__ in _TOLD_NAMES:
        return True
    return kind.__module__.partition(".")[0] in _TOLD_PACKAGES
