"""Box scores and efficiency rows, in the provider's shapes, out of the sheets of a simulated game."""

from collections.abc import Callable, Iterable

from football_assets.emulators.simulation.college_box import RUSH, Play, Sheet
from football_assets.emulators.sources import Row

# Categories that a box leaves out together: those that belong to what did not happen, when the first of them is zero.
LEFT_OUT_AT_ZERO = (
    ("passesIntercepted", "interceptionYards", "interceptionTDs"),
    ("kickReturns", "kickReturnYards", "kickReturnTDs"),
    ("puntReturns", "puntReturnYards", "puntReturnTDs"),
    ("totalFumbles",),
)

Line = list[float]
Types = tuple[tuple[str, Callable[[Line], str]], ...]


def _whole(place: int) -> Callable[[Line], str]:
    return lambda line: f"{line[place]:g}"


def _average(line: Line, total: int = 1, number: int = 0) -> str:
    return f"{line[total] / line[number]:.1f}" if line[number] else "0.0"


RETURNS: Types = (("NO", _whole(0)), ("YDS", _whole(1)), ("AVG", _average), ("LONG", _whole(2)), ("TD", _whole(3)))

# Category: (attribute of Sheet, what its types read from a player's line).
PLAYER_CATEGORIES: dict[str, tuple[str, Types]] = {
    "passing": (
        "passing",
        (
            ("C/ATT", lambda line: f"{line[0]:g}/{line[1]:g}"),
            ("YDS", _whole(2)),
            ("AVG", lambda line: _average(line, 2, 1)),
            ("TD", _whole(3)),
            ("INT", _whole(4)),
            ("QBR", lambda line: f"{100 / (1 + 10 ** (-2.1 * line[5] / max(line[1], 1))):.1f}"),
        ),
    ),
    "rushing": (
        "rushing",
        (("CAR", _whole(0)), ("YDS", _whole(1)), ("AVG", _average), ("TD", _whole(2)), ("LONG", _whole(3))),
    ),
    "receiving": (
        "receiving",
        (("REC", _whole(0)), ("YDS", _whole(1)), ("AVG", _average), ("TD", _whole(2)), ("LONG", _whole(3))),
    ),
    "fumbles": ("fumbles", (("FUM", _whole(0)), ("LOST", _whole(1)), ("REC", _whole(2)))),
    "defensive": (
        "defensive",
        (
            ("TOT", _whole(0)),
            ("SOLO", _whole(1)),
            ("SACKS", _whole(2)),
            ("TFL", _whole(3)),
            ("PD", _whole(4)),
            ("QB HUR", _whole(5)),
            ("TD", _whole(6)),
        ),
    ),
    "interceptions": ("interceptions", (("INT", _whole(0)), ("YDS", _whole(1)), ("TD", _whole(2)))),
    "kicking": (
        "kicking",
        (
            ("FG", lambda line: f"{line[0]:g}/{line[1]:g}"),
            ("PCT", lambda line: f"{100 * line[0] / line[1]:.1f}" if line[1] else "0.0"),
            ("LONG", _whole(2)),
            ("XP", lambda line: f"{line[3]:g}/{line[4]:g}"),
            ("PTS", lambda line: f"{3 * line[0] + line[3]:g}"),
        ),
    ),
    "punting": (
        "punting",
        (
            ("NO", _whole(0)),
            ("YDS", _whole(1)),
            ("AVG", _average),
            ("TB", _whole(2)),
            ("In 20", _whole(3)),
            ("LONG", _whole(4)),
        ),
    ),
    "kickReturns": ("kick_returns", RETURNS),
    "puntReturns": ("punt_returns", RETURNS),
}


def team_stats(sheet: Sheet, other: Sheet) -> list[Row]:
    """The `stats` of one side's GameTeamStats: category and value, both strings."""
    values = _offense(sheet) | _kicking_and_returns(sheet) | _defense(sheet, other)
    absent = {category for group in LEFT_OUT_AT_ZERO if values[group[0]] == "0" for category in group}
    return [{"category": category, "stat": value} for category, value in values.items() if category not in absent]


def player_categories(sheet: Sheet, names: dict[str, str]) -> list[Row]:
    """The `categories` of one side's GamePlayerStats; a category without players is left out."""
    found: list[Row] = []
    for category, (attribute, types) in PLAYER_CATEGORIES.items():
        table: dict[str, Line] = getattr(sheet, attribute)
        if table:
            found.append({"name": category, "types": [_type_row(name, table, names, show) for name, show in types]})
    return found


def ppa_splits(plays: list[Play]) -> dict[str, float]:
    """Points added a play of one offence: overall, passing, rushing and by down."""
    return {
        "overall": _mean(play.added for play in plays),
        "passing": _mean(play.added for play in plays if play.is_pass),
        "rushing": _mean(play.added for play in plays if not play.is_pass),
        "firstDown": _mean(play.added for play in plays if play.down == 1),
        "secondDown": _mean(play.added for play in plays if play.down == 2),
        "thirdDown": _mean(play.added for play in plays if play.down == 3),
    }


