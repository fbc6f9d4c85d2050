"""Every judge of the drill is seen to fail: the violation is planted, the judge has to say so."""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from football_assets.ncaa.ledger_schemas import Ledger
from football_assets.operations.drill import judges
from football_assets.operations.drill.looking import Cycle, Look, leftovers, look
from football_assets.soccer.schemas import FlattenedMatches, LiveMatches, MatchStats
from football_assets.states import Source
from football_assets.tables import from_rows
from football_assets.warehouse.engine import close_readers, database_of
from football_assets.warehouse.lake import Lake
from football_assets_tests.emulated.served import AT, match, put, row, soccer_rows

WORLD = Source.SIMULATED
MATCHES = [match(n) for n in range(3)]
TRUE = from_rows(FlattenedMatches, MATCHES)
LIVE = from_rows(LiveMatches, [])
QUOTES = pd.DataFrame({"match_id": ["m0", "m0"], "company_id": [2, 2], "market": "moneyline", "seq": [0, 1]})
SHOWN = {"flattened_matches": TRUE, "live_matches": TRUE, "match_board": TRUE, "odds_quotes": QUOTES}
BEFORE = Look(
    publication={"soccer": 4, "ncaa": 2},
    parts={("soccer_match_board", ""): (17, "a"), ("ncaa_games", "2026"): (60, "b")},
    cycles=(Cycle("2026-05-12", 1, 10), Cycle("2026-05-12", 2, 20)),
    ledger=("h1", "h2"),
)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A published home, made once; each test plants its violation in a copy of what was seen."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOOTBALL_HOME", str(home))
        patch.setenv("FOOTBALL_ENV_FILE", str(home / "no.env"))
        put(home, "soccer", soccer_rows())
        yield home
    close_readers()


@pytest.fixture
def home(made, tmp_path):
    """A copy of it, to be damaged."""
    yield shutil.copytree(made, tmp_path / "copy")
    close_readers()


def looked(home):
    return look(home, database_of(home, WORLD))


def changed(**cells):
    frame = TRUE.copy()
    for name, value in cells.items():
        frame.loc[0, name] = value
    return frame


def test_a_whole_home_satisfies_every_judge(made):
    now = looked(made)
    assert now.problem is None
    assert now.rows > 0
    for judge in (judges.no_duplicates, judges.readable, judges.tidy):
        assert judge(now) == []
    for judge in (judges.still_served, judges.history_kept, judges.ledger_kept):
        assert judge(now, now) == []
        assert judge(BEFORE, BEFORE) == []
    assert judges.whole(SHOWN, SHOWN) == []
    assert judges.honest(SHOWN, SHOWN, TRUE) == []
    assert judges.remembered(TRUE, TRUE) == []


def test_a_key_that_is_stored_twice_is_found(home):
    with closing(sqlite3.connect(database_of(home, WORLD).path)) as database:
        database.execute("CREATE TABLE twice AS SELECT * FROM soccer_match_stats")
        database.execute("INSERT INTO twice SELECT * FROM soccer_match_stats")
        database.execute("DROP TABLE soccer_match_stats")
        database.execute("ALTER TABLE twice RENAME TO soccer_match_stats")
        database.commit()
    now = looked(home)
    assert judges.no_duplicates(now) == ["1 keys of soccer_match_stats are stored more than once"]
    assert any("2 rows instead of 1" in each for each in judges.readable(now))


def test_a_key_that_is_twice_in_a_file_is_found(home):
    path = Lake(home, WORLD).path(MatchStats)
    table = pq.read_table(path)
    pq.write_table(pa.concat_tables([table, table]), path)
    assert judges.no_duplicates(looked(home)) == ["1 keys of match_stats.parquet occur more than once"]


def test_a_database_that_cannot_be_read_is_said(home):
    database_of(home, WORLD).path.write_bytes(b"not a database at all" * 100)
    (problem,) = judges.readable(looked(home))
    assert problem.startswith("the database cannot be read: ")


@pytest.mark.parametrize(
    ("now", "says"),
    [
        ({"publication": {"soccer": 3, "ncaa": 2}}, "publication 4 of soccer became 3"),
        ({"publication": {"soccer": 4}}, "publication 2 of ncaa became None"),
        ({"parts": {("soccer_match_board", ""): (17, "a")}}, "ncaa_games 2026 is served no more"),
        (
            {"parts": {**BEFORE.parts, ("ncaa_games", "2026"): (59, "c")}},
            "ncaa_games 2026 changed: 60 rows became 59",
        ),
    ],
)
def test_what_is_served_no_more_or_changed_is_found(now, says):
    assert judges.still_served(BEFORE, replace(BEFORE, **now)) == [says]


def test_what_may_move_and_what_may_not():
    now = replace(BEFORE, parts={**BEFORE.parts, ("soccer_match_board", ""): (18, "z")})
    assert judges.still_served(BEFORE, now) == []
    assert judges.still_served(BEFORE, now, due=()) == ["soccer_match_board changed: 17 rows became 18"]


