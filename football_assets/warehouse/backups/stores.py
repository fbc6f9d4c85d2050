"""Where backups lie: a folder, or any object store that fsspec knows by its URL."""

from pathlib import Path
from typing import Any

from football_assets.config import Settings
from football_assets.errors import StorageError
from football_assets.states import Source


class Store:
    """The backups of one world in one place. What is put there is whole or not there."""

    def __init__(self, url: str) -> None:
        import fsspec  # type: ignore[import-untyped]

        self._shown = url.partition("?")[0]
        try:
            self._files, self._root = fsspec.core.url_to_fs(url)
        except (ImportError, ValueError) as error:
            to_do = "Install what the address needs (s3fs for s3://), or set backup.url to a folder."
            raise StorageError(f"opening {self}", str(error), to_do) from error

    def __str__(self) -> str:
        """The address, without what may be a secret in it."""
        scheme, mark, rest = self._shown.rpartition("://")
        return f"{scheme}{mark}{rest.rpartition('@')[2]}"

    def names(self) -> list[str]:
        """The names of the files, ascending."""
        found = self._do("listing", "ls", self._root, detail=False) if self._do("listing", "exists", self._root) else []
        return sorted(str(path).rpartition("/")[2] for path in found)

    def put(self, file: Path, name: str) -> None:
        """Store a file: under another name first, then moved."""
        self._do("writing", "makedirs", self._root, exist_ok=True)
        beside = f"{self._root}/.{name}.part"
        self._do("writing", "put_file", str(file), beside)
        self._do("writing", "mv", beside, f"{self._root}/{name}")

    def get(self, name: str, file: Path) -> Path:
        """Fetch a file; returns where it is."""
        self._do("reading", "get_file", f"{self._root}/{name}", str(file))
        return file

    def text(self, name: str) -> str:
        """The content of a small file."""
        return bytes(self._do("reading", "cat_file", f"{self._root}/{name}")).decode()

    def remove(self, name: str) -> None:
        """Remove a file; one that is not there is no error."""
        if self._do("removing", "exists", f"{self._root}/{name}"):
            self._do("removing", "rm_file", f"{self._root}/{name}")

    def _do(self, doing: str, what: str, *args: Any, **how: Any) -> Any:
        try:
            return getattr(self._files, what)(*args, **how)
        except Exception as error:
            to_do = "Mend the place or set backup.url to another one."
            raise StorageError(f"{doing} backups in {self}", str(error) or type(error).__name__, to_do) from error


def store_of(settings: Settings, source: Source) -> Store:
    """The backups of a world: below `backup.url`, else in `<home>/backups/<world>`."""
    return Store(f"{(settings.backup.url or str(settings.folder / 'backups')).rstrip('/')}/{source.value}")
