"""Putting a world written beside the running one in its place, by renames alone, and back again.

`.restored` holds what goes in, `.before-restore` what came out, `.swap.json` which names are meant. Each name is moved
once in each direction, and where it lies says what is left to do, so a swap that was cut short is finished later.
"""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from football_assets.errors import StorageError
from football_assets.warehouse.backups.snapshot import names_of
from football_assets.warehouse.relations import DATABASE
from football_assets.whole_files import write_whole

INCOMING, OUTGOING, JOURNAL = ".restored", ".before-restore", ".swap.json"
# They belong to the database file and go before it.
_BESIDE = [f"{DATABASE}-wal", f"{DATABASE}-shm"]
_WAIT_S = 10


def swap_in(restored: Path, world: Path) -> None:
    """Put what lies in `restored` in the place of the world's data, which is kept for `undo`.

    Raises StorageError when the database is being written or something cannot be moved.
    """
    with _moving(world):
        world.mkdir(parents=True, exist_ok=True)
        with _no_writer(world):
            shutil.rmtree(world / OUTGOING, ignore_errors=True)
            _swap(restored, world)


def undo(world: Path) -> None:
    """Swap back what the last restore put aside; doing it again brings the restored data back.

    Raises StorageError when there is nothing to go back to.
    """
    with _moving(world):
        if not (world / OUTGOING).is_dir():
            raise StorageError(f"undoing a restore of {world}", "none was made", "Nothing was changed.")
        with _no_writer(world):
            _swap(world / OUTGOING, world)


def finish(world: Path) -> bool:
    """Finish a swap that was cut short; whether there was one. Raises StorageError when something cannot be moved."""
    if not (world / JOURNAL).exists():
        return False
    with _moving(world):
        _move(world)
    return True


def _swap(arriving: Path, world: Path) -> None:
    # The log of a database goes before the database itself.
    leaving = [*_BESIDE, *names_of(world)]
    come = [*(name for name in _BESIDE if (arriving / name).exists()), *names_of(arriving)]
    write_whole(world / JOURNAL, json.dumps({"from": str(arriving), "arriving": come, "leaving": leaving}))
    _move(world)


def _move(world: Path) -> None:
    noted = json.loads((world / JOURNAL).read_text(encoding="utf-8"))
    incoming, outgoing = world / INCOMING, world / OUTGOING
    if not incoming.exists():
        Path(noted["from"]).rename(incoming)
    outgoing.mkdir(exist_ok=True)
    arriving = dict.fromkeys(noted["arriving"])
    for name in dict.fromkeys([*noted["leaving"], *arriving]):
        is_done = (outgoing / name).exists() or (name in arriving and not (incoming / name).exists())
        if (world / name).exists() and not is_done:
            (world / name).rename(outgoing / name)
        if (incoming / name).exists():
            (incoming / name).rename(world / name)
    (world / JOURNAL).unlink()
    shutil.rmtree(incoming, ignore_errors=True)


@contextmanager
def _moving(world: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:
        to_do = "Free or mend the disk and say it again; a swap that was begun is then finished."
        raise StorageError(f"swapping {world}", str(error), to_do) from error


@contextmanager
def _no_writer(world: Path) -> Iterator[None]:
    """Hold the database while its file is moved: a publication that is under way is waited for, none begins."""
    path = world / DATABASE
    if not path.exists():
        yield
        return
    with closing(sqlite3.connect(path, timeout=_WAIT_S, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            to_do = "Stop the platform (`football service stop`, or Ctrl-C of `football up`) and say it again."
            raise StorageError(f"swapping {world}", f"the database is being written ({error})", to_do) from error
        except sqlite3.DatabaseError:
            pass  # damaged, so it has no writer to wait for; it is put aside as it is
        yield
