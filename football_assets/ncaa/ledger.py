"""The ledger: every prediction as it was said before kickoff, each entry sealed with the hash of the one before.

Entries are added and never changed. A changed prediction of the same game is a further entry that supersedes the one
before; the one that counts is the last before kickoff. Changing, removing, inserting or reordering entries breaks the
chain at the first one touched; removing the newest ones shows in the count that the publication keeps.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from football_assets.errors import DataError
from football_assets.ncaa.ledger_schemas import Ledger
from football_assets.tables import Verdict, columns, conform, from_rows

FIRST_HASH = "0" * 64
SAID = ("p_home", "margin_mean", "margin_sd", "total_mean", "total_sd")
OF_GAME = ["game_id", "family"]
_INSTANT = "%Y-%m-%dT%H:%M:%S.%fZ"
_SEALED = tuple(each.name for each in columns(Ledger) if each.name != "hash")
_COPIED = tuple(name for name in _SEALED if name not in ("sequence", "supersedes", "said_at", "previous_hash"))


@dataclass(frozen=True)
class Break:
    """Where the chain breaks first: the row's place from 1, its entry as a person finds it, and why."""

    row: int
    entry: str
    why: str

    def __str__(self) -> str:
        """`row 17 (entry 17, game 401, no_market): why`."""
        return f"row {self.row} ({self.entry}): {self.why}"


def ahead(predictions: pd.DataFrame, lines: pd.DataFrame, now: datetime, code: str) -> pd.DataFrame:
    """The predictions that can still be said: of games that are not over and kick off after `now`, as `append` asks."""
    chosen = predictions[~predictions["is_completed"].astype(bool) & (predictions["kickoff_at"] > pd.Timestamp(now))]
    return chosen.merge(market_chance(lines), on="game_id", how="left").assign(code_version=code)


def append(kept: pd.DataFrame, said: pd.DataFrame, said_at: datetime) -> pd.DataFrame:
    """The ledger with an entry for each prediction of `said` that is new or differs from the last one of its game.

    Args:
        kept: The ledger so far, whole.
        said: Predictions with the columns of `game_predictions` that the ledger has, `market_p_home`, `code_version`.
        said_at: Now.

    Raises DataError when `kept` is broken, or when a game of `said` has kicked off by then.
    """
    require_whole(kept)
    late = said[~(said["kickoff_at"] > pd.Timestamp(said_at))]
    if len(late):
        shown = late[["game_id", "family", "kickoff_at"]].astype(str)
        rows: list[dict[str, object]] = [{str(k): v for k, v in row.items()} for row in shown.to_dict("records")]
        raise DataError(
            Ledger.sql_name(),
            f"said before kickoff (it is {said_at:%Y-%m-%d %H:%M} UTC)",
            len(late),
            rows[:20],
            "Only games ahead can be entered.",
        )
    last = {
        (row["game_id"], row["family"]): row for row in kept.drop_duplicates(OF_GAME, keep="last").to_dict("records")
    }
    head = str(kept["hash"].iloc[-1]) if len(kept) else FIRST_HASH
    fresh: list[dict[str, Any]] = []
    for row in said.sort_values(["kickoff_at", *OF_GAME]).to_dict("records"):
        before = last.get((row["game_id"], row["family"]))
        if before is not None and all(before[name] == row[name] for name in SAID):
            continue
        entry = {name: _plain(row[name]) for name in _COPIED}
        entry["sequence"] = len(kept) + len(fresh) + 1
        entry["supersedes"] = None if before is None else int(before["sequence"])
        entry["said_at"] = said_at
        entry["previous_hash"] = head
        head = entry["hash"] = sealed(entry)
        fresh.append(entry)
    return conform(Ledger, pd.concat([kept, from_rows(Ledger, fresh)], ignore_index=True)) if fresh else kept


def sealed(entry: dict[str, Any]) -> str:
    """The hash of an entry: SHA-256 of its known columns but `hash` as JSON, names sorted, no blanks, UTF-8."""
    known = {name: _plain(entry[name]) for name in _SEALED}
    told = {name: _text(value) for name, value in known.items() if value is not None}
    content = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(content.encode()).hexdigest()


