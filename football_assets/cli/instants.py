"""Instants that options name."""

from datetime import UTC, datetime

import typer


def instant(text: str, option: str, *, needs_zone: bool = False) -> datetime:
    """The instant in UTC; one without a zone is UTC, unless that would be a guess. Raises BadParameter."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or (needs_zone and found.tzinfo is None):
        what = "an instant with its zone" if needs_zone else "an instant"
        raise typer.BadParameter(f"{option} {text!r} is not {what}. Write it as 2025-05-28T17:45Z.")
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
