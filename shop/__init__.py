"""Vitrine: shop software for one merchant and one Python person.

Importing this package loads next to nothing. What a process needs, it loads when it needs it: a
command that prints one line no database library, a command that changes a row no page.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from flask import Blueprint, Flask

from shop.command_line import Needs, add_commands
from shop.core.config import ROOT, Config, read_config
from shop.web.logs import init_logs


class _Application(Flask):
    """A Flask application none of whose views and hooks is asynchronous."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return `func` as it is; Flask would look at each of them at each request."""
        return func


def create_app(overrides: Mapping[str, str] | None = None) -> Flask:
    """Make the application from environment, `.env` and `overrides`; starts nothing.

    Raises ConfigError when the settings are not fit to run with.
    """
    app = begin_app(overrides)
    _complete(app)
    return app


def begin_app(overrides: Mapping[str, str] | None = None) -> Flask:
    """Make an application for `flask` that knows its settings and the names of its commands.

    A command completes it as far as it needs. Raises ConfigError.
    """
    config = read_config(overrides)
    app = _Application(__name__, instance_path=str(config.instance_path), static_folder=None)
    app.extensions["shop_config"] = config
    app.config["TESTING"] = config.env == "testing"
    init_logs(app, config)
    add_commands(app, lambda needs: _prepare(app, needs))
    return app


def _prepare(app: Flask, needs: Needs) -> None:
    """Complete the application as far as a command needs it; does nothing a second time."""
    if needs is Needs.SHOP:
        _complete(app)
    elif needs is not Needs.SETTINGS:
        _init_database(app, app.extensions["shop_config"])
    if needs is Needs.MIGRATIONS:
        init_migrations(app)


def _complete(app: Flask) -> None:
    """Give the application all of its parts, once: the table of contents."""
    from shop.catalog.context import init_catalog
    from shop.pages.context import init_pages
    from shop.payments.setup import form_targets, init_payments
    from shop.settings.context import amount_writer, init_settings, shop_name, shop_setting
    from shop.settings.maintenance import init_maintenance
    from shop.web.assets import init_assets
    from shop.web.fragments import init_parts
    from shop.web.page_cache import init_pagecache
    from shop.web.responses import init_responses
    from shop.web.security import init_security
    from shop.web.templating import ShopEnvironment, init_templating
    from shop.web.visits import init_visits

    if "payments" in app.extensions:
        return
    config: Config = app.extensions["shop_config"]
    app.jinja_environment = ShopEnvironment
    _init_database(app, config)
    init_payments(app, config, shop_name, amount_writer, shop_setting)
    init_security(app, config, form_targets=form_targets(app))
    init_assets(app, config)
    init_responses(app)
    _init_people(app, config)
    init_templating(app)
    init_settings(app)
    init_maintenance(app)
    init_pages(app)
    init_catalog(app)
    init_pagecache(app, config)
    init_parts(app)
    init_visits(app)
    _register_blueprints(app)
    _load_handlers()


def _init_database(app: Flask, config: Config) -> None:
    import shop.models  # noqa: F401 -- so that every table is known
    from shop.core.db import arm_crash_points, db, engine_options

    if "sqlalchemy" in app.extensions:
        return
    arm_crash_points(config.crash_points)
    config.instance_path.mkdir(parents=True, exist_ok=True)
    app.config["SQLALCHEMY_DATABASE_URI"] = config.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(config.database_url) | {
        "hide_parameters": config.is_production  # what people typed does not belong into logs
    }
    db.init_app(app)


def init_migrations(app: Flask) -> None:
    """Let an application that has a database migrate it; one that serves or works need not."""
    from flask_migrate import Migrate

    from shop.core.db import db

    if "migrate" not in app.extensions:
        Migrate(app, db, directory=str(ROOT / "migrations"))


def _init_people(app: Flask, config: Config) -> None:
    from shop.settings.context import shop_locale
    from shop.web.extensions import login_manager
    from shop.web.locales import init_locales

    init_locales(app, shop_locale, config.timezone)
    login_manager.init_app(app, add_context_processor=False)  # templates have holes instead
    # There is no remember-me cookie; its hook would read the session for every picture. The
    # library offers no other name for it.
    app.after_request_funcs[None].remove(login_manager._update_remember_cookie)  # noqa: SLF001
    login_manager.login_view = "auth.login"
    login_manager.login_message = ""  # the page says it
    login_manager.request_loader(lambda _request: _signed_in())


def _signed_in() -> object:
    from shop.web.visitor import current_visitor

    visitor = current_visitor()
    return visitor if visitor.is_authenticated else None


