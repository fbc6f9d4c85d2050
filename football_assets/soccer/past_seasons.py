"""Past seasons from football-data.co.uk into the lake: one reading of all divisions' files of some seasons.

Results of one world only: a simulated live feed learns from simulated results, a real one from real ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pandas as pd

from football_assets.config import FOOTBALL_DATA_URL, Settings
from football_assets.errors import ConfigError, SourceError, SourceRejected
from football_assets.soccer.football_data import COLUMNS, DIVISIONS, FIRST_SEASON, NAME, Division, FootballData
from football_assets.soccer.prediction_schemas import HistoricalMatches
from football_assets.states import DataState, Source
from football_assets.tables import conform, from_rows
from football_assets.transport import TEXT, open_transport, probe_source
from football_assets.warehouse.lake import Lake

# The simulated leagues have no older files, and need none.
SIMULATED_SEASONS = 2
_ENDS_AFTER = (7, 31)


@dataclass
class PastSeasons:
    """What one reading gave: HistoricalMatches of all asked seasons, figures, and what is missing with the reason."""

    frame: pd.DataFrame
    files: int = 0
    cached: int = 0
    absent: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)

    @property
    def about(self) -> dict[str, Any]:
        """Figures for people."""
        return {
            "files": self.files,
            "files_kept_from_before": self.cached,
            "files_that_do_not_exist": ", ".join(self.absent) or "none",
            "gaps": self.gaps,
        }


def season_of(at: datetime) -> int:
    """The season that an instant belongs to, by the year in which it begins; it lasts until July."""
    return at.year if at.month > _ENDS_AFTER[0] else at.year - 1


def wanted_seasons(running: int, source: Source) -> list[int]:
    """The seasons a model learns from, oldest first, the running one last."""
    return list(range(running - SIMULATED_SEASONS if source is Source.SIMULATED else FIRST_SEASON, running + 1))


async def read_seasons(settings: Settings, lake: Lake, seasons: Sequence[int], now: datetime) -> PastSeasons:
    """Read the files of `seasons` (years in which they begin) for the world of `lake`.

    A file that the site does not have is told and left out. One that cannot be read keeps what the lake holds of it,
    which is a gap. Raises ConfigError when the site belongs to another world than the live feed, the first error when
    nothing at all could be read.
    """
    require_same_world(settings, lake.source)
    if settings.football_data_url.rstrip("/") != FOOTBALL_DATA_URL:
        _require(lake.source, await probe_source(settings.football_data_url), settings)
    cache = settings.folder / lake.source.value / "cache" / "football_data"
    async with open_transport(
        NAME,
        settings.football_data_url,
        settings.football_data,
        cache_dir=cache,
        shared_url=settings.shared_url,
        expect_source=lake.source,
        form=TEXT,
    ) as transport:
        divisions = await divisions_of(FootballData(transport), lake.source)
        client = FootballData(transport, divisions)
        found = PastSeasons(from_rows(HistoricalMatches, []))
        parts: list[pd.DataFrame] = []
        first: SourceError | None = None
        for season in seasons:
            for code in divisions:
                try:
                    file = await client.season(code, season, finished=season < season_of(now))
                except SourceError as error:
                    name = f"{code} {season}/{(season + 1) % 100:02d}"
                    kept = _kept(lake, code, season)
                    # A file that was there and is gone is a gap; one that never was is none.
                    if isinstance(error, SourceRejected) and "HTTP 404" in error.happened and kept.empty:
                        found.absent.append(name)
                        continue
                    first = first or error
                    found.gaps.append(f"{name}: {error.happened}")
                    parts.append(kept)
                    continue
                found.files += 1
                found.cached += file.state is not DataState.LIVE
                parts.append(table_of(file.matches, divisions[code], file.served_at))
    if first is not None and not found.files:
        raise first
    if parts:
        found.frame = pd.concat(parts, ignore_index=True)
    return found


async def divisions_of(client: FootballData, source: Source) -> Mapping[str, Division]:
    """The divisions that the site of a world has files of."""
    return await client.leagues() if source is Source.SIMULATED else DIVISIONS


def table_of(matches: pd.DataFrame, division: Division, read_at: datetime) -> pd.DataFrame:
    """HistoricalMatches of a file's matches; of rows with the same key the last stands, as a correction does."""
    made = matches[list(COLUMNS)].assign(
        played_on=matches["played_on"].dt.tz_localize("UTC").astype("datetime64[us, UTC]"),
        kickoff_at=matches["kickoff_at"].astype("datetime64[us, UTC]"),
        season=matches["season"].astype("Int64"),
        tier=matches["tier"].astype("Int64"),
        division_name=division.name,
        read_at=pd.Timestamp(read_at).as_unit("us"),
    )
    return conform(HistoricalMatches, made.drop_duplicates(list(HistoricalMatches.about().key), keep="last"))


def learnable(table: pd.DataFrame) -> pd.DataFrame:
    """HistoricalMatches as the model reads it: plain days and numbers, in the order of the days."""
    made = table.assign(
        played_on=table["played_on"].dt.tz_localize(None).astype("datetime64[s]"),
        season=table["season"].astype("int64"),
        tier=table["tier"].astype("int64"),
    )
    return made.sort_values(["played_on", "division", "home_team"], kind="stable", ignore_index=True)


def _kept(lake: Lake, code: str, season: int) -> pd.DataFrame:
    if not lake.exists(HistoricalMatches, str(season)):
        return from_rows(HistoricalMatches, [])
    table = lake.read(HistoricalMatches, str(season))
    return table[table["division"] == code].reset_index(drop=True)


def require_same_world(settings: Settings, source: Source) -> None:
    """Raise ConfigError when the site is the real one and the live feed is not."""
    if settings.football_data_url.rstrip("/") == FOOTBALL_DATA_URL:
        _require(source, Source.REAL, settings)


def _require(source: Source, of_site: Source, settings: Settings) -> None:
    if source is not of_site:
        raise ConfigError(
            "football_data_url",
            value=settings.football_data_url,
            allowed=f"a site with {source.value} results, as the live feed is {source.value} and this site is "
            f"{of_site.value}: worlds never mix (`football emulate football-data` serves recorded and simulated ones)",
            origin="settings",
        )
