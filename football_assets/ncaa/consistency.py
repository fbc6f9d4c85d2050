"""Do the rows make sense, by themselves and beside each other? Each rule gives every row it looked at, and which fail.

A rule of the part `validity` reads one row; one of the part `consistency` compares rows or tables. The provider's own
faults are found too: they are few, they are named, and they count.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from football_assets.ncaa.ratings import FBS
from football_assets.ncaa.rules import benches_that_differ
from football_assets.tables import SHOWN_ROWS

Frames = Mapping[str, pd.DataFrame]
Find = Callable[[Frames, pd.Timestamp], pd.DataFrame]

RESULT_DUE_AFTER = pd.Timedelta(hours=24)
DAY = pd.Timedelta(days=1)
# Fewer rows of a season say little: they are judged together with the season before.
FEW_ROWS = 100
# What a side has from its first game of the season on.
FORM = ("win_pct", "form", "recent_form", "rest_days")


@dataclass(frozen=True)
class Rule:
    """One thing that must hold. `needs`: table -> the columns that `find` reads; the first table is the one judged.

    `find(frames, now)` gives the rows looked at with `season`, `wrong` and what names them; `now` is the provider's
    clock.
    """

    name: str
    part: Literal["validity", "consistency"]
    needs: Mapping[str, tuple[str, ...]]
    find: Find

    @property
    def table(self) -> str:
        """The table that the rule judges."""
        return next(iter(self.needs))


@dataclass(frozen=True)
class Finding:
    """What one rule found: how many rows it looked at, how many fail, the share of sound ones in the worst season."""

    rule: Rule
    looked_at: int
    failing: int
    share: float
    rows: tuple[dict[str, object], ...]


def findings(frames: Frames, now: pd.Timestamp) -> list[Finding]:
    """What every rule found whose tables are there."""
    return [_found(rule, rule.find(frames, now)) for rule in RULES if all(name in frames for name in rule.needs)]


def _found(rule: Rule, rows: pd.DataFrame) -> Finding:
    wrong = rows["wrong"].fillna(False).astype(bool)
    shown = rows[wrong].drop(columns="wrong").head(SHOWN_ROWS)
    by_season = wrong.groupby(_judged_together(rows["season"])).mean()
    share = 1.0 - float(by_season.max()) if len(by_season) else 1.0
    named = tuple({str(k): v for k, v in row.items()} for row in shown.to_dict("records"))
    return Finding(rule, len(rows), int(wrong.sum()), share, named)


def _judged_together(seasons: "pd.Series[int]") -> "pd.Series[int]":
    """The seasons, the newest one counted to the one before while it has few rows."""
    counts = seasons.value_counts().sort_index()
    if len(counts) < 2 or counts.iloc[-1] >= FEW_ROWS:
        return seasons
    return seasons.replace(counts.index[-1], counts.index[-2])


def _kickoffs(frames: Frames, _now: pd.Timestamp) -> pd.DataFrame:
    """Kickoffs lie in the season: from August to the next July."""
    games = frames["games"].dropna(subset=["kickoff_at"])
    begins = games["kickoff_at"].dt.year - (games["kickoff_at"].dt.month < 8)
    return games[["game_id", "season", "kickoff_at"]].assign(wrong=begins != games["season"])


def _sides(frames: Frames, _now: pd.Timestamp) -> pd.DataFrame:
    """No team plays itself."""
    games = frames["games"]
    kept = games[["game_id", "season", "home_team", "away_team"]]
    return kept.assign(wrong=games["home_team_id"] == games["away_team_id"])


def _scores(frames: Frames, _now: pd.Timestamp) -> pd.DataFrame:
    """A side makes at most 120 points, and never one alone."""
    games = frames["games"].dropna(subset=["home_points", "away_points"])
    wrong = pd.Series(False, index=games.index)
    for side in ("home", "away"):
        wrong |= (games[f"{side}_points"] > 120) | (games[f"{side}_points"] == 1)
    return games[["game_id", "season", "home_points", "away_points"]].assign(wrong=wrong)


def _prices(frames: Frames, _now: pd.Timestamp) -> pd.DataFrame:
    """Spreads up to 75 points, totals from 20 to 110, American odds from 100 up on either side of zero."""
    lines = frames["lines"]
    wrong = (lines["spread"].abs() > 75) | ~lines["over_under"].fillna(50).between(20, 110)
    for side in ("home", "away"):
        wrong |= lines[f"{side}_moneyline"].abs() < 100
    return lines[["game_id", "season", "provider", "spread", "over_under"]].assign(wrong=wrong)


def _favourites(frames: Frames, _now: pd.Timestamp) -> pd.DataFrame:
    """Spread and moneyline agree on a favourite by more than three points."""
    lines = frames["lines"].dropna(subset=["spread", "home_moneyline", "away_moneyline"])
    lines = lines[lines["spread"].abs() > 3]
    cheaper = lines["home_moneyline"] < lines["away_moneyline"]
    kept = lines[["game_id", "season", "provider", "spread", "home_moneyline", "away_moneyline"]]
    return kept.assign(wrong=cheaper != (lines["spread"] < 0))


def _parts_of_wholes(frames: Frames, _now: pd.Timestamp) -> pd.DataFrame:
    """No team completes more passes than it throws or converts more downs than it tries."""
    boxes = frames["team_stats"]
    wrong = pd.Series(False, index=boxes.index)
    for part, whole in _WITHIN:
        wrong |= (boxes[part] > boxes[whole]).fillna(False).astype(bool)
    return boxes[["game_id", "season", "team"]].assign(wrong=wrong)


_WITHIN = (
    ("completions", "passing_attempts"),
    ("third_down_conversions", "third_down_attempts"),
    ("fourth_down_conversions", "fourth_down_attempts"),
)


def _line_scores(frames: Frames, _now: pd.Timestamp) -> pd.DataFrame:
    """Points by quarter sum to the points."""
    games = frames["games"]
    parts = []
    for side in ("home", "away"):
        columns = ["game_id", "season", f"{side}_line_scores", f"{side}_points", "is_completed"]
        known = games[columns].set_axis(["game_id", "season", "line_scores", "points", "is_completed"], axis=1)
        known = known[known["is_completed"].fillna(False).astype(bool)].dropna(subset=["line_scores", "points"])
        parts.append(known.drop(columns="is_completed").assign(side=side))
    known = pd.concat(parts, ignore_index=True)
    wrong = [_differs(scores, points) for scores, points in zip(known["line_scores"], known["points"], strict=True)]
    return known.assign(wrong=wrong)


def _differs(scores: str, points: int) -> bool:
    quarters = json.loads(scores)
    return None not in quarters and sum(quarters) != points


def _results(frames: Frames, now: pd.Timestamp) -> pd.DataFrame:
    """Every FBS game has a result 24 hours after its kickoff, a day later where only the day is known."""
    games = frames["games"]
    open_time = games["is_kickoff_tbd"].fillna(True).astype("int64")
    due = games["kickoff_at"] + RESULT_DUE_AFTER + open_time * DAY
    judged = games[(due < now) & ((games["home_classification"] == FBS) | (games["away_classification"] == FBS))]
    scored = judged["home_points"].notna() & judged["away_points"].notna()
    kept = judged[["game_id", "season", "kickoff_at", "home_team", "away_team"]]
    return kept.assign(wrong=~(judged["is_completed"].fillna(False).astype(bool) & scored))


def _once(frames: Frames, _now: pd.Timestamp) -> pd.DataFrame:
    """No two rows stand for one game: the same teams within a day."""
    games = frames["games"]
    games = games[games["duplicate_of"].isna()].dropna(subset=["kickoff_at"])
    pair = games[["home_team_id", "away_team_id"]].astype("int64")
    order = games[["game_id", "season", "home_team", "away_team", "kickoff_at"]].assign(
        low=pair.min(axis=1), high=pair.max(axis=1)
    )
    order = order.sort_values(["season", "low", "high", "kickoff_at"])
    before = order.shift()
    same = (order["low"] == before["low"]) & (order["high"] == before["high"])
    same &= (order["kickoff_at"] - before["kickoff_at"]) < DAY
    return order.drop(columns=["low", "high"]).assign(wrong=same)


def _one_at_a_time(frames: Frames, _now: pd.Timestamp) -> pd.DataFrame:
    """No team kicks off twice within a day."""
    benches = frames["team_games"].dropna(subset=["kickoff_at"]).sort_values(["team_id", "kickoff_at"])
    before = benches.shift()
    wrong = (benches["team_id"] == before["team_id"]) & (benches["kickoff_at"] - before["kickoff_at"] < DAY)
    return benches[["game_id", "season", "team", "kickoff_at"]].assign(wrong=wrong)


def _mirror(frames: Frames, _now: pd.Timestamp) -> pd.DataFrame:
    """What one bench made the other let in."""
    benches = frames["team_games"]
    kept = ["game_id", "season", "team", "opponent", "points_for", "points_against"]
    return benches[kept].assign(wrong=benches_that_differ(benches).to_numpy())


def _wins_and_losses(frames: Frames, _now: pd.Timestamp) -> pd.DataFrame:
    """Over all benches of a season there are as many wins as losses."""
    benches = frames["team_games"]
    counts = pd.DataFrame(
        {word: (benches["result"] == letter).groupby(benches["season"]).sum() for word, letter in _LETTERS.items()}
    ).reset_index()
    return counts.assign(wrong=counts["wins"] != counts["losses"])


_LETTERS = {"wins": "W", "losses": "L"}


def _recount(frames: Frames, _now: pd.Timestamp) -> pd.DataFrame:
    """Records equal the results of the benches, counted again by team id."""
    records, benches = frames["team_records"], frames["team_games"]
    again = benches.assign(**{f"{word}_again": benches["result"] == letter for word, letter in _LETTERS.items()})
    again = again.groupby(["season", "team_id"], as_index=False)[[f"{word}_again" for word in _LETTERS]].sum()
    both = records.merge(again, on=["season", "team_id"], how="left")
    wrong = pd.Series(False, index=both.index)
    for word in _LETTERS:
        wrong |= both[word] != both[f"{word}_again"].fillna(0)
    return both[["season", "team", "wins", "losses"]].assign(wrong=wrong)


def _of_a_listed_game(table: str) -> Find:
    def find(frames: Frames, _now: pd.Timestamp) -> pd.DataFrame:
        """Every row belongs to a listed game."""
        rows = frames[table]
        return rows[["game_id", "season"]].assign(wrong=~rows["game_id"].isin(frames["games"]["game_id"]))

    return find


def _box_points(frames: Frames, _now: pd.Timestamp) -> pd.DataFrame:
    """The box score is of a side of its game and has the points of the game."""
    games = frames["games"]
    sides = [
        games[["game_id", f"{side}_team_id", f"{side}_points"]].set_axis(["game_id", "team_id", "scored"], axis=1)
        for side in ("home", "away")
    ]
    listed = frames["team_stats"][frames["team_stats"]["game_id"].isin(games["game_id"])]
    both = listed.merge(pd.concat(sides), on=["game_id", "team_id"], how="left", indicator="of")
    differs = (both["points"] != both["scored"]).fillna(False).astype(bool)
    kept = both[["game_id", "season", "team", "points", "scored"]]
    return kept.assign(wrong=(both["of"] == "left_only") | differs)


def _features_of_games(frames: Frames, _now: pd.Timestamp) -> pd.DataFrame:
    """Features are of the game's own sides and kickoff."""
    known = frames["features"]
    columns = ["kickoff_at", "home_team_id", "away_team_id"]
    both = known.merge(frames["games"][["game_id", *columns]], on="game_id", how="left", suffixes=("", "_listed"))
    wrong = pd.Series(False, index=both.index)
    for name in columns:
        wrong |= (both[name] != both[f"{name}_listed"]).fillna(True).astype(bool)
    return both[["game_id", "season", "kickoff_at"]].assign(wrong=wrong)


