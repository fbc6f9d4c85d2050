"""How good the goals model is beside Elo and the bookmakers on recorded seasons: `python -m benchmarks.soccer_model`.

Reads FOOTBALL_RECORDINGS through the same CSV form and reader as the live source. Everything the model has to be chosen
on lies before the reported seasons, 2023/24 and 2024/25. All families are compared on the same matches: those for which
each of them has probabilities.
"""

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from football_assets.config import load_settings
from football_assets.emulators.football_data import RecordedHistory
from football_assets.soccer import de_vig, goals_model, model_pictures
from football_assets.soccer.football_data import DIVISIONS, history
from football_assets.soccer.in_play import HALF_TIME, FinalScores, share_to_come
from football_assets.soccer.model_pictures import Tenth, calibration_png, tenths
from football_assets.transport import TEXT

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

REPORTED = (2023, 2024)
IN_PLAY_FROM, SEASON_FROM = pd.Timestamp(2025, 1, 1), pd.Timestamp(2024, 7, 1)
MOMENTS: dict[str, tuple[float, tuple[int, int, int]]] = {
    # name -> (share of the goals to come, (period, minute, added) up to which events have happened)
    "15": (share_to_come(16), (1, 15, 0)),
    "30": (share_to_come(31), (1, 30, 0)),
    "half-time": (HALF_TIME, (1, 45, 99)),
    "60": (share_to_come(61), (2, 60, 0)),
    "75": (share_to_come(76), (2, 75, 0)),
    "85": (share_to_come(86), (2, 85, 0)),
    "89": (share_to_come(90), (2, 89, 0)),
    "90": (share_to_come(90, in_stoppage=True, stoppage_minute=1), (2, 90, 0)),
}
GOALS = ("goal", "penalty_goal", "own_goal")
ELO_STEP, ELO_HOME, ELO_SUMMER = 20.0, 60.0, 0.9


def read_history(folder: Path) -> pd.DataFrame:
    """Every recorded season file, as the live reader reads it."""
    recorded = RecordedHistory(folder)
    parts = [
        history(TEXT.read(recorded.csv(season, division) or b""), DIVISIONS[division], season)
        for season, division in recorded.files()
    ]
    whole = pd.concat(parts, ignore_index=True)
    return whole.sort_values(["played_on", "division", "home_team"], kind="stable", ignore_index=True)


def elo_logit(matches: pd.DataFrame, outcomes: Ints) -> Floats:
    """The baseline: one Elo rating a team, its difference turned into 1X2 by a regression on earlier seasons."""
    ratings: dict[tuple[str, str], float] = {}
    season_of: dict[tuple[str, str], int] = {}
    gaps = np.zeros(len(matches))
    rows = zip(
        matches["country"], matches["home_team"], matches["away_team"], matches["season"], matches["tier"], strict=True
    )
    for at, (country, home, away, season, tier) in enumerate(rows):
        pair = ((country, home), (country, away))
        for team in pair:
            start = 1500.0 - 120.0 * (tier - 1)
            if season_of.get(team) != season:
                ratings[team] = start + ELO_SUMMER * (ratings.get(team, start) - start)
                season_of[team] = season
        gaps[at] = ratings[pair[0]] + ELO_HOME - ratings[pair[1]]
        if outcomes[at] >= 0:
            won = 1 - outcomes[at] / 2
            moved = ELO_STEP * (won - 1 / (1 + 10 ** (-gaps[at] / 400)))
            ratings[pair[0]] += moved
            ratings[pair[1]] -= moved
    seasons = matches["season"].to_numpy(np.int64)
    columns = np.stack([np.ones_like(gaps), gaps / 400, (gaps / 400) ** 2], axis=1)
    found = np.full((len(matches), 3), np.nan)
    for season in np.unique(seasons)[2:]:
        taught = (seasons < season) & (seasons > seasons.min()) & (outcomes >= 0)
        now = seasons == season
        weights = goals_model.logit_weights(columns[taught], outcomes[taught])
        found[now] = goals_model.logit_probabilities(columns[now], weights)
    return found


def calibration(chances: Floats, happened: npt.NDArray[np.bool_]) -> list[dict[str, float]]:
    """By tenths of the predicted probability: mean predicted, share that happened, and how many."""
    return _rounded(tenths(chances, happened))


def one_against_rest(chances: Floats, outcomes: Ints) -> list[dict[str, float]]:
    """Calibration of home win, draw and away win together."""
    return _rounded(model_pictures.one_against_rest(chances, outcomes))


def _rounded(rows: Sequence[Tenth]) -> list[dict[str, float]]:
    return [
        {
            "from": each.start,
            "predicted": round(each.predicted, 4),
            "happened": round(each.happened, 4),
            "count": each.count,
        }
        for each in rows
    ]


