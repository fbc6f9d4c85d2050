"""The plays of a simulated game and what each player did on them.

`college_game` decides scores, clock and field position by series; here every series becomes rushes and passes that add
up to it, and every play is credited to players. Team totals are sums over these players, so the two always agree.
Sacks count as rushing attempts with a loss, as college statistics have it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from random import Random
from typing import NamedTuple

from football_assets.emulators.simulation.college_game import AWAY, HOME, GameResult, Possession, Series
from football_assets.emulators.simulation.college_teams import Player

RUSH, SACK, COMPLETE, INCOMPLETE, INTERCEPTED = range(5)

# Share of passes among plays by yards gained: up to 4, 9, 19 yards and beyond.
PASS_ODDS = ((4, 0.26), (9, 0.55), (19, 1.12), (100, 2.8))


class Play(NamedTuple):
    """A scrimmage play: what it was, where it stood and its expected points added."""

    kind: int
    down: int
    to_go: int
    gain: int
    added: float

    @property
    def is_pass(self) -> bool:
        """Whether the offence meant to pass; sacks are passes here, unlike in the yardage."""
        return self.kind != RUSH

    @property
    def success(self) -> bool:
        """Half of the distance on first down, seven tenths on second, all of it later."""
        return self.gain >= self.to_go * (0.5, 0.7, 1.0, 1.0)[self.down - 1]

    @property
    def standard(self) -> bool:
        """A down on which running is as likely as passing."""
        return self.to_go <= (10, 7, 4, 4)[self.down - 1]


@dataclass(slots=True)
class Sheet:
    """One side's game: team counters and, by player id, the counts of each category.

    passing [completions, attempts, yards, touchdowns, interceptions, points added]; rushing [carries, yards,
    touchdowns, long]; receiving [catches, yards, touchdowns, long]; fumbles [all, lost, recovered]; defensive [total,
    solo, sacks, for loss, deflected, hurries, touchdowns]; interceptions [number, yards, touchdowns]; kicking [goals,
    tried, long, extra points, tried]; punting [number, yards, touchbacks, inside 20, long]; returns [number, yards,
    long, touchdowns].
    """

    points: int = 0
    plays: list[Play] = field(default_factory=list)
    drives: int = 0
    first_downs: int = 0
    third_downs: list[int] = field(default_factory=lambda: [0, 0])
    fourth_downs: list[int] = field(default_factory=lambda: [0, 0])
    penalties: int = 0
    penalty_yards: int = 0
    possession_s: int = 0
    two_pointers: int = 0
    safeties: int = 0
    passing: dict[str, list[float]] = field(default_factory=dict)
    rushing: dict[str, list[float]] = field(default_factory=dict)
    receiving: dict[str, list[float]] = field(default_factory=dict)
    fumbles: dict[str, list[float]] = field(default_factory=dict)
    defensive: dict[str, list[float]] = field(default_factory=dict)
    interceptions: dict[str, list[float]] = field(default_factory=dict)
    kicking: dict[str, list[float]] = field(default_factory=dict)
    punting: dict[str, list[float]] = field(default_factory=dict)
    kick_returns: dict[str, list[float]] = field(default_factory=dict)
    punt_returns: dict[str, list[float]] = field(default_factory=dict)


class Pool:
    """Players with how often each is the one."""

    def __init__(self, players: Sequence[Player], shares: Sequence[float]) -> None:
        self._ids = [player.player_id for player in players]
        self._sums = list(accumulate(shares[: len(players)]))

    def draw(self, rng: Random) -> str:
        """The id of one player."""
        return rng.choices(self._ids, cum_weights=self._sums)[0]


class Squad:
    """Who does what for one side."""

    def __init__(self, roster: dict[str, list[Player]], pass_lean: float) -> None:
        self.names = {player.player_id: player.name for players in roster.values() for player in players}
        self.pass_factor = 2.718281828**pass_lean
        quarterbacks = [player.player_id for player in roster["QB"]]
        self.quarterback, self.substitute = quarterbacks[0], quarterbacks[min(1, len(quarterbacks) - 1)]
        self.kicker, self.punter = roster["K"][0].player_id, roster["P"][0].player_id
        backs = roster["RB"][:3]
        catchers = [*roster["WR"][:5], *roster["TE"][:2], *backs[:2]]
        self.runners = _pool([*backs, roster["QB"][0], roster["WR"][0]], (0.5, 0.27, 0.09, 0.12, 0.03))
        self.catchers = _pool(catchers, (0.26, 0.2, 0.15, 0.07, 0.04, 0.12, 0.05, 0.08, 0.03))
        front, middle, rear = roster["DL"][:4], roster["LB"][:4], roster["DB"][:5]
        self.tacklers = _pool([*front, *middle, *rear], [2.0] * len(front) + [4.0] * len(middle) + [3.0] * len(rear))
        self.rushers = _pool([*front, *middle], [4.0] * len(front) + [2.5] * len(middle))
        self.cover = _pool([*middle, *rear], [1.0] * len(middle) + [4.0] * len(rear))
        self.returners = Pool([roster["WR"][-1], roster["DB"][-1]], (0.75, 0.25))


def _pool(players: Sequence[Player], shares: Sequence[float]) -> Pool:
    """A pool in which better players are used more."""
    return Pool(players, [share * 2 ** (player.quality / 2) for player, share in zip(players, shares, strict=False)])


def write_box(rng: Random, game: GameResult, squads: tuple[Squad, Squad]) -> tuple[Sheet, Sheet]:
    """Fill the possessions of `game` with plays and credit them; home sheet first."""
    return _Scorer(rng, squads).score(game)


def expected_points(down: int, to_go: int, distance: int) -> float:
    """Points the offence may expect from here on: about 1 from the own 25, over 6 at the goal line."""
    usual = (10, 7, 5, 4)[down - 1]
    return 6.3 - 0.071 * distance - (0.0, 0.4, 0.95, 1.9)[down - 1] - 0.045 * (to_go - usual)


class _Scorer:
    """The press box: reads possessions, writes both sheets."""

    def __init__(self, rng: Random, squads: tuple[Squad, Squad]) -> None:
        self._rng = rng
        self._random = rng.random
        self._squads = squads
        self._sheets = (Sheet(), Sheet())

    def score(self, game: GameResult) -> tuple[Sheet, Sheet]:
        possessions = game.possessions
        for place, possession in enumerate(possessions):
            after = possessions[place + 1] if place + 1 < len(possessions) else None
            self._start(possession)
            if possession.series:
                self._drive(possession)
            self._finish(possession, after)
        home_s = round(sum(p.seconds for p in possessions if p.side == HOME and p.period <= 4))
        for side in (HOME, AWAY):
            sheet = self._sheets[side]
            sheet.points = game.points[side]
            sheet.possession_s = home_s if side == HOME else 3600 - home_s
            self._penalties(sheet)
        return self._sheets

    def _penalties(self, sheet: Sheet) -> None:
        """Flags are counted but not walked off: the drives' yards are net of them."""
        sheet.penalties = max(0, round(self._rng.gauss(5.8, 2.6)))
        sheet.penalty_yards = sum(self._rng.choices((5, 10, 15), (0.45, 0.35, 0.2), k=sheet.penalties))

    def _start(self, possession: Possession) -> None:
        """Returns of kicks and punts; interceptions are credited where they happen."""
        if not possession.return_yards or possession.began not in ("kickoff", "punt"):
            return
        sheet, squad = self._sheets[possession.side], self._squads[possession.side]
        table = sheet.kick_returns if possession.began == "kickoff" else sheet.punt_returns
        line = table.setdefault(squad.returners.draw(self._rng), [0, 0, 0, 0])
        line[0] += 1
        line[1] += possession.return_yards
        line[2] = max(line[2], possession.return_yards)
        line[3] += possession.result == "return td"

    def _drive(self, possession: Possession) -> None:
        offense, defense = self._sheets[possession.side], self._sheets[1 - possession.side]
        squad = self._squads[possession.side]
        lead = offense.points - defense.points
        relieved = possession.period == 4 and abs(lead) >= 28
        passer = squad.substitute if relieved else squad.quarterback
        offense.drives += 1
        distance = possession.start
        for series in possession.series:
            self._series(possession.side, passer, series, distance)
            distance -= series.gain

    def _series(self, side: int, passer: str, series: Series, distance: int) -> None:
        """All plays of one series, with the counts of downs."""
        sheet = self._sheets[side]
        made = series.end in ("first", "td")
        sheet.first_downs += made
        if series.plays >= 3:
            sheet.third_downs[0] += made and series.plays == 3
            sheet.third_downs[1] += 1
        if series.plays >= 4:
            sheet.fourth_downs[0] += made
            sheet.fourth_downs[1] += 1
        gained = 0
        gains = self._gains(series, distance)
        for down, gain in enumerate(gains, start=1):
            last = down == len(gains)
            to_go = series.to_go - gained
            kind = self._kind(gain, down, to_go, self._squads[side].pass_factor)
            end = series.end if last else ""
            if end == "int":
                kind = INTERCEPTED
            elif end == "fumble" and kind == INCOMPLETE:
                kind = RUSH
            added = self._added(down, to_go, distance - gained, gain, end)
            self._credit(side, passer, Play(kind, min(down, 4), to_go, gain, added), end)
            gained += gain

    def _gains(self, series: Series, distance: int) -> list[int]:
        """Yards of each play: short of the line to gain before the last, adding up to the series."""
        if series.end == "int":
            if series.plays == 1:
                return [0]
            return [*self._split(series.gain, series.plays - 1, series.to_go, distance), 0]
        return self._split(series.gain, series.plays, series.to_go, distance)

    def _split(self, total: int, plays: int, to_go: int, distance: int) -> list[int]:
        gains: list[int] = []
        gained = 0
        for _ in range(plays - 1):
            roll = self._random()
            if roll < 0.33:
                gain = 0
            elif roll < 0.405:
                gain = -int(1 + self._random() * 6)
            else:
                gain = int(1 + self._random() * 8)
            gain = max(min(gain, to_go - 1 - gained), distance - 99 - gained)
            gains.append(gain)
            gained += gain
        gains.append(total - gained)
        return gains

    def _kind(self, gain: int, down: int, to_go: int, factor: float) -> int:
        """What kind of play gains this much here."""
        roll = self._random()
        if gain < 0:
            return SACK if roll < 0.14 + 0.035 * min(-gain, 8) else (RUSH if roll < 0.93 else COMPLETE)
        if down >= 3 and to_go >= 4:
            factor *= 2.2
        if gain == 0:
            return INCOMPLETE if roll < 0.84 else (RUSH if roll < 0.96 else COMPLETE)
        odds = next(odds for limit, odds in PASS_ODDS if gain <= limit) * factor
        return COMPLETE if roll < odds / (1 + odds) else RUSH

    def _added(self, down: int, to_go: int, distance: int, gain: int, end: str) -> float:
        """Expected points after the play less those before it."""
        before = expected_points(min(down, 4), to_go, distance)
        left = distance - gain
        if end == "td":
            return 6.95 - before
        if end == "safety":
            return -2.9 - before
        if end in ("int", "fumble", "downs"):
            return -expected_points(1, 10, min(100 - left, 99)) - before
        if gain >= to_go:
            return expected_points(1, min(10, left), left) - before
        return expected_points(min(down + 1, 4), to_go - gain, left) - before

    def _credit(self, side: int, passer: str, play: Play, end: str) -> None:
        """Book one play for both sides."""
        sheet, other = self._sheets[side], self._sheets[1 - side]
        squad, defenders = self._squads[side], self._squads[1 - side]
        sheet.plays.append(play)
        carrier = passer
        if play.kind in (RUSH, SACK):
            carrier = passer if play.kind == SACK else squad.runners.draw(self._rng)
            _gain(sheet.rushing, carrier, play.gain, end == "td")
        else:
            line = sheet.passing.setdefault(passer, [0, 0, 0, 0, 0, 0])
            line[1] += 1
            line[5] += play.added
            if play.kind == COMPLETE:
                carrier = squad.catchers.draw(self._rng)
                line[0] += 1
                line[2] += play.gain
                line[3] += end == "td"
                _gain(sheet.receiving, carrier, play.gain, end == "td")
            else:
                self._incomplete(line, other, defenders, play.kind)
                return
        self._tackle(other, defenders, play, end)
        self._fumble(sheet, other, carrier, defenders, end)

    def _incomplete(self, line: list[float], other: Sheet, defenders: Squad, kind: int) -> None:
        if kind == INTERCEPTED:
            line[4] += 1
            return
        roll = self._random()
        if roll < 0.29:
            _stat(other.defensive, defenders.cover.draw(self._rng), 7)[4] += 1
        elif roll < 0.5:
            _stat(other.defensive, defenders.rushers.draw(self._rng), 7)[5] += 1

    def _tackle(self, other: Sheet, defenders: Squad, play: Play, end: str) -> None:
        """Who brought the carrier down: alone, or two together with half of the sack or loss each."""
        if end == "td" or (play.kind != SACK and self._random() < 0.1):
            return
        pool = defenders.rushers if play.kind == SACK else defenders.tacklers
        found = [pool.draw(self._rng)]
        if self._random() < 0.28:
            second = pool.draw(self._rng)
            if second != found[0]:
                found.append(second)
        for player in found:
            line = _stat(other.defensive, player, 7)
            line[0] += 1
            line[1] += len(found) == 1
            line[2] += (play.kind == SACK) / len(found)
            line[3] += (play.gain < 0) / len(found)

    def _fumble(self, sheet: Sheet, other: Sheet, carrier: str, defenders: Squad, end: str) -> None:
        if end == "fumble":
            line = _stat(sheet.fumbles, carrier, 3)
            line[0] += 1
            line[1] += 1
            _stat(other.fumbles, defenders.tacklers.draw(self._rng), 3)[2] += 1
        elif end != "td" and self._random() < 0.013:
            _stat(sheet.fumbles, carrier, 3)[0] += 1

    def _finish(self, possession: Possession, after: Possession | None) -> None:
        """Kicks, conversions, interceptions and returned touchdowns at the end of a possession."""
        side = possession.side
        sheet, squad, other = self._sheets[side], self._squads[side], self._sheets[1 - side]
        sheet.points += possession.points
        if possession.result == "int":
            self._intercept(1 - side, after)
        elif possession.result == "punt":
            self._punt(possession, after)
        elif possession.result in ("fg", "missed fg"):
            line = _stat(sheet.kicking, squad.kicker, 5)
            line[1] += 1
            if possession.result == "fg":
                line[0] += 1
                line[2] = max(line[2], possession.kick_yards)
        elif possession.result == "safety":
            other.safeties += 1
            other.points += 2
        if possession.result == "return td" and possession.began == "fumble":
            recoverers = [player for player, line in sheet.fumbles.items() if line[2]]
            _stat(sheet.defensive, recoverers[-1], 7)[6] += 1
        if possession.conversion in ("good", "missed"):
            line = _stat(sheet.kicking, squad.kicker, 5)
            line[3] += possession.conversion == "good"
            line[4] += 1
        sheet.two_pointers += possession.conversion == "two" or (possession.result == "two" and possession.points == 2)

    def _intercept(self, side: int, after: Possession | None) -> None:
        """The interception, with the return that `after` begins with when the half did not end on it."""
        player = self._squads[side].cover.draw(self._rng)
        line = _stat(self._sheets[side].interceptions, player, 3)
        line[0] += 1
        if after is not None and after.side == side and after.began == "int":
            line[1] += after.return_yards
            if after.result == "return td":
                line[2] += 1
                _stat(self._sheets[side].defensive, player, 7)[6] += 1

    def _punt(self, possession: Possession, after: Possession | None) -> None:
        line = _stat(self._sheets[possession.side].punting, self._squads[possession.side].punter, 5)
        line[0] += 1
        line[1] += possession.kick_yards
        line[4] = max(line[4], possession.kick_yards)
        if after is not None and after.began == "punt":
            line[2] += after.touchback
            line[3] += after.start > 80 and not after.touchback


def _stat(table: dict[str, list[float]], player: str, size: int) -> list[float]:
    line = table.get(player)
    if line is None:
        line = table[player] = [0] * size
    return line


def _gain(table: dict[str, list[float]], player: str, yards: int, touchdown: bool) -> None:
    """One more carry or catch."""
    line = table.get(player)
    if line is None:
        line = table[player] = [0, 0, 0, yards]
    line[0] += 1
    line[1] += yards
    line[2] += touchdown
    line[3] = max(line[3], yards)
