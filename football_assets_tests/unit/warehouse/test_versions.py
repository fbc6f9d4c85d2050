"""What counts as a change of a table: its content, not its reading, and not the order of its rows."""

from datetime import UTC, datetime, timedelta

import pytest

from football_assets.ncaa.season_schemas import Talent, Venues
from football_assets.states import Source
from football_assets.tables import from_rows
from football_assets.warehouse.lake import Lake
from football_assets.warehouse.versions import (
    Making,
    code_version,
    content_version,
    recipe,
    remember,
    remembered,
    stored_version,
    whole_version,
    write_if_changed,
)

AT = datetime(2024, 10, 5, tzinfo=UTC)


def talent(*pairs, at=AT, season=2024):
    rows = [{"season": season, "team": team, "talent": points, "fetched_at": at} for team, points in pairs]
    return from_rows(Talent, rows)


def venues(*names):
    return from_rows(Venues, [{"venue_id": i, "venue": name, "fetched_at": AT} for i, name in enumerate(names)])


@pytest.fixture
def lake(tmp_path):
    return Lake(tmp_path, Source.SIMULATED)


def state(path):
    return path.stat().st_mtime_ns, path.stat().st_ino, path.read_bytes()


def test_reading_the_same_again_or_in_another_order_is_no_change():
    first = content_version(Talent, talent(("A", 1.0), ("B", None)))
    assert content_version(Talent, talent(("B", None), ("A", 1.0), at=AT + timedelta(days=1))) == first


@pytest.mark.parametrize("other", [talent(("A", 1.5)), talent(("A", None)), talent(("C", 1.0)), talent()])
def test_any_other_value_is_a_change(other):
    assert content_version(Talent, other) != content_version(Talent, talent(("A", 1.0)))


def test_an_unchanged_table_keeps_its_file(lake):
    assert write_if_changed(lake, Talent, talent(("A", 1.0)), "2024")
    before = state(lake.path(Talent, "2024"))
    assert not write_if_changed(lake, Talent, talent(("A", 1.0), at=AT + timedelta(days=1)), "2024")
    assert state(lake.path(Talent, "2024")) == before
    assert write_if_changed(lake, Talent, talent(("A", 2.0)), "2024")
    assert lake.read(Talent, "2024")["talent"].tolist() == [2.0]


def test_a_file_written_without_a_checksum_has_the_same_version(lake):
    frame = talent(("A", 1.0))
    lake.write(Talent, frame, "2024")
    assert stored_version(lake, Talent, "2024") == content_version(Talent, frame)
    assert stored_version(lake, Talent, "2023") is None


def test_the_version_of_a_table_by_season_is_that_of_all_its_seasons(lake):
    write_if_changed(lake, Talent, talent(("A", 1.0)), "2024")
    one = whole_version(lake, Talent)
    write_if_changed(lake, Talent, talent(("A", 1.0), season=2023), "2023")
    assert whole_version(lake, Talent) != one


def test_a_table_is_remembered_while_inputs_code_and_content_are_the_same(lake):
    write_if_changed(lake, Talent, talent(("A", 1.0)), "2024")
    made_of = recipe(lake, "ncaa", [Talent])
    assert made_of["code"] == code_version("ncaa")
    frame = venues("Here")
    remember(lake, Venues, Making(made_of, content_version(Venues, frame), "{}", "[]"))
    assert remembered(lake, Venues, made_of) is None, "it was never written"
    write_if_changed(lake, Venues, frame)
    assert remembered(lake, Venues, made_of)
    write_if_changed(lake, Talent, talent(("A", 9.0)), "2024")
    assert remembered(lake, Venues, recipe(lake, "ncaa", [Talent])) is None
    assert remembered(lake, Venues, made_of | {"code": "other"}) is None
    write_if_changed(lake, Venues, venues("Elsewhere"))
    assert remembered(lake, Venues, made_of) is None, "somebody else wrote it"


def test_a_damaged_note_means_that_the_table_is_computed(lake):
    write_if_changed(lake, Venues, venues("Here"))
    remember(lake, Venues, Making({}, content_version(Venues, venues("Here")), "{}", "[]"))
    assert remembered(lake, Venues, {})
    (lake.root / "ncaa" / ".made" / "venues.json").write_text("{", encoding="utf-8")
    assert remembered(lake, Venues, {}) is None