def scores(families: Mapping[str, Floats], outcomes: Ints, rows: npt.NDArray[np.bool_]) -> dict[str, dict[str, float]]:
    """RPS and log loss of each family on the same matches."""
    return {
        name: {
            "rps": round(float(goals_model.ranked_probability_scores(found[rows], outcomes[rows]).mean()), 5),
            "log_loss": round(float(goals_model.log_losses(found[rows], outcomes[rows]).mean()), 5),
        }
        for name, found in families.items()
    }


def in_play(matches: pd.DataFrame, predicted: pd.DataFrame, folder: Path, since: pd.Timestamp) -> dict[str, Any]:
    """Calibration of running matches from a day on; what in-play is built from was measured before January 2025."""
    rows, timelines = recorded_timelines(matches.join(predicted), folder, since)
    expected = rows[["expected_home_goals", "expected_away_goals"]].to_numpy(np.float64)
    outcomes = goals_model.outcomes_of(rows)
    found: dict[str, Any] = {"matches": len(rows), "moments": {}}
    pooled: list[Floats] = []
    for name, (share, until) in MOMENTS.items():
        state = state_at(timelines, until, rows["match_id"])
        tie = float(rows["tie"].iloc[0])
        shares = np.full(len(rows), share)
        final = FinalScores(expected, tie, shares, *(state[:, at] for at in range(4)))
        chances = final.outcomes()
        pooled.append(chances)
        leads = np.sign(state[:, 0] - state[:, 1])
        leader = np.where(leads > 0, chances[:, 0], chances[:, 2])[leads != 0]
        wins = (np.where(leads > 0, 0, 2) == outcomes)[leads != 0]
        found["moments"][name] = {
            "rps": round(float(goals_model.ranked_probability_scores(chances, outcomes).mean()), 5),
            "log_loss": round(float(goals_model.log_losses(np.maximum(chances, 1e-9), outcomes).mean()), 5),
            "leader_predicted": round(float(leader.mean()), 4),
            "leader_won": round(float(wins.mean()), 4),
            "over_2.5_predicted": round(float(final.over().mean()), 4),
            "over_2.5_happened": round(float(((rows["home_goals"] + rows["away_goals"]) > 2.5).mean()), 4),
        }
    found["calibration"] = one_against_rest(np.concatenate(pooled), np.tile(outcomes, len(pooled)))
    return found


