"""Cursors of the changes: places with and without looks, and those given before there were any."""

import base64
from datetime import date

import pytest

from football_assets.serving.problems import Problem
from football_assets.serving.routes.soccer_changes import _cursor, _read
from football_assets.soccer.change_feed import Place

DAY = date(2026, 11, 21)


@pytest.mark.parametrize("place", [Place(DAY, 7, 99, 3), Place(DAY, 7, 99, 3, 12), Place(DAY, 7, 99, 3, 12, True)])
def test_a_cursor_names_its_place(place):
    assert _read(_cursor(place)) == place


def test_a_cursor_without_looks_is_as_it_always_was():
    told = base64.urlsafe_b64encode(b'["2026-11-21",7,99,3]').decode().rstrip("=")
    assert _cursor(Place(DAY, 7, 99, 3)) == told
    assert _read(told) == Place(DAY, 7, 99, 3)


@pytest.mark.parametrize("told", [b'["2026-11-21",7,99]', b'["2026-11-21",7,99,3,12]', b"[]", b"7"])
def test_anything_else_is_refused(told):
    with pytest.raises(Problem):
        _read(base64.urlsafe_b64encode(told).decode())
