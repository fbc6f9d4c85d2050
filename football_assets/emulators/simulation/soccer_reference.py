"""Reference lists of the simulated soccer world, in the provider's shapes."""

import random
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from football_assets.emulators.simulation import soccer_names as names
from football_assets.emulators.simulation.soccer_calendar import Calendar
from football_assets.emulators.simulation.soccer_rows import season_id, stage_id
from football_assets.emulators.simulation.soccer_world import CATEGORIES, SQUAD, Club, Competition

Row = dict[str, Any]

KINDS = ("team", "competition", "country", "category", "season", "stage", "venue", "referee")
_STAGES = ("Opening Stage", "Middle Stage", "Closing Stage")
_EPOCH = 1_600_000_000  # the oldest change of a row, September 2020
_SPAN_S = 130_000_000
_PUBLISHED_AHEAD = timedelta(days=45)


class Reference:
    """Teams, competitions and the rest as of an instant."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._world = calendar.world
        self._standing = lru_cache(maxsize=None)(self._make_standing)

    def rows(self, kind: str, at: datetime) -> list[Row]:
        """All rows of one list at `at`. Competitions, seasons and stages move with the calendar."""
        if kind == "competition":
            rows = [self._competition(competition, at) for competition in self._world.competitions]
        elif kind == "season":
            rows = [self._season(c, year, at) for c, year in self._seasons(at)]
        elif kind == "stage":
            rows = [row for c, year in self._seasons(at) for row in self._stages(c, year)]
        elif kind in KINDS:
            rows = [row.copy() for row in self._standing(kind)]
        else:
            raise ValueError(f"reading the reference list {kind!r}: there is none. Ask for one of {', '.join(KINDS)}.")
        now = int(at.timestamp())
        for row in rows:
            # In a world asked about its past, rows were written in a past further back still.
            row["updated_at"] -= max(0, -((now - row["updated_at"]) // _SPAN_S)) * _SPAN_S
        return rows

    def _make_standing(self, kind: str) -> list[Row]:
        """Rows that never change."""
        world = self._world
        if kind == "team":
            return [self._team(club) for club in world.clubs]
        if kind == "venue":
            return [self._venue(club) for club in world.clubs if club.has_venue]
        if kind == "referee":
            return [self._referee(number) for number in range(world.referees)]
        if kind == "category":
            return [
                {"id": world.ids.of("category", n), "name": name, "updated_at": _EPOCH + n}
                for n, name in enumerate(CATEGORIES)
            ]
        return [
            {
                "id": world.ids.of("country", country.number),
                "category_id": world.ids.of("category", country.category),
                "name": country.name,
                "logo": names.picture("country", country.name),
                "updated_at": _EPOCH + country.number,
            }
            for country in world.countries
        ]

    def _rng(self, kind: str, number: int) -> random.Random:
        return random.Random(f"{self._world.seed}/reference/{kind}/{number}")

    def _team(self, club: Club) -> Row:
        world, rng = self._world, self._rng("team", club.number)
        valued = rng.random() < 0.5
        return {
            "id": world.ids.of("team", club.number),
            "competition_id": world.ids.of("competition", club.league),
            "country_id": world.ids.of("country", club.country),
            "name": club.name,
            "short_name": club.short_name,
            "logo": names.picture("team", club.name),
            "national": 0,
            "country_logo": "",
            "foundation_time": club.founded,
            "website": "",
            "coach_id": world.ids.of("coach", club.number) if rng.random() < 0.6 else "",
            "venue_id": world.ids.of("venue", club.number) if club.has_venue else "",
            "market_value": rng.randrange(2, 900) * 100_000 if valued else 0,
            "market_value_currency": "€" if valued else "",
            "total_players": SQUAD if valued else 0,
            "foreign_players": rng.randrange(0, 12) if valued else 0,
            "national_players": rng.randrange(0, 6) if valued else 0,
            "virtual": 0,
            "gender": 2 if club.women else 1,
            "updated_at": _EPOCH + rng.randrange(_SPAN_S),
        }

    def _venue(self, club: Club) -> Row:
        world, rng = self._world, self._rng("venue", club.number)
        return {
            "id": world.ids.of("venue", club.number),
            "name": club.ground,
            "capacity": rng.choice((0, rng.randrange(8, 600) * 100)),
            "country_id": world.ids.of("country", club.country),
            "city": club.town,
            "country": world.countries[club.country].name,
            "real_name": club.ground,
            "updated_at": _EPOCH + rng.randrange(_SPAN_S),
        }

    def _referee(self, number: int) -> Row:
        world, rng = self._world, self._rng("referee", number)
        name = world.person(len(world.clubs) * SQUAD + number)
        return {
            "id": world.ids.of("referee", number),
            "name": name,
            "short_name": name.split()[-1],
            "logo": names.picture("referee", name),
            "birthday": int(datetime(rng.randrange(1972, 1998), rng.randrange(1, 13), 15, tzinfo=UTC).timestamp()),
            "country_id": world.ids.of("country", rng.randrange(len(world.countries))),
            "updated_at": _EPOCH + rng.randrange(_SPAN_S),
        }

    def _competition(self, competition: Competition, at: datetime) -> Row:
        world, rng = self._world, self._rng("competition", competition.number)
        today = at.astimezone(UTC).toordinal()
        year, stage, round_num = self._calendar.season(today)
        seasonal = competition.has_season
        known = seasonal and competition.kind == 1
        team = [world.ids.of("team", club) for club in competition.clubs]
        divisions = [self._division(competition, -1), self._division(competition, 1)] if known else []
        monday = datetime.fromordinal((today - 1) // 7 * 7 + 1).replace(tzinfo=UTC)
        return {
            "id": world.ids.of("competition", competition.number),
            "category_id": world.ids.of("category", competition.category),
            "country_id": "" if competition.country is None else world.ids.of("country", competition.country),
            "name": competition.name,
            "short_name": competition.short_name,
            "logo": names.picture("competition", competition.name),
            "type": competition.kind,
            "cur_season_id": season_id(world, competition, year),
            "cur_stage_id": stage_id(world, competition, year, stage),
            "cur_round": round_num if known else 0,
            "round_count": 36 if known else 0,
            "title_holder": [rng.choice(team), rng.randrange(1, 9)] if known else [],
            "most_titles": [[rng.choice(team)], rng.randrange(9, 31)] if known else [],
            "newcomers": [[rng.choice(team)], []] if known and rng.random() < 0.5 else [],
            "divisions": divisions if any(divisions) else [],
            "host": {"country": CATEGORIES[competition.category]} if competition.kind == 2 else {},
            "primary_color": f"#{rng.randrange(1 << 24):06x}" if rng.random() < 0.6 else "",
            "secondary_color": f"#{rng.randrange(1 << 24):06x}" if rng.random() < 0.4 else "",
            # The current round is written on Mondays.
            "updated_at": int(monday.timestamp()) if known else _EPOCH + rng.randrange(_SPAN_S),
        }

    def _division(self, competition: Competition, step: int) -> list[str]:
        """The league of the same country one tier up or down, if there is one."""
        number = competition.number + step * len(self._world.countries)
        return [self._world.ids.of("competition", number)] if 0 <= number < len(self._world.leagues) else []

    def _seasons(self, at: datetime) -> list[tuple[Competition, int]]:
        """The last, the running and, shortly before it begins, the next season of every competition."""
        today = at.astimezone(UTC)
        years = sorted({today.year - 1, today.year, (today + _PUBLISHED_AHEAD).year})
        return [(c, year) for c in self._world.competitions if c.has_season for year in years]

    def _season(self, competition: Competition, year: int, at: datetime) -> Row:
        starts = datetime(year, 1, 1, tzinfo=UTC)
        return {
            "id": season_id(self._world, competition, year),
            "competition_id": self._world.ids.of("competition", competition.number),
            "year": str(year),
            "has_player_stats": 0,
            "has_team_stats": 0,
            "has_table": 0,
            "is_current": int(year == at.astimezone(UTC).year),
            "start_time": int(starts.timestamp()),
            "end_time": int(datetime(year + 1, 1, 1, tzinfo=UTC).timestamp()) - 1,
            "updated_at": int((starts - _PUBLISHED_AHEAD).timestamp()),
        }

    def _stages(self, competition: Competition, year: int) -> list[Row]:
        world = self._world
        return [
            {
                "id": stage_id(world, competition, year, n),
                "season_id": season_id(world, competition, year),
                "name": name,
                "mode": 1 if competition.kind == 1 else 2,
                "group_count": 0,
                "round_count": 36,
                "order": n + 1,
                "updated_at": int((datetime(year, 1, 1, tzinfo=UTC) - _PUBLISHED_AHEAD).timestamp()),
            }
            for n, name in enumerate(_STAGES)
        ]
