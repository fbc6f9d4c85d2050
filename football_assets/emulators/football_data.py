"""football-data.co.uk on loopback: the season files as CSV, from recordings or from the simulation.

A file shows what was known at the emulated instant: matches up to the day before. Files of old seasons look like old
files (two-digit years, no byte-order mark, no `Time`, the market as `BbAv...`).
"""

import asyncio
import csv
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from aiohttp import web

from football_assets.emulators.clock import EmulatedClock
from football_assets.emulators.faults import Faults
from football_assets.emulators.server import new_app
from football_assets.errors import StorageError
from football_assets.states import Source

if TYPE_CHECKING:
    import pandas as pd

RECORDING = Path("soccer/matches.parquet")
# From this season on files have kick-off times, closing prices of the whole market and a byte-order mark.
NEW_FILES_FROM = 2019
_SIDES = ("h", "d", "a")
_PLAIN = {
    "HomeTeam": "home",
    "AwayTeam": "away",
    "FTHG": "ft_home",
    "FTAG": "ft_away",
    "FTR": "ft_result",
    "HTHG": "ht_home",
    "HTAG": "ht_away",
    "HTR": "ht_result",
    "Referee": "referee",
    "HS": "shots_home",
    "AS": "shots_away",
    "HST": "shots_on_target_home",
    "AST": "shots_on_target_away",
    "HF": "fouls_home",
    "AF": "fouls_away",
    "HC": "corners_home",
    "AC": "corners_away",
    "HY": "yellow_home",
    "AY": "yellow_away",
    "HR": "red_home",
    "AR": "red_away",
}
_EARLY_1X2 = {f"B365{side.upper()}": f"x12_open_b365_{side}" for side in _SIDES}
_PINNACLE = {f"PSC{side.upper()}": f"x12_close_pinnacle_{side}" for side in _SIDES}
_NEW = (
    {f"Avg{side.upper()}": f"x12_open_avg_{side}" for side in _SIDES}
    | {"Avg>2.5": "ou25_open_avg_over", "Avg<2.5": "ou25_open_avg_under"}
    | {f"AvgC{side.upper()}": f"x12_close_avg_{side}" for side in _SIDES}
    | {"AvgC>2.5": "ou25_close_avg_over", "AvgC<2.5": "ou25_close_avg_under", "AHCh": "ah_close_line"}
)
_OLD = {f"BbAv{side.upper()}": f"x12_open_avg_{side}" for side in _SIDES} | {
    "BbAv>2.5": "ou25_open_avg_over",
    "BbAv<2.5": "ou25_open_avg_under",
}


class HistorySource(Protocol):
    """Everything this emulator needs."""

    label: Source

    @property
    def default_at(self) -> datetime:
        """The instant at which this source is interesting when the user names none."""

    def csv(self, season: int, division: str, known_until: date | None = None) -> bytes | None:
        """One file with the matches up to a day, that day included; None when there is no such file by then."""

    def leagues(self) -> bytes | None:
        """`leagues.csv` of a source whose leagues are invented; None when they are the real site's."""


class RecordedHistory:
    """The recorded season files below `folder`. What is not there raises StorageError at once."""

    label = Source.RECORDED

    def __init__(self, folder: Path) -> None:
        self._file = folder / RECORDING
        if not self._file.is_file():
            to_do = "Name the folder of recordings with --data or FOOTBALL_RECORDINGS."
            raise StorageError("reading recorded season files", f"{RECORDING} is not in {folder}", to_do)

    @property
    def default_at(self) -> datetime:
        """The morning after the last recorded match."""
        last = max(part["date"].max() for part in self._files.values())
        return datetime(last.year, last.month, last.day, 6, tzinfo=UTC) + timedelta(days=1)

    def leagues(self) -> None:
        """The leagues are the real site's, which has no list of them."""

    def files(self) -> list[tuple[int, str]]:
        """(year in which the season begins, division) of every recorded file, in order."""
        return sorted(self._files)

    def csv(self, season: int, division: str, known_until: date | None = None) -> bytes | None:
        """One file with the matches up to a day, that day included; None when there is no such file by then."""
        found = self._files.get((season, division))
        if found is not None and known_until is not None:
            found = found[found["date"] <= known_until]
        if found is None or found.empty:
            return None
        return _written(found, division, season >= NEW_FILES_FROM)

    @cached_property
    def _files(self) -> dict[tuple[int, str], "pd.DataFrame"]:
        import pyarrow.parquet as pq

        wanted = {**_PLAIN, **_EARLY_1X2, **_PINNACLE, **_NEW}
        columns = ["season", "div", "date", "time_uk", *wanted.values()]
        matches = pq.read_table(self._file, columns=columns).to_pandas()
        return {
            (int(str(season)[:4]), str(division)): part
            for (season, division), part in matches.groupby(["season", "div"], observed=True)
        }


def football_data_app(source: HistorySource, clock: EmulatedClock, faults: Faults | None = None) -> web.Application:
    """The emulator as an aiohttp application: `mmz4281/<season>/<division>.csv`; HTML with 404 for any other file.

    A simulated source lists its leagues at `leagues.csv`, which the real site does not have.
    """

    async def season_file(request: web.Request) -> web.Response:
        code, division = request.match_info["season"], request.match_info["division"]
        yesterday = clock.now().date() - timedelta(days=1)
        # A simulated season takes seconds to make: the loop must go on meanwhile.
        wanted = (2000 + int(code[:2]), division, yesterday) if _is_season(code) else None
        body = await asyncio.to_thread(source.csv, *wanted) if wanted else None
        return _not_found() if body is None else web.Response(body=body, content_type="text/csv")

    async def leagues(_request: web.Request) -> web.Response:
        body = source.leagues()
        return _not_found() if body is None else web.Response(body=body, content_type="text/csv")

    async def nothing(_request: web.Request) -> web.Response:
        return _not_found()

    app = new_app(label=source.label, clock=clock, faults=faults or Faults(), name="football_data")
    app.router.add_get("/mmz4281/{season}/{division}.csv", season_file)
    app.router.add_get("/leagues.csv", leagues)
    app.router.add_get("/{anything:.*}", nothing)
    return app


def _is_season(code: str) -> bool:
    return len(code) == 4 and code.isdecimal() and int(code[2:]) == (int(code[:2]) + 1) % 100


def _not_found() -> web.Response:
    page = "<html><body><h1>404 - File or directory not found.</h1></body></html>"
    return web.Response(text=page, status=404, content_type="text/html")


def _written(matches: "pd.DataFrame", division: str, is_new: bool) -> bytes:
    columns = {**_PLAIN, **_EARLY_1X2, **_PINNACLE, **(_NEW if is_new else _OLD)}
    columns = {name: at for name, at in columns.items() if matches[at].notna().any()}
    cells = {name: [_cell(value) for value in matches[at].to_numpy(object)] for name, at in columns.items()}
    dates = [day.strftime("%d/%m/%Y" if is_new else "%d/%m/%y") for day in matches["date"]]
    times = [_cell(value) for value in matches["time_uk"].to_numpy(object)]
    head = ["Div", "Date", *(["Time"] if is_new else []), *cells]
    out = StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(head)
    lead = zip(dates, times, strict=True) if is_new else ((day,) for day in dates)
    rows = zip(*cells.values(), strict=True)
    writer.writerows([division, *first, *rest] for first, rest in zip(lead, rows, strict=True))
    return out.getvalue().encode("utf-8-sig" if is_new else "windows-1252")


def _cell(value: Any) -> str:
    if value is None or value != value:
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)
