"""`python -m football_assets.cli` is the `football` command."""

from football_assets.cli import main

main()
