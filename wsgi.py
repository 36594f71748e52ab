"""What gunicorn serves (`gunicorn wsgi:app`) and where `flask` finds the shop."""

import gc

# What is loaded stays: looking through it for garbage is a fifth of the loading. So it is switched
# off before the imports, which therefore stand below.
gc.disable()

import click  # noqa: E402

from shop import begin_app, create_app  # noqa: E402
from shop.core.config import ConfigError  # noqa: E402


def is_looked_up() -> bool:
    """Return whether `flask` asks what commands there are, rather than for an application.

    The commands of Flask itself (run, shell, routes) load it when they have begun.
    """
    context = click.get_current_context(silent=True)
    return context is not None and context.parent is None


try:
    app = begin_app() if is_looked_up() else create_app()
except ConfigError as error:
    from shop.operations.config_error_app import refuse

    app = refuse(error)

gc.freeze()
gc.enable()
