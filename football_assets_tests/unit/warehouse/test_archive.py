"""The past of a table: read as of any publication, rolled back to one, pinned there, and forgotten in time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from football_assets.errors import StorageError
from football_assets.states import Source
from football_assets.tables import from_rows
from football_assets.warehouse import archive, golden, publication, rollback
from football_assets.warehouse.engine import database_of
from football_assets.warehouse.golden import Golden
from football_assets.warehouse.inspection import hold_against_declarations
from football_assets.warehouse.lake import Lake
from football_assets.warehouse.publication import publish
from football_assets.warehouse.reader import Warehouse
from football_assets_tests.unit.warehouse.declared import ToyGames, ToyMatches

DAY = datetime(2026, 11, 1, 6, tzinfo=UTC)
WORLD = Source.RECORDED


@pytest.fixture(autouse=True)
def _register(monkeypatch):
    toys = {(toy.about().domain, toy.table_name()): toy for toy in (ToyGames, ToyMatches)}
    monkeypatch.setattr(publication, "REGISTER", toys)
    monkeypatch.setattr(rollback, "REGISTER", toys)


@pytest.fixture
def lake(tmp_path):
    return Lake(tmp_path, WORLD)


@pytest.fixture
def database(tmp_path):
    return database_of(tmp_path, WORLD)


def write(lake, season, *spreads):
    rows = [{"game_id": season * 10 + i, "season": season, "spread": s} for i, s in enumerate(spreads)]
    lake.write(ToyGames, from_rows(ToyGames, rows), str(season))


def on_day(monkeypatch, lake, day, **options):
    """Publish at six on a day."""
    monkeypatch.setattr(publication, "now_utc", lambda: DAY + timedelta(days=day))
    return publish(lake.root.parent.parent, WORLD, "ncaa", **options)


def served(database):
    frame = Warehouse(database, WORLD).read("ncaa_toy_games")
    return frame.sort_values("game_id")["spread"].tolist()


def as_of(database, day):
    made, frames = Warehouse(database, WORLD).read_as_of("ncaa", ["ncaa_toy_games"], DAY + timedelta(days=day))
    return made.id, frames["ncaa_toy_games"]["spread"].tolist()


def test_a_table_is_read_as_it_was_served_at_any_instant(lake, database, monkeypatch):
    write(lake, 2023, 1.0)
    write(lake, 2024, 2.0)
    on_day(monkeypatch, lake, 0)
    on_day(monkeypatch, lake, 1)
    write(lake, 2024, 3.0, 4.0)
    on_day(monkeypatch, lake, 2)

    assert as_of(database, 0) == (1, [1.0, 2.0])
    assert as_of(database, 1.5) == (2, [1.0, 2.0])
    assert as_of(database, 2) == as_of(database, 9) == (3, [1.0, 3.0, 4.0])
    with pytest.raises(StorageError, match="begins at 2026-11-01T06:00:00Z"):
        as_of(database, -0.1)


def test_the_archive_holds_each_content_once_and_forgets_what_nobody_may_ask_for(lake, database, monkeypatch):
    for day, spread in enumerate((1.0, 2.0, 2.0, 3.0)):
        write(lake, 2024, spread)
        on_day(monkeypatch, lake, day, keep_days=2)
    files = list((database.folder / "archive").iterdir())
    assert len(files) == 2
    assert as_of(database, 1) == (2, [2.0])  # what was served two days before the last publication
    with pytest.raises(StorageError, match="begins at 2026-11-02"):
        as_of(database, 0.5)


def test_the_live_pipeline_is_not_archived(lake, database, tmp_path):
    row = {"match_id": "a", "home_score": 1, "fetched_at": DAY}
    lake.write(ToyMatches, from_rows(ToyMatches, [row]))
    publish(tmp_path, WORLD, "soccer")
    assert not (database.folder / "archive").exists()
    with pytest.raises(StorageError, match="at most a minute away"):
        rollback.declared("soccer_toy_matches")


def test_a_damaged_file_of_the_archive_is_refused(lake, database, monkeypatch):
    write(lake, 2024, 1.0)
    on_day(monkeypatch, lake, 0)
    lake.path(ToyGames, "2024").unlink()
    write(lake, 2024, 2.0)
    on_day(monkeypatch, lake, 1)
    old = min((database.folder / "archive").iterdir(), key=lambda path: path.stat().st_mtime_ns)
    old.write_bytes(old.read_bytes()[:-1])
    with pytest.raises(StorageError, match="not what was published"):
        as_of(database, 0)


def test_a_file_that_changes_while_it_is_published_stops_the_publication(lake, tmp_path):
    write(lake, 2024, 1.0)
    with pytest.raises(StorageError, match="changed while"):
        archive.keep_file(tmp_path, lake.path(ToyGames, "2024"), "0" * 64)
    assert not list((tmp_path / "archive").iterdir())


class TestRollback:
    @pytest.fixture(autouse=True)
    def _three_versions(self, lake, monkeypatch):
        write(lake, 2023, 1.0)
        write(lake, 2024, 1.5)
        on_day(monkeypatch, lake, 0)
        write(lake, 2024, 2.5)
        on_day(monkeypatch, lake, 1)
        write(lake, 2023, 3.0)
        write(lake, 2024, 3.5, 3.6)
        on_day(monkeypatch, lake, 2)

    def test_every_season_of_the_version_before_is_served_again(self, lake, database):
        made = rollback.roll_back(database, ToyGames)
        assert served(database) == [1.0, 2.5]
        assert (made.before_id, made.to_id, made.replaced_seasons, made.rows) == (3, 2, ("2023", "2024"), 2)
        assert hold_against_declarations(database, lake, "ncaa").passed
        assert [(t.name, t.rows) for t in Warehouse(database, WORLD).tables()] == [("ncaa_toy_games", 2)]

    def test_the_next_publication_leaves_it_rolled_back_until_the_lake_has_something_else(
        self, lake, database, monkeypatch
    ):
        rollback.roll_back(database, ToyGames)
        assert on_day(monkeypatch, lake, 3).rows == 0
        assert served(database) == [1.0, 2.5]
        write(lake, 2024, 4.5)
        on_day(monkeypatch, lake, 4)
        assert served(database) == [1.0, 4.5]  # 2023 is still the refused file

    def test_a_released_table_is_published_from_the_lake_again(self, lake, database, monkeypatch):
        rollback.roll_back(database, ToyGames)
        assert rollback.release(database, ToyGames) == 2
        on_day(monkeypatch, lake, 3)
        assert served(database) == [3.0, 3.5, 3.6]

    def test_it_is_undone_by_rolling_forward_and_then_nothing_is_refused(self, lake, database, monkeypatch):
        made = rollback.roll_back(database, ToyGames)
        again = rollback.roll_back(database, ToyGames, to=made.before_id)
        assert again.refused_files == 0
        assert served(database) == [3.0, 3.5, 3.6]
        write(lake, 2024, 4.5)
        on_day(monkeypatch, lake, 3)
        assert served(database) == [3.0, 4.5]

    def test_rolling_back_again_goes_further_back_and_stops_at_the_first(self, database):
        rollback.roll_back(database, ToyGames)
        rollback.roll_back(database, ToyGames)
        assert served(database) == [1.0, 1.5]
        with pytest.raises(StorageError, match="no version before publication 1"):
            rollback.roll_back(database, ToyGames)

    def test_a_version_that_is_not_kept_or_is_served_already_changes_nothing(self, database):
        with pytest.raises(StorageError, match="publication 0 is not kept"):
            rollback.roll_back(database, ToyGames, to=0)
        with pytest.raises(StorageError, match="already"):
            rollback.roll_back(database, ToyGames, to=3)
        for file in (database.folder / "archive").iterdir():
            file.unlink()
        with pytest.raises(StorageError, match="archive"):
            rollback.roll_back(database, ToyGames)
        assert served(database) == [3.0, 3.5, 3.6]

    def test_the_rollback_itself_is_part_of_the_past(self, database, monkeypatch):
        monkeypatch.setattr(rollback, "now_utc", lambda: DAY + timedelta(days=2.5))
        rollback.roll_back(database, ToyGames)
        assert as_of(database, 2.2)[1] == [3.0, 3.5, 3.6]
        assert as_of(database, 2.6)[1] == [1.0, 2.5]


class TestGoldenQueries:
    BIG = "SELECT * FROM ncaa_toy_games WHERE spread > 50"
    RULE = Golden("no_big_spread", "no spread is above 50", ("ncaa_toy_games",), BIG)

    @pytest.fixture(autouse=True)
    def _rule(self, monkeypatch):
        monkeypatch.setattr(golden, "GOLDEN", {"ncaa": (self.RULE,)})

    def test_a_load_that_breaks_one_is_not_published(self, lake, database, monkeypatch):
        write(lake, 2024, 1.0)
        assert on_day(monkeypatch, lake, 0).validated.asked == 2
        write(lake, 2024, 99.0)
        with pytest.raises(StorageError, match=r"no_big_spread.*no spread is above 50.*99"):
            on_day(monkeypatch, lake, 1)
        assert served(database) == [1.0]

    def test_what_the_provider_itself_got_wrong_is_told_and_published(self, lake, database, monkeypatch):
        monkeypatch.setattr(golden, "GOLDEN", {"ncaa": (replace(self.RULE, of_provider=True),)})
        write(lake, 2024, 99.0)
        made = on_day(monkeypatch, lake, 0)
        assert served(database) == [99.0]
        verdict = golden.golden_verdict(made.validated)
        assert (verdict.passed, verdict.level) == (False, "warn")
        assert "no_big_spread" in verdict.says

    def test_rows_that_are_lost_while_loading_are_noticed(self, lake, database, monkeypatch):
        write(lake, 2024, 1.0, 2.0)
        whole = publication.bulk.load
        monkeypatch.setattr(publication.bulk, "load", lambda c, r, data, n: whole(c, r, data.slice(1), n))
        with pytest.raises(StorageError, match="rows_counted"):
            on_day(monkeypatch, lake, 0)

    def test_a_table_that_was_rolled_back_is_not_held_against_the_others(self, lake, database, monkeypatch):
        write(lake, 2024, 99.0)
        monkeypatch.setattr(golden, "GOLDEN", {})
        on_day(monkeypatch, lake, 0)
        write(lake, 2024, 1.0)
        monkeypatch.setattr(golden, "GOLDEN", {"ncaa": (self.RULE,)})
        on_day(monkeypatch, lake, 1)
        rollback.roll_back(database, ToyGames)
        assert on_day(monkeypatch, lake, 2).validated.asked == 1


def test_every_golden_query_reads_on_an_empty_database_of_the_declared_tables(tmp_path):
    from football_assets.rooms import load_declarations
    from football_assets.tables import REGISTER
    from football_assets.warehouse.relations import catalogue, open_engine

    load_declarations()
    engine = open_engine(tmp_path / "empty.sqlite")
    tables = [table for table in REGISTER.values() if table.about().published]
    with engine.begin() as connection:
        catalogue.create_all(connection)
        for table in tables:
            publication.relation_of(table).create(connection)
        asked = 0
        for domain in ("ncaa", "soccer"):
            names = {table.sql_name() for table in tables if table.about().domain == domain}
            for query in (*golden.GOLDEN[domain], golden.counted(names)):
                assert names.issuperset(query.tables)
                assert connection.execute(sa.text(query.breaking)).all() == []
                asked += 1
    engine.dispose()
    assert asked >= 20
