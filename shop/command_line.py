"""The names of all `flask` commands; what a command is made of is loaded when it runs.

Listing them, and the commands that need nothing but the settings or a row, load no database
library: a command that prints one line answers at once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from importlib import import_module
from typing import Any, Final

import click
from flask import Flask
from flask.cli import AppGroup

from shop.core.command_input import is_text
from shop.core.errors import ShopError


class Needs(Enum):
    """How much of the shop a command needs."""

    SETTINGS = "settings"  # of the machine; such a command reads rows by shop/core/rows.py, if any
    DATABASE = "database"  # the models and their session
    MIGRATIONS = "migrations"  # these and Alembic
    SHOP = "shop"  # everything: pages, mails, the payment service, the handlers of jobs


@dataclass(frozen=True)
class Known:
    """A command that is known by name: `place` is module:name, `summary` its line in the lists."""

    place: str
    summary: str
    needs: Needs = Needs.SHOP


@dataclass(frozen=True)
class CommandGroup:
    """Commands under a common first word."""

    summary: str
    commands: Mapping[str, Known]


COMMANDS: Final[Mapping[str, Known | CommandGroup]] = {
    "audit": Known(
        "shop.audit.commands:audit_command",
        "Recompute every invariant from the rows; print what differs, exit with 1 on anything.",
    ),
    "backup": Known(
        "shop.operations.backup_commands:backup",
        "Copy database and pictures into FILE (.tar or .tar.gz) while the shop runs.",
        Needs.DATABASE,
    ),
    "coupons": CommandGroup(
        "Make, list and switch off coupons.",
        {
            "batch": Known(
                "shop.coupons.commands:batch",
                "Make NUMBER codes that can be used once each, and print them as CSV.",
                Needs.DATABASE,
            ),
            "create": Known(
                "shop.coupons.commands:create", "Make the coupon CODE.", Needs.DATABASE
            ),
            "disable": Known(
                "shop.coupons.commands:disable",
                "Switch the coupon CODE off; orders that wait for their payment keep it.",
                Needs.DATABASE,
            ),
            "enable": Known(
                "shop.coupons.commands:enable", "Switch the coupon CODE on again.", Needs.DATABASE
            ),
            "list": Known(
                "shop.coupons.reading_commands:show_all",
                "Show the coupons, the newest first.",
                Needs.SETTINGS,
            ),
        },
    ),
    "create-admin": Known(
        "shop.auth.commands:create_admin_command",
        "Make EMAIL an owner of the shop: a member of staff who may do everything.",
        Needs.DATABASE,
    ),
    "db": Known("flask_migrate.cli:db", "Perform database migrations.", Needs.MIGRATIONS),
    "doctor": Known(
        "shop.operations.commands:doctor",
        "Look at every setting and at the running shop; say what is wrong and what to do.",
    ),
    "jobs": CommandGroup(
        "See and retry the jobs that were given up.",
        {
            "list": Known(
                "shop.operations.reading_commands:list_jobs",
                "Print the jobs that were given up, newest first.",
                Needs.SETTINGS,
            ),
            "retry": Known(
                "shop.operations.commands:retry_jobs",
                "Give jobs all their tries again: those with JOB_IDS, else all that were given up.",
                Needs.DATABASE,
            ),
        },
    ),
    "luck": CommandGroup(
        'Show how "Try your luck" went.',
        {
            "log": Known(
                "shop.coupons.reading_commands:show_log",
                "Show the fairness log: what became of each prize, oldest first.",
                Needs.SETTINGS,
            )
        },
    ),
    "maintenance": CommandGroup(
        "Close the shop for visitors for a while, and open it again.",
        {
            "off": Known(
                "shop.settings.commands:open_shop", "Open the shop again.", Needs.DATABASE
            ),
            "on": Known(
                "shop.settings.commands:close_shop",
                "Close the shop for visitors, from their next click on.",
                Needs.DATABASE,
            ),
        },
    ),
    "prepare": Known(
        "shop.operations.prepare_commands:prepare",
        "Migrate the database, fill the demo shop on the first run, and say what to know.",
        Needs.MIGRATIONS,
    ),
    "reconcile": Known(
        "shop.orders.commands:reconcile_command",
        "Ask the provider about everything open: fulfil, release, repeat.",
    ),
    "restore": Known(
        "shop.operations.backup_commands:restore",
        "Replace the database by the one in FILE and add its pictures.",
        Needs.MIGRATIONS,
    ),
    "sandbox": CommandGroup(
        "The Stripe-compatible sandbox.",
        {
            "run": Known(
                "shop.payments.commands:run_command",
                "Serve the sandbox on its own port, on the rows of this installation's sandbox.",
            )
        },
    ),
    "seed": CommandGroup(
        "Fill the shop: with the demo, with many pieces, or from a JSON file.",
        {
            "check": Known(
                "shop.seed.commands:check_command",
                "Look whether everything on sale can be bought, seen and paid for; exit 1 if not.",
                Needs.DATABASE,
            ),
            "demo": Known(
                "shop.seed.commands:demo_command", "Fill the demo shop Maison Flux.", Needs.DATABASE
            ),
            "json": Known(
                "shop.seed.commands:json_command",
                "Import pieces from SOURCE: the path or https address of a JSON file.",
            ),
            "random": Known(
                "shop.seed.commands:random_command",
                "See to it that the shop has COUNT pieces made of the demo's houses, designs and "
                "palettes.",
                Needs.DATABASE,
            ),
        },
    ),
    "send-test-mail": Known(
        "shop.mail.commands:send_test_mail",
        "Send a mail to ADDRESS at once, and say where it went or why it did not.",
    ),
    "settings": CommandGroup(
        "Read and change the merchant's settings.",
        {
            "get": Known(
                "shop.settings.reading_commands:get_setting",
                "Show the value of the setting KEY.",
                Needs.SETTINGS,
            ),
            "list": Known(
                "shop.settings.reading_commands:list_settings",
                "Show every setting with its value and what it means.",
                Needs.SETTINGS,
            ),
            "set": Known(
                "shop.settings.commands:change_setting",
                "Give the setting KEY the value VALUE.",
                Needs.DATABASE,
            ),
        },
    ),
    "staff": CommandGroup(
        "Give and take roles; show who works here.",
        {
            "add-role": Known(
                "shop.auth.staff_commands:add_role_command",
                "Make the role ROLE that allows PERMISSIONS, such as orders.view orders.ship.",
                Needs.DATABASE,
            ),
            "give": Known(
                "shop.auth.staff_commands:give_command",
                "Give the account EMAIL the role ROLE, in place of the one it has.",
                Needs.DATABASE,
            ),
            "list": Known(
                "shop.auth.reading_commands:list_command",
                "Show who has which role.",
                Needs.SETTINGS,
            ),
            "reset-second-factor": Known(
                "shop.auth.staff_commands:reset_second_factor_command",
                "Let the account EMAIL sign in with its password alone, as when the app is lost.",
                Needs.DATABASE,
            ),
            "roles": Known(
                "shop.auth.reading_commands:roles_command",
                "Show the roles and what they allow; the permissions that there are.",
                Needs.SETTINGS,
            ),
            "take": Known(
                "shop.auth.staff_commands:take_command",
                "Take the role from the account EMAIL, which is a customer's again.",
                Needs.DATABASE,
            ),
        },
    ),
    "sweep": Known(
        "shop.orders.commands:sweep_command",
        "End unpaid orders whose time is over; ask the provider first.",
    ),
    "welcome": Known(
        "shop.operations.welcome_commands:welcome",
        "Say what a newcomer needs to know: addresses, test card, mails, staff.",
        Needs.SETTINGS,
    ),
    "worker": Known(
        "shop.jobs.commands:worker",
        "Run jobs (mail, product sync, clean-ups) until stopped.",
    ),
}


class Later(click.Command):
    """A command that is loaded when it is called."""

    def __init__(self, name: str, known: Known, prepare: Callable[[Needs], None]) -> None:
        super().__init__(name, help=known.summary)
        self.known = known
        self.prepare = prepare

    def load(self) -> click.Command:
        """Return the command itself, with as much of the shop around it as it needs."""
        self.prepare(self.known.needs)
        module, _, name = self.known.place.partition(":")
        found: click.Command = getattr(import_module(module), name)
        return found

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """Let the command itself read its arguments. Raises UsageError for what is no text."""
        for word in args:
            if not is_text(word):
                raise click.UsageError(f"{word!a} is no text in UTF-8.", parent)
        context = self.load().make_context(info_name, args, parent, **extra)
        context.command = self
        return context

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command itself. Raises ClickException with a sentence where one explains it."""
        try:
            return self.load().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except ShopError as error:
            raise click.ClickException(str(error)) from error
        except Exception as error:
            from shop.command_errors import reason_of

            reason = reason_of(error)
            if reason is None:
                raise
            raise click.ClickException(reason) from error


def add_commands(app: Flask, prepare: Callable[[Needs], None]) -> None:
    """Let `flask` know every command; `prepare` completes the application before one runs."""
    for name, known in COMMANDS.items():
        app.cli.add_command(_command(name, known, prepare))


def _command(
    name: str, known: Known | CommandGroup, prepare: Callable[[Needs], None]
) -> click.Command:
    if isinstance(known, Known):
        return Later(name, known, prepare)
    group = AppGroup(name, help=known.summary)
    for part, command in known.commands.items():
        group.add_command(Later(part, command, prepare))
    return group