def advanced_splits(sheet: Sheet) -> Row:
    """One side's half of an AdvancedGameStat row."""
    plays = sheet.plays
    rushes = [play for play in plays if play.kind == RUSH]
    short = [play for play in rushes if play.to_go <= 2 and play.down >= 3]
    line_yards = sum(map(_line_yards, rushes))
    second = sum(min(max(play.gain - 5, 0), 5) for play in rushes)
    open_field = sum(max(play.gain - 10, 0) for play in rushes)
    number = max(len(rushes), 1)
    return {
        **_split(plays),
        "plays": len(plays),
        "drives": sheet.drives,
        "powerSuccess": _mean(float(play.gain >= play.to_go) for play in short) if short else None,
        "stuffRate": round(sum(play.gain <= 0 for play in rushes) / number, 4),
        "lineYards": round(line_yards / number, 4),
        "lineYardsTotal": round(line_yards),
        "secondLevelYards": round(second / number, 4),
        "secondLevelYardsTotal": second,
        "openFieldYards": round(open_field / number, 4),
        "openFieldYardsTotal": open_field,
        "standardDowns": _split([play for play in plays if play.standard], total=False),
        "passingDowns": _split([play for play in plays if not play.standard], total=False),
        "rushingPlays": _split(rushes),
        "passingPlays": _split([play for play in plays if play.kind != RUSH]),
    }


def _type_row(name: str, table: dict[str, Line], names: dict[str, str], show: Callable[[Line], str]) -> Row:
    athletes = [{"id": player, "name": names[player], "stat": show(line)} for player, line in table.items()]
    return {"name": name, "athletes": athletes}


def _offense(sheet: Sheet) -> dict[str, str]:
    completions, attempts, passing, passing_tds, thrown = (_total(sheet.passing, place) for place in range(5))
    carries, rushing, rushing_tds = (_total(sheet.rushing, place) for place in range(3))
    lost = _total(sheet.fumbles, 1)
    return {
        "firstDowns": f"{sheet.first_downs}",
        "thirdDownEff": "{}-{}".format(*sheet.third_downs),
        "fourthDownEff": "{}-{}".format(*sheet.fourth_downs),
        "totalYards": f"{passing + rushing}",
        "netPassingYards": f"{passing}",
        "completionAttempts": f"{completions}-{attempts}",
        "yardsPerPass": f"{passing / attempts if attempts else 0:.1f}",
        "passingTDs": f"{passing_tds}",
        "rushingYards": f"{rushing}",
        "rushingAttempts": f"{carries}",
        "yardsPerRushAttempt": f"{rushing / carries if carries else 0:.1f}",
        "rushingTDs": f"{rushing_tds}",
        "totalPenaltiesYards": f"{sheet.penalties}-{sheet.penalty_yards}",
        "turnovers": f"{thrown + lost}",
        "fumblesLost": f"{lost}",
        "totalFumbles": f"{_total(sheet.fumbles, 0)}",
        "interceptions": f"{thrown}",
        "possessionTime": f"{sheet.possession_s // 60:02d}:{sheet.possession_s % 60:02d}",
    }


def _kicking_and_returns(sheet: Sheet) -> dict[str, str]:
    return {
        "kickingPoints": f"{3 * _total(sheet.kicking, 0) + _total(sheet.kicking, 3)}",
        "kickReturns": f"{_total(sheet.kick_returns, 0)}",
        "kickReturnYards": f"{_total(sheet.kick_returns, 1)}",
        "kickReturnTDs": f"{_total(sheet.kick_returns, 3)}",
        "puntReturns": f"{_total(sheet.punt_returns, 0)}",
        "puntReturnYards": f"{_total(sheet.punt_returns, 1)}",
        "puntReturnTDs": f"{_total(sheet.punt_returns, 3)}",
    }


def _defense(sheet: Sheet, other: Sheet) -> dict[str, str]:
    """`tackles` counts solo tackles."""
    return {
        "passesIntercepted": f"{_total(sheet.interceptions, 0)}",
        "interceptionYards": f"{_total(sheet.interceptions, 1)}",
        "interceptionTDs": f"{_total(sheet.interceptions, 2)}",
        "fumblesRecovered": f"{_total(other.fumbles, 1)}",
        "tackles": f"{_total(sheet.defensive, 1)}",
        "sacks": f"{_total(sheet.defensive, 2)}",
        "tacklesForLoss": f"{_total(sheet.defensive, 3)}",
        "passesDeflected": f"{_total(sheet.defensive, 4)}",
        "qbHurries": f"{_total(sheet.defensive, 5)}",
        "defensiveTDs": f"{_total(sheet.defensive, 6)}",
    }


def _total(table: dict[str, Line], place: int) -> int:
    return round(sum(line[place] for line in table.values()))


def _split(plays: list[Play], *, total: bool = True) -> Row:
    good = [play.added for play in plays if play.success]
    found: Row = {
        "ppa": _mean(play.added for play in plays),
        "successRate": round(len(good) / len(plays), 4) if plays else 0.0,
        "explosiveness": _mean(good) if good else None,
    }
    if total:
        found["totalPPA"] = round(sum(play.added for play in plays), 2)
    return found


def _line_yards(play: Play) -> float:
    """The part of a run that the offensive line is credited with."""
    if play.gain < 0:
        return 1.2 * play.gain
    return min(play.gain, 4) + 0.5 * min(max(play.gain - 4, 0), 6)


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return round(sum(found) / len(found), 4) if found else 0.0
