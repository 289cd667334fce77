"""Writes the table of all variables, `deploy/configuration.md`, from the programs' own settings.

`python -m deploy.configuration` writes it; `check_docs` fails where it is not what the code says.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

from deploy.variables import BESIDE, MEANINGS, Meaning
from events.reach import SMTP_PORTS
from services.config_api.environment import FILE_SUFFIX, UNSET
from services.config_api.settings import InvalidSettings, Settings, read_settings
from services.conn_tester.settings import read_settings as read_testers

ROOT: Final = Path(__file__).resolve().parent.parent
DOCUMENT: Final = ROOT / "deploy" / "configuration.md"
PREFIX: Final = "RELAYBOOK_"

_NAME: Final = re.compile(rf"\b{PREFIX}[A-Z_]*[A-Z]\b")
_RANGE: Final = re.compile(r"must be a whole number from (\d+) to (\d+)")
_WORDS: Final = re.compile(r"must be one of (.+)")
_PACKAGES: Final = ("events", "services")

_HEAD: Final = """\
<!-- Written by `python -m deploy.configuration` from the programs' own settings. -->
# Configuration

[日本語](#設定)

Environment variables; an empty one counts as not set. All wrong values are told at once and
nothing starts. `relaybook config` prints each value and where it came from, secrets masked.
`NAME_FILE` names a file that holds the value instead. `DATA_DIR` is the directory of
`RELAYBOOK_DATA_DIR`. All are read by `relaybook`; those marked ✓ also by `relaybook-tester`.

| variable | default | values | tester | |
|---|---|---|---|---|
"""
_MIDDLE: Final = """
Traces are switched on by OpenTelemetry's own variables, `OTEL_…`: [traces](README.md#traces).

## 設定

環境変数で設定します。空の値は未設定として扱います。誤った値があると、すべてをまとめて表示し、
何も起動しません。`relaybook config` は各値とその由来を表示します(秘密情報は伏せます)。
`NAME_FILE` には、値の代わりに値を書いたファイルを指定します。`DATA_DIR` は `RELAYBOOK_DATA_DIR`
のディレクトリです。すべて `relaybook` が読み取り、✓ の変数は `relaybook-tester` も読み取ります。

| 変数 | 既定値 | 値 | テスター | |
|---|---|---|---|---|
"""
_TAIL: Final = """
トレースは OpenTelemetry の標準の変数 `OTEL_…` で有効にします: [traces](README.md#traces)。
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Variable:
    """A variable as the programs read it."""

    name: str
    default: str
    values: str
    file: bool
    tester: bool


class _Asked(Mapping[str, str]):
    """An empty environment that remembers what it was asked for."""

    def __init__(self) -> None:
        self.names: dict[str, None] = {}

    def __getitem__(self, name: str) -> NoReturn:
        self.names[name] = None
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def variables() -> list[Variable]:
    """Return the variables of both programs in the order in which the service reads them."""
    asked, tester = _Asked(), _Asked()
    settings = read_settings(asked)
    read_testers(tester)
    defaults = _defaults(settings)
    return [
        Variable(
            name=name,
            default=defaults[name],
            values=_values(name),
            file=name + FILE_SUFFIX in asked.names,
            tester=name in tester.names,
        )
        for name in defaults
    ]


def _defaults(settings: Settings) -> dict[str, str]:
    """Return what stands for each variable that is not set."""
    return {
        one.name: one.value.replace(str(settings.data_dir), "DATA_DIR") for one in settings.origins
    }


def _values(name: str) -> str:
    """Return which numbers or words a variable may be, as its refusal of another one says."""
    try:
        read_settings({name: "?"})
    except InvalidSettings as refusal:
        reason = refusal.wrong[0].reason
        if numbers := _RANGE.fullmatch(reason):
            return f"{int(numbers[1]):,}–{int(numbers[2]):,}"
        if words := _WORDS.fullmatch(reason):
            return " ".join(f"`{word}`" for word in words[1].split(", "))
    return ""


def written_names(root: Path) -> set[str]:
    """Return the variables in the packages' code, without those that name a file for another."""
    found = {
        name
        for package in _PACKAGES
        for path in (root / package).rglob("*.py")
        for name in _NAME.findall(path.read_text(encoding="utf-8"))
    }
    return {one for one in found if one.removesuffix(FILE_SUFFIX) not in found - {one}}


def faults(root: Path, read: list[Variable]) -> Iterator[str]:
    """Yield a sentence for each variable without a meaning, and each meaning without a variable."""
    names = {one.name for one in read}
    meant = {one.name for one in MEANINGS}
    known = meant | {one.name for one in BESIDE}
    yield from (f"deploy/variables.py does not say what {name} means" for name in names - meant)
    yield from (f"deploy/variables.py: nobody reads {name}" for name in meant - names)
    yield from (
        f"deploy/variables.py does not say what {name} means"
        for name in written_names(root) - known - names
    )


def document(read: list[Variable]) -> str:
    """Return the whole document."""
    rows = {one.name: one for one in read}
    both = [(one, rows.get(one.name)) for one in (*MEANINGS, *BESIDE)]
    english = "".join(_row(variable, meaning, meaning.en) for meaning, variable in both)
    japanese = "".join(_row(variable, meaning, meaning.ja) for meaning, variable in both)
    return f"{_HEAD}{english}{_MIDDLE}{japanese}{_TAIL}"


def _row(variable: Variable | None, meaning: Meaning, text: str) -> str:
    said = text.replace("{smtp_ports}", ", ".join(map(str, sorted(SMTP_PORTS))))
    if variable is None:
        return f"| `{meaning.name}` | {UNSET} | | | {said} |\n"
    name = f"`{variable.name}`" + (f" (`{FILE_SUFFIX}`)" if variable.file else "")
    default = variable.default if variable.default == UNSET else f"`{variable.default}`"
    tester = "✓" if variable.tester else ""
    return f"| {name} | {default} | {variable.values} | {tester} | {said} |\n"


def stale() -> list[str]:
    """Return what is wrong with the document that is there; nothing if it is what the code says."""
    read = variables()
    wrong = sorted(faults(ROOT, read))
    if not wrong and DOCUMENT.read_text(encoding="utf-8") != document(read):
        wrong.append("deploy/configuration.md is not what the code says; write it anew by "
                     "`python -m deploy.configuration`")  # fmt: skip
    return wrong


def main() -> int:
    """Write the document; return 1 if a variable has no meaning."""
    read = variables()
    if wrong := sorted(faults(ROOT, read)):
        print("\n".join(wrong))
        return 1
    DOCUMENT.write_text(document(read), encoding="utf-8")
    print(f"deploy/configuration.md tells of {len(MEANINGS) + len(BESIDE)} variables.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
