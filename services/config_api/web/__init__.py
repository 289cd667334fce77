"""The thin web client: server-rendered pages over the same commands and queries as the API."""

from services.config_api.web.pages import blueprint

__all__ = ["blueprint"]