def broken(ledger: pd.DataFrame) -> Break | None:
    """The first row that does not follow from the one before it; None when the chain is whole."""
    head = FIRST_HASH
    for number, entry in enumerate(ledger.to_dict("records"), 1):
        why = _wrong({str(name): value for name, value in entry.items()}, number, head)
        if why is not None:
            return Break(number, f"entry {entry['sequence']}, game {entry['game_id']}, {entry['family']}", why)
        head = str(entry["hash"])
    return None


def require_whole(ledger: pd.DataFrame) -> None:
    """Raise DataError naming the first row at which the chain breaks."""
    found = broken(ledger)
    if found is not None:
        to_do = "Nothing is added to a broken ledger: remove its file to begin from the published entries."
        row: dict[str, object] = {"row": found.row, "entry": found.entry, "why": found.why}
        raise DataError(Ledger.sql_name(), f"the chain is whole; {found}", 1, [row], to_do)


def chain_whole(ledger: pd.DataFrame) -> Verdict:
    """Every entry was said before kickoff and is sealed with the hash of the one before it."""
    found = broken(ledger)
    if found is None:
        return Verdict(True, f"{len(ledger)} entries follow from one another", figures={"entries": len(ledger)})
    return Verdict(False, str(found), rows=({"row": found.row, "entry": found.entry, "why": found.why},))


def longest(one: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """Of two copies of the ledger the one that holds the other, so that no entry is lost.

    Raises DataError naming the first entry in which they differ.
    """
    both = min(len(one), len(other))
    differs = np.flatnonzero(one["hash"].to_numpy()[:both] != other["hash"].to_numpy()[:both])
    if len(differs):
        row: dict[str, object] = {"row": int(differs[0]) + 1}
        raise DataError(
            Ledger.sql_name(),
            f"file and database hold the same entries; row {row['row']} differs",
            len(differs),
            [row],
            "Run `football ncaa ledger verify`, and restore the copy that is broken.",
        )
    return one if len(one) >= len(other) else other


def last_said(ledger: pd.DataFrame, games: pd.DataFrame) -> pd.DataFrame:
    """The entry of each game and family that counts: the last one said before the kickoff that `games` has now.

    Columns of the ledger, `kickoff_at` out of `games`, and `entries`: how many there are before kickoff.
    """
    kickoffs = games.loc[games["kickoff_at"].notna(), ["game_id", "kickoff_at"]]
    rows = ledger.drop(columns="kickoff_at").merge(kickoffs, on="game_id")
    rows = rows[rows["said_at"] < rows["kickoff_at"]].sort_values("sequence")
    rows = rows.assign(entries=rows.groupby(OF_GAME)["sequence"].transform("size"))
    return rows.drop_duplicates(OF_GAME, keep="last").reset_index(drop=True)


def market_chance(lines: pd.DataFrame) -> pd.DataFrame:
    """One row per game with moneylines: `market_p_home`, the median bookmaker's chance with his margin taken off."""
    quoted = lines[lines["home_moneyline"].notna() & lines["away_moneyline"].notna()]
    home, away = (_implied(quoted[f"{side}_moneyline"]) for side in ("home", "away"))
    chance = (home / (home + away)).groupby(quoted["game_id"]).median()
    return chance.rename("market_p_home").reset_index()


def _implied(odds: "pd.Series[float]") -> "pd.Series[float]":
    """American odds as the share of games that have to be won: -150 -> 0.6, +150 -> 0.4; unknown below 100."""
    known = odds.where(odds.abs() >= 100)
    return (-known / (100 - known)).where(known < 0, 100 / (100 + known))


def _wrong(entry: dict[str, Any], number: int, head: str) -> str | None:
    if entry["sequence"] != number:
        return f"its number is {entry['sequence']} instead of {number}; entries are missing or moved"
    if entry["previous_hash"] != head:
        return "it does not follow from the entry before it"
    if entry["hash"] != sealed(entry):
        return "its content does not fit its hash; it was changed"
    if not entry["said_at"] < entry["kickoff_at"]:
        return "it was not said before kickoff"
    return None


def _plain(value: Any) -> Any:
    """A cell as Python has it; unknown is None."""
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return None
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    return value.item() if isinstance(value, np.generic) else value


def _text(value: Any) -> Any:
    return value.strftime(_INSTANT) if isinstance(value, datetime) else value
