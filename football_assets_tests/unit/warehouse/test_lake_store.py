"""A lake on an object store, kept in memory here: what two machines see of each other, and what breaks it."""

import uuid
from datetime import UTC, datetime

import fsspec
import pytest

from football_assets.errors import StorageError
from football_assets.states import Source
from football_assets.tables import from_rows
from football_assets.warehouse.lake import Lake
from football_assets.warehouse.lake_store import LakeStore
from football_assets.warehouse.versions import stored_version, write_if_changed
from football_assets_tests.unit.warehouse.declared import ToyGames, ToyMatches

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def url():
    return f"memory://bucket-{uuid.uuid4().hex}/lake"


@pytest.fixture
def machines(tmp_path, monkeypatch, url):
    """The same lake as two machines see it, each with a folder of its own."""
    monkeypatch.setenv("FOOTBALL_LAKE_URL", url)
    found = []
    for name in ("one", "other"):
        monkeypatch.setenv("FOOTBALL_HOME", str(tmp_path / name))
        found.append(Lake(tmp_path / name, Source.REAL))
        assert found[-1].store is not None
    return found


def things(*numbers):
    return from_rows(ToyMatches, [{"match_id": str(n), "home_score": n, "fetched_at": AT} for n in numbers])


def yearly(season):
    return from_rows(ToyGames, [{"game_id": 1, "season": season, "spread": None}])


def numbers(lake):
    return lake.read(ToyMatches)["home_score"].tolist()


def test_what_one_machine_writes_the_other_reads(machines):
    one, other = machines
    assert not one.exists(ToyMatches) and one.seasons(ToyGames) == []
    one.write(ToyMatches, things(1, 2))
    assert numbers(other) == [1, 2]
    other.write(ToyMatches, things(3))
    assert numbers(one) == [3]
    for season, lake in ((2024, one), (2023, other)):
        lake.write(ToyGames, yearly(season), str(season))
    assert one.seasons(ToyGames) == other.seasons(ToyGames) == ["2023", "2024"]
    assert one.read(ToyGames)["season"].tolist() == [2023, 2024]


def test_a_copy_that_is_up_to_date_is_not_fetched_again(machines, monkeypatch):
    one, other = machines
    one.write(ToyMatches, things(1))
    numbers(other)
    fetched = []
    get = LakeStore._get
    monkeypatch.setattr(LakeStore, "_get", lambda *args: (fetched.append(args[1].name), get(*args)))
    assert (numbers(one), numbers(other), fetched) == ([1], [1], [])
    one.write(ToyMatches, things(2))
    assert (numbers(one), numbers(other), fetched) == ([2], [2], ["toy_matches.parquet"])
    other.path(ToyMatches).write_bytes(b"damaged here")
    assert numbers(other) == [2], "a copy that is not the one that was fetched is fetched again"


def test_what_has_not_changed_is_not_written_again(machines):
    one, other = machines
    assert write_if_changed(one, ToyMatches, things(1))
    assert not write_if_changed(other, ToyMatches, things(1))
    assert stored_version(one, ToyMatches) == stored_version(other, ToyMatches)


def test_a_write_that_the_store_refuses_changes_nothing(machines, monkeypatch):
    one, other = machines
    one.write(ToyMatches, things(1))
    memory = type(fsspec.filesystem("memory"))

    def refuse(*_args, **_how):
        raise OSError("503 slow down")

    with monkeypatch.context() as patch:
        patch.setattr(memory, "put_file", refuse)
        with pytest.raises(StorageError, match="503 slow down"):
            one.write(ToyMatches, things(2))
    assert (numbers(one), numbers(other)) == ([1], [1])


def test_a_process_that_ended_between_the_store_and_its_copy_reads_what_it_stored(machines, monkeypatch):
    one, _ = machines
    one.write(ToyMatches, things(1))
    with monkeypatch.context() as patch:
        patch.setattr("pathlib.Path.replace", lambda *_: (_ for _ in ()).throw(OSError("killed")))
        with pytest.raises(StorageError):
            one.write(ToyMatches, things(2))
    assert numbers(one) == [2]


def test_removed_from_the_store_it_is_not_served_from_the_copy(machines, url):
    one, other = machines
    one.write(ToyMatches, things(1))
    numbers(other)
    other.store.remove(other.path(ToyMatches))
    with pytest.raises(StorageError, match="does not exist"):
        one.read(ToyMatches)


def test_a_lake_of_files_is_neither_hidden_nor_lost_when_a_store_is_named(tmp_path, monkeypatch, url):
    monkeypatch.setenv("FOOTBALL_HOME", str(tmp_path))
    before = Lake(tmp_path, Source.REAL)
    before.write(ToyMatches, things(7))
    before.write(ToyGames, yearly(2024), "2024")
    monkeypatch.setenv("FOOTBALL_LAKE_URL", url)
    lake = Lake(tmp_path, Source.REAL)
    with pytest.raises(StorageError, match="football lake push"):
        lake.read(ToyMatches)
    assert lake.store.push() == 2
    assert numbers(lake) == [7] and lake.seasons(ToyGames) == ["2024"]


def test_a_restore_decides_what_the_store_holds_and_a_scratch_home_has_no_store(machines, tmp_path):
    one, other = machines
    one.write(ToyMatches, things(1))
    one.write(ToyGames, yearly(2023), "2023")
    assert other.store.pull() == 2
    scratch = Lake(tmp_path / "scratch", Source.REAL)
    assert scratch.store is None
    written = scratch.write(ToyMatches, things(9))
    written.replace(other.root / "soccer" / "toy_matches.parquet")
    (other.root / "ncaa" / "toy_games" / "2023.parquet").unlink()
    other.store.push()
    assert numbers(one) == [9] and one.seasons(ToyGames) == []


def test_models_are_shared_and_of_a_kind_the_newest_stay(machines):
    one, other = machines
    for number in range(4):
        name = f"models/kind-{number}.skops"
        (one.world / "models").mkdir(parents=True, exist_ok=True)
        (one.world / name).write_bytes(b"model %d" % number)
        one.share(name, kind="models/kind-", kept=2)
    assert sorted(one.store.all()) == ["models/kind-2.skops", "models/kind-3.skops"]
    assert other.file("models/kind-3.skops").read_bytes() == b"model 3"
    assert not other.file("models/kind-0.skops").exists()


def test_a_store_that_cannot_be_opened_says_what_is_missing(tmp_path):
    with pytest.raises(StorageError, match=r"opening nothing://x.*football-assets\[s3\]"):
        LakeStore("nothing://x", tmp_path / "real")
