"""Simulated seasons of college football behind the same protocol as recorded ones.

Everything follows from a seed: who is strong, who meets whom, every play. A season is played whole when it is first
asked for and then shown as of an instant, so nothing later than that instant can be seen.
"""

from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from football_assets.emulators.simulation.college_box import Squad, write_box
from football_assets.emulators.simulation.college_ratings import (
    COMMITTEE,
    ELO_MEAN,
    ELO_PER_POINT,
    VOTERS,
    carried_over,
    poll,
    record_rows,
    sp_rows,
    standing,
)
from football_assets.emulators.simulation.college_rows import Detail, betting_row, details, game_row, stamp
from football_assets.emulators.simulation.college_schedule import (
    TITLE_WEEK,
    eastern,
    first_saturday,
    saturday,
    schedule_known_at,
)
from football_assets.emulators.simulation.college_season import Season, SeasonGame, final_day, replay
from football_assets.emulators.simulation.college_teams import (
    Teams,
    recruiting_rows,
    returning_rows,
    roster_rows,
    talent_rows,
)
from football_assets.emulators.simulation.college_world import (
    College,
    colleges,
    conference_rows,
    dice,
    fbs_colleges,
    team_row,
    venue_rows,
)
from football_assets.emulators.sources import Row
from football_assets.states import Source

# Elo begins anew, from the true strengths, every tenth season: so a season needs at most nine before it.
ELO_ERA = 10
SEASONS_OF_BOXES = 2
FIRST_COMMITTEE_WEEK = 11


class SimulatedSeasons:
    """Seasons `first` to `through` (ten when `first` is left out) of the world that belongs to `seed`.

    Rows are shared between calls: callers must not change them.
    """

    label = Source.SIMULATED

    def __init__(self, seed: int, *, through: int, first: int | None = None) -> None:
        self._first = through - 9 if first is None else first
        self._through = through
        if self._first > through:
            raise ValueError(
                f"simulating college seasons: first {first} is after through {through}. Give an earlier first season."
            )
        self._seed = seed
        self._teams = Teams(seed)
        self._seasons: dict[int, Season] = {}
        self._details: OrderedDict[int, dict[int, Detail]] = OrderedDict()
        self._polls: dict[tuple[int, str, int], list[Row]] = {}
        self._by_endpoint: dict[str, Callable[[int, datetime], list[Row]]] = {
            "games": self._games,
            "lines": self._lines,
            "games/teams": lambda season, at: [detail.box for detail in self._boxes(season, at)],
            "games/players": lambda season, at: [detail.players for detail in self._boxes(season, at)],
            "ppa/games": lambda season, at: [row for detail in self._boxes(season, at) for row in detail.ppa],
            "stats/game/advanced": lambda season, at: [
                row for detail in self._boxes(season, at) for row in detail.advanced
            ],
            "records": lambda season, at: record_rows(self._season(season).completed(at), season),
            "calendar": self._calendar,
            "rankings": self._rankings,
            "ratings/elo": self._elo,
            "ratings/sp": lambda season, at: sp_rows(self._season(season).completed(at), season),
            "talent": lambda season, at: talent_rows(self._teams, season) if _by(at, season, 8) else [],
            "recruiting/teams": lambda season, at: recruiting_rows(self._teams, season) if _by(at, season, 3) else [],
            "player/returning": lambda season, at: returning_rows(self._teams, season) if _by(at, season, 3) else [],
            "roster": lambda season, at: roster_rows(self._teams, season) if _by(at, season, 6) else [],
        }

    @property
    def default_at(self) -> datetime:
        """The wall clock while the last season runs, else its November 15: a week with games past and games to come."""
        now = datetime.now(UTC)
        begins = datetime(self._through, 9, 5, tzinfo=UTC)
        ends = datetime(self._through, 12, 1, tzinfo=UTC)
        return now if begins <= now < ends else datetime(self._through, 11, 15, 12, tzinfo=UTC)

    def seasons(self) -> list[int]:
        """Seasons of this world, ascending."""
        return list(range(self._first, self._through + 1))

    def rows(self, endpoint: str, season: int | None, at: datetime) -> list[Row]:
        """Rows of one endpoint as known at `at`; of all seasons when `season` is None, [] for what is not simulated."""
        reference = _reference(endpoint)
        if reference is not None:
            return reference
        read = self._by_endpoint.get(endpoint)
        if read is None:
            return []
        wanted = self.seasons() if season is None else [season]
        known = [year for year in wanted if self._first <= year <= self._through]
        return [row for year in known if at >= datetime(year, 1, 1, tzinfo=UTC) for row in read(year, at)]

    def _season(self, year: int) -> Season:
        if year not in self._seasons:
            self._seasons[year] = Season(self._seed, year, self._teams.strengths(year), self._starting_elo(year))
        return self._seasons[year]

    def _starting_elo(self, year: int) -> dict[int, float]:
        if year % ELO_ERA == 0:
            strengths = self._teams.strengths(year - 1)
            ends = {team_id: ELO_MEAN + ELO_PER_POINT * strength.total for team_id, strength in strengths.items()}
        else:
            ends = self._season(year - 1).elo
        return {team_id: carried_over(elo) for team_id, elo in ends.items()}

    def _announced(self, season: int, at: datetime) -> list[SeasonGame]:
        return [game for game in self._season(season).games if game.fixture.announced_at <= at]

    def _games(self, season: int, at: datetime) -> list[Row]:
        return [game_row(game, at) for game in self._announced(season, at)]

    def _lines(self, season: int, at: datetime) -> list[Row]:
        return [betting_row(self._seed, game, at) for game in self._announced(season, at)]

    def _boxes(self, season: int, at: datetime) -> list[Detail]:
        """Details of the games that are over, written when first wanted; those of two seasons are kept."""
        kept = self._details.setdefault(season, {})
        self._details.move_to_end(season)
        while len(self._details) > SEASONS_OF_BOXES:
            self._details.popitem(last=False)
        squads: dict[int, Squad] = {}
        found: list[Detail] = []
        for game in self._season(season).completed(at):
            detail = kept.get(game.fixture.game_id)
            if detail is None:
                detail = kept[game.fixture.game_id] = self._detail(game, squads)
            found.append(detail)
        return found

    def _detail(self, game: SeasonGame, squads: dict[int, Squad]) -> Detail:
        fixture = game.fixture
        pair = (self._squad(fixture.home, fixture.season, squads), self._squad(fixture.away, fixture.season, squads))
        result = replay(self._seed, fixture.game_id, game.matchup)
        sheets = write_box(dice(self._seed, "box", fixture.game_id), result, pair)
        return details(game, sheets, pair)

    def _squad(self, college: College, season: int, squads: dict[int, Squad]) -> Squad:
        if college.team_id not in squads:
            lean = self._teams.strengths(season)[college.team_id].pass_lean
            squads[college.team_id] = Squad(self._teams.roster(college, season), lean)
        return squads[college.team_id]

    def _calendar(self, season: int, at: datetime) -> list[Row]:
        """`/calendar`: first and last kick-off of each week; the postseason's days are fixed before its games are."""
        if at < schedule_known_at(season):
            return []
        weeks: dict[tuple[str, int], list[datetime]] = {}
        for game in self._season(season).games:
            weeks.setdefault((game.fixture.season_type, game.fixture.week), []).append(game.fixture.kickoff)
        return [
            {
                "season": season,
                "week": week,
                "seasonType": season_type,
                "startDate": stamp(min(kickoffs)),
                "endDate": stamp(max(kickoffs)),
                "firstGameStart": stamp(min(kickoffs)),
                "lastGameStart": stamp(max(kickoffs)),
            }
            for (season_type, week), kickoffs in sorted(weeks.items(), key=lambda item: min(item[1]))
        ]

    def _elo(self, season: int, at: datetime) -> list[Row]:
        """`/ratings/elo` of FBS teams that have played."""
        played = self._season(season)
        done = {team.team_id for game in played.completed(at) for team in (game.home, game.away)}
        elo = played.elo_at(at)
        return [
            {
                "year": season,
                "team": college.school,
                "conference": college.conference.name,
                "elo": round(elo[college.team_id]),
            }
            for college in fbs_colleges()
            if college.team_id in done
        ]

    def _rankings(self, season: int, at: datetime) -> list[Row]:
        """`/rankings`: the polls published by `at`, one row a week."""
        rows: list[Row] = []
        for season_type, week, releases in _poll_weeks(season):
            polls = [
                {"poll": name, "isFinal": final, "ranks": self._poll(season, name, week, released)}
                for name, released, final in releases
                if released <= at
            ]
            if polls:
                rows.append({"season": season, "seasonType": season_type, "week": week, "polls": polls})
        return rows

    def _poll(self, season: int, name: str, week: int, released: datetime) -> list[Row]:
        """The ranks of one poll, from the results there were when it came out."""
        key = (season, name, week + 100 * (released.year > season))
        if key not in self._polls:
            played = self._season(season)
            standings = standing(played.elo_at(released), played.completed(released))
            self._polls[key] = poll(name, standings, self._seed, season, key[2])
        return self._polls[key]


