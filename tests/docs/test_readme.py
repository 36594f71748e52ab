"""The README is right: its commands run in a fresh clone, its tables name what is there."""

import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from shop.core.config import Config
from shop.payments.stripe.events import HANDLED
from tests.browser import steps
from tests.browser.kit import opened
from tests.processes import ROOT, eventually, free_port

README = (ROOT / "README.md").read_text()
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
MARKED = ("# needs Docker", "# needs keys")
LEFT_OUT = {"make test", "make bench"}
FLASKS_OWN = {"run", "shell", "routes", "db"}
INSTALLATION = 420  # seconds, with an empty cache of packages on a busy machine


in_one_clone = pytest.mark.timeout(900)


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


@dataclass
class Newcomer:
    """A fresh clone in which `make run` has just been typed."""

    clone: Path
    env: dict[str, str]
    address: str
    said: str

    def mails(self) -> str:
        """Return all mails that were written."""
        return "".join(path.read_text() for path in self.clone.glob("instance/mail/*.eml"))


@contextmanager
def make_run(clone: Path, env: dict[str, str], log: Path) -> Iterator[Newcomer]:
    """Serve beside the block, as a newcomer leaves it open in another window; then Ctrl-C."""
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
        yield Newcomer(clone, env, address, log.read_text())
        os.killpg(child.pid, signal.SIGINT)  # Ctrl-C reaches everything in the window
        child.wait(timeout=15)
    finally:
        with suppress(ProcessLookupError):  # it has stopped, with all its children
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newcomer]:
    folder = tmp_path_factory.mktemp("fresh")
    clone = folder / "vitrine"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    env = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    env["PYTHON"] = sys.executable
    with make_run(clone, env, folder / "run.log") as found:
        yield found


@in_one_clone
def test_make_run_serves_a_filled_shop_and_says_what_to_know(newcomer: Newcomer) -> None:
    assert newcomer.address in newcomer.said
    assert "4242 4242 4242 4242" in newcomer.said
    assert "/products/" in get(f"{newcomer.address}/products")


@in_one_clone
def test_a_newcomer_buys_and_the_books_are_right(newcomer: Newcomer, chromium: Browser) -> None:
    with opened(chromium, newcomer.address) as page:
        page.goto("/products")
        page.locator("main a[href^='/products/']").first.click()
        page.locator("#buy").get_by_role("button", name="Add to bag").click()
        expect(page.locator("#cart-link")).not_to_have_attribute("aria-label", "Bag, 0 items")
        page.goto("/cart")
        steps.go_to_payment(page, "newcomer@example.com")
        steps.pay(page)
        expect(page.get_by_role("heading", name="Thank you, Ada")).to_be_visible()
        number = steps.order_number(page)
    eventually(lambda: number in newcomer.mails(), what="the mail is written")
    assert "All is right" in run(".venv/bin/flask audit", newcomer.clone, newcomer.env)


@in_one_clone
def test_its_commands_run(newcomer: Newcomer) -> None:
    known = commands()
    assert known[0] == "make run"
    for command in known[1:]:
        run(command, newcomer.clone, newcomer.env)
    assert "Free delivery this week" in get(newcomer.address)
    left = run("git status --porcelain", newcomer.clone, newcomer.env)
    assert left == "", "running the shop leaves files that git sees"


def test_opens_for_whoever_chooses() -> None:
    opening, operators = README.split("\n## ", 1)
    sentence = opening.split("\n\n")[1]
    assert re.match(r"Vitrine [a-z]+s ", sentence), "a sentence with a verb"
    pictures = re.findall(r"!\[(.+?)\]\((\S+\.webp)\)", opening)
    assert len(pictures) == 2
    for subject in (
        "What it does", "What it does not", "For whom it is not", "What it needs",
        "Languages and limits", "Try it",
    ):  # fmt: skip
        assert f"**{subject}.**" in opening
    assert "git clone " in opening
    assert re.search(r"first run takes .+minute", opening)
    assert "(LICENSE)" in opening
    assert "/admin/" in operators
    licence = (ROOT / "LICENSE").read_text()
    assert "to use, copy, modify, merge, publish, distribute, sublicense" in " ".join(
        licence.split()
    )


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
    assert tuple(blocks("text")[0].split()) == tuple(HANDLED)


def lost(page: Path) -> list[str]:
    """Return the links of a page that lead to no file of ours."""
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text())
    ours = [t for t in targets if not t.startswith(("http://", "https://", "mailto:"))]
    return [f"{page.name}: {target}" for target in ours if not (page.parent / target).exists()]


def test_links_lead_somewhere() -> None:
    assert [link for page in PAGES for link in lost(page)] == []


def test_a_lost_link_is_seen(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("[here](page.md#top) [there](https://a.example) [nowhere](gone.md)")
    assert lost(page) == ["page.md: gone.md"]
