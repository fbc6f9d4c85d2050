"""The judges: what was there before and what is due now, held against what is there. Each says what is wrong.

Nothing lost: everything served, written down or said before is still there, and what is due is there too.
Nothing invented: every value served is the provider's own, the last known one, or none at all.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from football_assets.operations.drill.looking import Look
from football_assets.states import DataState

# What tells of the reading and not of the match: when, how old, why not.
ABOUT_READING = re.compile(r"(_age_s|_state|_gap|_fetched_at)$|^fetched_at$|^updated_at$|^live_gap$")
PARTS = ("detail", "odds", "names")
GOOD = {DataState.LIVE.value, DataState.CACHED.value}
KEYS = {"live_matches": ["match_id"], "flattened_matches": ["match_id"], "match_board": ["match_id"]}
QUOTE_KEY = ["match_id", "company_id", "market", "seq"]
SHOWN_KEYS, SHOWN_COLUMNS = 3, 3
LARGEST_SEARCHED = 200_000_000


def no_duplicates(now: Look) -> list[str]:
    """No key occurs twice, stored or in a file."""
    return list(now.duplicates)


def readable(now: Look) -> list[str]:
    """The database can be read, and holds what its declarations and files say."""
    return [f"the database cannot be read: {now.problem}"] if now.problem else list(now.untrue)


def still_served(before: Look, now: Look, *, due: Iterable[str] = ("soccer",)) -> list[str]:
    """Publications never go back, and every part of a pipeline that nothing is due from is the same to the byte."""
    found = [
        f"publication {number} of {domain} became {now.publication.get(domain)}"
        for domain, number in before.publication.items()
        if now.publication.get(domain, -1) < number
    ]
    moving = tuple(f"{domain}_" for domain in due)
    for part, (rows, checksum) in before.parts.items():
        there = now.parts.get(part)
        if there is None:
            found.append(f"{' '.join(part).strip()} is served no more")
        elif not part[0].startswith(moving) and there != (rows, checksum):
            found.append(f"{' '.join(part).strip()} changed: {rows} rows became {there[0]}")
    return found


def history_kept(before: Look, now: Look) -> list[str]:
    """The cycles of before are the first ones of now, and each day's are numbered without a gap or repetition."""
    found = []
    if now.cycles[: len(before.cycles)] != before.cycles:
        found.append(f"the {len(before.cycles)} cycles of the history are not what they were")
    days: dict[str, list[int]] = {}
    for cycle in now.cycles:
        days.setdefault(cycle.log, []).append(cycle.number)
    found += [
        f"the cycles of {day} are numbered {numbers}"
        for day, numbers in days.items()
        if numbers != list(range(1, len(numbers) + 1))
    ]
    return found


def ledger_kept(before: Look, now: Look) -> list[str]:
    """The chain is whole, and every entry of before is still there in its place."""
    found = [f"the chain of the ledger is broken: {now.ledger_broken}"] if now.ledger_broken else []
    if now.ledger[: len(before.ledger)] != before.ledger:
        found.append(f"the {len(before.ledger)} entries of the ledger are not what they were")
    return found


def honest(served: Mapping[str, pd.DataFrame], before: Mapping[str, pd.DataFrame], truth: pd.DataFrame) -> list[str]:
    """Each value served of a match is the provider's now, the one served before, or none; each part says its state."""
    frame = served["flattened_matches"]
    found = _states(frame)
    last = before.get("flattened_matches")
    for name in _columns(frame):
        mine = _cells(frame, name)
        allowed = [_cells(truth, name), *([] if last is None else [_cells(last, name)])]
        bad = [
            key
            for key, value in mine.items()
            if value is not None and all(_other(value, there.get(key)) for there in allowed)
        ]
        if bad:
            found.append(f"{name} of {len(bad)} matches is nobody's value: {_some(bad, mine)}")
    return found


def whole(served: Mapping[str, pd.DataFrame], truth: Mapping[str, pd.DataFrame]) -> list[str]:
    """Everything served is what an undisturbed platform shows: the same rows, values and quotes, all of them fresh."""
    found = []
    for table, key in KEYS.items():
        if table not in served:
            return [f"{table} is not served"]
        found += _differences(table, served[table], truth[table], key)
    found += _quotes(served.get("odds_quotes"), truth["odds_quotes"])
    frame = served["flattened_matches"]
    for part in PARTS:
        if bad := sorted(set(frame[f"{part}_state"].dropna()) - GOOD):
            found.append(f"{part} is still {', '.join(bad)}")
    return found


