"""Which matches a command is about: by status, by competition, by id or by a part of a team's name."""

import unicodedata
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import pandas as pd
import typer

from football_assets.soccer.codes import IN_PLAY, STATUS
from football_assets.tables import plain_rows

MOST_NAMED = 60


class Ambiguous(typer.BadParameter):
    """Several matches may be meant."""


def statuses_of(wanted: Iterable[str]) -> Collection[int]:
    """Status numbers from numbers or names; in play when none is named. Raises BadParameter naming all there are."""
    numbers = {plain(name): number for number, name in STATUS.items()}
    found: set[int] = set()
    for word in wanted:
        number = int(word) if word.strip().isdecimal() else numbers.get(plain(word))
        if number is None or number not in STATUS:
            allowed = ", ".join(f"{number} {name}" for number, name in STATUS.items())
            raise typer.BadParameter(f"--status {word!r} is no status. Allowed: {allowed}.")
        found.add(number)
    return found or IN_PLAY


def of_competition(frame: pd.DataFrame, wanted: str | None, listed: pd.DataFrame) -> pd.DataFrame:
    """The rows of `frame` whose competition has `wanted` in its name.

    `listed` holds every match listed now; a name that is in none of its competitions raises BadParameter.
    """
    if wanted is not None and not listed.empty and named(listed, wanted).empty:
        names = sorted(set(listed["competition"].dropna()))
        more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
        there = ", ".join(names[:MOST_NAMED]) + more
        raise typer.BadParameter(f"--competition {wanted!r} is in no competition listed now. There are: {there}.")
    return named(frame, wanted)


def named(frame: pd.DataFrame, wanted: str | None) -> pd.DataFrame:
    """The rows whose competition has `wanted` in its name, all of them when it is None."""
    if wanted is None:
        return frame
    found = frame["competition"].fillna("").map(plain).str.contains(plain(wanted), regex=False)
    return frame[found.astype(bool)].reset_index(drop=True)


def match_of(listed: pd.DataFrame, wanted: str) -> Mapping[str, Any] | None:
    """The match that an id or a part of a team's name means; None when it means none of those listed.

    A team whose whole name it is goes before those that have it in theirs. Raises Ambiguous naming the candidates.
    """
    rows = plain_rows(listed)
    exact = [row for row in rows if row["match_id"] == wanted]
    if exact:
        return exact[0]
    word = plain(wanted)
    named = [(row, {plain(row[f"{side}_team"] or "") for side in ("home", "away")}) for row in rows]
    whole = [row for row, names in named if word in names]
    found = whole or [row for row, names in named if word and any(word in name for name in names)]
    if len(found) > 1:
        candidates = "\n".join(f"  {row['match_id']}  {described(row)}" for row in found)
        raise Ambiguous(f"{wanted!r} may mean {len(found)} matches. Name one by its id:\n{candidates}\n")
    return found[0] if found else None


def described(row: Mapping[str, Any]) -> str:
    """A match on one line: its sides, competition and status."""
    sides = f"{row['home_team'] or '?'} - {row['away_team'] or '?'}"
    return f"{sides} ({row['competition'] or 'competition not known'}, {row['status'] or 'status not known'})"


def plain(text: str) -> str:
    """A text for comparison: lower case, without accents."""
    letters = unicodedata.normalize("NFKD", text.strip().casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
