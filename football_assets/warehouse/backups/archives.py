"""One archive a backup: a tar stream in zstd whose first member lists every other with its size and SHA-256."""

import hashlib
import json
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO, Any

import pyarrow as pa

from football_assets.errors import StorageError
from football_assets.whole_files import checksum_of

MANIFEST = "manifest.json"
LARGEST_MANIFEST = 64_000_000
_BLOCK = 1 << 20
USE_ANOTHER = "Nothing was changed; use another backup."


@dataclass(frozen=True)
class Entry:
    """One file of an archive."""

    bytes: int
    sha256: str


def entries_of(folder: Path) -> dict[str, Entry]:
    """Every file below a folder by its path from there."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): Entry(path.stat().st_size, checksum_of(path)) for path in files}


def pack(folder: Path, target: Path, about: Mapping[str, Any]) -> dict[str, Entry]:
    """Write the files below `folder` and what is known `about` them into an archive; returns its list of files.

    Raises StorageError when the archive cannot be written.
    """
    listed = entries_of(folder)
    files = {name: {"bytes": each.bytes, "sha256": each.sha256} for name, each in listed.items()}
    manifest = json.dumps({**about, "files": files}, indent=1).encode()
    try:
        with (
            pa.output_stream(str(target), compression="zstd") as sink,
            tarfile.open(fileobj=sink, mode="w|", format=tarfile.PAX_FORMAT) as tar,
        ):
            tar.addfile(_member(MANIFEST, len(manifest)), BytesIO(manifest))
            for name, each in listed.items():
                with (folder / name).open("rb") as file:
                    tar.addfile(_member(name, each.bytes), file)
    except OSError as error:
        raise StorageError(f"writing {target.name}", str(error), "Free or mend the disk.") from error
    return listed


def unpack(archive: Path, folder: Path) -> dict[str, Any]:
    """Write the files of an archive below `folder`, each held against the list; returns the manifest.

    Raises StorageError when the archive is cut short, damaged, or holds anything that its list does not name: a path
    that leads elsewhere, a link, a device, another size or content.
    """
    doing = f"unpacking {archive.name}"
    try:
        with (
            pa.input_stream(str(archive), compression="zstd") as source,
            tarfile.open(fileobj=source, mode="r|") as tar,
        ):
            return _unpacked(doing, tar, folder)
    except (tarfile.TarError, OSError, EOFError, ValueError, KeyError, TypeError) as error:
        raise StorageError(doing, f"it is cut short or damaged ({error})", USE_ANOTHER) from error


def _unpacked(doing: str, tar: tarfile.TarFile, folder: Path) -> dict[str, Any]:
    first = tar.next()
    if first is None or first.name != MANIFEST or not first.isreg() or first.size > LARGEST_MANIFEST:
        raise StorageError(doing, f"it does not begin with {MANIFEST}", USE_ANOTHER)
    manifest: dict[str, Any] = json.loads(_content(tar, first).read())
    listed = {name: Entry(**each) for name, each in manifest["files"].items()}
    missing = set(listed)
    while (member := tar.next()) is not None:
        if not _leads_inside(member.name) or not member.isreg():
            raise StorageError(doing, f"{member.name!r} leads outside or is no plain file", USE_ANOTHER)
        if member.name not in missing:
            raise StorageError(doing, f"{member.name!r} is not in its list, or twice in it", USE_ANOTHER)
        missing.remove(member.name)
        target = folder / member.name
        target.parent.mkdir(parents=True, exist_ok=True)
        found = _copied(_content(tar, member), target)
        if found != listed[member.name]:
            raise StorageError(doing, f"the content of {member.name!r} is not the listed one", USE_ANOTHER)
    if missing:
        raise StorageError(doing, f"{len(missing)} files are missing, {min(missing)!r} first", USE_ANOTHER)
    return manifest


def _leads_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts and "\\" not in name


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    found = tar.extractfile(member)
    if found is None:
        raise ValueError(f"{member.name} has no content")
    return found


def _copied(source: IO[bytes], target: Path) -> Entry:
    seen, size = hashlib.sha256(), 0
    with target.open("xb") as file:
        while block := source.read(_BLOCK):
            file.write(block)
            seen.update(block)
            size += len(block)
    return Entry(size, seen.hexdigest())


def _member(name: str, size: int) -> tarfile.TarInfo:
    found = tarfile.TarInfo(name)
    found.size, found.mode = size, 0o600
    return found
