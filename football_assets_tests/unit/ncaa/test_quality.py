"""How good the tables are: sound ones score 1, each planted defect is caught and named, what is missing is told."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pyarrow.compute as pc
import pytest

from football_assets.errors import ConfigError
from football_assets.ncaa import peeking, quality, quality_parts, quality_rules
from football_assets.ncaa.features import features
from football_assets.ncaa.quality_inputs import Stored
from football_assets.ncaa.quality_schemas import DataQuality
from football_assets.ncaa.records import team_records
from football_assets.ncaa.schemas import Features, Games, Lines, TeamGames, TeamRecords, TeamStats
from football_assets.ncaa.team_games import one_row_per_team
from football_assets.sections import Ncaa, Quality
from football_assets.tables import from_rows, judge, to_arrow

NOW = datetime(2022, 12, 1, tzinfo=UTC)
DAY = timedelta(days=1)
SEASON = 2022


@pytest.fixture(scope="module")
def league(build):
    """Two sound seasons: games with quarters, a line and both box scores each, and what is made of them."""
    rows = build.league()
    for row in rows:
        for side in ("home", "away"):
            row[f"{side}_points"] += 3 * (row[f"{side}_points"] == 1)
            row[f"{side}_line_scores"] = f"[{row[f'{side}_points'] - 3}, 3]" if row[f"{side}_points"] >= 3 else None
    games = build.games(*rows)
    lines = from_rows(Lines, [line_of(row) for row in rows])
    boxes = from_rows(TeamStats, [box_of(row, side) for row in rows for side in ("home", "away")])
    benches = one_row_per_team(games, lines, boxes)
    return {
        Games: games,
        Lines: lines,
        TeamStats: boxes,
        TeamGames: benches,
        TeamRecords: team_records(benches),
        Features: features(games, benches),
    }


def line_of(row):
    quotes = {"spread": -4.0, "over_under": 50.0, "home_moneyline": -180.0, "away_moneyline": 160.0}
    about = {"game_id": row["game_id"], "season": row["season"], "provider": "A", "fetched_at": row["fetched_at"]}
    return about | quotes


def box_of(row, side):
    parts = {"completions": 20, "third_down_conversions": 5, "fourth_down_conversions": 1, "rushing_attempts": 30}
    wholes = {"passing_attempts": 30, "third_down_attempts": 12, "fourth_down_attempts": 2, "total_yards": 400}
    about = {"game_id": row["game_id"], "season": row["season"], "home_away": side, "fetched_at": row["fetched_at"]}
    team = {"team_id": row[f"{side}_team_id"], "team": row[f"{side}_team"], "points": row[f"{side}_points"]}
    return about | team | parts | wholes | {"rushing_yards": 150, "turnovers": 1, "possession_s": 1800}


def stored(frames):
    whole = {table: to_arrow(table, frame) for table, frame in frames.items()}
    return {
        table: Stored(len(frames[table]), SEASON, data.filter(pc.equal(data["season"], SEASON)), frames[table])
        for table, data in whole.items()
    }


def measured(frames, now=NOW, settings=None):
    found = quality.measure(stored(frames), now, settings or Quality(), DAY)
    return {each.table: each for each in found}


def caught(frames, planted=None, now=NOW):
    """The name of everything found wrong: `table rule`, `table.column rule`. `planted` are the tables to look into."""
    found = set()
    for table in planted or frames:
        for row in judge(table, frames[table]).rows:
            found.add(f"{table.table_name()}.{row['column']} {row['rule'].split('(')[0]}")
    for each in measured(frames, now).values():
        found |= {f"{each.table} {name}" for name in each.broken}
        found |= {f"{each.table} late"} if (each.freshness or 1) < 1 else set()
        found |= {f"{each.table}.{column} nulls" for column in each.null_columns}
    if Features in (planted or frames):
        close = peeking.close_to_the_result(frames[Features], frames[Games])
        found |= {f"features.{column} peeks" for column in close}
    return found


@pytest.fixture(scope="module")
def found_in_sound_tables(league):
    return caught(league)


def put(table, row=-1, **values):
    """A defect: these values in one row (the last, of the newest season)."""

    def plant(frames):
        frame = frames[table].copy()
        for name, value in values.items():
            frame.loc[frame.index[row], name] = value
        return {table: frame}

    return plant


def again(table, **values):
    """A defect: the last row once more, with these values."""

    def plant(frames):
        return {table: pd.concat([frames[table], frames[table].tail(1).assign(**values)], ignore_index=True)}

    return plant


def column(table, name, value):
    """A defect: a whole column."""
    return lambda frames: {table: frames[table].assign(**{name: value(frames)})}


def without_late_boxes(frames):
    boxes, games = frames[TeamStats], frames[Games]
    late = games.loc[games["kickoff_at"] > pd.Timestamp(2022, 11, 20, tz="UTC"), "game_id"]
    return {TeamStats: boxes[~boxes["game_id"].isin(late)]}


def against_itself(frames):
    return put(Games, away_team_id=frames[Games]["home_team_id"].iloc[-1])(frames)


def margins(frames):
    games = frames[Games].set_index("game_id")
    return frames[Features]["game_id"].map(games["home_points"] - games["away_points"]).astype("float64")


DEFECTS = {
    "a game twice under its id": (again(Games), "games.game_id unique key"),
    "points below zero": (put(Games, home_points=-3), "games.home_points greater_than_or_equal_to"),
    "no name of a team": (put(Games, home_team=None), "games.home_team not_nullable"),
    "a place that does not exist": (put(TeamGames, place="moon"), "team_games.place isin"),
    "quarters that do not sum": (put(Games, home_line_scores="[40, 40]"), "games line_scores_sum"),
    "a bench that scored something else": (put(TeamGames, points_for=70), "team_games benches_mirror"),
    "two winners": (put(TeamGames, result="W", row=slice(-2, None)), "team_games wins_equal_losses"),
    "no result a day after": (put(Games, is_completed=False, home_points=pd.NA), "games results_within_24_h"),
    "one game under two ids": (again(Games, game_id=9), "games listed_once"),
    "a team against itself": (
        lambda f: put(Games, away_team_id=f[Games]["home_team_id"].iloc[-1])(f),
        "games two_teams",
    ),
    "a kickoff in another season": (
        put(Games, kickoff_at=pd.Timestamp(2021, 9, 1, tz="UTC")),
        "games kickoff_in_season",
    ),
    "a score nobody makes": (put(Games, home_points=171), "games plausible_scores"),
    "a line for no game": (put(Lines, game_id=7), "lines of_a_listed_game"),
    "a total of six points": (put(Lines, over_under=6.0), "lines plausible_prices"),
    "a favourite at long odds": (put(Lines, home_moneyline=400.0), "lines favourites_agree"),
    "a box with other points": (put(TeamStats, points=3), "team_stats box_has_the_points"),
    "more caught than thrown": (put(TeamStats, completions=31), "team_stats parts_within_wholes"),
    "a team twice a day": (again(TeamGames, game_id=5), "team_games one_game_at_a_time"),
    "a win too many": (put(TeamRecords, wins=12), "team_records records_recounted"),
    "features of another kickoff": (
        put(Features, kickoff_at=pd.Timestamp(2022, 9, 2, tz="UTC")),
        "features features_of_their_game",
    ),
    "no form after a game": (put(Features, home_form=None), "features form_after_a_game"),
    "a form before the first game": (put(Features, row=0, away_form=3.0), "features form_after_a_game"),
    "a column that went empty": (column(Lines, "over_under", lambda f: float("nan")), "lines.over_under nulls"),
    "weeks without box scores": (without_late_boxes, "team_stats late"),
    "a feature that holds the result": (column(Features, "home_form", margins), "features.home_form peeks"),
}


def test_sound_tables_break_no_rule(league, found_in_sound_tables):
    """But for the columns that the small league leaves empty."""
    assert {each for each in found_in_sound_tables if not each.endswith(" nulls")} == set()
    for each in measured(league).values():
        assert (each.validity, each.freshness or 1.0, each.consistency) == (1.0, 1.0, 1.0)


@pytest.mark.parametrize("name", DEFECTS)
def test_a_planted_defect_is_caught_and_named(league, found_in_sound_tables, name):
    plant, expected = DEFECTS[name]
    planted = plant(league)
    assert expected not in found_in_sound_tables
    assert expected in caught({**league, **planted}, planted)


def test_a_wrong_row_in_five_keeps_a_table_below_the_least_score_and_a_missing_column_does_not(league):
    benches = league[TeamGames]
    wrong = benches.assign(points_for=benches["points_for"].mask(benches.index % 5 == 0, 70))
    assert measured({**league, TeamGames: wrong})["team_games"].score < 0.8
    empty = measured({**league, TeamGames: benches.assign(possession_s=float("nan"))})["team_games"]
    assert 0.9 < empty.score < measured(league)["team_games"].score


def test_the_share_of_nulls_that_is_allowed_can_be_set_by_column(league):
    frames = {**league, Lines: league[Lines].assign(over_under=float("nan"))}
    assert measured(frames)["lines"].null_columns["over_under"] == 1.0
    for key in ("lines.over_under", "lines"):
        settings = Quality(max_null_fraction_by_column={key: 1.0})
        assert "over_under" not in measured(frames, settings=settings)["lines"].null_columns
    strict = Quality(max_null_fraction=0.0, max_null_fraction_by_column={"lines.spread": 0.5})
    one = {**league, Lines: league[Lines].assign(spread=league[Lines]["spread"].mask(league[Lines].index % 3 == 0))}
    assert "spread" not in measured(one, settings=strict)["lines"].null_columns


@pytest.mark.parametrize("key", ["linse", "lines.spraed"])
def test_an_allowance_for_no_column_is_refused_with_what_there_is(key):
    with pytest.raises(ConfigError, match=rf"max_null_fraction_by_column\.{key}"):
        quality_parts.null_limits(Quality(max_null_fraction_by_column={key: 0.5}))


@pytest.mark.parametrize(("late_days", "at_least", "at_most"), [(1, 1, 1), (2, 1, 1), (5, 0.39, 0.41), (12, 0, 0)])
def test_freshness_falls_from_two_intervals_after_a_result_is_due(league, late_days, at_least, at_most):
    games = league[Games]
    last = games["kickoff_at"].max()
    open_games = games["kickoff_at"] > last - DAY
    frames = {**league, Games: games.assign(is_completed=games["is_completed"].mask(open_games, False))}
    due = games.loc[open_games, "kickoff_at"].min() + DAY
    found = measured(frames, (due + late_days * DAY).to_pydatetime())["games"].freshness
    assert at_least <= round(found, 6) <= at_most


def test_a_late_table_is_named_and_costs_a_tenth(league):
    frames = {**league, **without_late_boxes(league)}
    found = measured(frames, datetime(2023, 1, 20, tzinfo=UTC))
    assert (found["team_stats"].freshness, found["games"].freshness) == (0.0, 1.0)
    assert found["team_stats"].score == pytest.approx(0.9 * measured(league)["team_stats"].score, rel=0.01)
    contents = {table.table_name(): "a" for table in league}
    frame = quality.history(list(found.values()), from_rows(DataQuality, []), contents, None, NOW)
    assert "late: team_stats 0.00" in quality_rules.sound(frame).says


def test_what_cannot_be_told_is_null_and_costs_nothing(league):
    frames = {**league, TeamStats: league[TeamStats].head(0), Lines: league[Lines][league[Lines]["season"] == 2021]}
    found = measured(frames)
    assert (found["team_stats"].score, found["team_stats"].freshness) == (None, None)
    assert found["lines"].freshness < 1, "a table that covered the last season is behind in this one"


@pytest.mark.parametrize(
    ("settings", "days"),
    [
        ({"schedule": "daily"}, 1),
        ({"schedule": "weekly"}, 7),
        ({"schedule": "monthly"}, 31),
        ({"schedule": "cron", "cron": "0 6 * 8-12 *"}, 1),
        ({"schedule": "cron", "cron": "0 6 * * 1"}, 7),
        ({"schedule": "cron", "cron": "0 6 1 * *"}, 31),
    ],
)
def test_the_interval_is_that_of_the_schedule(settings, days):
    assert Ncaa(**settings).interval.days == days


def test_a_row_is_added_for_a_table_only_when_its_content_or_quality_moved(league):
    contents = {table.table_name(): "a" for table in league}
    first = quality.history(list(measured(league).values()), from_rows(DataQuality, []), contents, "run-1", NOW)
    assert judge(DataQuality, first).passed
    assert len(first) == len(league)
    again = quality.history(list(measured(league).values()), first, contents, "run-2", NOW + DAY)
    assert again is first
    moved = quality.history(list(measured(league).values()), first, contents | {"lines": "b"}, "run-3", NOW + DAY)
    assert moved["run_id"].tolist() == ["run-1"] * len(league) + ["run-3"]
    assert quality.newest(moved).set_index("judged_table").loc["lines", "content"] == "b"


def test_the_checks_name_tables_columns_and_rules(league):
    frames = {**league, **DEFECTS["quarters that do not sum"][0](league)}
    contents = {table.table_name(): "a" for table in league}
    frame = quality.history(list(measured(frames).values()), from_rows(DataQuality, []), contents, None, NOW)
    assert "games line_scores_sum 1/" in quality_rules.sound(frame).says
    nulls = quality_rules.few_nulls(frame)
    assert (nulls.passed, nulls.level) == (False, "warn")
    assert {"table": "games", "column": "venue", "null": "1.00"} in nulls.rows
