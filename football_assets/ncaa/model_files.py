"""Fitted models on disk: skops files that are loaded only when their digest and every type inside are as expected."""

import hashlib
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED

from football_assets.errors import StorageError
from football_assets.ncaa.game_model import FAMILY, Fitted
from football_assets.whole_files import read_checked, write_among

FOLDER = "models"
KEPT_FILES = 5
# Types outside skops' own list that our pipelines hold; a file with any other is refused.
TRUSTED: tuple[str, ...] = ("numpy.dtype",)


def save(fitted: Fitted, world: Path) -> tuple[str, str]:
    """Write one model below `world` (`<home>/<source>`); gives its path from there and its sha256.

    The newest few files of its kind are kept. Raises StorageError when it cannot be written.
    """
    return write(fitted.pipeline, world, f"{FAMILY}-{fitted.target}", f"{fitted.trained_through:%Y%m%dT%H%MZ}")


def write(content_of: Any, world: Path, kind: str, name: str) -> tuple[str, str]:
    """Write anything that skops can keep as a file of this kind; as `save`."""
    from skops.io import dumps

    content = dumps(content_of, compression=ZIP_DEFLATED, compresslevel=1)
    digest = hashlib.sha256(content).hexdigest()
    path = world / FOLDER / f"{kind}-{name}-{digest[:8]}.skops"
    try:
        write_among(path, content, f"{kind}-*.skops", KEPT_FILES)
    except OSError as error:
        raise StorageError(
            f"writing {path}", str(error), "Free or mend the disk; the older models are kept."
        ) from error
    return str(path.relative_to(world)), digest


def kind_of(file: str) -> str:
    """What the files of the same kind begin with, out of the path that `write` gave."""
    return f"{file.rsplit('-', 2)[0]}-"


def load(file: str, sha256: str, world: Path) -> Any:
    """What is kept in `file` below `world`, a pipeline or what `write` was given.

    Raises StorageError when it cannot be read, its digest differs from `sha256` or it holds an unknown type.
    """
    from skops.io import get_untrusted_types, loads

    path = world / file
    doing, to_do = f"reading the model {path}", "Run the college job again; it writes a new one."
    content = read_checked(path, sha256, doing, to_do)
    strange = sorted(set(get_untrusted_types(data=content)) - set(TRUSTED))
    if strange:
        raise StorageError(doing, f"it holds the types {strange}", to_do)
    return loads(content, trusted=list(TRUSTED))
