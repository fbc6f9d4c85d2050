"""Soccer live: what TheSports says is happening now, every 60 seconds.

Plain Python: `client` asks, `models` reads answers, `enrichment` joins a cycle together, `minute`, `odds`,
`environment`, `flatten`, `board` and `summary` work it out, `rules` judge it, `schemas` declare the tables. Dagster
lives in `assets` and `automation`.
"""

from football_assets.providers import JUDGES
from football_assets.soccer.client import judge

JUDGES["soccer"] = judge
