"""Several rules in one check keep what each of them says."""

import pandas as pd
import pytest

from football_assets.soccer.rules import together
from football_assets.tables import Verdict

FRAME = pd.DataFrame()


def rule(passed, level="warn", **rest):
    def holds(_frame):
        """It holds."""
        return Verdict(passed, f"{level} {passed}", level, **rest)

    return holds


@pytest.mark.parametrize(
    ("rules", "passed", "level", "says"),
    [
        ([rule(True), rule(True, "error")], True, "error", "warn True; error True"),
        ([rule(False), rule(True, "error")], False, "warn", "warn False"),
        ([rule(True), rule(False, "error")], False, "error", "error False"),
        ([rule(False), rule(False, "error")], False, "error", "warn False; error False"),
    ],
)
def test_one_check_fails_as_the_worst_of_its_rules_and_says_what_failed(rules, passed, level, says):
    verdict = together(*rules)(FRAME)
    assert (verdict.passed, verdict.level, verdict.says) == (passed, level, says)


def test_figures_and_failing_rows_of_all_rules_are_kept_under_the_same_columns():
    both = together(
        rule(False, figures={"gaps": 1}, rows=({"gap": "odds"},)),
        rule(False, figures={"lost": 2}, rows=({"match_id": "m1", "what": "lost"},)),
        rule(True, figures={"known": 3}, rows=({"match_id": "m2"},)),
    )
    verdict = both(FRAME)
    assert verdict.figures == {"gaps": 1, "lost": 2, "known": 3}
    assert verdict.rows == (
        {"gap": "odds", "match_id": "", "what": ""},
        {"gap": "", "match_id": "m1", "what": "lost"},
    )
    assert both.__doc__ == "It holds. It holds. It holds."
