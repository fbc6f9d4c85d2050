"""A match as it went: what the kept cycles said, and never more than they said."""

from datetime import timedelta

import pyarrow as pa
import pytest

from football_assets.soccer import model_files, training
from football_assets.soccer.changelog import append
from football_assets.soccer.changes import LOGGED
from football_assets.soccer.compaction import compact
from football_assets.soccer.day_files import history_folder
from football_assets.soccer.history import History
from football_assets.soccer.look_keeping import append_look
from football_assets.soccer.looks import Listed
from football_assets.soccer.odds import QUOTES_SCHEMA, quotes_of
from football_assets.soccer.predicting import predict_cycle
from football_assets.soccer.prediction_schemas import MatchPredictions, SoccerModel, TeamLinks
from football_assets.soccer.schemas import FlattenedMatches
from football_assets.soccer.story import Moment, events, story
from football_assets.states import Source
from football_assets.tables import from_rows, plain_rows, to_arrow
from football_assets.warehouse.lake import Lake
from football_assets_tests.unit.soccer.small_model import KICKOFF, running, trained

MINUTE = timedelta(minutes=1)
STEP_S = 120.0
STATES = {f"{part}_state": "live" for part in ("detail", "odds", "names")}
PRICES = {
    "moneyline_state": "open",
    "moneyline_at_other_score": False,
    **{f"moneyline_{side}_decimal": price for side, price in (("home", 2.0), ("draw", 3.5), ("away", 4.0))},
}
# Minute of the match, home goals, away goals, home red cards, whether the bookmaker takes bets.
PLAYED = ((20, 0, 0, 0, True), (21, 1, 0, 0, True), (22, 1, 0, 0, False), (23, 0, 0, 1, True), (33, 0, 2, 1, True))


class World:
    """A home with a kept model, and the cycles of a match in its history."""

    def __init__(self, home):
        self.lake, self.history = Lake(home, Source.SIMULATED), History(home, Source.SIMULATED)
        self.folder = history_folder(home, Source.SIMULATED)
        self.said, self.match = [], None

    def learn(self):
        table, _ = training.reported(trained(), model_files.save(trained().model, self.lake.root.parent))
        self.lake.write(SoccerModel, table)
        return self

    def cycle(self, minute, home, away, reds, is_open, quotes=()):
        at = KICKOFF + minute * MINUTE
        row = {**running(minute, home, away, (reds, 0)), **STATES, "incidents": 0, "stats": 0, "fetched_at": at}
        row |= {"home_score": home, "away_score": away, "odds_company_id": 2, **PRICES}
        row |= {} if is_open else {"moneyline_state": "suspended"}
        columns = set(FlattenedMatches.to_schema().columns)
        frame = from_rows(FlattenedMatches, [{name: value for name, value in row.items() if name in columns}])
        found = predict_cycle(self.lake, frame, at)
        self.lake.write(TeamLinks, found.links)
        self.said.append(plain_rows(found.predictions)[0])
        tables = {name: to_arrow(table, from_rows(table, [])) for name, table in LOGGED.items()}
        given = [quotes_of("m1", {"2": {"eu": list(quotes)}})[0]] if quotes else []
        shown = pa.Table.from_batches(given, schema=QUOTES_SCHEMA)
        told = {"flattened_matches": to_arrow(FlattenedMatches, frame)}
        told["match_predictions"] = to_arrow(MatchPredictions, found.predictions)
        append(self.folder, tables | told, shown, at)
        self.match = plain_rows(frame)[0]
        return self

    def look(self, minute, home, away, reds):
        at = KICKOFF + minute * MINUTE
        row = {"status_id": 4, "minute": int(minute), "minute_text": str(int(minute)), "is_in_play": True}
        row |= {"home_score": home, "away_score": away, "home_red_cards": reds, "away_red_cards": 0}
        assert append_look(self.folder, Listed({"m1": row}, {}), at) is not None

    def story(self):
        return story(self.history, self.match, STEP_S)


@pytest.fixture
def played(tmp_path):
    world = World(tmp_path).learn()
    for each in PLAYED:
        world.cycle(*each)
    return world


def three(said, prefix):
    found = tuple(said[f"{prefix}_{side}"] for side in ("home", "draw", "away"))
    return None if None in found else found


def test_every_kept_cycle_says_again_what_was_said_then(played):
    found = played.story()
    assert [each.at for each in found.moments] == [KICKOFF + minute * MINUTE for minute, *_ in PLAYED]
    for each, said in zip(found.moments, played.said, strict=True):
        assert each.model == three(said, "p") is not None
        assert each.market == three(said, "market_p")
    assert (found.model_ids, found.reason) == ([played.said[0]["model_id"]], None)


