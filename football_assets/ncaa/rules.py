"""Rules beyond types and ranges: what must hold between rows and tables, and what is missing and why."""

import json
from collections import Counter
from collections.abc import Mapping

import pandas as pd

from football_assets.ncaa.ratings import FBS
from football_assets.ncaa.team_games import counted
from football_assets.tables import SHOWN_ROWS, Verdict


def seasons_listed(games: pd.DataFrame, seasons: list[int]) -> Verdict:
    """Warns when the provider lists no game of a season that was asked for."""
    empty = [season for season in seasons if not (games["season"] == season).any()]
    says = (
        f"no games listed for {', '.join(map(str, empty))}"
        if empty
        else f"{len(games)} games of {len(seasons)} seasons"
    )
    return Verdict(not empty, says, "warn", {"seasons": len(seasons), "empty": len(empty)})


def line_scores_add_up(games: pd.DataFrame) -> Verdict:
    """Warns about completed games whose points by quarter do not sum to the points."""
    over = games[games["is_completed"].fillna(False).astype(bool)]
    wrong = []
    for side in ("home", "away"):
        known = over[over[f"{side}_line_scores"].notna() & over[f"{side}_points"].notna()]
        for game_id, scores, points in zip(
            known["game_id"], known[f"{side}_line_scores"], known[f"{side}_points"], strict=True
        ):
            quarters = json.loads(scores)
            if None not in quarters and sum(quarters) != points:
                wrong.append({"game_id": int(game_id), "side": side, "line_scores": scores, "points": int(points)})
    return _verdict(wrong, "line scores do not sum to the points", "line scores sum to the points", "warn", len(over))


def completed_games_have_points(games: pd.DataFrame) -> Verdict:
    """Warns about games that are over and have no score: they count nowhere."""
    over = games["is_completed"].fillna(False).astype(bool)
    wrong = games[over & (games["home_points"].isna() | games["away_points"].isna())]
    rows = wrong[["game_id", "season", "week", "home_team", "away_team"]].to_dict("records")
    return _verdict(rows, "completed games have no points", "every completed game has points", "warn", int(over.sum()))


def listed_once(games: pd.DataFrame) -> Verdict:
    """Warns about games that the provider lists under two ids; the copy is kept and counted nowhere."""
    copies = games[games["duplicate_of"].notna()]
    rows = copies[["game_id", "duplicate_of", "season", "home_team", "away_team"]].to_dict("records")
    return _verdict(rows, "games are listed twice", "every game is listed once", "warn", len(games))


def box_scores_complete(team_stats: pd.DataFrame, games: pd.DataFrame, seasons: list[int]) -> Verdict:
    """Warns about completed games between FBS sides without a box score of both."""
    played = counted(games[games["season"].isin(seasons) & games["is_completed"].fillna(False).astype(bool)])
    played = played[(played["home_classification"] == FBS) & (played["away_classification"] == FBS)]
    benches = team_stats.groupby("game_id")["team_id"].nunique()
    missing = played[played["game_id"].map(benches).fillna(0) < 2]
    rows = missing[["game_id", "season", "week", "home_team", "away_team"]].to_dict("records")
    return _verdict(
        rows, "completed FBS games lack a box score", "every completed FBS game has one", "warn", len(played)
    )


def benches_mirror(team_games: pd.DataFrame) -> Verdict:
    """Each game has two rows, and what one side made the other let in."""
    wrong = team_games[benches_that_differ(team_games).to_numpy()]
    rows = wrong[["game_id", "team", "opponent", "points_for", "points_against"]].to_dict("records")
    return _verdict(
        rows, "benches do not mirror each other", "both benches mirror each other", "error", len(team_games)
    )


