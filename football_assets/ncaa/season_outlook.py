"""How the season may end: the open games played 10,000 times, each time with other true strengths and other luck.

A simulated season draws every team's strength from its rating and spread, then each open game's margin around the
difference of both, with the home field. Games that are over keep their results.

Resume: a team's wins less the wins that the 25th best team would expect of the same games. It counts who was beaten
and where, not by how much; to it comes the rating, a little, as voters look at it too.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from football_assets.ncaa.features import playable
from football_assets.ncaa.power_ratings import RANKED, Strengths
from football_assets.ncaa.projection_schemas import SeasonOutlook
from football_assets.tables import SHOWN_ROWS, Verdict, conform

Floats = npt.NDArray[np.float32]
Places = npt.NDArray[np.intp]

SIMULATIONS = 10_000
# Wins that one point of rating is worth in the resume.
WINS_PER_POINT = 0.02
INDEPENDENT = "independent"
TITLE_GAME = "championship"
# Sums of shares differ from whole numbers by no more than rounding.
OFF_BY = 1e-6


@dataclass(frozen=True)
class _Season:
    """The games of one season as numbers: places of both sides in the table of teams, and what is known of each."""

    home: Places
    away: Places
    edge: npt.NDArray[np.float64]
    margin: npt.NDArray[np.float64]
    is_conference: npt.NDArray[np.bool_]
    is_title: npt.NDArray[np.bool_]


def season_outlook(
    games: pd.DataFrame, known: Strengths, simulations: int = SIMULATIONS, seed: int = 0
) -> pd.DataFrame:
    """`season_outlook`: one row a FBS team, the likeliest to be ranked first, the stronger before the weaker.

    A title goes to the winner of the conference's listed championship game, where there is one; else to the best
    conference record, and among equal ones by chance, the stronger more often. The same seed gives the same numbers.
    """
    teams = known.teams.reset_index(drop=True)
    season = _season(games, known, teams)
    chance = np.random.default_rng(seed)
    strength = _drawn(teams, simulations, chance)
    won = _home_wins(season, strength, known.game_sd, chance)
    counted = ~np.isnan(season.margin)
    wins, played = _tally(season, won, len(teams), np.ones(len(counted), dtype=bool))
    resume = _resume(season, won, teams, known.game_sd) + WINS_PER_POINT * strength
    found = pd.DataFrame(
        {
            "season": known.season,
            **{name: teams[name] for name in ("team_id", "team", "conference")},
            "expected_wins": wins.mean(axis=0),
            "expected_losses": (played[None, :] - wins).mean(axis=0),
            "wins_p10": np.quantile(wins, 0.1, axis=0),
            "wins_p90": np.quantile(wins, 0.9, axis=0),
            "open_games": np.bincount(np.r_[season.home[~counted], season.away[~counted]], minlength=len(teams)),
            "p_ranked": _p_ranked(resume, teams["is_fbs"].to_numpy(bool)),
            "p_title": _p_title(season, won, teams, strength, known.game_sd, chance),
        }
    )
    found = found.assign(rating=teams["rating"], simulations=simulations, as_of=known.as_of)[teams["is_fbs"]]
    order = found.sort_values(["p_ranked", "rating", "team_id"], ascending=[False, False, True], ignore_index=True)
    return conform(SeasonOutlook, order)


def shares_add_up(outlook: pd.DataFrame) -> Verdict:
    """Each simulated season fills the places of the top 25, and gives each conference one title.

    A title that goes to nobody of the conference, and a team without games, would show here.
    """
    wrong = []
    for season, rows in outlook.groupby("season"):
        ranked, places = float(rows["p_ranked"].sum()), min(RANKED, len(rows))
        if abs(ranked - places) > OFF_BY:
            wrong.append({"season": str(season), "what": "top 25", "sum": ranked, "places": places})
        titles = rows.groupby("conference")["p_title"].sum(min_count=1).dropna()
        wrong += [
            {"season": str(season), "what": str(name), "sum": float(value), "places": 1}
            for name, value in titles[(titles - 1.0).abs() > OFF_BY].items()
        ]
    says = f"{len(wrong)} sums are off, first: {wrong[0]}" if wrong else f"the chances of {len(outlook)} teams add up"
    return Verdict(not wrong, says, figures={"failing": len(wrong)}, rows=tuple(wrong[:SHOWN_ROWS]))


def _season(games: pd.DataFrame, known: Strengths, teams: pd.DataFrame) -> _Season:
    listed = playable(games)
    listed = listed[listed["season"] == known.season]
    place = pd.Series(np.arange(len(teams)), index=teams["team_id"])
    over = listed["is_completed"].astype(bool) & listed["home_points"].notna() & listed["away_points"].notna()
    margin = (listed["home_points"] - listed["away_points"]).astype("float64").where(over)
    neutral = listed["is_neutral_site"].astype(bool)
    named = listed["notes"].fillna("").str.lower().str.contains(TITLE_GAME)
    same = (listed["home_conference"] == listed["away_conference"]).fillna(False).astype(bool)
    regular = listed["season_type"] == "regular"
    return _Season(
        place.loc[listed["home_team_id"]].to_numpy(np.intp),
        place.loc[listed["away_team_id"]].to_numpy(np.intp),
        np.asarray(np.where(neutral, 0.0, known.home_edge), dtype=np.float64),
        np.array(margin, dtype=np.float64),
        (listed["is_conference_game"].fillna(False).astype(bool) & same & regular & ~named).to_numpy(bool),
        (named & same & regular).to_numpy(bool),
    )


def _drawn(teams: pd.DataFrame, simulations: int, chance: np.random.Generator) -> Floats:
    rating, sd = (teams[name].to_numpy(np.float32) for name in ("rating", "sd"))
    return rating + sd * chance.standard_normal((simulations, len(teams)), dtype=np.float32)


def _home_wins(season: _Season, strength: Floats, game_sd: float, chance: np.random.Generator) -> Floats:
    """Games by simulations: 1 where the home side wins, 0 where it loses, one half for a tie of old."""
    won = np.empty((len(season.margin), len(strength)), dtype=np.float32)
    for game, margin in enumerate(season.margin):
        if np.isnan(margin):
            luck = game_sd * chance.standard_normal(len(strength), dtype=np.float32)
            gap = strength[:, season.home[game]] - strength[:, season.away[game]] + season.edge[game]
            won[game] = gap + luck > 0
        else:
            won[game] = 0.5 + 0.5 * np.sign(margin)
    return won


def _tally(
    season: _Season, won: Floats, teams: int, which: npt.NDArray[np.bool_]
) -> tuple[Floats, npt.NDArray[np.intp]]:
    """Wins by simulation and team in some games, and how many of these each team plays."""
    wins = np.zeros((teams, won.shape[1]), dtype=np.float32)
    for game in np.flatnonzero(which):
        wins[season.home[game]] += won[game]
        wins[season.away[game]] += 1 - won[game]
    played = np.bincount(np.r_[season.home[which], season.away[which]], minlength=teams)
    return wins.T, played.astype(np.intp)


def _resume(season: _Season, won: Floats, teams: pd.DataFrame, game_sd: float) -> Floats:
    """Wins above what the 25th best team would expect of the same games."""
    from scipy.special import ndtr  # type: ignore[import-untyped]

    rating, sd = teams["rating"].to_numpy(np.float64), teams["sd"].to_numpy(np.float64)
    best = np.sort(rating[teams["is_fbs"].to_numpy(bool)])[::-1]
    yardstick = float(best[min(RANKED, len(best)) - 1]) if len(best) else 0.0
    score = np.zeros((len(teams), won.shape[1]), dtype=np.float32)
    for side, other, sign in ((season.home, season.away, 1.0), (season.away, season.home, -1.0)):
        expected = ndtr((yardstick - rating[other] + sign * season.edge) / np.hypot(game_sd, sd[other]))
        for game, team in enumerate(side):
            score[team] += (won[game] if sign > 0 else 1 - won[game]) - np.float32(expected[game])
    return score.T


def _p_ranked(resume: Floats, is_fbs: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """Share of the simulations in which the team is among the best 25 of the FBS."""
    score = np.where(is_fbs, resume, -np.inf)
    ranked = min(RANKED, int(is_fbs.sum()))
    top = np.argpartition(-score, ranked - 1, axis=1)[:, :ranked] if ranked else np.empty((len(score), 0), np.intp)
    return np.bincount(top.ravel(), minlength=len(is_fbs)) / len(score)


def _p_title(
    season: _Season, won: Floats, teams: pd.DataFrame, strength: Floats, game_sd: float, chance: np.random.Generator
) -> npt.NDArray[np.float64]:
    """Share of the simulations in which the team wins its conference; NaN for teams in none."""
    wins, played = _tally(season, won, len(teams), season.is_conference)
    found = np.full(len(teams), np.nan)
    conferences = teams["conference"].where(teams["is_fbs"])
    for conference in sorted(set(conferences.dropna())):
        members = np.flatnonzero((conferences == conference).to_numpy(bool))
        final = [game for game in np.flatnonzero(season.is_title) if season.home[game] in members]
        if final:
            found[members] = 0.0
            found[season.home[final[-1]]] = won[final[-1]].mean()
            found[season.away[final[-1]]] = 1 - won[final[-1]].mean()
        elif INDEPENDENT not in conference.lower() and played[members].any():
            record = wins[:, members] / np.maximum(played[members], 1)
            luck = game_sd * chance.standard_normal(record.shape, dtype=np.float32)
            # Records differ by a hundredth at least; the tie-break only decides between equal ones.
            order = record + 1e-5 * (strength[:, members] + luck)
            found[members] = np.bincount(order.argmax(axis=1), minlength=len(members)) / len(order)
    return found
