"""football-data.co.uk, read-only: results, totals and prices of past seasons, one CSV file a season and division.

The files differ by season and division in their columns, encoding and date form; `history` gives them one shape.
"""

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from football_assets.errors import SourceChanged
from football_assets.states import DataState
from football_assets.transport import CachePolicy, Transport

NAME = "football-data.co.uk"
FIRST_SEASON = 2010
# A running season's file is replaced about twice a week and asked for once a day; one that is over stays as it is.
RUNNING = CachePolicy(fresh_s=20 * 3600, stale_s=30 * 86_400)
FINISHED = CachePolicy(fresh_s=365 * 86_400, stale_s=3650 * 86_400)


@dataclass(frozen=True)
class Division:
    """One league of the site; `tier` 1 is the country's first."""

    code: str
    country: str
    name: str
    tier: int


DIVISIONS = {
    each.code: each
    for each in (
        Division("E0", "England", "Premier League", 1),
        Division("E1", "England", "Championship", 2),
        Division("E2", "England", "League One", 3),
        Division("E3", "England", "League Two", 4),
        Division("EC", "England", "National League", 5),
        Division("SC0", "Scotland", "Premiership", 1),
        Division("SC1", "Scotland", "Championship", 2),
        Division("SC2", "Scotland", "League One", 3),
        Division("SC3", "Scotland", "League Two", 4),
        Division("D1", "Germany", "Bundesliga", 1),
        Division("D2", "Germany", "2. Bundesliga", 2),
        Division("I1", "Italy", "Serie A", 1),
        Division("I2", "Italy", "Serie B", 2),
        Division("SP1", "Spain", "La Liga", 1),
        Division("SP2", "Spain", "Segunda Division", 2),
        Division("F1", "France", "Ligue 1", 1),
        Division("F2", "France", "Ligue 2", 2),
        Division("N1", "Netherlands", "Eredivisie", 1),
        Division("B1", "Belgium", "Pro League", 1),
        Division("P1", "Portugal", "Primeira Liga", 1),
        Division("T1", "Turkey", "Super Lig", 1),
        Division("G1", "Greece", "Super League", 1),
    )
}

# Column here -> the site's columns, the first that holds a value is taken.
SCORES = {"home_goals": "FTHG", "away_goals": "FTAG"}
TOTALS = {
    "home_goals_half_time": "HTHG",
    "away_goals_half_time": "HTAG",
    "home_shots": "HS",
    "away_shots": "AS",
    "home_shots_on_target": "HST",
    "away_shots_on_target": "AST",
    "home_corners": "HC",
    "away_corners": "AC",
    "home_reds": "HR",
    "away_reds": "AR",
}
# Market averages; before 2019/20 those of Betbrain, and Pinnacle where only it closes. A price set is taken whole.
PRICE_SETS: dict[tuple[str, ...], tuple[tuple[str, ...], ...]] = {
    ("early_home", "early_draw", "early_away"): (("AvgH", "AvgD", "AvgA"), ("BbAvH", "BbAvD", "BbAvA")),
    ("closing_home", "closing_draw", "closing_away"): (("AvgCH", "AvgCD", "AvgCA"), ("PSCH", "PSCD", "PSCA")),
    ("early_over", "early_under"): (("Avg>2.5", "Avg<2.5"), ("BbAv>2.5", "BbAv<2.5")),
    ("closing_over", "closing_under"): (("AvgC>2.5", "AvgC<2.5"),),
}
PRICES = tuple(name for names in PRICE_SETS for name in names)
NUMBERS = (*SCORES, *TOTALS, *PRICES)
COLUMNS = (
    "season",
    "division",
    "country",
    "tier",
    "played_on",
    "kickoff_at",
    "home_team",
    "away_team",
    *NUMBERS,
)


@dataclass(frozen=True)
class SeasonFile:
    """One read file: `matches` as of `history`, and how fresh they are."""

    matches: pd.DataFrame
    state: DataState
    served_at: datetime
    age_s: float


class FootballData:
    """The site's season files through one transport of texts."""

    def __init__(self, transport: Transport, divisions: Mapping[str, Division] = DIVISIONS) -> None:
        self._transport = transport
        self._divisions = divisions

    async def season(self, division: str, season: int, *, finished: bool) -> SeasonFile:
        """The matches of one division in the season that begins in the year `season`.

        `finished`: the season is over, so its file may be kept for long. Raises SourceRejected for a file that does
        not exist (HTTP 404), SourceUnavailable, and SourceChanged when the file is not what was agreed.
        """
        doing = f"reading {division} {season}/{(season + 1) % 100:02d}"
        answer = await self._transport.get(
            f"mmz4281/{season_code(season)}/{division}.csv", doing=doing, cache=FINISHED if finished else RUNNING
        )
        matches = history(answer.body, self._divisions[division], season)
        return SeasonFile(matches, answer.state, answer.served_at, answer.age_s)

    async def leagues(self) -> dict[str, Division]:
        """The divisions of a simulated site, by code: its leagues are invented, so the site has to list them.

        The real site has no such list; its divisions are `DIVISIONS`.
        """
        doing = "reading the list of simulated leagues"
        answer = await self._transport.get("leagues.csv", doing=doing)
        try:
            rows = [
                Division(row["code"], row["country"], row["name"], int(row["tier"]))
                for row in csv.DictReader(StringIO(answer.body, newline=""))
            ]
        except (KeyError, TypeError, ValueError) as error:
            raise SourceChanged(
                NAME, doing, field="leagues.csv", expected="code,country,name,tier", got=repr(error)
            ) from error
        return {each.code: each for each in rows}