def remembered(past: pd.DataFrame, then: pd.DataFrame) -> list[str]:
    """The history shows of an instant what was served then."""
    return _differences("the history", past, then, ["match_id"])


def tidy(now: Look) -> list[str]:
    """No temporary file was left behind."""
    return [f"{len(now.leftovers)} temporary files are left: {', '.join(now.leftovers[:3])}"] if now.leftovers else []


def nobody_left(processes: Mapping[int, str]) -> list[str]:
    """No process of the home still runs."""
    return [f"process {pid} was left running: {command[:100]}" for pid, command in processes.items()]


def no_secrets(folder: Path, secrets: Iterable[str], said: Iterable[str]) -> list[str]:
    """No credential stands in a file or was printed."""
    words = [each.encode() for each in secrets]
    found = [
        f"a credential stands in {path.relative_to(folder)}"
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink() and _holds(path, words)
    ]
    printed = any(word in text.encode() for text in said for word in words)
    return [*found, *(["a credential was printed"] if printed else [])]


def _holds(path: Path, words: list[bytes]) -> bool:
    try:
        if path.stat().st_size > LARGEST_SEARCHED:
            return False
        content = path.read_bytes()
    except OSError:
        return False
    return any(word in content for word in words)


def _states(frame: pd.DataFrame) -> list[str]:
    """Each part says one of the four states; a stale one its age, a missing one its reason."""
    found = []
    for part in PARTS:
        state = frame[f"{part}_state"]
        if unknown := sorted(set(state.dropna()) - {each.value for each in DataState}):
            found.append(f"{part}_state says {', '.join(unknown)}")
        if count := int(state.isna().sum()):
            found.append(f"{part}_state of {count} matches is not said")
        if count := int((state.eq("stale") & frame[f"{part}_age_s"].isna()).sum()):
            found.append(f"{part} of {count} matches is stale without its age")
        if count := int((state.eq("missing") & frame[f"{part}_gap"].isna()).sum()):
            found.append(f"{part} of {count} matches is missing without its reason")
    return found


def _columns(frame: pd.DataFrame) -> list[str]:
    return [name for name in frame.columns if name != "match_id" and not ABOUT_READING.search(name)]


def _cells(frame: pd.DataFrame, name: str) -> dict[str, object]:
    column = frame[name].astype(object)
    return dict(zip(frame["match_id"], column.where(column.notna(), None), strict=True))


def _other(one: object, other: object) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) > 1e-9
    return one != other


def _some(keys: list[str], cells: Mapping[str, object]) -> str:
    return ", ".join(f"{key} {cells[key]!r}" for key in keys[:SHOWN_KEYS])


def _differences(table: str, mine: pd.DataFrame, theirs: pd.DataFrame, key: list[str]) -> list[str]:
    """How two frames with the same key differ, what tells of the reading left out."""
    ours, others = set(mine[key[0]]), set(theirs[key[0]])
    found = []
    if lost := sorted(others - ours):
        found.append(f"{table} lacks {len(lost)} matches, first {lost[0]}")
    if extra := sorted(ours - others):
        found.append(f"{table} has {len(extra)} matches too many, first {extra[0]}")
    both = ours & others
    columns = []
    for name in _columns(mine):
        there, due = _cells(mine, name), _cells(theirs, name)
        if bad := [match for match in sorted(both) if _other(there[match], due[match])]:
            shown = f"{bad[0]} shows {there[bad[0]]!r} instead of {due[bad[0]]!r}"
            columns.append(f"{name} of {len(bad)} rows of {table} differs: {shown}")
    more = [f"and {len(columns) - SHOWN_COLUMNS} further columns of {table}"] if len(columns) > SHOWN_COLUMNS else []
    return [*found, *columns[:SHOWN_COLUMNS], *more]


def _quotes(mine: pd.DataFrame | None, theirs: pd.DataFrame) -> list[str]:
    if mine is None:
        return []
    ours, others = (frame[QUOTE_KEY].astype(str).agg("/".join, axis=1) for frame in (mine, theirs))
    lost, more = set(others) - set(ours), set(ours) - set(others)
    found = [f"{len(lost)} quotes are lost"] if lost else []
    return [*found, *([f"{len(more)} quotes are too many"] if more else [])]
