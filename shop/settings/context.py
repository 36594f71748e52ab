"""Give every page the settings: the name `shop` in templates, and how amounts and dates look."""

from collections.abc import Callable

from flask import Flask, g, has_app_context

from shop.core.locales import PageLocale
from shop.core.money import format_money
from shop.settings.look import Look, shop_look
from shop.settings.queries import shop_settings
from shop.settings.registry import ShopSettings


def init_settings(app: Flask) -> None:
    """Make `shop` and `look` known to all templates."""
    app.context_processor(lambda: {"shop": _for_page(), "look": _look_for_page()})


def shop_locale() -> PageLocale:
    """Return how the merchant wants pages to be written."""
    settings = _for_page()
    return PageLocale(settings.locale, settings.language)


def shop_name(app: Flask) -> str:
    """Return the shop's name, for what runs beside the requests of `app`."""
    with app.app_context():
        return shop_settings().name


def shop_setting(key: str) -> str | int | bool:
    """Return the merchant's choice `key` as it is now."""
    found: str | int | bool = getattr(shop_settings(), key)
    return found


def amount_writer(app: Flask) -> Callable[[int, str], str]:
    """Return what writes minor units of a currency in the shop's way, beside the requests of `app`.

    The settings are asked for once, for all amounts of a page.
    """
    with app.app_context():
        locale = shop_settings().locale
    return lambda amount, currency: format_money(amount, currency.upper(), locale)


def _look_for_page() -> Look:
    return Look() if has_app_context() and g.get("failsafe") else shop_look()


def _for_page() -> ShopSettings:
    """Return the settings; the defaults on the pages that must show without a database."""
    if has_app_context() and g.get("failsafe"):
        return ShopSettings()
    return shop_settings()
