"""The rules of this test suite, each seen to fail."""

import socket

import pytest

from football_assets_tests.conftest import HERE, tier_problem


@pytest.mark.parametrize("call", ["materialize", "subprocess.run", "serving", "execute_in_process"])
def test_a_slow_test_among_the_fast_ones_is_refused(call):
    line = f"{call}(x)"
    assert "unit tier" in tier_problem(HERE / "unit" / "test_x.py", line)
    assert tier_problem(HERE / "pipeline" / "test_x.py", line) is None


def test_a_test_outside_the_tiers_is_refused():
    assert "in no tier" in tier_problem(HERE / "test_x.py", "")


def test_a_connection_that_leaves_this_machine_fails_the_test():
    with pytest.raises(pytest.fail.Exception, match=r"192\.0\.2\.1"), socket.socket() as wire:
        wire.connect(("192.0.2.1", 80))
