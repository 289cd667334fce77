"""Which IDs a file has had, in memory that does not grow where they come in order."""

from __future__ import annotations

from services.config_api.application.spool import Spool


class SeenIds:
    """Tells an ID that comes again.

    As long as each is greater than all before, as in a file that the product wrote, they wait in a
    file; from the first one that is not, all are kept in memory.
    """

    def __init__(self) -> None:
        self._greatest = ""
        self._in_order: Spool[str] = Spool()
        self._all: set[str] | None = None

    def is_new(self, setting_id: str) -> bool:
        """Note an ID, which is not empty; return whether it comes for the first time."""
        if self._all is None and setting_id > self._greatest:
            self._greatest = setting_id
            self._in_order.put(setting_id)
            return True
        if self._all is None:
            self._all = set(self._in_order)
        is_new = setting_id not in self._all
        self._all.add(setting_id)
        return is_new
