"""The provider's rows of a recorded match day: shapes of the live list, the schedule and the reference lists."""

import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple

from football_assets.emulators.simulation import soccer_match as codes
from football_assets.emulators.sources import Row

if TYPE_CHECKING:
    from football_assets.emulators.recorded_days import Match

_ALPHABET = "0123456789deghjklmnopqrvwxyz"
ID_LENGTH = 15
SIDES = {"home": 1, "away": 2}
INCIDENTS = {
    "goal": codes.GOAL,
    "penalty_goal": codes.PENALTY,
    "own_goal": codes.OWN_GOAL,
    "penalty_missed": codes.MISSED_PENALTY,
    "yellow_card": codes.YELLOW,
    "red_card": codes.RED,
    "substitution": codes.SUBSTITUTION,
    "var": codes.VAR,
}
# What is counted without being an incident: corners, and shots beside goals. Type 37 is a blocked shot.
CORNER, ON_TARGET, OFF_TARGET, BLOCKED = codes.CORNER, 21, 22, 37
COUNTED = {
    "corner": CORNER,
    "shot_on_target": ON_TARGET,
    "shot_off_target": OFF_TARGET,
    "shot_woodwork": OFF_TARGET,
    "shot_blocked": BLOCKED,
}
GOAL_KINDS = codes.GOALS
NOT_COUNTED = -1
# Of the goals of a match those that were shots on target of the side itself.
_STRUCK = frozenset({codes.GOAL, codes.PENALTY})
_VAR_REASON = {"goal_not_awarded": 2, "penalty_not_awarded": 4, "red_card_given": 5, "card_upgrade": 6}


class Phase(NamedTuple):
    """From `at` on the match has this status; `kickoff` is that of the running half, 0 when none runs."""

    at: int
    status: int
    kickoff: int


class Happened(NamedTuple):
    """Something of a match: `row` is its incident, None for what is only counted. `side` is home, away or None."""

    at: int
    kind: int
    side: str | None
    row: Row | None


def id_of(kind: str, key: object) -> str:
    """An id in the provider's form, always the same for the same thing."""
    number = int.from_bytes(hashlib.blake2b(f"{kind}/{key}".encode(), digest_size=16).digest(), "big")
    digits = []
    for _ in range(ID_LENGTH):
        number, digit = divmod(number, len(_ALPHABET))
        digits.append(_ALPHABET[digit])
    return "".join(digits)


def incident(told: Row, at: int) -> Happened:
    """A row of a timeline as the provider lists it."""
    kind = INCIDENTS[told["type"]]
    if kind == codes.RED and told["detail"] == "second_yellow":
        kind = codes.SECOND_YELLOW
    added = told["added"]
    minute = told["minute"] + (added if told["period"] == 2 else 0)
    row: Row = {"type": kind, "position": SIDES.get(told["side"], 0), "time": int(minute)}
    if added:
        row["add_time"] = int(added)
    if kind == codes.SUBSTITUTION:
        row |= _person("in_player", told["player"], told["player_espn_id"])
        row |= _person("out_player", told["player2"], told["player2_espn_id"])
    else:
        row |= _person("player", told["player"], told["player_espn_id"])
    if kind in GOAL_KINDS:
        row |= _person("assist1", told["player2"], told["player2_espn_id"])
        row |= {"home_score": int(told["home_score"]), "away_score": int(told["away_score"])}
    if kind == codes.VAR:
        row |= {"var_reason": _VAR_REASON.get(told["detail"], 0), "var_result": 0}
    return Happened(at, kind, told["side"], row)


def marker(kind: int, at: int, minute: int) -> Happened:
    """The end of a half."""
    return Happened(at, kind, None, {"type": kind, "position": 0, "time": minute})


def live_row(match: "Match", at: int) -> Row:
    """The `match/detail_live` entry at `at`."""
    phase = match.phase(at)
    assert phase is not None
    home, away = scores(match, at)
    seen = [each for each in match.happened if each.at <= at]
    return {
        "id": match.id,
        "score": [match.id, phase.status, home, away, phase.kickoff, ""],
        "stats": _stats(seen) if match.counted and match.followed else [],
        "incidents": [dict(each.row) for each in seen if each.row is not None],
        "tlive": [],
    }


def recent_row(match: "Match", at: int) -> Row:
    """The `match/recent/list` row at `at`."""
    phase = match.phase(at)
    home, away = scores(match, at)
    row: Row = {
        "id": match.id,
        "season_id": "",
        "competition_id": match.competition,
        "home_team_id": match.home,
        "away_team_id": match.away,
        "status_id": phase.status if phase else codes.NOT_STARTED,
        "match_time": match.kickoff,
        "venue_id": "",
        "referee_id": "",
        "neutral": 0,
        "note": "",
        "home_scores": home,
        "away_scores": away,
        "home_position": "",
        "away_position": "",
        "coverage": {"mlive": 0, "lineup": 0},
        "round": {"stage_id": "", "round_num": 0, "group_num": 0},
    }
    if phase and phase.status == codes.ENDED:
        row["ended"] = phase.at
        if match.shoot_out:
            row["has_ot"] = 1
    row["updated_at"] = match.changed(at)
    return row


