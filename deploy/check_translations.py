"""Fails when a text that people read is not translated, or a translation has no text any more."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

from events.diagnosis.sentences import LANGUAGES as DIAGNOSIS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import IO

ROOT: Final = Path(__file__).resolve().parent.parent
LANGUAGES: Final = ("ja",)
METHODS: Final = [("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2")]
OPTIONS: Final = {"**.html": {"silent": "false"}, "**.txt": {"silent": "false"}}
KEYWORDS: Final = DEFAULT_KEYWORDS | {"tr": None}  # `tr` is the command line's
NOT_TEXT: Final = frozenset({"static", "translations"})

_PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|\{[\w.]*\}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Translation:
    """The words of one language: the English text to its translation, '' where there is none."""

    path: Path
    words: Mapping[str, str]


def translated_packages(root: Path) -> Iterator[Path]:
    """Yield each package that has a folder of translations."""
    for folder in sorted(root.glob("services/*/*/translations")):
        yield folder.parent


def texts_of(package: Path) -> dict[str, str]:
    """Return the texts marked for translation, each with the place where it is used first."""
    found: dict[str, str] = {}
    extracted = extract_from_dir(
        str(package),
        method_map=METHODS,
        options_map=OPTIONS,
        keywords=KEYWORDS,
        directory_filter=lambda folder: Path(folder).name not in NOT_TEXT,
    )
    for name, line, message, _comments, _context in extracted:
        for text in (message,) if isinstance(message, str) else message:
            found.setdefault(text, f"{name}:{line}")
    return found


def _po_words(stream: IO[bytes], language: str) -> dict[str, str]:
    words: dict[str, str] = {}
    for message in read_po(stream, locale=language, abort_invalid=True):
        texts = [message.id] if isinstance(message.id, str) else list(message.id)
        forms = [message.string] if isinstance(message.string, str) else list(message.string or ())
        complete = all(forms) and not message.fuzzy
        words |= {text: forms[-1] if complete else "" for text in texts if text}
    return words


def translation(package: Path, language: str) -> Translation | None:
    """Return a package's translation, from a `.po` or `.json` file; None if it has neither."""
    po = package / "translations" / f"{language}.po"
    if po.exists():
        with po.open("rb") as stream:
            return Translation(path=po, words=_po_words(stream, language))
    words = po.with_suffix(".json")
    if words.exists():
        return Translation(path=words, words=json.loads(words.read_text(encoding="utf-8")))
    return None


def faults(texts: Mapping[str, str], translated: Translation) -> Iterator[str]:
    """Yield a line for each missing, left-over or differently filled translation."""
    for text, place in texts.items():
        word = translated.words.get(text, "")
        if not word:
            yield f"not translated: {text!r} ({place})"
        elif sorted(_PLACEHOLDER.findall(word)) != sorted(_PLACEHOLDER.findall(text)):
            yield f"other placeholders: {text!r} ({place})"
    for text in translated.words.keys() - texts.keys():
        yield f"no longer used: {text!r}"


def package_faults(package: Path) -> Iterator[str]:
    """Yield the faults of all languages of one package, each with its file."""
    texts = texts_of(package)
    for language in LANGUAGES:
        translated = translation(package, language)
        if translated is None:
            yield f"{package}: no translation into {language}"
            continue
        for fault in faults(texts, translated):
            yield f"{translated.path}: {fault}"
    if not texts:
        yield f"{package}: has translations but no text was found"


def diagnosis_faults() -> Iterator[str]:
    """Yield the codes of the diagnosis that one language has and another has not."""
    for kind in ("conclusion", "warning"):
        codes = {
            language: sentences[kind == "warning"].keys()
            for language, sentences in DIAGNOSIS.items()
        }
        known = frozenset().union(*codes.values())
        for language, own in codes.items():
            yield from (
                f"events/diagnosis: {kind} {code!r} has no {language}"
                for code in sorted(known - own)
            )


def main() -> int:
    """Report and return 1 if a translation is incomplete."""
    packages = list(translated_packages(ROOT))
    found = [fault for package in packages for fault in package_faults(package)]
    found += diagnosis_faults()
    for fault in found:
        print(fault.replace(f"{ROOT}/", ""))
    if not found:
        print(f"Translations are complete in {len(packages)} packages.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
