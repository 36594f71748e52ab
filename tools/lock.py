"""`make lock`: write the three lock files from requirements/*.in, each complete and with hashes.

What is locked stays at its version unless the .in file forbids it; `UPGRADE=1` takes the newest
versions. Packages that several files share have one version in all of them: the development lock
is made first and binds the others.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "requirements"
DEV = FOLDER / "dev.txt"


def compile_lock(source: Path, target: Path, *, extra: str = "", bound: bool = True) -> None:
    """Compile `source` and the line `extra` into `target`, bound to the versions of DEV."""
    command = ["uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"]
    command += ["--generate-hashes", "--custom-compile-command", "make lock"]
    command += [str(source.relative_to(ROOT)), *(["-"] if extra else [])]
    command += ["--output-file", str(target.relative_to(ROOT))]
    if bound:
        command += ["--constraint", str(DEV.relative_to(ROOT))]
    if os.environ.get("UPGRADE"):
        command.append("--upgrade")
    binary = str(Path(sys.executable).with_name("uv"))
    subprocess.run([binary, *command[1:]], cwd=ROOT, input=extra, text=True, check=True)
    if bound:
        target.write_text(without_constraint(target.read_text()))


def without_constraint(lock: str) -> str:
    """Return `lock` without the remark on each package that DEV binds it."""
    lock = lock.replace("    # via -c requirements/dev.txt\n", "")
    lock = re.sub(r"    #   -c requirements/dev\.txt\n", "", lock)
    return re.sub(r"    # via\n    #   ([^\n]+)\n(?!    #   )", r"    # via \1\n", lock)


def main() -> None:
    """Write all three."""
    compile_lock(FOLDER / "dev.in", DEV, bound=False)
    compile_lock(FOLDER / "core.in", ROOT / "requirements.txt", extra="pytest\n")
    compile_lock(FOLDER / "production.in", FOLDER / "production.txt")
    for path in (ROOT / "requirements.txt", FOLDER / "production.txt", DEV):
        pins = sum("==" in line for line in path.read_text().splitlines())
        print(f"{path.relative_to(ROOT)}: {pins} packages")


if __name__ == "__main__":
    main()
