"""TheSports' code tables: what its numbers mean. One that is not in a table reads `unknown (37)`."""

from collections.abc import Mapping

STATUS: Mapping[int, str] = {
    0: "abnormal",
    1: "not started",
    2: "first half",
    3: "half-time",
    4: "second half",
    5: "extra time",
    6: "extra time (retired code)",
    7: "penalty shoot-out",
    8: "ended",
    9: "delayed",
    10: "interrupted",
    11: "cut short",
    12: "cancelled",
    13: "to be determined",
}
NOT_STARTED, FIRST_HALF, HALF_TIME, SECOND_HALF, EXTRA_TIME, EXTRA_TIME_RETIRED, SHOOT_OUT = range(1, 8)
ENDED, DELAYED, INTERRUPTED, CUT_SHORT, CANCELLED, TO_BE_DETERMINED = range(8, 14)
IN_PLAY = frozenset(range(FIRST_HALF, SHOOT_OUT + 1))
OVER = frozenset({ENDED, CUT_SHORT, CANCELLED})

GOAL, CORNER, YELLOW_CARD, RED_CARD = 1, 2, 3, 4
EXTRA_TIME_OVER, SHOOT_OUT_OVER, SHOOT_OUT_GOAL, SHOOT_OUT_MISS = 26, 27, 29, 30
EVENT: Mapping[int, str] = {
    1: "goal",
    2: "corner",
    3: "yellow card",
    4: "red card",
    5: "offside",
    6: "free kick",
    7: "goal kick",
    8: "penalty",
    9: "substitution",
    10: "start",
    11: "half-time break",
    12: "end",
    13: "half-time score",
    15: "second yellow card",
    16: "penalty missed",
    17: "own goal",
    19: "stoppage time announced",
    21: "shots on target",
    22: "shots off target",
    23: "attacks",
    24: "dangerous attacks",
    25: "possession",
    26: "extra time over",
    27: "shoot-out over",
    28: "video review",
    29: "shoot-out goal",
    30: "shoot-out miss",
    37: "blocked shots",
    38: "hydration break",
}

REASON: Mapping[int, str] = {
    0: "unknown",
    1: "foul",
    2: "professional foul",
    3: "encroachment or injury",
    4: "tactical",
    5: "reckless",
    6: "off the ball",
    7: "persistent fouling",
    8: "persistent infringement",
    9: "violent conduct",
    10: "dangerous play",
    11: "handball",
    12: "serious foul",
    13: "last man",
    14: "denied scoring chance",
    15: "time wasting",
    16: "video sync done",
    17: "card rescinded",
    18: "argument",
    19: "dissent",
    20: "abusive language",
    21: "celebration",
    22: "not retreating",
    23: "fight",
    24: "extra flag to checker",
    25: "on the bench",
    26: "after the match",
    27: "other",
    28: "entering the field without leave",
    29: "entering",
    30: "leaving",
    31: "unsporting",
    32: "not visible",
    33: "simulation",
    34: "review signal",
    35: "entering review area",
    36: "spitting",
    37: "viral",
}
VAR_REASON: Mapping[int, str] = {
    0: "other",
    1: "goal awarded",
    2: "goal not awarded",
    3: "penalty awarded",
    4: "penalty not awarded",
    5: "red card given",
    6: "card upgrade",
    7: "mistaken identity",
    8: "corner awarded",
    9: "corner not awarded",
}
VAR_RESULT: Mapping[int, str] = {
    0: "unknown",
    1: "goal confirmed",
    2: "goal cancelled",
    3: "penalty confirmed",
    4: "penalty cancelled",
    5: "red confirmed",
    6: "red cancelled",
    7: "upgrade confirmed",
    8: "upgrade cancelled",
    9: "original decision stands",
    10: "decision changed",
    11: "corner confirmed",
    12: "corner cancelled",
}

COMPANY: Mapping[int, str] = {
    2: "BET365",
    3: "Crown",
    4: "10BET",
    5: "Ladbrokes",
    6: "Mansion88",
    7: "Macauslot",
    8: "SNAI",
    9: "William Hill",
    10: "Easybets",
    11: "Vcbet",
    12: "EuroBet",
    13: "Interwetten",
    14: "12bet",
    15: "Sbobet",
    16: "Wewbet",
    17: "18Bet",
    18: "Fun88",
    21: "188bet",
    22: "Pinnacle",
    136: "HKJC",
}

WEATHER: Mapping[int, str] = {
    1: "partly cloudy",
    2: "cloudy",
    3: "partly cloudy with rain",
    4: "snow",
    5: "sunny",
    6: "overcast with rain, thunder in places",
    7: "overcast",
    8: "mist",
    9: "overcast with rain",
    10: "cloudy with rain",
    11: "cloudy with rain, thunder in places",
    12: "clouds, rain and local thunder",
    13: "fog",
}

COMPETITION_TYPE: Mapping[int, str] = {1: "league", 2: "cup", 3: "friendly"}
SIDE: Mapping[int, str] = {0: "neutral", 1: "home", 2: "away"}


def is_in_play(status_id: int | None) -> bool | None:
    """Whether a match of a status is being played; None for no status, and for one that is in no table of ours."""
    return status_id in IN_PLAY if status_id in STATUS else None


def meaning(table: Mapping[int, str], code: int | None) -> str | None:
    """The text of a code; `unknown (37)` when it is in no table of ours, None when there is no code."""
    if code is None:
        return None
    return table.get(code, f"unknown ({code})")


def is_unknown(text: str | None) -> bool:
    """Whether a text stands for a code that is in no table of ours."""
    return text is not None and text.startswith("unknown (")
