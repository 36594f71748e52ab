"""The settings in force for commands that load no database library."""

import json

from shop.core.rows import read_rows
from shop.settings.registry import ShopSettings
from shop.settings.stored import settings_of


def read_settings(database_url: str) -> ShopSettings:
    """Return the settings in force in this database. Raises CannotRead."""
    found = read_rows(database_url, "SELECT key, CAST(value AS TEXT) FROM setting ORDER BY key")
    return settings_of({key: json.loads(value) for key, value in found})