def _register_blueprints(app: Flask) -> None:
    """Register the features' pages."""
    from shop.account.routes import blueprint as account
    from shop.account.second_factor_routes import blueprint as second_factor
    from shop.auth.invitation_routes import blueprint as invitation
    from shop.auth.routes import blueprint as auth
    from shop.cart.routes import blueprint as cart
    from shop.catalog.routes import blueprint as catalog
    from shop.catalog.site_routes import blueprint as site
    from shop.checkout.routes import blueprint as checkout
    from shop.contact.routes import blueprint as contact
    from shop.coupons.routes import blueprint as coupons
    from shop.media.routes import blueprint as media
    from shop.operations.routes import blueprint as operations
    from shop.orders.routes import blueprint as orders
    from shop.pages.routes import blueprint as pages
    from shop.settings.routes import blueprint as look
    from shop.styleguide.routes import blueprint as styleguide
    from shop.web.url_converters import IdConverter, LateRule

    blueprints = (
        _admin(),
        account,
        auth,
        cart,
        catalog,
        checkout,
        contact,
        coupons,
        invitation,
        look,
        media,
        operations,
        orders,
        pages,
        second_factor,
        site,
    )
    app.url_rule_class = LateRule
    app.url_map.converters["int"] = IdConverter
    for blueprint in blueprints:
        app.register_blueprint(blueprint)
    if not app.extensions["shop_config"].is_production:
        app.register_blueprint(styleguide)


@cache
def _admin() -> Blueprint:
    """Return the staff pages with their desks; put together once a process."""
    from shop.admin.routes import blueprint as admin

    for desk in (*_selling_desks(), *_catalog_desks(), *_shop_desks()):
        admin.register_blueprint(desk)
    return admin


def _selling_desks() -> tuple[Blueprint, ...]:
    """Return the desks of orders and customers."""
    from shop.admin.contact.routes import blueprint as contact
    from shop.admin.customers.routes import blueprint as customers
    from shop.admin.dispatch.routes import blueprint as dispatch
    from shop.admin.events.routes import blueprint as events
    from shop.admin.letters.routes import blueprint as letters
    from shop.admin.mails.routes import blueprint as mails
    from shop.admin.messages.routes import blueprint as messages
    from shop.admin.orders.routes import blueprint as orders
    from shop.admin.parcels.routes import blueprint as parcels
    from shop.admin.reports.routes import blueprint as reports
    from shop.admin.views.routes import blueprint as views

    return (
        contact,
        customers,
        dispatch,
        events,
        letters,
        mails,
        messages,
        orders,
        parcels,
        reports,
        views,
    )


def _catalog_desks() -> tuple[Blueprint, ...]:
    """Return the desks of what is sold."""
    from shop.admin.coupons.routes import blueprint as coupons
    from shop.admin.home.routes import blueprint as home
    from shop.admin.pages.routes import blueprint as pages
    from shop.admin.products.plan_routes import blueprint as plans
    from shop.admin.products.routes import blueprint as products
    from shop.admin.products.variant_routes import blueprint as variants
    from shop.admin.sections.collection_routes import blueprint as collections
    from shop.admin.sections.piece_routes import blueprint as pieces
    from shop.admin.sections.routes import blueprint as sections
    from shop.admin.stock.routes import blueprint as stock
    from shop.admin.stocktakes.routes import blueprint as stocktakes

    return (
        collections,
        coupons,
        home,
        pages,
        pieces,
        plans,
        products,
        sections,
        stock,
        stocktakes,
        variants,
    )


def _shop_desks() -> tuple[Blueprint, ...]:
    """Return the desks of the shop itself."""
    from shop.admin.delivery.routes import blueprint as delivery
    from shop.admin.jobs.routes import blueprint as jobs
    from shop.admin.keys.routes import blueprint as keys
    from shop.admin.mail_texts.routes import blueprint as mail_texts
    from shop.admin.settings.routes import blueprint as settings
    from shop.admin.staff.invitation_routes import blueprint as invitations
    from shop.admin.staff.role_routes import blueprint as roles
    from shop.admin.staff.routes import blueprint as staff
    from shop.admin.trail.routes import blueprint as trail

    return (
        delivery,
        invitations,
        jobs,
        keys,
        mail_texts,
        roles,
        settings,
        staff,
        trail,
    )


def _load_handlers() -> None:
    """Load the handlers of the features' jobs, which registers them."""
    import shop.account.handlers
    import shop.auth.handlers
    import shop.catalog.handlers
    import shop.coupons.handlers
    import shop.mail.handlers
    import shop.operations.handlers
    import shop.orders.handlers
    import shop.sales.handlers
    import shop.stock.handlers  # noqa: F401 -- loading them registers their jobs