def benches_that_differ(team_games: pd.DataFrame) -> "pd.Series[bool]":
    """Which rows, in their order, have no other bench that says the same from its side."""
    pairs = team_games.assign(row=range(len(team_games))).merge(
        team_games,
        left_on=["game_id", "team_id"],
        right_on=["game_id", "opponent_id"],
        how="left",
        suffixes=("", "_other"),
    )
    same = pairs["opponent_id"] == pairs["team_id_other"]
    for ours, theirs, sign in (("points_for", "points_against", 1), ("margin", "margin", -1), ("spread", "spread", -1)):
        one, other = pairs[ours].astype("Float64"), sign * pairs[f"{theirs}_other"].astype("Float64")
        same &= (one == other).fillna(False) | (one.isna() & other.isna())
    same &= pairs["is_listed_home"] != pairs["is_listed_home_other"].fillna(pairs["is_listed_home"])
    wrong: pd.Series[bool] = (~same.fillna(False).astype(bool)).groupby(pairs["row"]).any()
    return wrong


def wins_equal_losses(team_games: pd.DataFrame) -> Verdict:
    """Over all benches there are as many wins as losses, in each season."""
    counts = team_games.groupby("season")["result"].value_counts().unstack(fill_value=0)
    wins, losses = (counts.get(letter, pd.Series(0, index=counts.index)) for letter in ("W", "L"))
    wrong = [
        {"season": int(season), "wins": int(wins[season]), "losses": int(losses[season])}
        for season in counts.index[wins != losses].tolist()
    ]
    return _verdict(wrong, "seasons have more wins than losses or fewer", "wins equal losses", "error", len(counts))


def records_add_up(records: pd.DataFrame) -> Verdict:
    """Home, away and neutral games make up the record, and so do regular season and postseason."""
    wrong = pd.Series(False, index=records.index)
    for word in ("wins", "losses", "ties"):
        by_place = records[f"home_{word}"] + records[f"away_{word}"] + records[f"neutral_{word}"]
        wrong |= (by_place != records[word]).astype(bool)
    rows = records[wrong][["season", "team", "wins", "losses", "ties"]].to_dict("records")
    return _verdict(rows, "records do not add up", "the splits add up to the records", "error", len(records))


def learned_before_kickoff(predictions: pd.DataFrame) -> Verdict:
    """No prediction comes from a model that learned from a game at or after its kickoff."""
    wrong = predictions[predictions["trained_through"] >= predictions["kickoff_at"]]
    rows = wrong[["game_id", "kickoff_at", "trained_through"]].to_dict("records")
    return _verdict(
        rows, "predictions learned from the future", "every model learned before", "error", len(predictions)
    )


def predictions_missing(predictions: pd.DataFrame, gaps: Mapping[int, str]) -> Verdict:
    """Warns about games without a prediction, and says why: none is shown in its place."""
    reasons = Counter(gaps.values())
    figures: dict[str, float | int | str] = {"predicted": len(predictions), **dict(reasons)}
    why = "; ".join(f"{count}: {reason}" for reason, count in reasons.most_common())
    says = (
        f"{len(gaps)} games have no prediction ({why})" if gaps else f"{len(predictions)} games predicted, none missing"
    )
    rows = tuple({"game_id": game_id, "why": why} for game_id, why in list(gaps.items())[:SHOWN_ROWS])
    return Verdict(not gaps, says, "warn", figures, rows)


def model_kept(models: pd.DataFrame) -> Verdict:
    """Warns while there are too few games to fit a model."""
    says = (
        f"{len(models)} models kept"
        if len(models)
        else "no model yet: fewer than 200 completed games, or no misses to judge"
    )
    return Verdict(bool(len(models)), says, "warn", {"models": len(models)})


def _verdict(wrong: list, bad: str, good: str, level: str, of: int) -> Verdict:  # type: ignore[type-arg]
    says = f"{len(wrong)} of {of}: {bad}" if wrong else f"{good} ({of} looked at)"
    rows = tuple({str(k): v for k, v in row.items()} for row in wrong[:SHOWN_ROWS])
    return Verdict(not wrong, says, "error" if level == "error" else "warn", {"failing": len(wrong), "of": of}, rows)
