"""What follows from a rounded prediction: chances that add up, whatever was rounded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from football_assets.soccer.derived_chances import DERIVED, rounded, with_derived

PARTS = st.tuples(*[st.floats(1e-7, 1)] * 3).map(lambda each: [part / sum(each) for part in each])


@given(ours=PARTS, before=PARTS, market=PARTS, over=st.floats(0, 1))
def test_rounded_chances_add_up_to_one_and_follow_from_what_is_kept(ours, before, market, over):
    row = {"match_id": "m1", "p_over": over, "pre_p_over": over}
    for prefix, chances in (("p", ours), ("pre_p", before), ("market_p", market)):
        row |= {f"{prefix}_{side}": chance for side, chance in zip(("home", "draw", "away"), chances, strict=True)}
    found = rounded(row)
    for prefix, chances in (("p", ours), ("pre_p", before), ("market_p", market)):
        told = [found[f"{prefix}_{side}"] for side in ("home", "draw", "away")]
        assert sum(told) == pytest.approx(1, abs=1e-12)
        assert min(told) >= 0
        assert told == pytest.approx(chances, abs=1.6e-4)
    assert found["p_under"] == pytest.approx(1 - found["p_over"])
    assert found["edge_home"] == pytest.approx(found["p_home"] - found["market_p_home"])
    assert with_derived({name: value for name, value in found.items() if name not in DERIVED}) == found


def test_what_is_not_known_stays_not_known():
    told = rounded({"match_id": "m1", "p_home": None, "p_over": None, "market_p_home": 0.5, "market_p_draw": 0.25})
    assert told["market_p_away"] == 0.25
    assert not {"p_away", "p_under", "edge_home"} & told.keys()
    assert with_derived({"match_id": "m1"}) == {"match_id": "m1"}
