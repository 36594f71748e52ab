"""A backup: one archive with the database, the pictures, and a list of what is in it."""

import json
import tarfile
import tempfile
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from shop.core.clock import now
from shop.core.config import Config
from shop.media.storage import NAME
from shop.operations.dumps import BackupError, Counts, differences, dump_for

FORMAT = 1
MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Manifest:
    """What an archive holds. `pictures` is None when they were left out."""

    format: int
    created_at: str
    database: str  # the name of its file, which tells the kind of database
    revision: str
    counts: Counts
    pictures: int | None

    @property
    def rows(self) -> int:
        """How many rows there are in all."""
        return sum(self.counts.values())


def back_up(config: Config, target: Path, *, revision: str, with_pictures: bool) -> Manifest:
    """Write a verified archive to `target`, which appears whole or not at all.

    The shop may go on selling meanwhile. Raises BackupError.
    """
    dump = dump_for(config.database_url)
    half = target.with_name(f"{target.name}.part")
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        copy = Path(folder) / dump.file_name
        counts = dump.take(copy)
        if wrong := differences(counts, dump.verify(copy)):
            raise BackupError(f"The copy differs from the shop: {'; '.join(wrong)}")
        pictures = list(_pictures(config.media_path)) if with_pictures else None
        manifest = Manifest(
            format=FORMAT,
            created_at=now().isoformat(timespec="seconds"),
            database=dump.file_name,
            revision=revision,
            counts=counts,
            pictures=len(pictures) if pictures is not None else None,
        )
        try:
            half.touch(mode=0o600)  # it holds names and addresses
            _write(half, manifest, copy, pictures or [])
            half.replace(target)
        finally:
            half.unlink(missing_ok=True)
    return manifest


def _write(path: Path, manifest: Manifest, copy: Path, pictures: list[Path]) -> None:
    mode: Any = "w:gz" if path.name.endswith(".gz.part") else "w"
    with tarfile.open(path, mode) as archive:
        listing = copy.with_name(MANIFEST)
        listing.write_text(json.dumps(asdict(manifest), indent=1))
        archive.add(listing, MANIFEST)
        archive.add(copy, manifest.database)
        for picture in pictures:
            archive.add(picture, f"media/{picture.name}", recursive=False)


def _pictures(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*.webp")) if NAME.fullmatch(path.name))


def read_manifest(source: Path) -> Manifest:
    """Return what the archive says it holds. Raises BackupError for anything but a backup."""
    try:
        with tarfile.open(source) as archive:
            file = archive.extractfile(MANIFEST)
            manifest = Manifest(**json.load(file)) if file else None
    except (OSError, tarfile.TarError, KeyError, TypeError, ValueError) as error:
        raise BackupError(f"{source} is not a backup of a shop: {error}") from error
    if manifest is None or manifest.format != FORMAT:
        raise BackupError(f"{source} was made by a newer version.")
    return manifest


def restore_from(config: Config, source: Path, known: Collection[str]) -> Manifest:
    """Replace the database by that of the archive and add its pictures; compare the counts.

    `known`: the migrations of this version. The copy is checked before anything is touched.
    Raises BackupError.
    """
    manifest = read_manifest(source)
    if manifest.revision not in known:
        raise BackupError(f"It is of a newer version ({manifest.revision}): update the shop.")
    dump = dump_for(config.database_url)
    if manifest.database != dump.file_name:
        raise BackupError(
            f"The backup holds {manifest.database}, DATABASE_URL wants {dump.file_name}: "
            "restore it into the same kind of database."
        )
    with tempfile.TemporaryDirectory(dir=source.parent) as folder, tarfile.open(source) as archive:
        copy = Path(folder) / dump.file_name
        _extract(archive, manifest.database, copy)
        for step in (dump.verify, dump.restore):
            if wrong := differences(manifest.counts, step(copy)):
                raise BackupError(f"The backup is not whole: {'; '.join(wrong)}")
        _restore_pictures(archive, config.media_path)
    return manifest


def _restore_pictures(archive: tarfile.TarFile, folder: Path) -> None:
    for member in archive:
        name = member.name.removeprefix("media/")
        if not (member.isfile() and NAME.fullmatch(name)):
            continue
        path = folder / name[:2] / name  # by its name alone, wherever the archive says it goes
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            half = path.with_suffix(".restored")
            _extract(archive, member.name, half)
            half.replace(path)


def _extract(archive: tarfile.TarFile, name: str, target: Path) -> None:
    file = archive.extractfile(name)
    if file is None:
        raise BackupError(f"{name} is missing in the backup.")
    with target.open("wb") as out:
        while block := file.read(1024 * 1024):
            out.write(block)
