"""`python -m services.config_api.cli` is `relaybook`; the supervisor starts its children so."""

from __future__ import annotations

from services.config_api.cli.main import main

main()