def _form(frames: Frames, _now: pd.Timestamp) -> pd.DataFrame:
    """A side has a share of wins, a form and days of rest from its first game of the season on, and none before."""
    known = frames["features"]
    wrong = pd.Series(False, index=known.index)
    for side in ("home", "away"):
        for name in FORM:
            wrong |= known[f"{side}_{name}"].isna() != (known[f"{side}_games"] == 0)
    return known[["game_id", "season", "home_games", "away_games"]].assign(wrong=wrong)


def _chances(frames: Frames, _now: pd.Timestamp) -> pd.DataFrame:
    """Predictions learned before their kickoff, and the likelier side is the one expected to score more."""
    told = frames["game_predictions"]
    wrong = told["trained_through"] >= told["kickoff_at"]
    wrong |= ((told["p_home"] - 0.5) * told["margin_mean"]) < 0
    return told[["game_id", "season", "family", "p_home", "margin_mean"]].assign(wrong=wrong)


_GAME_ID = {"games": ("game_id",)}
_QUOTES = ("game_id", "season", "provider", "spread", "over_under", "home_moneyline", "away_moneyline")
_POINTS = ("home_team_id", "away_team_id", "home_points", "away_points")
RULES = (
    Rule("kickoff_in_season", "validity", {"games": ("game_id", "season", "kickoff_at")}, _kickoffs),
    Rule(
        "two_teams",
        "validity",
        {"games": ("game_id", "season", "home_team", "away_team", "home_team_id", "away_team_id")},
        _sides,
    ),
    Rule("plausible_scores", "validity", {"games": ("game_id", "season", "home_points", "away_points")}, _scores),
    Rule("plausible_prices", "validity", {"lines": _QUOTES}, _prices),
    Rule("favourites_agree", "validity", {"lines": _QUOTES}, _favourites),
    Rule(
        "parts_within_wholes",
        "validity",
        {"team_stats": ("game_id", "season", "team", *(name for pair in _WITHIN for name in pair))},
        _parts_of_wholes,
    ),
    Rule(
        "line_scores_sum",
        "consistency",
        {
            "games": (
                *("game_id", "season", "is_completed", "home_points", "away_points"),
                *("home_line_scores", "away_line_scores"),
            )
        },
        _line_scores,
    ),
    Rule(
        "results_within_24_h",
        "consistency",
        {
            "games": (
                *("game_id", "season", "kickoff_at", "is_kickoff_tbd", "is_completed", "home_team", "away_team"),
                *("home_points", "away_points", "home_classification", "away_classification"),
            )
        },
        _results,
    ),
    Rule(
        "listed_once",
        "consistency",
        {
            "games": (
                *("game_id", "season", "duplicate_of", "kickoff_at", "home_team", "away_team"),
                *("home_team_id", "away_team_id"),
            )
        },
        _once,
    ),
    Rule(
        "one_game_at_a_time",
        "consistency",
        {"team_games": ("game_id", "season", "team", "team_id", "kickoff_at")},
        _one_at_a_time,
    ),
    Rule(
        "benches_mirror",
        "consistency",
        {
            "team_games": (
                *("game_id", "season", "team_id", "opponent_id", "team", "opponent", "is_listed_home"),
                *("points_for", "points_against", "margin", "spread"),
            )
        },
        _mirror,
    ),
    Rule("wins_equal_losses", "consistency", {"team_games": ("season", "result")}, _wins_and_losses),
    Rule(
        "records_recounted",
        "consistency",
        {
            "team_records": ("season", "team_id", "team", "wins", "losses"),
            "team_games": ("season", "team_id", "result"),
        },
        _recount,
    ),
    *(
        Rule("of_a_listed_game", "consistency", {name: ("game_id", "season"), **_GAME_ID}, _of_a_listed_game(name))
        for name in ("lines", "team_stats", "player_stats", "ppa_games", "game_predictions")
    ),
    Rule(
        "box_has_the_points",
        "consistency",
        {"team_stats": ("game_id", "season", "team", "team_id", "points"), "games": ("game_id", *_POINTS)},
        _box_points,
    ),
    Rule(
        "features_of_their_game",
        "consistency",
        {
            "features": ("game_id", "season", "kickoff_at", "home_team_id", "away_team_id"),
            "games": ("game_id", "kickoff_at", "home_team_id", "away_team_id"),
        },
        _features_of_games,
    ),
    Rule(
        "form_after_a_game",
        "validity",
        {
            "features": (
                *("game_id", "season", "home_games", "away_games"),
                *(f"{side}_{name}" for side in ("home", "away") for name in FORM),
            )
        },
        _form,
    ),
    Rule(
        "told_before_kickoff",
        "consistency",
        {
            "game_predictions": (
                *("game_id", "season", "family", "kickoff_at", "trained_through", "p_home", "margin_mean"),
            )
        },
        _chances,
    ),
)
