"""The lake on an object store: the store has the tables, each machine a copy, brought up to date when it is read.

`<lake_url>/<world>/lake/<domain>/...` mirrors `<home>/<world>/lake/<domain>/...`. A PUT is whole or not there at all,
and a fetched file takes the place of the copy by a rename: a reader meets the old table or the new one on both sides.
A note beside a copy (`.<name>.seen`) says which state of the store it is; without one that fits it is fetched again.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from football_assets.errors import StorageError
from football_assets.whole_files import whole, write_whole

TO_DO = "Check FOOTBALL_LAKE_URL, the credentials and that the store is reachable."
SEEN = ".seen"


class LakeStore:
    """The part of an object store that belongs to one world, and the folder `world` that is its copy here."""

    def __init__(self, url: str, world: Path) -> None:
        import fsspec  # type: ignore[import-untyped]

        self._world = world
        try:
            # What another machine has written a moment ago has to be seen: nothing is remembered of listings.
            self._files, root = fsspec.core.url_to_fs(url, use_listings_cache=False)
        except (ImportError, ValueError) as error:
            raise StorageError(f"opening {url}", str(error), "Install what it needs: football-assets[s3].") from error
        self._root = f"{root.rstrip('/')}/{world.name}"
        self._shown = f"{url.rstrip('/')}/{world.name}"

    def fetch(self, path: Path) -> None:
        """Bring the copy of one file up to date; one that the store does not have (any more) is not here either.

        Raises StorageError when the store cannot be read, or holds nothing while a file of its own lies here.
        """
        now = self._state(path)
        known = _seen(path)
        if now is not None:
            if now != known:
                self._get(path, now)
        elif known is not None:
            path.unlink(missing_ok=True)
            _note(path).unlink(missing_ok=True)
        elif path.exists():
            happened = f"{path} lies here and not in {self._shown}"
            raise StorageError("reading the lake", happened, "Run `football lake push` once to put this lake there.")

    def put(self, beside: Path, path: Path) -> None:
        """Store the content of `beside`, which is about to become the copy `path`."""
        self._do("writing", "put_file", str(beside), self._remote(path))
        self._remember(path, beside, self._state(path))

    def names(self, folder: Path, ending: str) -> list[str]:
        """The names of the files in a folder of the store, ascending, without their ending."""
        found = self._listed(folder)
        return sorted(name.removesuffix(ending) for name in found if name.endswith(ending) and not name.startswith("."))

    def remove(self, path: Path) -> None:
        """Remove a file from the store; one that is not there is no error."""
        if self._state(path) is not None:
            self._do("removing", "rm_file", self._remote(path))

    def all(self) -> dict[str, float]:
        """Every file of the world: its path from there -> when it was stored, seconds since 1970; 0 when not told."""
        found = self._do("listing", "find", self._root, detail=True) if self._there(self._root) else {}
        return {str(name).removeprefix(f"{self._root}/"): _stored_at(about) for name, about in found.items()}

    def pull(self) -> int:
        """Bring the whole copy up to date, as before a backup; how many files there are."""
        there = self.all()
        for name in there:
            self.fetch(self._world / name)
        for path in sorted((self._world / "lake").rglob("*.parquet")):
            if path.relative_to(self._world).as_posix() not in there and _seen(path) is not None:
                self.fetch(path)
        return len(there)

    def push(self) -> int:
        """Make the store hold what lies here, as after a restore; how many files there are."""
        kept = self.own_files()
        for path in kept:
            self.put(path, path)
        names = {path.relative_to(self._world).as_posix() for path in kept}
        for name in self.all():
            if name not in names:
                self._do("removing", "rm_file", f"{self._root}/{name}")
        return len(kept)

    def own_files(self) -> list[Path]:
        """What of the folder belongs into the store: the tables, the models and the decisions of people."""
        found = [*(self._world / "lake").rglob("*.parquet")]
        for name in ("models", "identity"):
            found += (self._world / name).glob("*")
        return sorted(path for path in found if path.is_file() and not path.name.startswith("."))

    def __str__(self) -> str:
        """Its address."""
        return self._shown

    def _listed(self, folder: Path) -> list[str]:
        place = self._remote(folder)
        found = self._do("listing", "ls", place, detail=False) if self._there(place) else []
        return [str(name).rstrip("/").rpartition("/")[2] for name in found]

    def _there(self, place: str) -> bool:
        return bool(self._do("listing", "exists", place))

    def _state(self, path: Path) -> str | None:
        """What tells one state of a file in the store from another; None when it is not there."""
        try:
            about = self._files.info(self._remote(path))
        except FileNotFoundError:
            return None
        except Exception as error:
            raise self._failed("reading", error) from error
        told = about.get("ETag") or [about.get(name) for name in ("size", "created", "LastModified", "mtime")]
        return json.dumps(told, default=str)

    def _get(self, path: Path, state: str) -> None:
        # It may be replaced between the two requests: the note then fits no state, and the next reader fetches it.
        content: bytes = self._do("reading", "cat_file", self._remote(path))
        with self._keeping(path) as beside:
            beside.write_bytes(content)
            self._remember(path, beside, state)

    @contextmanager
    def _keeping(self, path: Path) -> Iterator[Path]:
        try:
            with whole(path, durable=False) as beside:
                yield beside
        except OSError as error:
            raise StorageError(f"keeping a copy of {path.name}", str(error), "Free or mend the disk.") from error

    def _remember(self, path: Path, beside: Path, state: str | None) -> None:
        # The file keeps its number and time when it is renamed: a note that is about another file is none.
        write_whole(_note(path), json.dumps([state, *_about(beside)]), durable=False)

    def _remote(self, path: Path) -> str:
        return f"{self._root}/{path.relative_to(self._world).as_posix()}"

    def _do(self, doing: str, what: str, *args: Any, **how: Any) -> Any:
        try:
            return getattr(self._files, what)(*args, **how)
        except Exception as error:
            raise self._failed(doing, error) from error

    def _failed(self, doing: str, error: Exception) -> StorageError:
        return StorageError(f"{doing} {self._shown}", str(error) or type(error).__name__, TO_DO)


def _note(path: Path) -> Path:
    return path.with_name(f".{path.name}{SEEN}")


def _about(path: Path) -> list[int]:
    stat = path.stat()
    return [stat.st_ino, stat.st_mtime_ns, stat.st_size]


def _seen(path: Path) -> str | None:
    """The state of the store that the copy is of; None when that is not known."""
    try:
        state, *about = json.loads(_note(path).read_bytes())
        return str(state) if about == _about(path) else None
    except (OSError, ValueError):
        return None


def _stored_at(about: Any) -> float:
    at = about.get("LastModified") or about.get("created") or about.get("mtime")
    return float(at.timestamp()) if hasattr(at, "timestamp") else float(at or 0)
