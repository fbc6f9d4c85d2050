"""Reading the list of faults, whom they hit, and what they do to a body."""

import json
import math
from statistics import mean, stdev

import pytest

from football_assets.emulators.faults import KINDS, Fault, Faults, emptied, retyped, truncated
from football_assets.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "name", "path", "values"),
    [
        ("latency=240", "latency", "", (240.0,)),
        ("latency=240:80", "latency", "", (240.0, 80.0)),
        ("latency=lognormal:240:80", "latency", "", (240.0, 80.0)),
        ("429=30", "429", "", (30.0,)),
        ("rate_limit=120", "429", "", (120.0,)),
        ("500", "500", "", (1.0,)),
        ("500@odds/history=0.25", "500", "odds/history", (0.25,)),
        ("hang@odds/history", "hang", "odds/history", (math.inf,)),
        ("hang=2.5", "hang", "", (2.5,)),
        ("err@/games/", "err", "games", ()),
    ],
)
def test_a_fault_reads_as_name_path_and_value(text, name, path, values):
    assert Fault.parse(text) == Fault(name, path, values, text)


@pytest.mark.parametrize(
    "text",
    [
        "latency",
        "latency=soon",
        "latency=-1",
        "latency=5:-1",
        "latency=1:2:3",
        "latency=nan",
        "429",
        "429=-1",
        "429=1.5",
        "500=1.1",
        "500=-0.1",
        "500=",
        "hang=0",
        "hang=x",
        "hang=nan",
        "err=1",
        "empty=",
        "reset=2",
        "truncated=most",
    ],
)
def test_a_wrong_value_says_how_the_fault_is_written(text):
    name = text.partition("=")[0]
    with pytest.raises(ConfigError) as caught:
        Faults.parse([text], origin="--fault")
    assert caught.value.allowed == KINDS[name].usage
    assert caught.value.value == text
    assert caught.value.origin == "--fault"


@pytest.mark.parametrize("text", ["slow=3", "", "@odds", "50"])
def test_an_unknown_fault_lists_every_name_that_is_allowed(text):
    with pytest.raises(ConfigError) as caught:
        Faults.parse([text])
    assert all(name in caught.value.allowed for name in KINDS)


def test_a_fault_with_a_path_hits_only_what_begins_with_it():
    faults = Faults.parse(["500@odds"])
    assert faults.hits("500", "odds/history", "q", 1)
    assert not faults.hits("500", "match/detail_live", "q", 1)


def test_a_path_is_whole_parts_so_that_games_is_not_gamesheets():
    faults = Faults.parse(["500@games"])
    assert faults.hits("500", "games", "q", 1)
    assert faults.hits("500", "games/teams", "q", 1)
    assert not faults.hits("500", "gamesheets", "q", 1)


def test_the_longest_path_overrules_the_shorter_ones():
    faults = Faults.parse(["500", "500@odds/history=0", "500@odds=0"])
    assert faults.hits("500", "match/diary", "q", 1)
    assert not faults.hits("500", "odds/history", "q", 1)


def test_a_share_hits_about_that_many_and_always_the_same():
    faults = Faults.parse(["500=0.3"], seed=7)
    struck = [faults.hits("500", "games", f"games?year={n}", 1) for n in range(2000)]
    again = [faults.hits("500", "games", f"games?year={n}", 1) for n in reversed(range(2000))]
    assert struck == again[::-1]
    assert 540 < sum(struck) < 660


def test_asking_again_or_another_seed_draws_anew():
    one, other = Faults.parse(["500=0.5"], seed=1), Faults.parse(["500=0.5"], seed=2)
    firsts = [one.hits("500", "p", f"q{n}", 1) for n in range(200)]
    assert firsts != [one.hits("500", "p", f"q{n}", 2) for n in range(200)]
    assert firsts != [other.hits("500", "p", f"q{n}", 1) for n in range(200)]


def test_shares_of_none_and_all_leave_nothing_to_chance():
    never, always = Faults.parse(["500=0"]), Faults.parse(["500=1"])
    assert not any(never.hits("500", "p", f"q{n}", 1) for n in range(500))
    assert all(always.hits("500", "p", f"q{n}", 1) for n in range(500))


def test_latency_is_constant_without_and_log_normal_with_a_deviation():
    assert Faults.parse(["latency=50"]).latency_s("p", "q", 1) == 0.05
    faults = Faults.parse(["latency=240:80"])
    held = [faults.latency_s("p", f"q{n}", 1) for n in range(4000)]
    assert mean(held) == pytest.approx(0.240, rel=0.03)
    assert stdev(held) == pytest.approx(0.080, rel=0.08)
    assert min(held) > 0
    assert held == [faults.latency_s("p", f"q{n}", 1) for n in range(4000)]


def test_no_fault_is_a_healthy_provider():
    assert Faults().switched_on == ()
    assert Faults().latency_s("p", "q", 1) == 0
    assert not any(Faults().hits(name, "p", "q", 1) for name in KINDS)


@pytest.mark.parametrize(
    ("body", "without"),
    [
        ([{"id": 1}], []),
        (
            {"code": 0, "query": {"total": 1, "type": "uuid", "uuid": "a"}, "results": [{"id": "a"}]},
            {"code": 0, "query": {"total": 0, "type": "uuid", "uuid": "a"}, "results": []},
        ),
        ({"code": 0, "results": {"2": {"eu": []}}}, {"code": 0, "results": {}}),
    ],
)
def test_emptied_keeps_the_envelope_and_nothing_else(body, without):
    assert json.loads(emptied(json.dumps(body).encode())) == without


def test_retyped_changes_every_value_and_keeps_the_envelope():
    body = {"code": 0, "query": {"total": 1}, "results": [{"id": "a", "score": ["a", 2, [0, 1]], "gone": None}]}
    changed = json.loads(retyped(json.dumps(body).encode()))
    assert changed["code"] == 0
    assert changed["query"] == {"total": 1}
    row = changed["results"][0]
    assert row == {
        "id": ["a"],
        "score": [["a"], {"value": 2}, [{"value": 0}, {"value": 1}]],
        "gone": {"value": None},
    }


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"code":0,"results":[]}', b'[{"id":1}]'])
def test_truncated_is_no_longer_json(body):
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        json.loads(truncated(body))
