"""When the settings are not fit: one sentence each instead of a traceback; `flask doctor` works."""

import sys
from typing import NoReturn

import click
from flask import Flask
from flask.cli import AppGroup

from shop.core.config import ConfigError

BOOT_ERROR = 3  # what tells gunicorn to give up instead of starting the process again and again


class RefusingGroup(AppGroup):
    """The commands of a shop that cannot start: doctor, and for the others the reasons why not."""

    def __init__(self, error: ConfigError) -> None:
        super().__init__()
        self.error = error

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the one command that works."""
        return ["doctor"]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return doctor; for any other command say what is wrong. Raises ClickException."""
        from shop.operations.commands import doctor

        if cmd_name == "doctor":
            return doctor
        raise click.ClickException(_message(self.error))


def refuse(error: ConfigError) -> Flask:
    """Return an application that knows `flask doctor` alone; a server is stopped instead."""
    if click.get_current_context(silent=True) is None:
        _stop(error)
    app = Flask("shop", static_folder=None)
    app.cli = RefusingGroup(error)
    return app


def _stop(error: ConfigError) -> NoReturn:
    sys.stderr.write(f"{_message(error)}\n")
    raise SystemExit(BOOT_ERROR)


def _message(error: ConfigError) -> str:
    return f"{error}\n`flask doctor` explains every setting."
