"""What a job's output tells: the step that runs, our own errors once each, the checks that did not pass."""

from rich.console import Console

from football_assets.operations.jobs import JobOutcome, _follow, _reasons

RUN = "4eebeef6-584f-454c-b553-5e6201acf58d"
STEP = (
    f"2026-11-22 01:52:31 +0000 - dagster - DEBUG - live_cycle - {RUN} - 10225 - soccer__live_matches - STEP_{{}} - x\n"
)
OUTPUT = [
    STEP.format("START"),
    f"2026-11-22 01:52:35 +0000 - dagster - DEBUG - live_cycle - {RUN} - 10241 - soccer__live_matches - "
    "ASSET_CHECK_EVALUATION - Asset check 'gaps' on 'soccer/live_matches' did not pass. Description: 'odds: 3 of 9'\n",
    STEP.format("SUCCESS"),
    STEP.format("START"),
    "dagster._core.errors.DagsterExecutionStepExecutionError: Error occurred while executing op\n",
    "football_assets.errors.SourceUnavailable: TheSports: reading the live list: HTTP 500. Retrying may clear this.\n",
    "football_assets.errors.SourceUnavailable: TheSports: reading the live list: HTTP 500. Retrying may clear this.\n",
    STEP.format("FAILURE"),
]


def test_errors_are_told_once_in_our_words_and_failed_checks_are_listed(tmp_path):
    outcome = JobOutcome("live_cycle", log=tmp_path / "job.log")
    with (tmp_path / "screen").open("w") as screen:
        _follow(OUTPUT, outcome, 2, Console(file=screen))
    assert outcome.errors == ["TheSports: reading the live list: HTTP 500. Retrying may clear this."]
    assert outcome.warnings == ["soccer/live_matches: gaps: odds: 3 of 9"]
    assert outcome.run_id == RUN
    assert (tmp_path / "job.log").read_text().splitlines() == [line.rstrip("\n") for line in OUTPUT]


def test_a_job_stopped_by_a_check_names_the_check_and_says_what_stays(tmp_path):
    stopped = JobOutcome("live_cycle", log=tmp_path / "job.log", warnings=["soccer/live_matches: schema: 2 values"])
    (reason,) = _reasons(stopped, 1)
    assert reason.startswith("checking soccer/live_matches: schema: 2 values. Nothing was published")
    assert "exit code 7" in _reasons(JobOutcome("live_cycle", log=tmp_path / "job.log"), 7)[0]
