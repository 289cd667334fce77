"""The pages, one module a subject, and the blueprint that holds them."""

from services.config_api.web.pages import connection_test, entry, file_import, settings_list
from services.config_api.web.pages.frame import blueprint

__all__ = ["blueprint", "connection_test", "entry", "file_import", "settings_list"]
