"""The README is right: its commands run in a fresh clone, its tables name what is there."""

import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import fields
from pathlib import Path

import pytest
from flask import Flask

from shop.config import Config
from shop.payments.gateway import HANDLED_EVENTS
from tests.processes import ROOT, eventually, free_port

README = (ROOT / "README.md").read_text()
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
MARKED = ("# needs Docker", "# needs keys")
LEFT_OUT = {"make test", "make bench"}
FLASKS_OWN = {"run", "shell", "routes", "db"}
INSTALLATION = 240  # seconds, with an empty cache of packages on a busy machine


def blocks(language: str) -> list[str]:
    """Return the fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def commands() -> list[str]:
    """Return the commands that must run anywhere, in the order of the page."""
    runnable = [block for block in blocks("sh") if not block.startswith(MARKED)]
    return [line for block in runnable for line in block.splitlines() if line not in LEFT_OUT]


def run(command: str, folder: Path, env: dict[str, str]) -> str:
    """Run a line of shell as a reader would; return what it says."""
    ran = subprocess.run(
        ["sh", "-c", command], cwd=folder, env=env, capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip
    assert ran.returncode == 0, f"{command}\n{ran.stdout}{ran.stderr}"
    return ran.stdout


def get(url: str) -> str:
    """Return the page; empty while nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return str(answer.read().decode())
    except OSError:
        return ""


@contextmanager
def shop_running(clone: Path, env: dict[str, str], log: Path) -> Iterator[str]:
    """`make run` beside the block, as a newcomer leaves it open in another window."""
    port = free_port()
    with log.open("wb") as out:
        child = subprocess.Popen(
            ["make", "run", f"PORT={port}"],
            cwd=clone, env=env, stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    address = f"http://127.0.0.1:{port}"

    def is_up() -> bool:
        assert child.poll() is None, log.read_text()
        return get(f"{address}/healthz") != ""

    try:
        eventually(is_up, within=INSTALLATION, what="make run answers")
        yield address
        os.killpg(child.pid, signal.SIGINT)  # Ctrl-C reaches everything in the window
        child.wait(timeout=60)
    finally:
        with suppress(ProcessLookupError):  # it has stopped, with all its children
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


@pytest.mark.timeout(600)
def test_its_commands_run_in_a_fresh_clone(tmp_path: Path) -> None:
    clone, log = tmp_path / "vitrine", tmp_path / "run.log"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    env = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    env["PYTHON"] = sys.executable
    known = commands()
    assert known[0] == "make run"

    with shop_running(clone, env, log) as address:
        assert "4242 4242 4242 4242" in log.read_text()
        assert "/products/" in get(f"{address}/products")
        for command in known[1:]:
            run(command, clone, env)
        assert "Free delivery this week" in get(f"{address}/")

    assert run("git status --porcelain", clone, env) == "", "it leaves files that git sees"


def test_what_needs_more_than_the_package_index_says_so() -> None:
    for block in blocks("sh"):
        marked = block.startswith(MARKED)
        assert marked == bool(re.search(r"docker|sk_test_|sk_live_", block)), block


def test_names_every_command_and_no_other(app: Flask) -> None:
    table = README.split("## Commands")[1].split("## Settings")[0]
    rows = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
    named = {words for row in rows for words in re.findall(r"`([a-z-]+(?: [a-z-]+)?)", row)}
    there = set()
    for name, command in app.cli.commands.items():
        parts = getattr(command, "commands", None)
        if name not in FLASKS_OWN:
            there |= {f"{name} {part}" for part in parts} if parts else {name}
    assert named - {"db upgrade"} == there


def test_names_every_setting_and_no_other() -> None:
    table = README.split("## Settings")[1].split("## Taking")[0]
    named = re.findall(r"^\| `([A-Z_]+)` \|", table, re.MULTILINE)
    settings = {"SHOP_ENV" if f.name == "env" else f.name.upper() for f in fields(Config)}
    assert sorted(named) == sorted(settings)


def test_names_the_events_that_are_handled() -> None:
    assert tuple(blocks("text")[0].split()) == HANDLED_EVENTS


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text()):
        if not target.startswith(("http://", "https://", "mailto:")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
