"""The limits of a soak: what breaks each of them is named, and what holds all is not."""

import pytest

from benchmarks.soak_figures import Sample, bounded, broken, grown, slope_per_1000


def samples(megabytes=0.0, files=0.0, cycles=1440):
    """A process that starts large, settles, and then grows by so much in 1,000 cycles."""
    return [
        Sample("daemon", n, 150.0 - (40.0 if n < 200 else 0.0) + megabytes * n / 1000, round(30 + files * n / 1000))
        for n in range(0, cycles, 5)
    ]


def figures(**other):
    good = {
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
        ({"success_pct": 99.49}, "cycle success 99.49 %"),
        ({"success_pct": None}, "cycle success None %"),
        ({"processes": grown(samples(1.2), 1440)}, "daemon: +1.2 MB of memory per 1,000 cycles"),
        ({"processes": grown(samples(0, 9), 1440)}, "open files per 1,000 cycles"),
        ({"processes": grown(samples(cycles=9), 9)}, "too few samples to tell whether MB of memory grow"),
        ({"database_ratio": {"events": 1.11}}, "events: grew 1.11 times"),
        ({"database_ratio": {"events": None}}, "events: too few cycles"),
        ({"speed": 59.9}, "speed 59.9x"),
    ],
)
def test_each_limit_that_is_broken_is_named(other, says):
    assert says in broken(figures(**other))[0]


def test_growth_is_that_of_the_middle_whatever_single_moments_do():
    points = [(n, 100 + n / 1000) for n in range(500)]
    points[250] = (250, 900.0)
    assert slope_per_1000(points) == 1.0
    assert slope_per_1000([(1, 2.0), (1, 3.0), (2, 2.0)]) is None


def test_a_database_is_bounded_when_its_second_half_is_no_larger():
    assert bounded([(n, 100 + n % 7) for n in range(50)]) == 1.0
    assert bounded([(n, 100 + n) for n in range(50)]) == 1.202
    assert bounded([(1, 100)]) is None
