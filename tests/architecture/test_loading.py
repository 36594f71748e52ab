"""What a process loads: a command that prints a line, next to nothing; one that writes, no page."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click
import pytest

from shop.command_line import COMMANDS, CommandGroup, Known
from tests.architecture.source import ROOT, modules

ONLY_PAGES = {"stripe", "zxcvbn_rs_py", "PIL", "flask_babel", "flask_wtf", "wtforms", "flask_login"}
LIBRARIES = ONLY_PAGES | {"pythonjsonlogger", "sqlalchemy", "alembic", "psycopg"}
LIBRARIES |= {"shop.models", "shop.core.db"}


def known_commands() -> Iterator[tuple[str, Known]]:
    """Yield every command with its words."""
    for name, known in COMMANDS.items():
        if isinstance(known, CommandGroup):
            yield from ((f"{name} {part}", command) for part, command in known.commands.items())
        else:
            yield name, known


@pytest.mark.parametrize(
    ("command", "unwanted"),
    [
        ("--help", LIBRARIES),
        ("coupons --help", LIBRARIES),
        ("settings get name", LIBRARIES),
        ("settings list", LIBRARIES),
        ("welcome", LIBRARIES),
        ("coupons list", LIBRARIES),
        ("jobs list", LIBRARIES),
        ("luck log", LIBRARIES),
        ("staff list", LIBRARIES),
        ("staff roles", LIBRARIES),
        ("settings set name Maison", ONLY_PAGES),
    ],
)
def test_a_command_loads_what_it_needs(command: str, unwanted: set[str], tmp_path: Path) -> None:
    loaded = loaded_by(command, tmp_path)
    assert loaded & unwanted == set()
    assert not [name for name in loaded if name.startswith("shop.") and name.endswith("routes")]


@pytest.mark.parametrize("command", ["doctor", "sweep"])
def test_what_migrates_is_loaded_for_migrations_alone(command: str, tmp_path: Path) -> None:
    loaded = loaded_by(command, tmp_path)
    assert "shop.catalog.routes" in loaded
    assert "alembic" not in loaded
    assert not {"markdown_it", "nh3"} & loaded, "texts are rendered when they are published"


def loaded_by(command: str, folder: Path) -> set[str]:
    """Return the modules that `flask` loads for a command on an instance folder."""
    ran = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "flask", "--app", "wsgi", *command.split()],
        cwd=ROOT, env=os.environ | {"INSTANCE_PATH": str(folder), "DATABASE_URL": ""},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    loaded = set(re.findall(r"\| +([\w.]+)$", ran.stderr, re.MULTILINE))
    assert "shop.command_line" in loaded, ran.stderr
    return loaded


def test_the_list_of_commands_says_what_they_say() -> None:
    for words, known in known_commands():
        module, _, name = known.place.partition(":")
        found = getattr(import_module(module), name)
        assert isinstance(found, click.Command)
        assert found.name == words.split()[-1]
        assert " ".join((found.help or "").split("\n\n")[0].split()).startswith(known.summary)


def test_every_command_is_in_the_list() -> None:
    listed = {known.place for _, known in known_commands()}
    for module in modules():
        if module.layer == "commands":
            for name, found in vars(import_module(module.dotted)).items():
                if isinstance(found, click.Command):
                    assert f"{module.dotted}:{name}" in listed
