"""Numbers for people: what rounds to zero reads zero, whichever side it comes from."""

import pytest

from football_assets.figures import rounded


@pytest.mark.parametrize(
    ("value", "digits", "plain", "signed"),
    [
        (-0.04, 1, "0.0", "0.0"),
        (0.04, 1, "0.0", "0.0"),
        (-0.0, 2, "0.00", "0.00"),
        (-0.4, 0, "0", "0"),
        (-0.06, 1, "-0.1", "-0.1"),
        (12.34, 1, "12.3", "+12.3"),
    ],
)
def test_only_a_number_that_is_not_zero_as_shown_has_a_sign(value, digits, plain, signed):
    assert rounded(value, digits) == plain
    assert rounded(value, digits, sign=True) == signed
