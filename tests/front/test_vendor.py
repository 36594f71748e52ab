"""What is committed under static/ is what tools/vendor.toml names, and small enough."""

import gzip
import hashlib
import json
import re
import tomllib
from pathlib import Path

import brotli

from tools import vendor

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "shop" / "static"
PLAN = tomllib.loads((ROOT / "tools" / "vendor.toml").read_text())
FILES = [file for package in PLAN["package"] for file in package["files"]]
KIB = 1024


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _brotli(name: str) -> int:
    return (STATIC / f"{name}.br").stat().st_size


def test_vendored_files_are_untouched() -> None:
    hashed = [file for file in FILES if "sha256" in file]
    assert len(hashed) >= 2
    assert [f["to"] for f in hashed if _sha256(ROOT / f["to"]) != f["sha256"]] == []


def test_licences_are_shipped() -> None:
    for package in PLAN["package"]:
        assert any("LICENSE" in f["to"] or "OFL" in f["to"] for f in package["files"])
    assert all((ROOT / file["to"]).stat().st_size > 500 for file in FILES)


def test_every_package_is_pinned_by_hash() -> None:
    for package in PLAN["package"]:
        assert package["integrity"].startswith("sha512-")
        assert re.fullmatch(r"\d+\.\d+\.\d+", package["version"])


def test_fonts_carry_their_hash_and_the_style_sheet_names_them() -> None:
    named = set(re.findall(r"fonts/([^\"]+\.woff2)", (STATIC / "css/core.css").read_text()))
    on_disk = {path.name for path in (STATIC / "fonts").glob("*.woff2")}
    assert named == on_disk
    for name in on_disk:
        assert name.split(".")[1] == _sha256(STATIC / "fonts" / name)[:10]


def test_style_sheets_ask_for_nothing_else() -> None:
    for path in (STATIC / "css").glob("*.css"):
        assert set(re.findall(r"url\(([^)]*)\)", path.read_text())) <= {
            f'"../fonts/{font.name}"' for font in (STATIC / "fonts").glob("*.woff2")
        }


def test_compressed_copies_are_of_the_present_text() -> None:
    made = json.loads((STATIC / "compressed.json").read_text())
    texts = [p for p in STATIC.rglob("*") if p.suffix in vendor.COMPRESSIBLE]
    assert set(made) == {p.relative_to(STATIC).as_posix() for p in texts}
    for path in texts:
        stale = f"{path.name} was edited: run make vendor (or tools/vendor.py compress)"
        assert made[path.relative_to(STATIC).as_posix()] == _sha256(path), stale
        text = path.read_bytes()
        expected = vendor.without_comments(text) if path.suffix == ".css" else text
        assert brotli.decompress(path.with_name(path.name + ".br").read_bytes()) == expected
        assert gzip.decompress(path.with_name(path.name + ".gz").read_bytes()) == expected


def test_style_sheets_are_within_budget() -> None:
    core, shop, admin = (_brotli(f"css/{name}.css") for name in ("core", "shop", "admin"))
    assert core + shop <= 10 * KIB
    assert core + shop + admin <= 14 * KIB


def test_scripts_are_within_budget() -> None:
    shop, feedback = _brotli("js/shop.js"), _brotli("js/feedback.js")
    assert shop <= 4 * KIB
    assert feedback <= 2 * KIB
    assert _brotli("js/counting.js") <= KIB  # on the pages of a stocktake
    assert _brotli("js/staff.js") <= 4 * KIB
    assert _brotli("js/start.js") <= KIB // 2  # the page waits for it
    assert shop + feedback + _brotli("vendor/htmx.min.js") <= 21 * KIB


def test_fonts_of_a_first_view_are_within_budget() -> None:
    fonts = [p for p in (STATIC / "fonts").glob("*.woff2") if "-ext" not in p.name]
    assert len(fonts) == 2
    assert sum(p.stat().st_size for p in fonts) <= 45 * KIB


def test_every_icon_used_is_in_the_sprite() -> None:
    symbols = set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "icons/sprite.svg").read_text()))
    used = set()
    for template in (ROOT / "shop").rglob("*.html"):
        text = template.read_text()
        used |= set(re.findall(r'\bicon\("([a-z0-9-]+)"', text))
        used |= set(re.findall(r'icon_name="([a-z0-9-]+)"', text))
    assert used <= symbols
