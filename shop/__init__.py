"""Vitrine: shop software for one merchant and one Python person."""

from collections.abc import Mapping
from functools import cache

from flask import Blueprint, Flask

from shop.assets import init_assets
from shop.catalog.context import init_catalog
from shop.config import ROOT, Config, read_config
from shop.converters import IdConverter
from shop.db import arm_crash_points, db, engine_options
from shop.extensions import login_manager, migrate
from shop.locales import init_locales
from shop.logs import init_logs
from shop.pagecache import init_pagecache
from shop.parts import init_parts
from shop.payment_setup import init_payments
from shop.responses import init_responses
from shop.security import init_security
from shop.settings.context import amount_writer, init_settings, shop_locale, shop_name
from shop.templating import ShopEnvironment, init_templating
from shop.visitor import current_visitor


def create_app(overrides: Mapping[str, str] | None = None) -> Flask:
    """Make the application from environment, `.env` and `overrides`; starts nothing.

    Raises ConfigError when the settings are not fit to run with.
    """
    config = read_config(overrides)
    app = Flask(__name__, instance_path=str(config.instance_path), static_folder=None)
    app.jinja_environment = ShopEnvironment
    app.extensions["shop_config"] = config
    app.config["TESTING"] = config.env == "testing"
    arm_crash_points(config.crash_points)
    init_logs(app, config)
    _init_database(app, config)
    init_payments(app, config, shop_name, amount_writer)
    init_security(app, config)
    init_assets(app, config)
    init_responses(app)
    _init_people(app, config)
    init_templating(app)
    init_settings(app)
    init_catalog(app)
    init_pagecache(app, config)
    init_parts(app)
    _register_blueprints(app)
    _register_commands(app)
    return app


def _init_database(app: Flask, config: Config) -> None:
    import shop.models  # noqa: F401 -- so that every table is known

    config.instance_path.mkdir(parents=True, exist_ok=True)
    app.config["SQLALCHEMY_DATABASE_URI"] = config.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(config.database_url) | {
        "hide_parameters": config.is_production  # what people typed does not belong into logs
    }
    db.init_app(app)
    migrate.init_app(app, db, directory=str(ROOT / "migrations"))


def _init_people(app: Flask, config: Config) -> None:
    init_locales(app, shop_locale, config.timezone)
    login_manager.init_app(app, add_context_processor=False)  # templates have holes instead
    # There is no remember-me cookie; its hook would read the session for every picture. The
    # library offers no other name for it.
    app.after_request_funcs[None].remove(login_manager._update_remember_cookie)  # noqa: SLF001
    login_manager.login_view = "auth.login"
    login_manager.login_message = ""  # the page says it
    login_manager.request_loader(lambda _request: _signed_in())


def _signed_in() -> object:
    visitor = current_visitor()
    return visitor if visitor.is_authenticated else None


def _register_blueprints(app: Flask) -> None:
    """Register the features' pages."""
    from shop.account.routes import blueprint as account
    from shop.auth.routes import blueprint as auth
    from shop.cart.routes import blueprint as cart
    from shop.catalog.routes import blueprint as catalog
    from shop.catalog.site_routes import blueprint as site
    from shop.checkout.routes import blueprint as checkout
    from shop.coupons.routes import blueprint as coupons
    from shop.media.routes import blueprint as media
    from shop.operations.routes import blueprint as operations
    from shop.orders.routes import blueprint as orders
    from shop.styleguide.routes import blueprint as styleguide

    blueprints = (
        _admin(),
        account,
        auth,
        cart,
        catalog,
        checkout,
        coupons,
        media,
        operations,
        orders,
        site,
    )
    app.url_map.converters["int"] = IdConverter
    for blueprint in blueprints:
        app.register_blueprint(blueprint)
    if not app.extensions["shop_config"].is_production:
        app.register_blueprint(styleguide)


@cache
def _admin() -> Blueprint:
    """Return the staff pages with their desks; put together once a process."""
    from shop.admin.jobs.routes import blueprint as jobs
    from shop.admin.orders.routes import blueprint as orders
    from shop.admin.products.routes import blueprint as products
    from shop.admin.routes import blueprint as admin
    from shop.admin.settings.routes import blueprint as settings

    for desk in (jobs, orders, products, settings):
        admin.register_blueprint(desk)
    return admin


def _register_commands(app: Flask) -> None:
    """Register the features' `flask` commands and load the handlers of their jobs."""
    import shop.account.handlers
    import shop.auth.handlers
    import shop.catalog.handlers
    import shop.coupons.handlers
    import shop.mail.handlers
    import shop.operations.handlers  # noqa: F401 -- loading them registers their jobs
    from shop.audit import commands as audit
    from shop.auth import commands as auth
    from shop.coupons import commands as coupons
    from shop.jobs import commands as jobs
    from shop.mail import commands as mail
    from shop.operations import backup_commands as backup
    from shop.operations import commands as operations
    from shop.orders import commands as orders
    from shop.orders import handlers  # noqa: F401 -- loading it registers its jobs
    from shop.payments import commands as payments
    from shop.seed import commands as seed
    from shop.settings import commands as settings

    features = (
        audit,
        auth,
        backup,
        coupons,
        jobs,
        mail,
        operations,
        orders,
        payments,
        seed,
        settings,
    )
    for module in features:
        for command in module.COMMANDS:
            app.cli.add_command(command)
