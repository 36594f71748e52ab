"""`make pictures`: derive the demo's pictures in all sizes, as an upload would be, for the seed.

Needed again when a picture of the demo, or the pipeline in `shop/media/`, changes.
"""

import json
import tempfile
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from shop import create_app
from shop.media.services import store_picture
from shop.seed.demo_data import CLOSE, read_pictures
from shop.seed.pictures import demo_picture
from shop.seed.prepared import ARCHIVE, INDEX


def main() -> None:
    """Write the archive anew, the same bytes for the same pictures."""
    sources = sorted(f"demo:{name}{view}" for name in read_pictures() for view in ("", CLOSE))
    index: dict[str, dict[str, object]] = {}
    with tempfile.TemporaryDirectory() as folder, ZipFile(ARCHIVE, "w", ZIP_STORED) as archive:
        app = create_app({"INSTANCE_PATH": folder, "MEDIA_URL": ""})
        for source in sources:
            with app.app_context():
                stored = store_picture(demo_picture(source.removeprefix("demo:")))
            paths = sorted(Path(folder, "media").rglob(f"{stored.key}-*.webp"), key=width_of)
            for path in paths:
                if path.name not in archive.namelist():
                    archive.writestr(ZipInfo(path.name), path.read_bytes())
            index[source] = {
                "key": stored.key,
                "width": stored.width,
                "height": stored.height,
                "files": [path.name for path in paths],
            }
        archive.writestr(ZipInfo(INDEX), json.dumps(index, indent=1))
    print(f"{ARCHIVE}: {len(index)} pictures, {ARCHIVE.stat().st_size / 1024**2:.1f} MB")


def width_of(path: Path) -> int:
    """Return the width in the name of a stored file, in pixels."""
    return int(path.stem.rpartition("-")[2])


if __name__ == "__main__":
    main()
