"""The limits of a soak: what breaks each of them is named, and what holds all is not."""

import pytest

from benchmarks.soak_figures import Sample, bounded, broken, gained, grown, slope_per_1000, verdicts


def samples(megabytes=0.0, files=0.0, cycles=1440):
    """A process that starts large, settles, and then grows by so much in 1,000 cycles."""
    return [
        Sample("daemon", n, 150.0 - (40.0 if n < 200 else 0.0) + megabytes * n / 1000, round(30 + files * n / 1000))
        for n in range(0, cycles, 5)
    ]


def figures(**other):
    good = {
        "cycles": 1440,
        "cycles_asked": 1440,
        "success_pct": 99.5,
        "processes": grown(samples(), 1440),
        "database_ratio": {"runs": 1.0, "events": 1.1},
        "speed": 60.0,
    }
    return {**good, **other}


def test_a_soak_at_every_limit_breaks_none():
    assert broken(figures()) == []
    assert broken(figures(processes=grown(samples(0.99, 0.5), 1440))) == []


@pytest.mark.parametrize(
    ("other", "says"),
    [
        ({"cycles": 1439}, "cycles: 1439, at least 1440"),
        ({"success_pct": 99.49}, "cycle success: 99.49 %, at least 99.5 %"),
        ({"success_pct": None}, "cycle success: none"),
        ({"processes": grown(samples(1.2), 1440)}, "memory of daemon: +1.2 MB in 1,000, less than 1"),
        ({"processes": grown(samples(0, 9), 1440)}, "open files of daemon: +"),
        ({"processes": grown(samples(cycles=9), 9)}, "memory of daemon: too few cycles"),
        ({"processes": grown(samples(-9, cycles=120), 120)}, "memory of daemon: too few cycles"),
        ({"processes": {}}, "memory and open files: no process seen"),
        ({"database_ratio": {"events": 1.11}}, "size of events: 1.11 times since pruning, at most 1.1 times"),
        ({"database_ratio": {"events": None}}, "size of events: too few cycles"),
        ({"speed": 59.9}, "speed: 59.9x"),
    ],
)
def test_each_limit_that_is_broken_is_named(other, says):
    assert says in broken(figures(**other))[0]


def test_every_requirement_has_its_line_whether_it_holds_or_not():
    told = [str(each) for each in verdicts(figures(success_pct=98.8, database_ratio={"events": None}))]
    assert [line.split("  ")[0] for line in told] == [
        "cycles",
        "speed",
        "cycle success",
        "memory of daemon",
        "open files of daemon",
        "size of events",
    ]
    assert [line.rsplit("  ")[-1].strip() for line in told] == ["holds"] * 2 + ["BROKEN"] + ["holds"] * 2 + [
        "NOT SHOWN"
    ]


def test_the_memory_of_the_provider_is_told_and_breaks_nothing_its_open_files_are_judged():
    grows = {"emulator": grown(samples(20, 9), 1440)["daemon"]}
    assert [each.partition(":")[0] for each in broken(figures(processes=grows))] == ["open files of emulator"]
    (line,) = [str(each) for each in verdicts(figures(processes=grows)) if each.requirement == "memory of emulator"]
    assert "+20 MB in 1,000" in line
    assert line.endswith("not judged")


def test_a_single_step_that_the_slope_does_not_see_is_told_as_gained():
    points = [(n, 100.0 if n < 400 else 130.0) for n in range(500)]
    assert slope_per_1000(points) == 0.0
    assert gained(points) == 30.0
    assert gained(points[:2]) is None


def test_growth_is_that_of_the_middle_whatever_single_moments_do():
    points = [(n, 100 + n / 1000) for n in range(500)]
    points[250] = (250, 900.0)
    assert slope_per_1000(points) == 1.0
    assert slope_per_1000([(1, 2.0), (1, 3.0), (2, 2.0)]) is None


def test_a_database_is_bounded_when_its_second_half_is_no_larger():
    assert bounded([(n, 100 + n % 7) for n in range(50)]) == 1.0
    assert bounded([(n, 100 + n) for n in range(50)]) == 1.202
    assert bounded([(1, 100)]) is None
