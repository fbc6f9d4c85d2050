"""The soccer model's report on the recorded seasons: what has to hold before its numbers may be shown."""

import json
import os
import subprocess
import sys

import pytest


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    if not os.environ.get("FOOTBALL_RECORDINGS"):
        pytest.skip("FOOTBALL_RECORDINGS is not set to a folder of recordings")
    file = tmp_path_factory.mktemp("report") / "report.json"
    command = [sys.executable, "-m", "benchmarks.soccer_model", "--json", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=280)
    assert done.returncode == 0, done.stderr
    assert "calibration of 1X2" in done.stdout
    return json.loads(file.read_text(encoding="utf-8"))


def largest_difference(table):
    return max(abs(row["predicted"] - row["happened"]) for row in table if row["count"] >= 100)


def test_without_prices_it_beats_elo_and_reaches_the_aim(report):
    families = report["families"]
    assert families["no_market"]["rps"] <= 0.2070
    assert families["no_market"]["rps"] < families["elo_logit"]["rps"]
    assert families["no_market"]["log_loss"] < families["elo_logit"]["log_loss"]


def test_no_family_without_closing_prices_claims_to_beat_them(report):
    families = report["families"]
    assert all(
        families["closing_prices"]["rps"] < each["rps"] for name, each in families.items() if "closing" not in name
    )


def test_with_early_prices_it_is_not_worse_than_they_are(report):
    families = report["families"]
    assert families["market_aware"]["rps"] <= families["early_prices"]["rps"]


def test_nearly_every_match_has_a_model(report):
    assert report["with_a_model"] / report["matches"] > 0.98
    assert report["compared"] / report["with_a_model"] > 0.99


def test_probabilities_happen_as_often_as_they_say_before_the_match_and_during_it(report):
    assert largest_difference(report["calibration"]) <= 0.03
    assert largest_difference(report["in_play"]["calibration"]) <= 0.03


def test_the_leader_after_ninety_minutes_is_above_nine_in_ten_and_wins_that_often(report):
    late = report["in_play"]["moments"]["90"]
    assert late["leader_predicted"] > 0.9
    assert late["leader_won"] == pytest.approx(late["leader_predicted"], abs=0.03)


def test_a_running_match_becomes_easier_to_predict(report):
    scores = [each["rps"] for each in report["in_play"]["moments"].values()]
    assert scores == sorted(scores, reverse=True)