def recorded_timelines(matches: pd.DataFrame, folder: Path, since: pd.Timestamp) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Predicted matches with a complete timeline, and the goals and sendings-off in them."""
    keys = pd.read_parquet(
        folder / "soccer" / "matches.parquet", columns=["match_id", "div", "date", "home", "timeline"]
    )
    keys = keys[keys["timeline"] == "complete"].assign(played_on=lambda found: pd.to_datetime(found["date"]))
    keys["played_on"] = keys["played_on"].astype(matches["played_on"].dtype)
    keys = keys.rename(columns={"div": "division", "home": "home_team"})[
        ["match_id", "division", "played_on", "home_team"]
    ]
    late = matches[(matches["played_on"] >= since) & matches["home"].notna()]
    rows = late.merge(keys, on=["division", "played_on", "home_team"], validate="one_to_one")
    events = pd.read_parquet(
        folder / "soccer" / "timelines.parquet", columns=["match_id", "period", "minute", "added", "type", "side"]
    )
    events = events[events["match_id"].isin(rows["match_id"]) & events["type"].isin([*GOALS, "red_card"])]
    return rows.reset_index(drop=True), events


def state_at(events: pd.DataFrame, until: tuple[int, int, int], match_ids: "pd.Series[str]") -> Ints:
    """(matches, 4): goals and sendings-off of both sides up to a moment."""
    when = events["period"].astype("int64") * 100_000 + events["minute"].astype("int64") * 100 + events["added"]
    before = events[when <= until[0] * 100_000 + until[1] * 100 + until[2]]
    found = []
    for is_red in (False, True):
        part = before[(before["type"] == "red_card") == is_red]
        for side in ("home", "away"):
            counts = part[part["side"] == side].groupby("match_id").size()
            found.append(counts.reindex(match_ids).fillna(0).to_numpy(np.int64))
    return np.stack(found, axis=1)


def report(folder: Path) -> dict[str, Any]:
    """All figures."""
    matches = read_history(folder)
    started = time.perf_counter()
    predicted = goals_model.walk_forward(matches)
    took_s = time.perf_counter() - started
    outcomes = goals_model.outcomes_of(matches)
    early = de_vig.shin(matches[["early_home", "early_draw", "early_away"]].to_numpy(np.float64))
    closing = de_vig.shin(matches[["closing_home", "closing_draw", "closing_away"]].to_numpy(np.float64))
    ours = predicted[["home", "draw", "away"]].to_numpy(np.float64)
    seasons = matches["season"].to_numpy(np.int64)
    families = {
        "no_market": ours,
        "elo_logit": elo_logit(matches, outcomes),
        "early_prices": early,
        "market_aware": goals_model.market_aware(seasons, outcomes, ours, early),
        "closing_prices": closing,
    }
    played = np.isin(seasons, REPORTED) & (outcomes >= 0)
    common = played & np.all([np.isfinite(found).all(axis=1) for found in families.values()], axis=0)
    over = ((matches["home_goals"] + matches["away_goals"]) > 2.5).to_numpy()
    over_chance = predicted["over"].to_numpy(np.float64)
    by_division = {
        str(division): scores(families, outcomes, common & (matches["division"] == division).to_numpy())
        for division in sorted(set(matches["division"]))
    }
    return {
        "matches": int(played.sum()),
        "with_a_model": int((played & np.isfinite(ours).all(axis=1)).sum()),
        "compared": int(common.sum()),
        "walk_forward_matches": len(matches),
        "walk_forward_s": round(took_s, 1),
        "families": scores(families, outcomes, common),
        "by_season": {str(season): scores(families, outcomes, common & (seasons == season)) for season in REPORTED},
        "by_division": by_division,
        "calibration": one_against_rest(ours[common], outcomes[common]),
        "over_2.5_log_loss": round(float(-np.log(np.where(over, over_chance, 1 - over_chance)[common]).mean()), 5),
        "over_2.5_calibration": calibration(over_chance[common], over[common]),
        "in_play": in_play(matches, predicted, folder, IN_PLAY_FROM),
        "in_play_whole_season": in_play(matches, predicted, folder, SEASON_FROM),
    }


def shown(found: Mapping[str, Any]) -> str:
    """The figures as text."""
    lines = [
        f"2023/24-2024/25: {found['matches']} matches, {found['with_a_model']} with a model, "
        f"{found['compared']} compared; {found['walk_forward_matches']} walked through in {found['walk_forward_s']} s",
        f"{'family':16}{'RPS':>9}{'log loss':>10}",
        *(f"{name:16}{each['rps']:9.5f}{each['log_loss']:10.5f}" for name, each in found["families"].items()),
    ]
    for season, table in found["by_season"].items():
        told = ", ".join(f"{name} {each['rps']:.5f}" for name, each in table.items())
        lines.append(f"RPS {season}: {told}")
    lines += _deciles("calibration of 1X2", found["calibration"])
    lines += [f"over 2.5 log loss {found['over_2.5_log_loss']:.5f}"]
    lines += _deciles("calibration of over 2.5", found["over_2.5_calibration"])
    lines += [f"in play, {found['in_play']['matches']} matches from January 2025", *_moments(found["in_play"])]
    lines += _deciles("calibration in play", found["in_play"]["calibration"])
    whole = found["in_play_whole_season"]
    lines += [f"in play, {whole['matches']} matches of the whole season 2024/25", *_moments(whole)]
    return "\n".join(lines + _deciles("calibration in play, whole season", whole["calibration"]))


def draw(found: Mapping[str, Any], folder: Path) -> None:
    """Write both calibrations as pictures."""
    for name, title, tables in (
        (
            "soccer-calibration",
            "Before the match, 2023/24-2024/25",
            {"1X2": "calibration", "over 2.5": "over_2.5_calibration"},
        ),
        ("soccer-calibration-in-play", "In play, January to May 2025", {"1X2 at eight moments": "in_play"}),
    ):
        rows = {label: found[key]["calibration"] if key == "in_play" else found[key] for label, key in tables.items()}
        shown = {label: [Tenth(*each.values()) for each in table] for label, table in rows.items()}
        (folder / f"{name}.png").write_bytes(calibration_png(shown, title))


def _moments(found: Mapping[str, Any]) -> list[str]:
    return [
        f"  {name:10} RPS {each['rps']:.5f}, leader {each['leader_predicted']:.3f} won {each['leader_won']:.3f}, "
        f"over 2.5 {each['over_2.5_predicted']:.3f} happened {each['over_2.5_happened']:.3f}"
        for name, each in found["moments"].items()
    ]


def _deciles(title: str, table: list[dict[str, float]]) -> list[str]:
    worst = max((abs(row["predicted"] - row["happened"]) for row in table if row["count"] >= 100), default=0.0)
    lines = [
        f"  {row['from']:.1f}  predicted {row['predicted']:.3f}  happened {row['happened']:.3f}  {row['count']:7d}"
        for row in table
    ]
    return [f"{title} (largest difference {worst:.3f} in tenths of 100 or more)", *lines]


def main() -> int:
    """Print the report, and write it as JSON when asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, metavar="F", help="write the figures to F as well")
    parser.add_argument("--pictures", type=Path, metavar="DIR", help="write the calibrations as pictures into DIR")
    arguments = parser.parse_args()
    folder = load_settings().recordings
    if folder is None:
        print("measuring the soccer model: no recordings. Set FOOTBALL_RECORDINGS to their folder.", file=sys.stderr)
        return 2
    found = report(folder)
    print(shown(found))
    if arguments.pictures:
        draw(found, arguments.pictures)
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=2), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
