"""A data platform for live soccer and NCAA football, built from Dagster assets.

Rooms: `transport` (the wire), `soccer` and `ncaa` (the two pipelines), `warehouse` (what readers see),
`operations` (upkeep), `emulators` (both providers on loopback), `cli` (the `football` command).
"""