def test_what_was_said_stays_when_the_model_is_gone(played):
    before = played.story()
    played.lake.write(SoccerModel, from_rows(SoccerModel, []))
    assert played.story() == before
    after = played.cycle(34, 0, 2, 1, True).story()
    assert after.moments[:-1] == before.moments
    assert after.moments[-1].model is None
    assert after.model_ids == before.model_ids
    assert after.reason


def test_while_no_bets_are_taken_the_market_says_nothing(played):
    assert [each.market is None for each in played.story().moments] == [False, False, True, False, False]


def test_goals_cards_and_what_was_taken_back_stand_where_a_cycle_first_shows_them(played):
    found = [(each.minute, each.what, each.after_gap) for each in played.story().events]
    assert found == [
        ("21", "1-0", False),
        ("23", "0-0, a goal taken back", False),
        ("23", "red card home", False),
        ("33", "0-2", True),
    ]


def test_a_goal_stands_where_a_look_first_showed_it_with_the_chances_of_its_cycle(tmp_path):
    world = World(tmp_path).learn().cycle(20, 0, 0, 0, True)
    world.look(20.25, 0, 0, 0)
    world.look(20.5, 1, 0, 0)
    world.look(20.75, 1, 0, 0)
    world.cycle(21, 1, 0, 0, True)
    world.look(21.5, 1, 0, 1)
    found = world.story()
    assert [each.at for each in found.moments] == [KICKOFF + minute * MINUTE for minute in (20, 20.5, 21, 21.5)]
    assert [(each.at, each.what) for each in found.events] == [
        (KICKOFF + 20.5 * MINUTE, "1-0"),
        (KICKOFF + 21.5 * MINUTE, "red card home"),
    ]
    assert found.moments[1].model == found.moments[0].model != found.moments[2].model
    compact(world.folder, KICKOFF.date())
    assert world.story().moments == found.moments


def test_what_was_before_the_first_cycle_is_dated_by_nothing(tmp_path):
    world = World(tmp_path).learn().cycle(60, 2, 1, 1, True).cycle(61, 2, 1, 1, True)
    assert list(world.story().events) == []


def test_a_score_that_was_not_known_in_between_makes_no_event():
    def moment(minute, score):
        return Moment(KICKOFF + minute * MINUTE, str(minute), score, None, None, None)

    assert list(events([moment(1, (0, 0)), moment(2, None), moment(3, (0, 0))], STEP_S)) == []
    assert len(list(events([moment(1, (0, 0)), moment(2, (0, 1))], STEP_S))) == 1


def test_without_a_model_the_market_is_told_and_why_there_is_no_model(tmp_path):
    world = World(tmp_path)
    for each in PLAYED[:2]:
        world.cycle(*each)
    found = world.story()
    assert [each.model for each in found.moments] == [None, None]
    assert all(each.market for each in found.moments)
    assert found.model_ids == []
    assert found.reason.startswith("no model is kept yet")


def test_the_prices_are_the_bookmakers_own_with_the_time_in_which_no_bets_were_taken(tmp_path):
    begin = int(KICKOFF.timestamp())
    quotes = [
        [begin + 90, "2", 2.5, 3.1, 3.3, 2, 0, "0-0"],
        [begin + 60, "1", 2.2, 3.2, 3.6, 2, 1, "0-0"],
        [begin - 600, "", 2.0, 3.4, 4.0, 1, 0, ""],
        [begin - 900, "", 2.0, 3.4, 4.0, 1, 0, ""],
    ]
    world = World(tmp_path).learn().cycle(20, 0, 0, 0, True, quotes)
    found = [(round(each.at.timestamp()) - begin, each.prices) for each in world.story().prices]
    assert found == [(-900, (2.0, 3.4, 4.0)), (60, None), (90, (2.5, 3.1, 3.3))]
    assert world.history.logs(KICKOFF.date())[0].quotes("m2").num_rows == 0


def test_a_compacted_day_tells_the_same(played):
    before = played.story()
    compact(played.folder, KICKOFF.date())
    after = played.story()
    assert after.moments == before.moments
    assert list(after.prices) == list(before.prices)


def test_a_match_that_no_kept_day_has_has_no_moments(played):
    played.match = {**played.match, "match_id": "m9"}
    found = played.story()
    assert (list(found.moments), list(found.events), list(found.prices)) == ([], [], [])
