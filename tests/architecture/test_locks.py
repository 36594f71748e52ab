"""The lock files belong to their .in files and to each other; every package has its hashes."""

import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.architecture.source import ROOT

FOLDER = ROOT / "requirements"
LOCKS = {
    ROOT / "requirements.txt": ("core.in",),
    FOLDER / "production.txt": ("core.in", "production.in"),
    FOLDER / "dev.txt": ("core.in", "production.in", "dev.in"),
}
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^ ;\\]+)", re.MULTILINE)


def pins(lock: Path) -> dict[str, str]:
    """Return name → version of everything in `lock`."""
    return {canonicalize_name(name): version for name, version in PIN.findall(lock.read_text())}


def wanted(names: tuple[str, ...]) -> list[Requirement]:
    """Return what the .in files ask for."""
    lines = [line for name in names for line in (FOLDER / name).read_text().splitlines()]
    texts = (line.split(" #")[0].strip() for line in lines)
    return [Requirement(text) for text in texts if text and not text.startswith(("#", "-r"))]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_satisfies_its_in_file(lock: Path) -> None:
    locked = pins(lock)
    for requirement in wanted(LOCKS[lock]):
        version = locked.get(canonicalize_name(requirement.name))
        assert version, f"{requirement} is not in {lock.name}: run `make lock`"
        assert Version(version) in requirement.specifier, f"{requirement}: run `make lock`"


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_nothing_is_locked_that_nobody_asks_for(lock: Path) -> None:
    asked = {canonicalize_name(requirement.name) for requirement in wanted(LOCKS[lock])}
    blocks = re.split(r"\n(?=[a-z0-9])", lock.read_text())
    direct = {
        canonicalize_name(PIN.match(block)[1])  # type: ignore[index]
        for block in blocks
        if PIN.match(block) and "-r requirements/" in block
    }
    assert direct - asked == set(), "run `make lock`"


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_package_has_hashes(lock: Path) -> None:
    for block in re.split(r"\n(?=[a-z0-9])", lock.read_text()):
        if PIN.match(block):
            assert "--hash=sha256:" in block


def test_the_locks_agree_on_versions() -> None:
    dev = pins(FOLDER / "dev.txt")
    for lock in (ROOT / "requirements.txt", FOLDER / "production.txt"):
        assert pins(lock).items() <= dev.items(), lock.name


def test_the_shop_runs_on_what_it_names() -> None:
    """A library that the shop imports is asked for in core.in or production.in by name."""
    assert {"flask", "sqlalchemy", "stripe", "pillow"} <= {r.name for r in wanted(("core.in",))}
    assert {"psycopg", "celery"} <= {r.name for r in wanted(("production.in",))}
