"""Fetch the vendored files of vendor.toml, check them, and compress the static files.

    python tools/vendor.py            everything: needs npm, uv and the network
    python tools/vendor.py compress   only the .br and .gz beside CSS, JS and SVG (after an edit)

Run by `make vendor`. The results are committed; nothing of this runs with the shop.
"""

import base64
import gzip
import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "shop" / "static"
FONTS = STATIC / "fonts"
COMPRESSED = STATIC / "compressed.json"  # file → sha256 of the text its .br and .gz were made from
COMPRESSIBLE = {".css", ".js", ".svg"}


def main(arguments: list[str]) -> None:
    """Do what the command line asks."""
    if arguments not in ([], ["compress"]):
        sys.exit(__doc__)
    if not arguments:
        vendor()
    compress()


def vendor() -> None:
    """Fetch every package of vendor.toml and write its files."""
    plan = tomllib.loads((ROOT / "tools" / "vendor.toml").read_text())
    with tempfile.TemporaryDirectory() as scratch:
        for package in plan["package"]:
            folder = fetch(package, Path(scratch))
            for file in package["files"]:
                copy(folder, file)
            for font in package.get("fonts", []):
                write_font(folder, font, plan["subset"])
            if "sprite" in package:
                write_sprite(folder, package)
            print(f"{package['name']} {package['version']} ({package['licence']})")


def fetch(package: dict[str, Any], scratch: Path) -> Path:
    """Download a package's tarball, check its sha512, unpack it and return the folder."""
    spec = f"{package['name']}@{package['version']}"
    command = ["npm", "pack", "--json", "--silent", "--pack-destination", str(scratch), spec]
    answer = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    packed = answer[0] if isinstance(answer, list) else next(iter(answer.values()))
    tarball = scratch / packed["filename"]
    digest = base64.b64encode(hashlib.sha512(tarball.read_bytes()).digest()).decode()
    if f"sha512-{digest}" != package["integrity"]:
        sys.exit(f"{spec}: the tarball is not the one vendor.toml names")
    folder = scratch / packed["filename"].removesuffix(".tgz")
    with tarfile.open(tarball) as archive:
        archive.extractall(folder, filter="data")
    return folder / "package"


def copy(folder: Path, file: dict[str, str]) -> None:
    """Write one file of a package, after checking its sha256 where one is given."""
    content = (folder / file["from"]).read_bytes()
    if "sha256" in file and hashlib.sha256(content).hexdigest() != file["sha256"]:
        sys.exit(f"{file['from']}: sha256 differs from vendor.toml")
    target = ROOT / file["to"]
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)


def write_font(folder: Path, font: dict[str, Any], subset: dict[str, str]) -> None:
    """Subset a font if asked, name it by its content and point core.css at it."""
    source = folder / font["from"]
    if font.get("subset"):
        small = source.with_suffix(".subset.woff2")
        command = ["uv", "tool", "run", "--from", subset["tool"], "pyftsubset", str(source)]
        command += [f"--unicodes={subset['unicodes']}", f"--layout-features={font['features']}"]
        command += ["--flavor=woff2", "--no-hinting", f"--output-file={small}"]
        subprocess.run(command, check=True)
        source = small
    content = source.read_bytes()
    FONTS.mkdir(parents=True, exist_ok=True)
    for old in FONTS.glob(f"{font['to']}.??????????.woff2"):
        old.unlink()
    name = f"{font['to']}.{hashlib.sha256(content).hexdigest()[:10]}.woff2"
    (FONTS / name).write_bytes(content)
    css = STATIC / "css" / "core.css"
    pattern = rf"(fonts/){re.escape(font['to'])}\.[0-9a-f]{{10}}\.woff2"
    css.write_text(re.sub(pattern, rf"\g<1>{name}", css.read_text()))


def write_sprite(folder: Path, package: dict[str, Any]) -> None:
    """Collect the icons of a package into one SVG of symbols; strokes come from the style sheet."""
    symbols = []
    for name in package["sprite"]["icons"]:
        svg = (folder / "icons" / f"{name}.svg").read_text()
        start = svg.index(">", svg.index("<svg")) + 1
        body = re.sub(r"\s*\n\s*", "", svg[start : svg.index("</svg>")]).replace(" />", "/>")
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{body}</symbol>')
    note = f"<!-- Lucide {package['version']}, ISC licence, see lucide.LICENSE.txt -->"
    lines = ['<svg xmlns="http://www.w3.org/2000/svg">', note, *symbols, "</svg>\n"]
    (ROOT / package["sprite"]["to"]).write_text("\n".join(lines))


def compress() -> None:
    """Write .br and .gz beside each text file, and note which text they belong to.

    Style sheets are compressed without their comments, which are a seventh of the bytes.
    """
    import brotli

    made = {}
    for path in sorted(STATIC.rglob("*")):
        if path.suffix not in COMPRESSIBLE:
            continue
        content = path.read_bytes()
        small = without_comments(content) if path.suffix == ".css" else content
        path.with_name(path.name + ".br").write_bytes(brotli.compress(small, quality=11))
        path.with_name(path.name + ".gz").write_bytes(gzip.compress(small, 9, mtime=0))
        made[path.relative_to(STATIC).as_posix()] = hashlib.sha256(content).hexdigest()
    COMPRESSED.write_text(json.dumps(made, indent=2) + "\n")


def without_comments(css: bytes) -> bytes:
    """Return a style sheet without comments; ours have no string that holds one."""
    return re.sub(rb"[ \t]*/\*.*?\*/\n?", b"", css, flags=re.DOTALL)


if __name__ == "__main__":
    main(sys.argv[1:])
