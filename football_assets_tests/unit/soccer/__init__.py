"""Tests of the soccer room."""
