#!/usr/bin/env bash
# pillow-heif 1.8.1 states the licence BSD-3-Clause, in its metadata as on the index. What pip
# installs is another thing: the wheels carry libx265, and a file among them says that they as a
# whole stand under the GPL version 2. A licence check that reads metadata is content; whoever
# passes on an image with the wheel in it passes on GPL code. Decoding, all that a shop needs,
# does not need x265, which encodes.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --only-binary :all: pillow-heif==1.8.1
"$dir/venv/bin/python" - <<'PY'
from importlib.metadata import distribution

found = distribution("pillow-heif")
stated = found.metadata["License"] or found.metadata["License-Expression"]
bundled = [str(file) for file in found.files if "x265" in file.name]
[terms] = [file for file in found.files if file.name == "LICENSES_bundled.txt"]
sentence = next(line for line in terms.read_text().splitlines() if "binary wheels" in line)
print("stated:", stated)
print("bundled:", len(bundled), "file of x265")
print("in the wheel:", sentence)
assert stated == "BSD-3-Clause"
assert len(bundled) == 1
assert "GPLv2" in sentence
PY
# Seen:
#   stated: BSD-3-Clause
#   bundled: 1 file of x265
#   in the wheel: License for "pillow-heif" binary wheels: GPLv2, due to base library licenses.
