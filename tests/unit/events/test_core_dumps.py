from __future__ import annotations

import resource

from events import core_dumps


def test_a_process_leaves_no_core_dump() -> None:
    core_dumps.switch_off()
    assert resource.getrlimit(resource.RLIMIT_CORE) == (1, 1)
