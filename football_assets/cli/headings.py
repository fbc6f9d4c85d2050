"""What a command shows first, as a line and in JSON: the world, what it is, when it was published, how old it is."""

from datetime import timedelta

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from football_assets.ages import age_words
from football_assets.config import now_utc
from football_assets.states import Source
from football_assets.warehouse.publication import Publication


class Heading:
    """A line of a few parts, each with what parts it from the one before; a narrow terminal breaks it between parts."""

    def __init__(self, first: Text, *others: tuple[str, Text]) -> None:
        self._first = first
        self._others = others

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        line = self._first.copy()
        for separator, part in self._others:
            if line.cell_len + len(separator) + part.cell_len > options.max_width:
                yield line
                line = Text()
            line.append(separator if line else "").append_text(part)
        yield line


def published_json(publication: Publication) -> dict[str, object]:
    """What JSON made of a publication begins with: the world, which publication, of when, how old it is."""
    return {
        "source": publication.source.value,
        "publication_id": publication.id,
        "published_at": publication.published_at.isoformat(),
        "as_of": publication.as_of.isoformat() if publication.as_of else None,
        "age_s": round((now_utc() - publication.published_at).total_seconds(), 1),
    }


def heading(what: str, publication: Publication, *, simulated: str, as_of: str) -> Heading:
    """The line, the world first. `simulated` says what is not real; `as_of` what the provider's instant is."""
    first = world_text(publication.source, simulated).append(f"  {what}")
    age = age_text(now_utc() - publication.published_at)
    parts = [(", ", Text(f"published {publication.published_at:%Y-%m-%d %H:%M:%S} UTC, {age} ago"))]
    if publication.as_of is not None:
        parts.append(("; ", Text(f"{as_of} {publication.as_of:%Y-%m-%d %H:%M:%S} UTC")))
    return Heading(first, *parts)


def world_text(source: Source, simulated: str) -> Text:
    """The world in its colours; `simulated` says what is not real."""
    words = f"SIMULATED, not real {simulated}" if source is Source.SIMULATED else source.value.upper()
    return Text().append(words, "bold green" if source is Source.REAL else "bold black on yellow")


def age_text(age: timedelta) -> str:
    """`90 s`, `45 min`, `3 h`, `12 days`."""
    return age_words(age.total_seconds())


def short_age(age: timedelta) -> str:
    """The same in a table: `90s`, `45m`, `3h`, `12d`."""
    number, unit = age_text(age).split()
    return number + unit[0]
