"""Query parameters of College Football Data: their types, the rules between them, and what each filters."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from multidict import MultiMapping

from football_assets.emulators.sources import Row

Query = Mapping[str, Any]
Details = dict[str, dict[str, Any]]
Rule = Callable[[Query], Details]

INTEGERS = frozenset({"year", "week", "id", "gameId", "startWeek", "endWeek", "days", "limit"})
FLAGS = frozenset({"excludeGarbageTime", "latest", "final", "preseason"})
CHOICES: Mapping[str, Sequence[str]] = {
    "seasonType": ("regular", "postseason", "both", "allstar", "spring_regular", "spring_postseason"),
    "classification": ("fbs", "fcs", "ii", "iii"),
    "mediaType": ("tv", "radio", "web", "ppv", "mobile"),
    "poll": ("cfp",),
    "competition": ("cfp",),
    "api": ("all", "cfb", "cbb"),
}


class BadParametersError(Exception):
    """Parameters that the API answers with 400; `details` say what is wrong with each."""

    def __init__(self, details: Details) -> None:
        super().__init__(", ".join(details))
        self.details = details


def read_query(given: MultiMapping[str], names: Sequence[str], required: Sequence[str], rule: Rule) -> Query:
    """The typed values of the known parameters; zero, false and empty text count as not given.

    Raises BadParametersError for a missing, ill-typed or contradictory one. Unknown parameters are ignored.
    """
    query: dict[str, Any] = {}
    details: Details = {}
    for name in names:
        texts = given.getall(name, [])
        if not texts:
            if name in required:
                details[name] = {"message": f"'{name}' is required"}
            continue
        try:
            value = _typed(name, texts)
        except ValueError as error:
            details[name] = {"message": str(error), "value": texts if len(texts) > 1 else texts[0]}
            continue
        if value:
            query[name] = value
    details = details or rule(query)
    if details:
        raise BadParametersError(details)
    return query


def _typed(name: str, texts: list[str]) -> Any:
    if name in CHOICES:
        if len(texts) != 1 or texts[0] not in CHOICES[name]:
            raise ValueError(f"should be one of the following; {list(CHOICES[name])}")
        return texts[0]
    if name in INTEGERS:
        if len(texts) != 1 or not _is_integer(texts[0]):
            raise ValueError("invalid integer number")
        return int(texts[0])
    if name in FLAGS:
        if len(texts) != 1 or texts[0].lower() not in ("true", "false"):
            raise ValueError("invalid boolean value")
        return texts[0].lower() == "true"
    if len(texts) != 1:
        raise ValueError("invalid string value")
    return texts[0]


def _is_integer(text: str) -> bool:
    digits = text.removeprefix("-")
    return digits.isascii() and digits.isdigit() and len(digits) <= 18


def no_rule(_query: Query) -> Details:
    """Any combination is fine."""
    return {}


def one_of(first: str, second: str) -> Rule:
    """Either of two parameters has to be given."""

    def rule(query: Query) -> Details:
        if first in query or second in query:
            return {}
        return {
            name: {"message": f"{name} required when {other} not specified"}
            for name, other in ((first, second), (second, first))
        }

    return rule


def year_unless(name: str) -> Rule:
    """The year has to be given unless one game is asked for by `name`."""

    def rule(query: Query) -> Details:
        if "year" in query or name in query:
            return {}
        return {"year": {"message": f"year required when {name} not specified"}}

    return rule


def games_rule(query: Query) -> Details:
    """`/games`: year unless id; round only within a competition."""
    if "round" in query and "competition" not in query:
        return {"competition": {"message": "competition required when round is specified"}}
    return year_unless("id")(query)


def boxes_rule(query: Query) -> Details:
    """`/games/teams` and `/games/players`: id, or year plus one of week, team, conference."""
    narrowing = ("week", "team", "conference")
    if "id" in query or ("year" in query and any(name in query for name in narrowing)):
        return {}
    if "year" not in query:
        return {"year": {"message": "year parameter is required"}}
    return {name: {"message": "either week, team, or conference are required"} for name in narrowing}


def rankings_rule(query: Query) -> Details:
    """`/rankings`: latest and final belong to poll=cfp and exclude each other."""
    if "latest" in query and "final" in query:
        return {name: {"message": "latest and final cannot be combined", "value": True} for name in ("latest", "final")}
    asked = [name for name in ("latest", "final") if name in query]
    if asked and "poll" not in query:
        return {name: {"message": f"{name} requires poll=cfp", "value": True} for name in asked}
    return {}


class Side:
    """One team of a row: its school name, conference name and classification, lower case names for comparison."""

    __slots__ = ("classification", "conference", "team")

    def __init__(self, row: Row, prefix: str) -> None:
        team = row[f"{prefix}Team"] if prefix else row.get("team", row.get("school"))
        self.team: str = (team or "").lower()
        self.conference: str | None = row.get(f"{prefix}Conference" if prefix else "conference")
        self.classification: str | None = row.get(f"{prefix}Classification" if prefix else "classification")


def sides(row: Row) -> tuple[Side, ...]:
    """The home and away side of a game's row, the one team of any other."""
    return (Side(row, "home"), Side(row, "away")) if "homeTeam" in row else (Side(row, ""),)


