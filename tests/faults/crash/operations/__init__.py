"""Everything that is killed."""

from tests.faults.crash.operations.base import Operation
from tests.faults.crash.operations.bus import Claim, Relay, Result, Tester
from tests.faults.crash.operations.commands import Command, Import
from tests.faults.crash.operations.upkeep import Migration, Rebuild, Rotation, Seal

OPERATIONS: dict[str, type[Operation]] = {
    one.name: one
    for one in (
        Command,
        Import,
        Relay,
        Tester,
        Claim,
        Result,
        Rebuild,
        Seal,
        Rotation,
        Migration,
    )
}