def season_code(season: int) -> str:
    """The site's folder of the season that begins in the year `season`: 2024 is `2425`."""
    return f"{season % 100:02d}{(season + 1) % 100:02d}"


def history(text: str, league: Division, season: int) -> pd.DataFrame:
    """A season file as one row a match, in the file's order, columns `COLUMNS`; what it does not say is null.

    `played_on` is the UK date, `kickoff_at` UTC (null before 2019/20). Scores and totals are counts, prices are
    decimal. Rows without teams are dropped, as are wholly empty ones. Raises SourceChanged for a file of another
    division, without its key columns, with a date that cannot be read, or with a score that contradicts its result.
    """
    division = league.code
    doing = f"reading {division} {season}/{(season + 1) % 100:02d}"
    rows = _rows(text, division, doing)
    home, away = (_texts(rows, "HomeTeam", "Home"), _texts(rows, "AwayTeam", "Away"))
    played_on = _dates(_texts(rows, "Date"), season, doing)
    found: dict[str, Any] = {
        "season": season,
        "division": division,
        "country": league.country,
        "tier": league.tier,
        "played_on": played_on,
        "kickoff_at": _kickoffs(played_on, _texts(rows, "Time")),
        "home_team": home,
        "away_team": away,
    }
    found |= {name: _numbers(rows, source) for name, source in (SCORES | TOTALS).items()}
    found |= _prices(rows)
    matches = pd.DataFrame(found, columns=list(COLUMNS), index=pd.RangeIndex(len(rows)))
    _check_results(matches, _texts(rows, "FTR"), doing)
    return matches


def _rows(text: str, division: str, doing: str) -> list[dict[str, str]]:
    reader = csv.DictReader(StringIO(text, newline=""))
    names = set(reader.fieldnames or ())
    if missing := [name for name in ("Div", "Date") if name not in names]:
        got = " ".join(text[:60].split())
        raise SourceChanged(NAME, doing, field=missing[0], expected="a column of the file", got=f"a file of {got!r}")
    rows = [row for row in reader if _text(row, "HomeTeam", "Home") and _text(row, "AwayTeam", "Away")]
    strangers = {row["Div"] for row in rows} - {division}
    if strangers:
        raise SourceChanged(NAME, doing, field="Div", expected=division, got=", ".join(sorted(strangers)))
    return rows


def _text(row: dict[str, str], *names: str) -> str | None:
    return next((value.strip() for name in names if (value := row.get(name)) and value.strip()), None)


def _texts(rows: Sequence[dict[str, str]], *names: str) -> "pd.Series[str]":
    return pd.Series([_text(row, *names) for row in rows], dtype="str")


def _numbers(rows: Sequence[dict[str, str]], name: str) -> "pd.Series[float]":
    """A column of numbers; what cannot be read as one is null."""
    return pd.Series([_number(row.get(name)) for row in rows], dtype="float64")


def _number(text: str | None) -> float:
    try:
        value = float(text) if text else math.nan
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan


def _dates(texts: "pd.Series[str]", season: int, doing: str) -> "pd.Series[pd.Timestamp]":
    short = texts.str.len() <= len("dd/mm/yy")
    found = pd.to_datetime(texts.where(short), format="%d/%m/%y", errors="coerce").astype("datetime64[s]")
    found = found.fillna(pd.to_datetime(texts.where(~short), format="%d/%m/%Y", errors="coerce"))
    # A season may run late, as in 2020, but never lasts two years.
    wrong = ~found.between(pd.Timestamp(season, 6, 1), pd.Timestamp(season + 1, 9, 30))
    if wrong.any():
        expected = f"a date dd/mm/yy of the season {season}"
        raise SourceChanged(NAME, doing, field="Date", expected=expected, got=repr(texts[wrong].iloc[0]))
    return found


def _kickoffs(played_on: "pd.Series[pd.Timestamp]", times: "pd.Series[str]") -> "pd.Series[pd.Timestamp]":
    """UTC instants of dates and times that are UK local time, whatever the country."""
    clock = times.where(times.str.fullmatch(r"\d{1,2}:\d{2}").fillna(False).astype(bool))
    hours = pd.to_timedelta(clock + ":00", errors="coerce")
    local = (played_on + hours).dt.tz_localize("Europe/London", ambiguous="NaT", nonexistent="NaT")
    return local.dt.tz_convert("UTC").astype("datetime64[s, UTC]")


def _prices(rows: Sequence[dict[str, str]]) -> dict[str, npt.NDArray[np.float64]]:
    found: dict[str, npt.NDArray[np.float64]] = {}
    for names, choices in PRICE_SETS.items():
        best = np.full((len(rows), len(names)), np.nan)
        for columns in reversed(choices):
            prices = np.array([[_number(row.get(name)) for name in columns] for row in rows]).reshape(best.shape)
            best = np.where((prices > 1).all(axis=1, keepdims=True), prices, best)
        found |= {name: best[:, at] for at, name in enumerate(names)}
    return found


def _check_results(matches: pd.DataFrame, results: "pd.Series[str]", doing: str) -> None:
    margin = matches["home_goals"] - matches["away_goals"]
    said = results.map({"H": 1.0, "D": 0.0, "A": -1.0})
    wrong = margin.notna() & said.notna() & ((margin > 0).astype(float) - (margin < 0).astype(float) != said)
    if wrong.any():
        row = matches[wrong].iloc[0]
        got = f"{row['home_goals']:g}-{row['away_goals']:g} with result {results[wrong].iloc[0]}"
        expected = f"the result of {row['home_team']}-{row['away_team']}'s score"
        raise SourceChanged(NAME, doing, field="FTR", expected=expected, got=got)
