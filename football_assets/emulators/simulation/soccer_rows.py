"""One simulated match as the provider's rows show it at some instant.

Belongs here: shapes of `match/detail_live` and `match/recent/list`. What happens in the match is `soccer_match`.
"""

import math
import random
from bisect import bisect_right
from functools import lru_cache
from typing import Any

from football_assets.emulators.simulation import soccer_match as match
from football_assets.emulators.simulation.soccer_calendar import Fixture
from football_assets.emulators.simulation.soccer_commentary import commentary
from football_assets.emulators.simulation.soccer_match import Event, MatchLife
from football_assets.emulators.simulation.soccer_world import Competition, World

Row = dict[str, Any]
Sides = tuple[list[int], list[int]]

LIVE_AFTER_S = 7200  # how long a match stays in detail_live after its last change
LIVE_BEFORE_S = 600  # how long before its kickoff it appears there
_STATS = (2, 3, 4, 8, 21, 22, 23, 24, 25)
_WRITTEN_BEFORE_S = 6 * 86400


def season_id(world: World, competition: Competition, year: int) -> str:
    """The id of a competition's season; empty where seasons are not kept."""
    return world.ids.of("season", competition.number * 10000 + year) if competition.has_season else ""


def stage_id(world: World, competition: Competition, year: int, stage: int) -> str:
    """The id of a stage of a season; empty where seasons are not kept."""
    if not competition.has_season:
        return ""
    return world.ids.of("stage", (competition.number * 10000 + year) * 4 + stage)


