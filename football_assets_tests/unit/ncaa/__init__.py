"""Tests of the college football room."""
