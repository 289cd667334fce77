from __future__ import annotations

from tests.support.relaybook import embedded_house, house, server_house

__all__ = ["embedded_house", "house", "server_house"]
