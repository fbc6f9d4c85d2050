"""The lake on a real S3-compatible server: two homes, one store, and what is served, backed up and restored from it."""

import io

import pyarrow.parquet as pq
import pytest
import s3fs

from football_assets.config import load_settings
from football_assets.errors import StorageError
from football_assets.states import Source
from football_assets.tables import from_rows
from football_assets.warehouse import publication
from football_assets.warehouse.backups.making import backups, create_backup
from football_assets.warehouse.backups.restoring import put_in_place, restore, undo
from football_assets.warehouse.engine import close_readers
from football_assets.warehouse.lake import Lake
from football_assets.warehouse.reader import open_warehouse
from football_assets_tests.system.publishing import TABLES, FirstHalves, SecondHalves, fill
from football_assets_tests.system.s3_of_its_own import BUCKET, s3_server


@pytest.fixture
def store(monkeypatch):
    with s3_server(monkeypatch) as url:
        monkeypatch.setenv("FOOTBALL_LAKE_URL", url)
        yield url


@pytest.fixture
def home_of(monkeypatch, tmp_path, store):
    """Makes one of several machines the present one; gives its lake."""

    def become(name):
        monkeypatch.setenv("FOOTBALL_HOME", str(tmp_path / name))
        return Lake(tmp_path / name, Source.REAL)

    monkeypatch.setattr(publication, "REGISTER", {(t.about().domain, t.table_name()): t for t in TABLES})
    return become


def states(lake):
    return set(lake.read(FirstHalves)["state"]) | set(lake.read(SecondHalves)["state"])


def served(lake):
    close_readers()  # the file may have been swapped by a restore
    return set(open_warehouse(load_settings(), Source.REAL).read("ncaa_first_halves")["state"])


def test_two_machines_share_the_lake_and_an_object_is_a_whole_parquet_file(home_of, store):
    one = home_of("one")
    fill(one, "a")
    other = home_of("other")
    assert states(other) == {"a"} and other.seasons(SecondHalves) == ["2023", "2024"]
    fill(other, "b")
    assert states(home_of("one")) == {"b"}
    files = s3fs.S3FileSystem(use_listings_cache=False)
    names = sorted(files.find(BUCKET))
    assert [name.removeprefix(f"{BUCKET}/platform/real/lake/ncaa/") for name in names] == [
        "first_halves.parquet",
        "second_halves/2023.parquet",
        "second_halves/2024.parquet",
    ]
    assert {pq.read_table(io.BytesIO(files.cat_file(name))).num_rows for name in names} == {400}


def test_what_one_wrote_the_other_publishes_backs_up_and_restores(home_of, monkeypatch):
    fill(home_of("one"), "a")
    lake = home_of("other")
    publication.publish(lake.home, Source.REAL, "ncaa")
    assert served(lake) == {"a"}
    settings = load_settings()
    monkeypatch.setenv("FOOTBALL_BACKUP__URL", f"s3://{BUCKET}/backups")
    settings = load_settings()
    made = create_backup(settings, Source.REAL)
    assert [each.file for each in backups(settings, Source.REAL)] == [made.file]
    assert made.rows["lake/ncaa/first_halves.parquet"] == 400

    fill(home_of("one"), "b")
    lake = home_of("other")
    publication.publish(lake.home, Source.REAL, "ncaa")
    assert served(lake) == states(lake) == {"b"}
    put_in_place(settings, restore(settings, Source.REAL))
    assert served(lake) == {"a"}
    assert states(home_of("one")) == {"a"}, "every machine reads what was restored"
    home_of("other")
    undo(settings, Source.REAL)
    assert states(home_of("one")) == {"b"}


def test_a_store_that_is_away_stops_a_write_and_a_read_and_keeps_the_secret(home_of, monkeypatch):
    lake = home_of("one")
    fill(lake, "a")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    s3fs.S3FileSystem.clear_instance_cache()
    away = Lake(lake.home, Source.REAL)
    for act in (
        lambda: away.read(FirstHalves),
        lambda: away.write(FirstHalves, from_rows(FirstHalves, [{"row_id": 1, "state": "c"}])),
    ):
        with pytest.raises(StorageError, match=r"s3://football-lake/platform/real") as told:
            act()
        assert "testing-secret" not in str(told.value)
    monkeypatch.undo()