def _reference(endpoint: str) -> list[Row] | None:
    """Rows of the lists that are the same at all times; None for anything else."""
    if endpoint == "teams":
        return [team_row(college) for college in colleges()]
    if endpoint == "teams/fbs":
        return [team_row(college) for college in fbs_colleges()]
    if endpoint == "venues":
        return venue_rows()
    return conference_rows() if endpoint == "conferences" else None


def _by(at: datetime, season: int, month: int) -> bool:
    """Whether `at` is in or after a month of the season's year."""
    return at >= datetime(season, month, 1, tzinfo=UTC)


def _poll_weeks(season: int) -> list[tuple[str, int, list[tuple[str, datetime, bool]]]]:
    """Season type, week and releases (poll, when, whether final) of a season; week 1 is the preseason poll."""
    writers = [name for name in VOTERS if name != COMMITTEE]
    preseason = eastern(first_saturday(season) - timedelta(days=12), 12)
    weeks = [("regular", 1, [(name, preseason, False) for name in writers])]
    for week in range(2, TITLE_WEEK + 2):
        sunday = saturday(season, week) - timedelta(days=6)
        releases = [(name, eastern(sunday, 14), False) for name in writers]
        if week > TITLE_WEEK:
            releases.append((COMMITTEE, eastern(sunday, 12), True))
        elif week >= FIRST_COMMITTEE_WEEK:
            releases.append((COMMITTEE, eastern(sunday + timedelta(days=2), 19), False))
        weeks.append(("regular", week, releases))
    last = eastern(final_day(season) + timedelta(days=1), 3)
    weeks.append(("postseason", 1, [(name, last, True) for name in writers]))
    return weeks