@pytest.mark.parametrize(
    ("cycles", "says"),
    [
        ((Cycle("2026-05-12", 1, 10),), "the 2 cycles of the history are not what they were"),
        ((Cycle("2026-05-12", 1, 11), Cycle("2026-05-12", 2, 20)), "the 2 cycles of the history are not"),
        ((*BEFORE.cycles, Cycle("2026-05-12", 4, 40)), "the cycles of 2026-05-12 are numbered [1, 2, 4]"),
        ((*BEFORE.cycles, Cycle("2026-05-12", 2, 20)), "the cycles of 2026-05-12 are numbered [1, 2, 2]"),
    ],
)
def test_a_cycle_that_is_lost_changed_or_twice_is_found(cycles, says):
    (found,) = judges.history_kept(BEFORE, replace(BEFORE, cycles=cycles))
    assert found.startswith(says)


@pytest.mark.parametrize("ledger", [("h1",), ("h2", "h1"), ("h1", "hx"), ()])
def test_an_entry_of_the_ledger_that_is_gone_or_changed_is_found(ledger):
    assert judges.ledger_kept(BEFORE, replace(BEFORE, ledger=ledger)) == [
        "the 2 entries of the ledger are not what they were"
    ]


def test_a_broken_chain_is_found(home):
    put(home, "ncaa", {Ledger: [row(Ledger, hash="0" * 64, said_at=AT - timedelta(hours=1))]})
    (found,) = judges.ledger_kept(Look(), looked(home))
    assert found.startswith("the chain of the ledger is broken: ")


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ({"home_score": 7}, "home_score of 1 matches is nobody's value: m000 7"),
        ({"home_team": "Somebody"}, "home_team of 1 matches is nobody's value: m000 'Somebody'"),
        ({"odds_state": "fresh"}, "odds_state says fresh"),
        ({"odds_state": "stale"}, "odds of 1 matches is stale without its age"),
        ({"odds_state": "missing"}, "odds of 1 matches is missing without its reason"),
        ({"match_id": "m999"}, "competition of 1 matches is nobody's value"),
    ],
)
def test_an_invented_value_or_an_unsaid_state_is_found(cells, says):
    found = judges.honest({"flattened_matches": changed(**cells)}, SHOWN, TRUE)
    assert any(each.startswith(says) for each in found), found


def test_the_last_known_value_and_none_are_honest():
    before = {"flattened_matches": changed(home_score=3)}
    assert judges.honest(before, before, TRUE) == []
    assert judges.honest({"flattened_matches": changed(home_score=None)}, SHOWN, TRUE) == []


@pytest.mark.parametrize(
    ("table", "frame", "says"),
    [
        ("flattened_matches", TRUE.iloc[1:], "flattened_matches lacks 1 matches, first m000"),
        ("match_board", pd.concat([TRUE, changed(match_id="m9").iloc[:1]]), "match_board has 1 matches too many"),
        ("live_matches", changed(home_score=7), "home_score of 1 rows of live_matches differs: m000 shows 7"),
        ("flattened_matches", changed(odds_state="stale"), "odds is still stale"),
        ("odds_quotes", QUOTES.iloc[:1], "1 quotes are lost"),
        ("odds_quotes", pd.concat([QUOTES, QUOTES.assign(seq=9)]), "1 quotes are too many"),
    ],
)
def test_what_is_not_what_an_undisturbed_platform_shows_is_found(table, frame, says):
    found = judges.whole({**SHOWN, table: frame}, SHOWN)
    assert any(each.startswith(says) for each in found), found


def test_a_table_that_is_not_served_and_a_past_that_changed_are_found():
    assert judges.whole({}, SHOWN) == ["live_matches is not served"]
    (found,) = judges.remembered(changed(home_score=7), TRUE)
    assert found == "home_score of 1 rows of the history differs: m000 shows 7 instead of 1"


def test_many_differing_columns_are_counted_and_not_listed():
    odd = dict.fromkeys(("home_team", "away_team", "competition", "status", "note"), "other")
    found = judges.remembered(changed(**odd), TRUE)
    assert len(found) == 4
    assert found[-1] == "and 2 further columns of the history"


def test_a_temporary_file_is_found(tmp_path):
    (tmp_path / "lake").mkdir()
    (tmp_path / "lake" / ".games.parquet.x1.part").touch()
    (tmp_path / "hot.sqlite-journal").touch()
    assert leftovers(tmp_path) == ["hot.sqlite-journal", "lake/.games.parquet.x1.part"]
    (found,) = judges.tidy(Look(leftovers=tuple(leftovers(tmp_path))))
    assert found.startswith("2 temporary files are left")


def test_a_credential_in_a_file_or_in_what_was_printed_is_found(tmp_path):
    assert judges.no_secrets(tmp_path, ["s3cret"], ["all is well"]) == []
    (tmp_path / "daemon.log").write_bytes(b"\x00asking with s3cret\xff")
    assert judges.no_secrets(tmp_path, ["s3cret"], ["user=a&secret=s3cret"]) == [
        "a credential stands in daemon.log",
        "a credential was printed",
    ]
