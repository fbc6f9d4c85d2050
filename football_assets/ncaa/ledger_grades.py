"""How the ledger's entries turned out: result, Brier score, and whether the bookmakers came to agree by the close."""

import math
from dataclasses import dataclass

import pandas as pd

from football_assets.ncaa.gate import DECILES, EIGHTY, calibration
from football_assets.ncaa.ledger import last_said, market_chance
from football_assets.ncaa.ledger_schemas import LedgerGrades
from football_assets.ncaa.market import market
from football_assets.tables import conform

# 95 of 100 normal values lie within so many standard deviations.
Z95 = 1.959963984540054
OUTCOME = ["game_id", "home_points", "away_points"]


@dataclass(frozen=True)
class Figure:
    """A mean over games with the interval that holds the truth in 95 of 100 cases; unknown is None."""

    name: str
    games: int
    value: float | None
    low: float | None
    high: float | None


def grades(ledger: pd.DataFrame, games: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """`ledger_grades`: one row a game and family that is over and was said before kickoff, in the order of kickoffs.

    `lines` of a game that is over are its closing lines.
    """
    over = games[games["is_completed"].astype(bool) & games["home_points"].notna() & games["away_points"].notna()]
    close = market(lines)[["game_id", "market_spread"]].rename(columns={"market_spread": "closing_spread"})
    chance = market_chance(lines).rename(columns={"market_p_home": "closing_p_home"})
    rows = last_said(ledger, games).merge(over[OUTCOME], on="game_id")
    rows = rows.merge(close, on="game_id", how="left").merge(chance, on="game_id", how="left")
    rows["margin"] = rows["home_points"] - rows["away_points"]
    rows["total"] = rows["home_points"] + rows["away_points"]
    margin = rows["margin"].astype("float64")
    won = (margin > 0).astype("float64")
    spread_edge = rows["margin_mean"] + rows["market_spread"]
    chance_edge = rows["p_home"] - rows["market_p_home"]
    return conform(
        LedgerGrades,
        rows.assign(
            is_hit=((rows["p_home"] > 0.5) == (margin > 0))
            .astype("boolean")
            .mask((rows["p_home"] == 0.5) | (margin == 0)),
            margin_error=margin - rows["margin_mean"],
            total_error=rows["total"].astype("float64") - rows["total_mean"],
            is_margin_in_80=(margin - rows["margin_mean"]).abs() <= EIGHTY * rows["margin_sd"],
            brier=(rows["p_home"] - won) ** 2,
            spread_value=_towards(spread_edge, rows["market_spread"] - rows["closing_spread"]),
            moneyline_value=_towards(chance_edge, rows["closing_p_home"] - rows["market_p_home"]),
            closing_margin_error=margin + rows["closing_spread"],
            closing_brier=(rows["closing_p_home"] - won) ** 2,
        ).sort_values(["kickoff_at", "game_id", "family"], ignore_index=True),
    )


def figures(graded: pd.DataFrame) -> list[Figure]:
    """The grades of one family in sum, each with its interval; those beside the close on the games that have one."""
    margins = graded[graded["closing_margin_error"].notna()]
    chances = graded[graded["closing_brier"].notna()]
    return [
        share("hits", graded["is_hit"]),
        mean("mean miss of the margin", graded["margin_error"].abs()),
        mean("mean miss of the total", graded["total_error"].abs()),
        mean("Brier score", graded["brier"]),
        share("margins within 80 %", graded["is_margin_in_80"]),
        mean("spread: closing-line value, points", graded["spread_value"]),
        share("spread: moved towards us", _moved(graded["spread_value"])),
        mean("moneyline: closing-line value, probability", graded["moneyline_value"]),
        mean(
            "mean miss less that of the closing spread",
            margins["margin_error"].abs() - margins["closing_margin_error"].abs(),
        ),
        mean("Brier score less that of the closing moneylines", chances["brier"] - chances["closing_brier"]),
    ]


def metadata(graded: pd.DataFrame) -> dict[str, float | int]:
    """The figures that the asset shows, by family; what is not known yet is left out."""
    told: dict[str, float | int] = {"graded": len(graded)}
    for family, rows in graded.groupby("family"):
        told |= {f"{family}: {each.name}": each.value for each in figures(rows) if each.value is not None}
    return told


def calibrated(graded: pd.DataFrame) -> pd.DataFrame:
    """Tenths of the games by what was said: games, predicted and observed share of home wins; none under ten games."""
    judged = graded.assign(margin=graded["margin"].astype("float64"))
    return calibration(judged) if len(judged) >= DECILES else calibration(judged.head(0))


def mean(name: str, values: "pd.Series[float]") -> Figure:
    """The mean and what chance leaves open of it; one game alone has no interval."""
    known = values.dropna().astype("float64").to_numpy()
    if not len(known):
        return Figure(name, 0, None, None, None)
    value = float(known.mean())
    if len(known) < 2:
        return Figure(name, 1, value, None, None)
    half = Z95 * float(known.std(ddof=1)) / math.sqrt(len(known))
    return Figure(name, len(known), value, value - half, value + half)


def share(name: str, flags: "pd.Series[bool]") -> Figure:
    """The share of true ones with Wilson's interval."""
    known = flags.dropna().astype("float64").to_numpy()
    count = len(known)
    if not count:
        return Figure(name, 0, None, None, None)
    value, square = float(known.mean()), Z95**2
    middle = (value + square / (2 * count)) / (1 + square / count)
    half = Z95 * math.sqrt(value * (1 - value) / count + square / (4 * count**2)) / (1 + square / count)
    return Figure(name, count, value, middle - half, middle + half)


def _towards(edge: "pd.Series[float]", towards_home: "pd.Series[float]") -> "pd.Series[float]":
    """How far the line moved towards the side that we liked; unknown where we liked neither."""
    return towards_home.where(edge > 0, -towards_home).where(edge.notna() & (edge != 0))


def _moved(values: "pd.Series[float]") -> "pd.Series[bool]":
    """Whether the line moved towards us; a line that stayed is left out."""
    return (values > 0).astype("boolean").mask(values.isna() | (values == 0))
