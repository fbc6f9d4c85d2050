"""Past seasons of the simulated leagues as football-data.co.uk would publish them: the same clubs, matches, results.

A result in a file is the one that the live feed told of the same match. Prices, shots and corners are not published.
Only some leagues are kept, as on the real site: matches of the others have no model.
"""

import csv
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from io import StringIO
from threading import Lock
from zoneinfo import ZoneInfo

from football_assets.emulators.simulation.soccer_calendar import Calendar, Fixture
from football_assets.emulators.simulation.soccer_story import MatchMaker
from football_assets.emulators.simulation.soccer_world import Competition, World
from football_assets.states import Source

# The first leagues of the world, those of women left out: they span the globe.
LEAGUES = 20
FIRST_SEASON = 2015
_UK = ZoneInfo("Europe/London")
_SEASON_BEGINS = (8, 1)
_HEAD = ("Div", "Date", "Time", "HomeTeam", "AwayTeam", "FTHG", "FTAG", "FTR", "HTHG", "HTAG", "HTR", "HR", "AR")

Line = tuple[date, tuple[str, ...]]


class SimulatedHistory:
    """A source of season files over an invented world; `around` is the default instant only."""

    label = Source.SIMULATED

    def __init__(self, seed: int, *, around: datetime, matches_a_day: int = 300) -> None:
        self._around = around
        world = World(seed, matches_a_day)
        self._calendar = Calendar(world)
        self._maker = MatchMaker(world)
        self._leagues = {
            f"X{league.number}": league
            for league in world.leagues[:LEAGUES]
            if not league.women and league.country is not None
        }
        self._codes = {league.number: code for code, league in self._leagues.items()}
        self._countries = world.countries
        self._season = lru_cache(maxsize=4)(self._make_season)
        self._making = Lock()

    @property
    def default_at(self) -> datetime:
        """The instant this world was made around."""
        return self._around

    def leagues(self) -> bytes:
        """`leagues.csv`: code, country, name and tier of each league that has files."""
        out = StringIO(newline="")
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(("code", "country", "name", "tier"))
        writer.writerows(
            (code, self._country(league), league.short_name, league.tier) for code, league in self._leagues.items()
        )
        return out.getvalue().encode("utf-8-sig")

    def csv(self, season: int, division: str, known_until: date | None = None) -> bytes | None:
        """One file with the matches up to a day, that day included; None when there is no such file by then."""
        begins = date(season, *_SEASON_BEGINS)
        if division not in self._leagues or season < FIRST_SEASON or (known_until and known_until < begins):
            return None
        last = date(season + 1, *_SEASON_BEGINS) - timedelta(days=1)
        with self._making:  # two who ask for files of one season wait for the same work
            lines = self._season(season, min(last, known_until or last))[division]
        if not lines:
            return None
        out = StringIO(newline="")
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(_HEAD)
        writer.writerows((division, *cells) for _, cells in lines)
        return out.getvalue().encode("utf-8-sig")

    def _country(self, league: Competition) -> str:
        assert league.country is not None
        return self._countries[league.country].name

    def _make_season(self, season: int, until: date) -> dict[str, list[Line]]:
        """The lines of every league, in the order of their kickoffs, from the season's first day on."""
        found: dict[str, list[Line]] = defaultdict(list)
        first, last = date(season, *_SEASON_BEGINS), until
        for ordinal in range(first.toordinal() - 1, last.toordinal() + 2):
            for fixture in sorted(self._calendar.day(ordinal), key=lambda each: (each.kickoff, each.number)):
                code = self._codes.get(fixture.competition.number)
                if code is None:
                    continue
                line = self._line(fixture)
                if line is not None and first <= line[0] <= last:
                    found[code].append(line)
        return found

    def _line(self, fixture: Fixture) -> Line | None:
        result = self._maker.result(fixture)
        if result is None:
            return None
        local = datetime.fromtimestamp(fixture.kickoff, UTC).astimezone(_UK)
        return local.date(), (
            f"{local:%d/%m/%Y}",
            f"{local:%H:%M}",
            fixture.home.name,
            fixture.away.name,
            *_score(result.goals),
            *_score(result.half_time),
            str(result.reds[0]),
            str(result.reds[1]),
        )


def _score(goals: tuple[int, int]) -> tuple[str, str, str]:
    home, away = goals
    return str(home), str(away), "H" if home > away else "A" if home < away else "D"
