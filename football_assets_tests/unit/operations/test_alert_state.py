"""What is told of an alert over its life: when it begins, when it is over, and to level 2 when nobody answers."""

import json
from datetime import timedelta

import pytest

from football_assets.config import load_settings
from football_assets.operations.alert_rules import Finding, findings
from football_assets.operations.alert_state import AlertBook, State, UnknownAlert, step
from football_assets.operations.watchdog import Watchdog
from football_assets.sections import Alerts
from football_assets_tests.unit.operations.dagster_records import NOW, healthy

RULES = Alerts()
DOWN = Finding("service_down.daemon", "critical", "daemon does not run", "Start it")
LOW = Finding("success", "warning", "57 of 61 cycles", "football health logs")
PAGE = Finding("ledger_broken", "page", "the chain is broken", "Restore it")


def told(state, found, seconds):
    return [(each.kind, each.level) for each in step(state, found, NOW + timedelta(seconds=seconds), RULES)]


def test_an_alert_is_told_once_however_often_it_is_found():
    state = State()
    assert told(state, [DOWN], 0) == [("raised", 1)]
    assert [told(state, [DOWN], n) for n in range(15, 300, 15)] == [[]] * 19
    assert len(state.open) == 1


def test_recovery_is_told_once_after_a_minute_without_it():
    state = State()
    told(state, [DOWN], 0)
    assert told(state, [], 30) == []
    assert told(state, [], 60) == [("resolved", 1)]
    assert told(state, [], 75) == []
    assert state.open == []


def test_a_number_that_swings_around_its_threshold_is_one_alert():
    state = State()
    kinds = [told(state, [LOW] if n % 2 else [], 15 * n) for n in range(40)]
    assert [kind for each in kinds for kind in each] == [("raised", 1)]


def test_what_gets_worse_is_told_again():
    state = State()
    told(state, [LOW], 0)
    worse = Finding("success", "critical", "40 of 61 cycles", "-")
    assert told(state, [worse], 15) == [("worse", 1)]
    assert told(state, [LOW], 30) == []
    assert state.open[0].severity == "critical"


def test_a_critical_alert_nobody_acknowledged_goes_to_level_2_after_15_minutes():
    state = State()
    told(state, [DOWN], 0)
    assert told(state, [DOWN], 899) == []
    assert told(state, [DOWN], 900) == [("unacknowledged", 2)]
    assert told(state, [DOWN], 915) == []
    assert told(state, [], 1000) == [("resolved", 1), ("resolved", 2)]


def test_an_acknowledged_alert_and_a_warning_never_go_to_level_2():
    state = State()
    told(state, [DOWN, LOW], 0)
    next(each for each in state.open if each.key == DOWN.key).acknowledged_at = NOW
    assert told(state, [DOWN, LOW], 3600) == []


def test_a_page_goes_to_both_levels_at_once():
    assert told(State(), [PAGE], 0) == [("raised", 1), ("raised", 2)]


def test_a_healthy_day_raises_no_alert_and_tells_nobody():
    """Each half minute of a simulated day, judged as the sensor does it."""
    state = State()
    for n in range(2880):
        at = NOW + timedelta(seconds=30 * n)
        step(state, findings(healthy(at=at), RULES), at, RULES)
    assert (state.alerts, state.messages) == ([], [])


def dog(**more):
    return Watchdog(load_settings(), to=[], **more)


def test_an_acknowledgement_is_kept_and_the_first_one_counts():
    looking = dog()
    alert = looking.look(NOW, [DOWN]).open[0]
    book = AlertBook(load_settings().folder)
    book.acknowledge(alert.id, "Ada", NOW)
    assert book.acknowledge(alert.id, "Bob", NOW).acknowledged_by == "Ada"
    state = dog().look(NOW + timedelta(hours=1), [DOWN])
    assert (state.open[0].acknowledged_by, state.open[0].escalated_at) == ("Ada", None)


@pytest.mark.parametrize("alert_id", ["00000000", "../../etc/passwd", ""])
def test_an_unknown_alert_is_refused_with_those_there_are(alert_id):
    alert = dog().look(NOW, [DOWN]).open[0]
    with pytest.raises(UnknownAlert, match=f"There are: {alert.id}"):
        AlertBook(load_settings().folder).acknowledge(alert_id, "Ada", NOW)


def test_a_new_process_goes_on_where_the_last_one_stopped():
    first = dog().look(NOW, [DOWN])
    second = dog().look(NOW + timedelta(seconds=15), [DOWN])
    assert [each.id for each in second.alerts] == [each.id for each in first.alerts]
    assert len(second.messages) == 1


def test_an_unreadable_state_is_put_aside():
    folder = load_settings().folder / "health"
    folder.mkdir(parents=True)
    (folder / "alerts.json").write_text("{half")
    assert len(dog().look(NOW, [DOWN]).open) == 1
    assert (folder / "alerts.unreadable").read_text() == "{half"


def test_the_state_is_readable_by_its_owner_only():
    dog().look(NOW, [DOWN])
    assert (load_settings().folder / "health" / "alerts.json").stat().st_mode & 0o777 == 0o600


def test_a_watchdog_that_stays_tells_once_while_the_folder_cannot_be_written(monkeypatch):
    sent = []

    class Channel:
        name, level = "test", 1

        def send(self, message):
            sent.append(message.key)

    def refuse(_self, _state):
        from football_assets.errors import StorageError

        raise StorageError("writing", "no space left", "Free some.")

    monkeypatch.setattr(AlertBook, "write", refuse)
    staying = Watchdog(load_settings(), stays=True, to=[Channel()])
    for n in range(5):
        staying.look(NOW + timedelta(seconds=15 * n), [DOWN])
    assert sent == ["service_down.daemon", "unwritable"]


def test_two_processes_do_not_look_at_the_same_time():
    import fcntl

    folder = load_settings().folder / "health"
    folder.mkdir(parents=True)
    with (folder / "alerts.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert dog().look(NOW, [DOWN]) is None
    assert dog().look(NOW, [DOWN]) is not None


def test_the_state_is_json_that_holds_no_address():
    dog().look(NOW, [DOWN])
    kept = json.loads((load_settings().folder / "health" / "alerts.json").read_text())
    assert kept["alerts"][0]["key"] == DOWN.key
