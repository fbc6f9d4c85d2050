"""The text commentary (`tlive`) of a simulated match."""

import random
from typing import Any

from football_assets.emulators.simulation import soccer_match as match
from football_assets.emulators.simulation.soccer_calendar import UNPLAYED, UNREPORTED
from football_assets.emulators.simulation.soccer_match import MatchLife
from football_assets.emulators.simulation.soccer_world import LINE_UP, World

Row = dict[str, Any]

_SENTENCES = {
    match.GOAL: "Goal! {who} finds the net for {club}. It stands {score}.",
    match.PENALTY: "{who} converts the penalty for {club}. It stands {score}.",
    match.OWN_GOAL: "An own goal, and {club} take it gladly. It stands {score}.",
    match.MISSED_PENALTY: "{who} of {club} misses from the spot.",
    match.YELLOW: "The referee books {who} ({club}).",
    match.SECOND_YELLOW: "A second booking for {who}: {club} are a man down.",
    match.RED: "Red card! {who} has to leave and {club} play on short-handed.",
    match.SUBSTITUTION: "{club} change: {coming} comes on for {going}.",
    match.SHOOT_OUT_GOAL: "{who} scores from the spot for {club}.",
    match.SHOOT_OUT_MISS: "{who} of {club} fails from the spot.",
}
_NEUTRAL = {
    match.BREAK: "The first half is over.",
    match.END: "Full time.",
    match.EXTRA_OVER: "Extra time is over.",
    match.SHOOT_OUT_OVER: "The shoot-out is decided.",
}
_MIDFIELD = (
    "{who} ({club}) is stopped by a foul and takes the free kick himself.",
    "{who} ({club}) strays offside.",
    "{club} keep the ball and look for a gap.",
    "A clumsy challenge by {who} ({club}), free kick.",
    "{who} ({club}) wins a throw-in deep in the opponents' half.",
)
_OFF_TARGET = (
    "{who} ({club}) shoots wide.",
    "{who} ({club}) heads over the bar.",
    "{who} ({club}) tries from far out: over.",
)


def commentary(world: World, life: MatchLife) -> list[tuple[int, Row]]:
    """All lines of a match with the moment each appears, in order."""
    if life.fixture.fate in UNPLAYED | UNREPORTED:
        return []
    rng = random.Random(f"{world.seed}/commentary/{life.fixture.number}")
    lines = [(life.fixture.kickoff - 1500, _line("", "The line-ups are in and both sides are warming up.", 0))]
    lines += [(event.at, _event_line(life, event)) for event in life.events]
    clubs = (life.fixture.home, life.fixture.away)
    for start, end, before in life.play[:2]:
        half = 1 if before else 0
        lines.append((start, _line("", f"The {('first', 'second')[half]} half is under way.", 0)))
        for at in sorted(rng.randrange(start + 60, max(end, start + 120)) for _ in range(14)):
            side = rng.randrange(2)
            sentence = rng.choice(_MIDFIELD).format(who=_someone(world, rng, clubs[side].number), club=clubs[side].name)
            lines.append((at, _timed(half, at - start, sentence, side + 1)))
        for side in (0, 1):
            for at in life.off_target[side]:
                if start <= at <= end:
                    sentence = rng.choice(_OFF_TARGET)
                    text = sentence.format(who=_someone(world, rng, clubs[side].number), club=clubs[side].name)
                    lines.append((at, _timed(half, at - start, text, side + 1)))
            for at in life.corners[side]:
                if start <= at <= end:
                    lines.append((at, _timed(half, at - start, f"Corner kick for {clubs[side].name}.", 0)))
    return sorted(lines, key=lambda line: line[0])


def _someone(world: World, rng: random.Random, club: int) -> str:
    return world.player(club, rng.randrange(LINE_UP))[1]


def _line(time: str, text: str, side: int) -> Row:
    return {"time": time, "data": f"{time}{text}", "position": side}


def _timed(half: int, seconds: int, text: str, side: int) -> Row:
    minute, end = seconds // 60 + 1, 45
    base = 45 * half
    time = f"{base + minute}'" if minute <= end else f"{base + end}'+{minute - end}'"
    return _line(time, text, side)


def _event_line(life: MatchLife, event: match.Event) -> Row:
    row = event.row
    added = row.get("add_time", 0)
    time = f"{row['time'] - added}'+{added}'" if added and event.kind != match.STOPPAGE else f"{row['time']}'"
    if event.kind == match.STOPPAGE:
        return _line(time, f"{added} minutes of stoppage time.", 0)
    if event.kind == match.VAR:
        verdict = "the goal does not stand" if row["var_result"] == 2 else "the decision is made"
        return _line(time, f"The video referee has looked: {verdict}.", event.side)
    if event.kind in _NEUTRAL:
        return _line(time, _NEUTRAL[event.kind], 0)
    club = life.fixture.home if event.side == 1 else life.fixture.away
    text = _SENTENCES[event.kind].format(
        who=row.get("player_name", "A player"),
        club=club.name,
        score=f"{row.get('home_score')}-{row.get('away_score')}",
        coming=row.get("in_player_name"),
        going=row.get("out_player_name"),
    )
    return _line(time, text, event.side)
