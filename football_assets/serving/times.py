"""Instants in requests."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Query

AsOf = Annotated[
    datetime | None, Query(description="Answer as of this past instant, ISO 8601; UTC when it names no zone")
]


def aware(instant: datetime) -> datetime:
    """In UTC; an instant without a zone is UTC already, and so is one at either end of all time."""
    if instant.tzinfo is None:
        return instant.replace(tzinfo=UTC)
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        return instant.replace(tzinfo=UTC)
