"""What judges the college side of the drill is seen to fail: each violation is planted and has to be told."""

import hashlib
import os
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pandas as pd
import pytest
import sqlalchemy as sa

from football_assets.config import Settings
from football_assets.ncaa.quality_schemas import DataQuality
from football_assets.operations.drill import college, college_faults, spoiling
from football_assets.operations.drill.comparing import Compared, compared, counted
from football_assets.operations.drill.faults import NotHere
from football_assets.operations.drill.looking import key_of
from football_assets.operations.run_records import RunRecords
from football_assets.tables import from_rows
from football_assets_tests.emulated.served import row

KEY = ["game_id", "family"]
DUE = pd.DataFrame(
    {
        "game_id": pd.array([1, 2, 3], dtype="Int64"),
        "family": "no_market",
        "margin": [3.5, None, -7.0],
        "said_by": pd.array(["a", None, "c"], dtype="string"),
    }
)
AT = datetime(2026, 11, 22, 18, tzinfo=UTC)


def changed(place, **cells):
    frame = DUE.copy()
    for name, value in cells.items():
        frame.loc[place, name] = value
    return frame


@pytest.mark.parametrize(
    ("served", "says"),
    [
        (DUE.iloc[1:], ["1 rows of games are lost"]),
        (pd.concat([DUE, changed(0, game_id=9).iloc[:1]]), ["1 rows of games nobody told"]),
        (pd.concat([DUE, DUE.iloc[:2]]), ["2 rows of games occur more than once"]),
        (changed(0, margin=3.6), ["margin of 1 rows of games differs"]),
        (changed(1, margin=0.0), ["margin of 1 rows of games differs"]),
        (changed(0, said_by=None), ["said_by of 1 rows of games differs"]),
        (DUE.drop(columns="said_by"), ["said_by of 3 rows of games differs"]),
        (None, ["3 rows of games are lost"]),
    ],
)
def test_what_is_not_as_undisturbed_is_told(served, says):
    assert compared("games", served, DUE, KEY).says() == says


def test_the_same_rows_in_another_order_and_the_last_digit_are_the_same():
    assert compared("games", DUE.iloc[::-1], DUE, KEY).says() == []
    assert compared("games", changed(0, margin=3.5 + 1e-12), DUE, KEY).says() == []


def test_many_differing_columns_are_counted():
    found = Compared("games", changed=dict.fromkeys("abcde", 2)).says()
    assert found[-2:] == ["c of 2 rows of games differs", "and 2 further columns of games"]


def test_all_differences_are_counted():
    found = [Compared("games", 1, 2, 3, {"margin": 4, "total": 1}), Compared("lines", 1)]
    assert counted(found) == {"rows_lost": 2, "rows_invented": 2, "rows_twice": 3, "values_changed": 5}


def test_a_table_that_is_lacking_and_one_too_many_are_found():
    due, served = {"ncaa_games": DUE.drop(columns="family")}, {"ncaa_lines": DUE}
    assert [line for each in college.against(served, due) for line in each.says()] == [
        "3 rows of ncaa_games are lost",
        "3 rows of ncaa_lines nobody told",
    ]


def test_of_a_table_with_a_row_a_run_the_newest_is_compared_without_the_run():
    name, made = DataQuality.sql_name(), {}
    for which, days in (("served", (1, 0)), ("due", (0,))):
        rows = [
            row(
                DataQuality,
                judged_table="games",
                measured_at=AT + timedelta(days=day),
                run_id=f"{which} {day}",
                rows=day,
            )
            for day in days
        ]
        made[which] = {name: from_rows(DataQuality, rows)}
    assert [line for each in college.against(made["served"], made["due"]) for line in each.says()] == [
        f"rows of 1 rows of {name} differs"
    ]
    assert key_of(name) == ("judged_table", "measured_at")


def test_a_model_that_is_gone_or_another_is_found(tmp_path):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "a.skops").write_bytes(b"fitted")
    digest = hashlib.sha256(b"fitted").hexdigest()
    rows = [("models/a.skops", digest), ("models/a.skops", "0" * 64), ("models/b.skops", digest)]
    served = pd.DataFrame(rows, columns=["file", "sha256"])
    assert college.models_kept(served.iloc[:1], tmp_path) == []
    assert len(college.models_kept(served, tmp_path)) == 2


def test_without_college_tables_a_college_fault_is_not_run():
    stage = SimpleNamespace(session=SimpleNamespace(with_college=False))
    for each in college_faults.FAULTS:
        with pytest.raises(NotHere, match="--no-college"):
            each.strike(stage)


def test_a_file_that_is_open_for_writing_is_told_from_one_that_is_read(tmp_path):
    path = tmp_path / "warehouse.sqlite"
    path.touch()
    assert not spoiling.opened_for_writing(os.getpid(), path)
    with path.open("rb"):
        assert not spoiling.opened_for_writing(os.getpid(), path)
    with path.open("r+b"):
        assert spoiling.opened_for_writing(os.getpid(), path)


def test_a_tag_that_the_page_hides_is_read(tmp_path):
    folder = tmp_path / "dagster" / "history"
    folder.mkdir(parents=True)
    records = RunRecords(Settings.model_construct(home=tmp_path))
    assert records.tag("run", ".dagster/warm_worker") is None
    engine = sa.create_engine(f"sqlite:///{folder / 'runs.db'}", poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE run_tags (run_id TEXT, key TEXT, value TEXT)"))
        connection.execute(sa.text("INSERT INTO run_tags VALUES ('run', '.dagster/warm_worker', 'run {}')"))
    assert records.tag("run", ".dagster/warm_worker") == "run {}"
    assert records.tag("other", ".dagster/warm_worker") is None