class Standings:
    """Table ranks: a club's strength and the luck of the last rounds."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._ranks = lru_cache(maxsize=1024)(self._make)

    def rank(self, fixture: Fixture, club: int) -> str:
        """The rank of a club before a match as text; empty outside leagues and where no table is kept."""
        competition = fixture.competition
        if competition.kind != 1 or not competition.has_season:
            return ""
        return str(self._ranks(competition.number, fixture.year, fixture.stage, fixture.round_num // 4)[club])

    def _make(self, competition: int, year: int, stage: int, month: int) -> dict[int, int]:
        world = self._world
        rng = random.Random(f"{world.seed}/table/{competition}/{year}/{stage}/{month}")
        numbers = world.competitions[competition].clubs
        form = {n: world.clubs[n].attack + world.clubs[n].defence + rng.gauss(0.0, 0.25) for n in numbers}
        ranked = sorted(numbers, key=form.__getitem__, reverse=True)
        return {club: rank for rank, club in enumerate(ranked, start=1)}


class MatchRows:
    """The rows of one match. `first_leg_id` names the other match of a tie."""

    def __init__(self, world: World, standings: Standings, life: MatchLife, related_id: str | None) -> None:
        self.life = life
        self.fixture = fixture = life.fixture
        self._world = world
        self._related_id = related_id
        self._ranks = (standings.rank(fixture, fixture.home.number), standings.rank(fixture, fixture.away.number))
        rng = random.Random(f"{world.seed}/rows/{fixture.number}")
        level = fixture.competition.coverage
        self._has_stats = rng.random() < (0.12, 0.80, 0.97)[level]
        self._stats_order = rng.sample(_STATS, len(_STATS))
        self._has_text = level == 2 and rng.random() < 0.3
        self._coverage = {"mlive": int(self._has_stats), "lineup": int(level == 2 and rng.random() < 0.9)}
        self._referee = rng.randrange(world.referees) if rng.random() < (0.0, 0.05, 0.15)[level] else None
        self._environment = _environment(rng) if rng.random() < 0.75 else None
        # A schedule row trails the live feed now and then.
        self._lag_s = rng.randrange(5, 56) if rng.random() < 0.1 else 0
        self._possession = (
            50 + 11 * math.log(fixture.goals[0] / fixture.goals[1]) + rng.gauss(0.0, 5.0),
            rng.uniform(0.0, 6.28),
        )
        self._attacks = tuple((rng.uniform(0.75, 1.25), rng.uniform(0.75, 1.25)) for _ in range(2))
        self._text: list[tuple[int, Row]] | None = None

    def is_live(self, at: int) -> bool:
        """Whether `match/detail_live` lists the match: running, about to start, or changed in the last 120 minutes."""
        if self.life.phase(at).status in match.IN_PLAY or 0 < self.fixture.kickoff - at <= LIVE_BEFORE_S:
            return True
        changed = self.life.last_change(at)
        return changed is not None and at - changed <= LIVE_AFTER_S

    # --- match/detail_live -----------------------------------------------------------------------------------------

    def live(self, at: int) -> Row:
        """The `match/detail_live` entry at `at`."""
        shown = self._shown(at)
        phase = self.life.phase(at)
        home, away = self._scores(at, phase.status, shown)
        stats = self._stats(at, shown) if self._has_stats and phase.status not in {1, 9, 12, 13} else []
        return {
            "id": self.fixture.id,
            "score": [self.fixture.id, phase.status, home, away, phase.kickoff, ""],
            "stats": stats,
            "incidents": [event.row.copy() for event in shown if event.kind != match.CORNER],
            "tlive": self._commentary(at),
        }

    def scores(self, at: int) -> Sides:
        """The seven score slots of both sides at `at`."""
        return self._scores(at, self.life.phase(at).status, self._shown(at))

    def _shown(self, at: int) -> list[Event]:
        return [e for e in self.life.events if e.at <= at and (e.gone_at is None or at < e.gone_at)]

    def _scores(self, at: int, status: int, shown: list[Event]) -> Sides:
        sides: Sides = ([0] * 7, [0] * 7)
        for event in shown:
            if event.side == 0:
                continue
            slots = sides[event.side - 1]
            if event.kind in match.GOALS:
                if event.period != match.EXTRA_PERIOD:
                    slots[0] += 1
                    slots[1] += event.period == match.FIRST_PERIOD
                slots[5] += 1
            elif event.kind == match.SHOOT_OUT_GOAL:
                slots[6] += 1
            elif event.kind == match.YELLOW:
                slots[3] += 1
            elif event.kind == match.RED:
                slots[2] += 1
            elif event.kind == match.SECOND_YELLOW:
                slots[2] += 1
                slots[3] += 1
        extra = self._extra_time_began(at)
        for slots, corners in zip(sides, self.life.corners, strict=True):
            slots[4] = _count(corners, at)
            slots[5] *= extra
        return sides

    def _extra_time_began(self, at: int) -> bool:
        """Whether extra time is played or over; of a match nobody reported on, it shows with the result."""
        life = self.life
        if not life.has_extra:
            return False
        first = next((p.at for p in life.phases if p.status == match.EXTRA_TIME), life.ended_at)
        return first is not None and at >= first

    def _stats(self, at: int, shown: list[Event]) -> list[Row]:
        """Running totals of the nine statistics, in this match's own order."""
        life, played = self.life, self.life.played_s(at)
        totals: dict[int, tuple[int, int]] = {
            2: self._both(lambda n: _count(life.corners[n], at)),
            3: self._both(lambda n: _tally(shown, {match.YELLOW}, n)),
            4: self._both(lambda n: _tally(shown, match.DISMISSALS, n)),
            8: self._both(lambda n: _tally(shown, {match.PENALTY}, n)),
            21: self._both(lambda n: _count(life.on_target[n], at)),
            22: self._both(lambda n: _count(life.off_target[n], at)),
        }
        danger = self._both(lambda n: int(played * self._attacks[n][0] / 160) + totals[21][n] + totals[22][n])
        totals[24] = danger
        totals[23] = self._both(lambda n: int(played * self._attacks[n][1] / 110) + danger[n])
        totals[25] = self._possession_at(played)
        return [{"type": kind, "home": totals[kind][0], "away": totals[kind][1]} for kind in self._stats_order]

    @staticmethod
    def _both(of_side: Any) -> tuple[int, int]:
        return int(of_side(0)), int(of_side(1))

    def _possession_at(self, played_s: int) -> tuple[int, int]:
        """Possession swings in the first minutes and settles; both shares make 100."""
        base, phase = self._possession
        home = round(base + 14 * math.sin(played_s / 400 + phase) * math.exp(-played_s / 1500))
        home = min(85, max(15, home))
        return home, 100 - home

    def _commentary(self, at: int) -> list[Row]:
        if not self._has_text:
            return []
        if self._text is None:
            self._text = commentary(self._world, self.life)
        return [row.copy() for moment, row in self._text if moment <= at]

    # --- match/recent/list -----------------------------------------------------------------------------------------

    def recent(self, at: int) -> Row:
        """The `match/recent/list` row at `at`; `updated_at` is the moment its content last changed."""
        world, fixture = self._world, self.fixture
        seen = at - self._lag_s
        phase = self.life.phase(seen)
        home, away = self._scores(seen, phase.status, self._shown(seen))
        written = self._last_written(seen)
        row: Row = {
            "id": fixture.id,
            "season_id": season_id(world, fixture.competition, fixture.year),
            "competition_id": world.ids.of("competition", fixture.competition.number),
            "home_team_id": world.ids.of("team", fixture.home.number),
            "away_team_id": world.ids.of("team", fixture.away.number),
            "status_id": phase.status,
            "match_time": fixture.kickoff,
            "venue_id": world.ids.of("venue", fixture.home.number) if fixture.home.has_venue else "",
            "referee_id": "" if self._referee is None else world.ids.of("referee", self._referee),
            "neutral": int(fixture.neutral),
            "note": self._note(seen, phase.status, home, away),
            "home_scores": home,
            "away_scores": away,
            "home_position": self._ranks[0],
            "away_position": self._ranks[1],
            "coverage": self._coverage.copy(),
            "round": {
                "stage_id": stage_id(world, fixture.competition, fixture.year, fixture.stage),
                "round_num": fixture.round_num if fixture.competition.has_season else 0,
                "group_num": 0,
            },
        }
        if self._related_id is not None:
            row |= {"related_id": self._related_id, "agg_score": self._aggregate(phase.status, home, away)}
        if self._environment is not None and seen >= fixture.kickoff - LIVE_AFTER_S:
            row["environment"] = self._environment.copy()
        if self._went_on(seen):
            row["has_ot"] = 1
        if phase.status == match.ENDED:
            row["ended"] = phase.at
        row["updated_at"] = written + self._lag_s
        return row

    def _last_written(self, at: int) -> int:
        """When the row was last written: at the draw, when the forecast came, at every change of the match."""
        written = (self.fixture.kickoff - _WRITTEN_BEFORE_S) // 3600 * 3600
        forecast = self.fixture.kickoff - LIVE_AFTER_S
        if self._environment is not None and forecast <= at:
            written = forecast
        return max(written, self.life.last_change(at) or 0)

    def _went_on(self, at: int) -> bool:
        """Whether the match has gone beyond 90 minutes."""
        life = self.life
        if not (life.has_extra or life.has_shoot_out):
            return False
        beyond = {match.EXTRA_TIME, match.SHOOT_OUT}
        first = next((p.at for p in life.phases if p.status in beyond), life.ended_at)
        return first is not None and at >= first

    def _note(self, at: int, status: int, home: list[int], away: list[int]) -> str:
        if status != match.ENDED or not self._went_on(at) or at < (self.life.ended_at or 0):
            return ""
        parts = [f"FT[{home[0]}-{away[0]}]"]
        if self.life.has_extra:
            parts.append(f"ET[{home[5]}-{away[5]}]")
        if self.life.has_shoot_out:
            parts.append(f"PEN[{home[6]}-{away[6]}]")
        totals = [max(s[0], s[5]) + first for s, first in zip((home, away), self.life.first_leg or (0, 0), strict=True)]
        home_wins = (totals[0], home[6]) > (totals[1], away[6])
        return ",".join([*parts, f"{(self.fixture.home if home_wins else self.fixture.away).name} win"])

    def _aggregate(self, status: int, home: list[int], away: list[int]) -> list[int]:
        """Goals over both legs; a running leg is added when it is over."""
        first = self.life.first_leg or (0, 0)
        if status != match.ENDED:
            return list(first)
        return [max(scores[0], scores[5]) + before for scores, before in zip((home, away), first, strict=True)]


def _count(moments: list[int], at: int) -> int:
    return bisect_right(moments, at)


def _tally(shown: list[Event], kinds: frozenset[int] | set[int], side: int) -> int:
    return sum(event.kind in kinds and event.side == side + 1 for event in shown)


def _environment(rng: random.Random) -> Row:
    """Weather at the ground, numbers and units in one text."""
    weather = rng.choices(range(1, 14), (20, 15, 10, 1, 22, 2, 10, 3, 6, 8, 2, 1, 2))[0]
    temperature = rng.randrange(-6, 3) if weather == 4 else round(rng.gauss(17, 8))
    return {
        "weather": weather,
        "pressure": f"{round(rng.gauss(760, 4))}mmHg",
        "temperature": f"{temperature}°C",
        "wind": f"{rng.gammavariate(3.0, 1.4):.1f}m/s",
        "humidity": f"{rng.randrange(28, 97)}%",
    }
