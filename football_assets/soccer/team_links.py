"""The links of the live feed's teams, cycle by cycle: what was decided is kept, only what is new is looked at.

A team is looked at when it is met for the first time, when a newer model knows more results (and so more fixtures to
share), and when a person has decided about it.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from football_assets.errors import StorageError
from football_assets.soccer.codes import ENDED, IN_PLAY
from football_assets.soccer.football_data import Division
from football_assets.soccer.identity import (
    LINKED,
    Candidate,
    Decisions,
    FeedTeam,
    Fixture,
    HistoryTeam,
    Link,
    divisions_of_competitions,
    link_teams,
)
from football_assets.soccer.prediction_schemas import TeamLinks
from football_assets.tables import from_rows, to_arrow
from football_assets.whole_files import write_whole

Row = dict[str, Any]
ACCEPTED, REJECTED = "accepted", "rejected"
# Fixtures of the season before say nothing about the running one.
KEPT_DAYS = 300
_SIDES = (("home", "H"), ("away", "A"))


@dataclass(frozen=True)
class Known:
    """What links are made of: the results' teams, their fixtures by (country, name), and what people decided.

    The fixtures are asked for only when a team has to be looked at.
    """

    model_id: str
    divisions: Mapping[str, Division]
    teams: Sequence[HistoryTeam]
    fixtures: Callable[[], Mapping[tuple[str, str], frozenset[Fixture]]]
    decisions: Sequence[Mapping[str, str]]


@dataclass(frozen=True)
class Identified:
    """The links by team id, the division of each league by its id, and the table."""

    links: Mapping[str, Row]
    divisions: Mapping[str, str]
    table: pd.DataFrame
    looked_at: int = 0


def identify(matches: Iterable[Row], previous: pd.DataFrame, known: Known, now: datetime) -> Identified:
    """The links after a cycle.

    Args:
        matches: Rows of FlattenedMatches.
        previous: TeamLinks of the cycle before.
        known: What the results know.
        now: The clock of this machine.
    """
    rows: dict[str, Row] = {row["team_id"]: row for row in to_arrow(TeamLinks, previous).to_pylist()}
    countries = {each.country for each in known.divisions.values()}
    seen = _seen_teams([row for row in matches if _is_league(row, countries)])
    divisions = {row["competition_id"]: known.divisions[row["division"]] for row in rows.values()}
    new = [team for team in seen if team.competition_id not in divisions]
    divisions |= divisions_of_competitions(new, known.teams, known.divisions.values())
    decided = {each["team_id"]: datetime.fromisoformat(each["decided_at"]) for each in known.decisions}
    seen = [
        replace(team, fixtures=team.fixtures | _read(rows[team.id]["kickoffs"] if team.id in rows else ""))
        for team in seen
        if team.competition_id in divisions
    ]
    due = [team for team in seen if _is_due(rows.get(team.id), team, known.model_id, decided.get(team.id))]
    for team in seen:
        if team.id in rows:
            rows[team.id]["kickoffs"] = _told(team.fixtures, now)
    for link in _looked_at(due, rows, divisions, known):
        division = divisions[link.feed.competition_id]
        rows[link.feed.id] = _row(link, division, rows.get(link.feed.id), known.model_id, now)
    table = from_rows(TeamLinks, sorted(rows.values(), key=lambda row: str(row["team_id"])))
    return Identified(rows, {key: each.code for key, each in divisions.items()}, table, len(due))


def _looked_at(
    due: Sequence[FeedTeam], rows: Mapping[str, Row], divisions: Mapping[str, Division], known: Known
) -> list[Link]:
    """Links of the teams that are due."""
    if not due:
        return []
    fixtures = known.fixtures()
    countries = {team.country for team in due}
    history = [
        replace(each, fixtures=fixtures.get((each.country, each.name), frozenset()))
        for each in known.teams
        if each.country in countries
    ]
    looked_at = {team.id for team in due}
    taken = {
        (row["country"], row["history_team"]): team_id
        for team_id, row in rows.items()
        if row["state"] == LINKED and team_id not in looked_at
    }
    return link_teams(due, history, divisions, _decisions(known.decisions), taken=taken)


def _row(link: Link, division: Division, before: Row | None, model_id: str, now: datetime) -> Row:
    feed, team = link.feed, link.team
    name = None if team is None else team.name
    same = before is not None and (before["state"], before["history_team"]) == (link.state, name)
    return {
        "team_id": feed.id,
        "team": feed.name,
        "country": feed.country,
        "competition_id": feed.competition_id,
        "competition": feed.competition,
        "division": division.code,
        "state": link.state,
        "history_team": name,
        "confidence": link.confidence if team is not None else None,
        "basis": link.basis,
        "candidates": "; ".join(map(_shown, link.candidates)) or None,
        "shared_fixtures": link.shared,
        "kickoffs": _told(feed.fixtures, now),
        "linked_at": before["linked_at"] if same and before else now,
        "checked_at": now,
        "checked_with": model_id,
    }


def _shown(each: Candidate) -> str:
    fixtures = f", {each.shared} of {each.of} fixtures" if each.of else ""
    return f"{each.team.name} (name {each.name:.2f}{fixtures})"


def _is_league(row: Row, countries: set[str]) -> bool:
    needed = ("competition_id", "competition", "kickoff_at")
    return (
        row["competition_type"] == "league"
        and row["country"] in countries
        and all(row[name] is not None for name in needed)
    )


def _seen_teams(matches: Iterable[Row]) -> list[FeedTeam]:
    found: dict[str, FeedTeam] = {}
    for row in matches:
        # A match that has begun took place then; one that has not may still be moved.
        begun = row["status_id"] in IN_PLAY or row["status_id"] == ENDED
        for side, _ in _SIDES:
            team_id, name = row[f"{side}_team_id"], row[f"{side}_team"]
            if team_id is None or name is None:
                continue
            fixtures = frozenset({Fixture(row["kickoff_at"], side == "home")} if begun else set())
            place = (row["country"], row["competition_id"], row["competition"])
            found[team_id] = FeedTeam(team_id, name, *place, fixtures)
    return list(found.values())


def _is_due(row: Row | None, team: FeedTeam, model_id: str, decided_at: datetime | None) -> bool:
    if row is None or row["checked_with"] != model_id:
        return True
    moved = (row["team"], row["competition_id"]) != (team.name, team.competition_id)
    return moved or (decided_at is not None and decided_at > row["checked_at"])


def _told(fixtures: Iterable[Fixture], now: datetime) -> str:
    oldest = now - timedelta(days=KEPT_DAYS)
    kept = sorted(each for each in fixtures if each.kickoff_at >= oldest)
    return " ".join(f"{'H' if each.is_home else 'A'}{int(each.kickoff_at.timestamp())}" for each in kept)


def _read(text: str) -> frozenset[Fixture]:
    return frozenset(
        Fixture(datetime.fromtimestamp(int(word[1:]), UTC), word[0] == "H") for word in text.split() if word
    )


def _decisions(told: Iterable[Mapping[str, str]]) -> Decisions:
    accepted: dict[str, str] = {}
    rejected: dict[str, set[str]] = {}
    for each in told:
        team_id, name = each["team_id"], each["history_team"]
        if each["decision"] == ACCEPTED:
            accepted[team_id] = name
            rejected.get(team_id, set()).discard(name)
        else:
            rejected.setdefault(team_id, set()).add(name)
            if accepted.get(team_id) == name:
                del accepted[team_id]
    return Decisions(accepted, rejected)


DECISIONS = "identity/soccer_teams.json"


def decisions_file(world: Path) -> Path:
    """Where people's decisions are kept below `<home>/<source>`."""
    return world / DECISIONS


def read_decisions(world: Path) -> list[dict[str, str]]:
    """Every decision, oldest first: team_id, team, history_team, country, decision, decided_at.

    Raises StorageError when the file cannot be read.
    """
    path = decisions_file(world)
    try:
        found: list[dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        raise StorageError(f"reading {path}", str(error), "Mend the file or restore it from a copy.") from error
    return found


def add_decision(world: Path, decision: Mapping[str, str]) -> None:
    """Keep one more decision. Raises StorageError when it cannot be written."""
    path = decisions_file(world)
    text = json.dumps([*read_decisions(world), dict(decision)], ensure_ascii=False, indent=1)
    try:
        write_whole(path, text)
    except OSError as error:
        raise StorageError(f"writing {path}", str(error), "The older decisions are kept; free the disk.") from error