def scores(match: "Match", at: int) -> tuple[list[int], list[int]]:
    """The seven score slots of both sides."""
    phase = match.phase(at)
    over = phase is not None and phase.status == codes.ENDED
    seen = [each for each in match.happened if each.at <= at]
    broke_at = next((each.at for each in match.phases if each.status == codes.HALF_TIME), None)
    found = []
    for place, side in enumerate(SIDES):
        ours = [each for each in seen if each.side == side]
        goals = sum(each.kind in GOAL_KINDS for each in ours)
        early = sum(each.kind in GOAL_KINDS and (broke_at is None or each.at <= broke_at) for each in ours)
        if over and match.result:
            goals = match.result[place]
            early = match.half_time[place] if match.half_time else early
        corners = sum(each.kind == CORNER for each in ours) if match.counted and match.followed else NOT_COUNTED
        red = sum(each.kind in codes.DISMISSALS for each in ours)
        yellow = sum(each.kind in (codes.YELLOW, codes.SECOND_YELLOW) for each in ours)
        shoot_out = match.shoot_out[place] if over and match.shoot_out else 0
        found.append([goals, early, red, yellow, corners, 0, shoot_out])
    return found[0], found[1]


def _stats(seen: list[Happened]) -> list[Row]:
    """The running totals that were counted."""

    def both(*kinds: int) -> Row:
        return {side: sum(each.kind in kinds and each.side == side for each in seen) for side in SIDES}

    return [
        {"type": 2, **both(CORNER)},
        {"type": 3, **both(codes.YELLOW, codes.SECOND_YELLOW)},
        {"type": 4, **both(*codes.DISMISSALS)},
        {"type": 8, **both(codes.PENALTY)},
        {"type": 21, **both(ON_TARGET, *_STRUCK)},
        {"type": 22, **both(OFF_TARGET)},
        {"type": 37, **both(BLOCKED)},
    ]


class Names:
    """The reference lists of a day, filled as its matches are read; `written_at` is when their rows were last written.

    The recording has no pictures, venues or values: they are written as the provider writes what it does not know.
    """

    def __init__(self, written_at: int) -> None:
        self._written_at = written_at
        self._rows: dict[str, dict[str, Row]] = {"team": {}, "competition": {}, "country": {}}

    def references(self) -> dict[str, list[Row]]:
        """The rows by kind."""
        return {kind: list(found.values()) for kind, found in self._rows.items()}

    def competition(self, key: str, name: str, country: str | None) -> str:
        """The id of a competition."""
        about: Row = {
            "category_id": "",
            "country_id": self._country(country),
            "name": name,
            "short_name": "",
            "logo": "",
            "type": 0 if country is None else 1,
            "cur_season_id": "",
            "cur_stage_id": "",
            "cur_round": 0,
            "round_count": 0,
            "title_holder": [],
            "most_titles": [],
            "newcomers": [],
            "divisions": [],
            "host": {},
            "primary_color": "",
            "secondary_color": "",
        }
        return self._entered("competition", key, about)

    def team(self, key: str, name: str, competition: str, country: str | None) -> str:
        """The id of a team."""
        counts = dict.fromkeys(("total_players", "foreign_players", "national_players"), -1)
        about: Row = {
            "competition_id": competition,
            "country_id": self._country(country),
            "name": name,
            "short_name": "",
            "logo": "",
            "national": 0,
            "country_logo": "",
            "foundation_time": 0,
            "website": "",
            "coach_id": "",
            "venue_id": "",
            "market_value": 0,
            "market_value_currency": "",
            **counts,
            "virtual": 0,
            "gender": 0,
        }
        return self._entered("team", key, about)

    def _country(self, name: str | None) -> str:
        return "" if name is None else self._entered("country", name, {"category_id": "", "name": name, "logo": ""})

    def _entered(self, kind: str, key: str, about: dict[str, Any]) -> str:
        its_id = id_of(kind, key)
        self._rows[kind].setdefault(its_id, {"id": its_id, **about, "updated_at": self._written_at})
        return its_id


def _person(prefix: str, name: str | None, espn_id: float | None) -> Row:
    """Id and name of a player, when known."""
    if name is None or espn_id is None or espn_id != espn_id:
        return {} if name is None else {f"{prefix}_name": name}
    return {f"{prefix}_id": id_of("player", int(espn_id)), f"{prefix}_name": name}
