"""What is stored of the settings, read by the rules of this version. Pure."""

import logging
from collections.abc import Mapping
from typing import Any

from shop.settings.registry import DEFINITIONS, ShopSettings

log = logging.getLogger(__name__)


def settings_of(stored: Mapping[str, Any]) -> ShopSettings:
    """Return the settings in force where `stored` is stored, value by key.

    What this version does not know or would not accept is left out; the default stands in.
    """
    usable = {}
    for key, value in stored.items():
        definition = DEFINITIONS.get(key)
        if definition is not None and definition.accepts(value):
            usable[key] = value
        else:
            log.warning("stored setting ignored", extra={"setting": key})
    return ShopSettings(**usable)
