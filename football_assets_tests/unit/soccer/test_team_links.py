"""Links from cycle to cycle: what was decided stays, what is new is looked at, people's decisions are taken over."""

from datetime import UTC, datetime, timedelta

import pytest

from football_assets.errors import StorageError
from football_assets.soccer.football_data import DIVISIONS
from football_assets.soccer.identity import Fixture, HistoryTeam
from football_assets.soccer.prediction_schemas import TeamLinks
from football_assets.soccer.team_links import (
    Known,
    add_decision,
    decisions_file,
    identify,
    read_decisions,
)
from football_assets.tables import from_rows, judge
from football_assets_tests.unit.soccer.small_model import KICKOFF, match

NOW = datetime(2019, 8, 10, 14, tzinfo=UTC)
TEAMS = [HistoryTeam("Germany", name, "D1") for name in ("Dortmund", "Ein Frankfurt", "St Pauli")]


class Results:
    """The results' fixtures, and how often they were asked for."""

    def __init__(self, fixtures=None):
        self.asked = 0
        self._fixtures = fixtures or {}

    def __call__(self):
        self.asked += 1
        return self._fixtures


def known(results=None, model_id="m1", decisions=()):
    return Known(model_id, {"D1": DIVISIONS["D1"]}, TEAMS, results or Results(), decisions)


def game(home="Borussia Dortmund", away="Holstein Kiel", **changes):
    names = {"home_team": home, "away_team": away, "home_team_id": home[:3].lower(), "away_team_id": away[:3].lower()}
    return match(**names, status_id=4) | changes


def after(*cycles, results=None):
    """The links after some cycles of (rows, what is known, minutes after NOW)."""
    table = from_rows(TeamLinks, [])
    for rows, what, minutes in cycles:
        found = identify(rows, table, what, NOW + timedelta(minutes=minutes))
        table = found.table
        assert judge(TeamLinks, table).passed
    return found


def test_a_new_team_is_linked_and_dated():
    found = after(([game()], known(), 0))
    link = found.links["bor"]
    assert (link["state"], link["history_team"], link["division"]) == ("linked", "Dortmund", "D1")
    assert (link["linked_at"], link["checked_with"]) == (NOW, "m1")
    assert found.links["hol"]["state"] == "no team"
    assert found.divisions == {"c1": "D1"}


def test_a_known_team_is_not_looked_at_again_by_the_same_model():
    results = Results()
    what = known(results)
    found = after(([game()], what, 0), ([game()], what, 1))
    assert results.asked == 1
    assert found.looked_at == 0
    assert found.links["bor"]["checked_at"] == NOW


def test_a_newer_model_looks_again_and_the_date_of_an_unchanged_link_stays():
    found = after(([game()], known(), 0), ([game()], known(model_id="m2"), 5))
    link = found.links["bor"]
    assert (link["linked_at"], link["checked_at"]) == (NOW, NOW + timedelta(minutes=5))


def test_fixtures_seen_live_add_up_until_they_decide():
    days = [KICKOFF + timedelta(days=7 * n) for n in range(10)]
    season = {("Germany", "St Pauli"): frozenset(Fixture(day, True) for day in days)}
    cycles = [([game("Kiez Elf", kickoff_at=day)], known(Results(season), f"m{n}"), n) for n, day in enumerate(days)]
    assert after(*cycles[:5]).links["kie"]["state"] == "review"
    link = after(*cycles).links["kie"]
    assert (link["state"], link["history_team"], link["basis"]) == ("linked", "St Pauli", "shared fixtures")
    assert link["shared_fixtures"] == 10


def test_a_kickoff_that_may_still_be_moved_is_no_evidence():
    assert after(([game(status_id=1)], known(), 0)).links["bor"]["kickoffs"] == ""
    assert after(([game(status_id=2)], known(), 0)).links["bor"]["kickoffs"] == f"H{int(KICKOFF.timestamp())}"


@pytest.mark.parametrize(
    "changes",
    [
        {"competition_type": "cup"},
        {"country": "Finland"},
        {"competition_id": "c2", "competition": "German Regionalliga"},
        {"competition_id": "c2", "competition": "German Bundesliga U19"},
        {"home_team_id": None, "away_team_id": None},
    ],
)
def test_teams_of_leagues_without_results_are_not_linked(changes):
    assert after(([game(**changes)], known(), 0)).links == {}


def test_what_a_person_decided_is_taken_over_in_the_next_cycle(tmp_path):
    told = {"team_id": "hol", "team": "Holstein Kiel", "history_team": "St Pauli", "country": "Germany"}
    later = (NOW + timedelta(minutes=1)).isoformat()
    add_decision(tmp_path, {**told, "decision": "accepted", "decided_at": later})
    decided = known(decisions=read_decisions(tmp_path))
    found = after(([game()], known(), 0), ([game()], decided, 2), ([game()], decided, 3))
    link = found.links["hol"]
    assert (link["state"], link["history_team"], link["confidence"], link["basis"]) == (
        "linked",
        "St Pauli",
        1.0,
        "a person",
    )
    assert found.looked_at == 0
    add_decision(tmp_path, {**told, "decision": "rejected", "decided_at": (NOW + timedelta(minutes=4)).isoformat()})
    assert len(read_decisions(tmp_path)) == 2
    found = identify([game()], found.table, known(decisions=read_decisions(tmp_path)), NOW + timedelta(minutes=5))
    assert found.links["hol"]["history_team"] is None


def test_a_file_of_decisions_that_cannot_be_read_is_told(tmp_path):
    path = decisions_file(tmp_path)
    path.parent.mkdir(parents=True)
    path.write_text("{", encoding="utf-8")
    with pytest.raises(StorageError, match="Mend the file"):
        read_decisions(tmp_path)
