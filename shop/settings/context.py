"""Give every page the settings: the name `shop` in templates, and how amounts and dates look."""

from flask import Flask, g, has_app_context

from shop.settings.queries import shop_settings
from shop.settings.registry import ShopSettings


def init_settings(app: Flask) -> None:
    """Make `shop` known to all templates."""
    app.context_processor(lambda: {"shop": _for_page()})


def shop_locale() -> str:
    """Return the merchant's locale, such as "en_IE"."""
    return _for_page().locale


def shop_name(app: Flask) -> str:
    """Return the shop's name, for what runs beside the requests of `app`."""
    with app.app_context():
        return shop_settings().name


def _for_page() -> ShopSettings:
    """Return the settings; the defaults on the pages that must show without a database."""
    if has_app_context() and g.get("failsafe"):
        return ShopSettings()
    return shop_settings()