class Filters:
    """The filters a query asks for.

    `conferences` maps a lower case abbreviation to the (name, classification) pairs it stands for;
    `classification_of` gives a team's classification by season and lower case name where its row has none.
    """

    def __init__(
        self,
        query: Query,
        conferences: Mapping[str, set[tuple[str, str]]],
        classification_of: Callable[[int, str], str | None],
    ) -> None:
        self._query = query
        self._conferences = conferences
        self._classification_of = classification_of

    def keep(self, rows: list[Row]) -> list[Row]:
        """The rows that pass every filter; all of them, uncopied, when there is none."""
        tests = [(test, self._query[name]) for name, test in self._tests.items() if name in self._query]
        return [row for row in rows if all(test(row, value) for test, value in tests)] if tests else rows

    @property
    def _tests(self) -> Mapping[str, Callable[[Row, Any], bool]]:
        return {
            "week": lambda row, week: row.get("week") == week,
            "seasonType": lambda row, kind: kind == "both" or row.get("seasonType") == kind,
            "team": lambda row, team: any(side.team == team.lower() for side in sides(row)),
            "home": lambda row, team: row["homeTeam"].lower() == team.lower(),
            "away": lambda row, team: row["awayTeam"].lower() == team.lower(),
            "opponent": lambda row, team: row["opponent"].lower() == team.lower(),
            "conference": self._in_conference,
            "classification": self._in_classification,
            "mediaType": lambda row, kind: row["mediaType"] == kind,
            "category": lambda row, category: row["category"].lower() == category.lower(),
            "position": lambda row, position: (row["position"] or "").lower() == position.lower(),
            "competition": _in_competition,
            "round": _in_round,
        }

    def _in_conference(self, row: Row, abbreviation: str) -> bool:
        for name, classification in self._conferences.get(abbreviation.lower(), ()):
            for side in sides(row):
                # Two conferences may share a name (SWAC, once major, now FCS); only one of them the abbreviation.
                if side.conference == name and self._class_of(row, side) in (classification, None):
                    return True
        return False

    def _in_classification(self, row: Row, classification: str) -> bool:
        return any(self._class_of(row, side) == classification for side in sides(row))

    def _class_of(self, row: Row, side: Side) -> str | None:
        if side.classification is not None:
            return side.classification
        season: int = row["season"] if "season" in row else row["year"]
        return self._classification_of(season, side.team)


def _in_competition(row: Row, competition: str) -> bool:
    return bool(row.get("playoff")) and row["playoff"]["competition"] == competition


def _in_round(row: Row, name: str) -> bool:
    playoff = row.get("playoff") or {}
    return name.lower() in (str(playoff.get("round")).lower(), str(playoff.get("roundName")).lower())
