"""The first line of what a command shows: the world, what it is, when it was published and how old it is."""

from datetime import timedelta

from rich.text import Text

from football_assets.config import now_utc
from football_assets.states import Source
from football_assets.warehouse.publication import Publication


def heading(what: str, publication: Publication, *, simulated: str, as_of: str) -> Text:
    """The line, the world first. `simulated` says what is not real; `as_of` what the provider's instant is."""
    real = publication.source is Source.REAL
    world = f"SIMULATED, not real {simulated}" if publication.source is Source.SIMULATED else publication.source.upper()
    line = Text(world, style="bold green" if real else "bold black on yellow")
    age = age_text(now_utc() - publication.published_at)
    line.append(f"  {what}, published {publication.published_at:%Y-%m-%d %H:%M:%S} UTC, {age} ago", style="not bold")
    if publication.as_of is not None:
        line.append(f"; {as_of} {publication.as_of:%Y-%m-%d %H:%M:%S} UTC", style="not bold")
    return line


def age_text(age: timedelta) -> str:
    """`90 s`, `45 min`, `3 h`."""
    seconds = int(age.total_seconds())
    if seconds < 120:
        return f"{seconds} s"
    return f"{seconds // 60} min" if seconds < 7200 else f"{seconds // 3600} h"
