"""Every quote of the previous cycle, brought up to date with the changes since: OddsQuotes kept as columns.

A block is one market of one company on one match: rows beside one another, newest first, `seq` counting from 0. A
cycle has 200,000 rows; only the few that are looked at become Python values.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from football_assets.soccer.markets import MARKETS
from football_assets.soccer.odds import AT, CHOICE_MARKETS, QUOTES_SCHEMA, Odds, QuoteRow, quotes_of
from football_assets.soccer.schemas import OddsQuotes
from football_assets.warehouse.lake import Lake

CODES = {market.name: code for code, market in MARKETS.items()}
Changes = Mapping[str, Mapping[str, Mapping[str, list[QuoteRow]]]]
Place = tuple[str, str, str]  # match, company, market code
Block = tuple[int, int]  # first row, row after the last


class QuoteBook:
    """The quotes of many matches. Raises ValueError when the rows are not in blocks."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table.combine_chunks()
        self._at = self.table["quoted_at"].cast(pa.int64()).to_numpy() // 1_000_000
        self._blocks = _blocks(self.table)
        self._by_match: dict[str, dict[str, dict[str, Block]]] = {}
        for (match_id, company, code), block in self._blocks.items():
            self._by_match.setdefault(match_id, {}).setdefault(company, {})[code] = block

    @classmethod
    def empty(cls) -> "QuoteBook":
        """A book without quotes."""
        return cls(QUOTES_SCHEMA.empty_table())

    @classmethod
    def kept(cls, lake: Lake) -> "QuoteBook":
        """The quotes in the lake; an empty book when there are none, or none that can be read as blocks."""
        path = lake.path(OddsQuotes)
        try:
            return cls(pq.read_table(path, schema=QUOTES_SCHEMA))
        except (OSError, pa.ArrowInvalid, ValueError):
            return cls.empty()

    def companies(self, match_id: str) -> set[str]:
        """The companies that quote a match."""
        return set(self._by_match.get(match_id, {}))

    def count(self, match_id: str) -> int:
        """How many quotes a match has."""
        markets = self._by_match.get(match_id, {}).values()
        return sum(stop - first for blocks in markets for first, stop in blocks.values())

    def odds(self, match_id: str, preferred: Iterable[int]) -> Odds:
        """The rows of the first preferred company that has a 1X2, handicap or goals market, as `odds/history` has them.

        {} when none of them quotes the match: nobody else's prices are chosen.
        """
        known = self._by_match.get(match_id, {})
        company = next((str(c) for c in preferred if any(code in known.get(str(c), {}) for code in CHOICE_MARKETS)), "")
        return {company: {code: self._rows(block) for code, block in known[company].items()}} if company else {}

    def updated(self, match_ids: Collection[str], changes: Changes) -> tuple["QuoteBook", set[str]]:
        """The book of these matches with their changes, and the matches whose changes do not continue their rows.

        A change continues a block when it is newer than all its rows; one that is there already is left out. Anything
        else (two rows of one second, a row between others) would be put in an order that nobody has told: such a
        match has to be read anew and is not in the book.
        """
        fresh: dict[Place, list[QuoteRow]] = {}
        tangled: set[str] = set()
        for match_id in match_ids:
            for company, markets in changes.get(match_id, {}).items():
                for code, rows in markets.items():
                    new = self._continuation((match_id, str(int(company)), code), rows)
                    if new is None:
                        tangled.add(match_id)
                    elif new:
                        fresh[match_id, str(int(company)), code] = new
        wanted = set(match_ids) - tangled
        return self._with({place: rows for place, rows in fresh.items() if place[0] in wanted}, wanted), tangled

    def _continuation(self, place: Place, rows: list[QuoteRow]) -> list[QuoteRow] | None:
        """The rows that are new in a block, newest first; None when they do not continue it."""
        unique = dict.fromkeys(tuple(row) for row in rows)
        first, stop = self._blocks.get(place, (0, 0))
        oldest = min(row[AT] for row in unique)
        overlap = first + int(np.count_nonzero(self._at[first:stop] >= oldest))
        known = {tuple(row) for row in self._rows((first, overlap))}
        new = sorted((row for row in unique if row not in known), key=lambda row: -row[AT])
        if not new:
            return []
        instants = [row[AT] for row in new]
        newest_known = int(self._at[first]) if stop > first else None
        in_order = len(set(instants)) == len(instants) and (newest_known is None or instants[-1] > newest_known)
        return [list(row) for row in new] if in_order else None

    def _with(self, fresh: Mapping[Place, list[QuoteRow]], wanted: set[str]) -> "QuoteBook":
        """The wanted matches' rows with new ones before them."""
        kept = [(place, block) for place, block in self._blocks.items() if place[0] in wanted]
        places = {place: number for number, (place, _) in enumerate(kept)}
        batches, owners = [], []
        for place, rows in fresh.items():
            match_id, company, code = place
            batches.append(quotes_of(match_id, {company: {code: rows}})[0])
            owners += [places.setdefault(place, len(places))] * len(rows)
        old = np.concatenate([np.arange(*block) for _, block in kept]) if kept else np.array([], dtype=np.int64)
        old_owners = np.repeat(np.arange(len(kept)), [stop - first for _, (first, stop) in kept])
        table = pa.concat_tables([self.table, pa.Table.from_batches(batches, schema=QUOTES_SCHEMA)])
        rows_at = np.concatenate([len(self.table) + np.arange(len(owners)), old])
        owner_of = np.concatenate([np.array(owners, dtype=np.int64), old_owners])
        # Stable: the new rows of a block stand before its old ones, both in their order.
        order = np.argsort(owner_of, kind="stable")
        owner_of = owner_of[order]
        starts = np.flatnonzero(np.diff(owner_of, prepend=-1))
        sizes = np.diff(starts, append=len(owner_of))
        seq = np.arange(len(owner_of)) - np.repeat(starts, sizes)
        table = table.take(pa.array(rows_at[order]))
        return QuoteBook(table.set_column(table.schema.get_field_index("seq"), "seq", pa.array(seq, pa.int64())))

    def _rows(self, block: Block) -> list[QuoteRow]:
        """The rows of a block in the provider's form."""
        first, stop = block
        part = self.table.slice(first, stop - first)
        if not part.num_rows:
            return []
        market = MARKETS[CODES[part["market"][0].as_py()]]
        middle = part["draw_price" if market.line is None else "line"]
        columns: list[list[Any]] = [
            self._at[first:stop].tolist(),
            part["minute_text"].to_pylist(),
            part["home_price"].to_pylist(),
            middle.to_pylist(),
            part["away_price"].to_pylist(),
            part["status_id"].to_pylist(),
            part["sealed"].to_pylist(),
            part["score_text"].to_pylist(),
        ]
        return [
            [at, minute or "", home or 0.0, between or 0.0, away or 0.0, status, int(sealed), score or ""]
            for at, minute, home, between, away, status, sealed, score in zip(*columns, strict=True)
        ]


def _blocks(table: pa.Table) -> dict[Place, Block]:
    """Where each block begins and ends."""
    seq = table["seq"].to_numpy()
    if not len(seq):
        return {}
    steps = np.diff(seq)
    if seq[0] != 0 or not np.all((steps == 1) | (seq[1:] == 0)):
        raise ValueError("the quotes are not in blocks")
    starts = np.flatnonzero(seq == 0)
    stops = np.append(starts[1:], len(seq))
    heads = table.select(["match_id", "company_id", "market"]).take(starts).to_pydict()
    places = zip(heads["match_id"], heads["company_id"], heads["market"], strict=True)
    found = {
        (match_id, str(company), CODES[market]): (int(first), int(stop))
        for (match_id, company, market), first, stop in zip(places, starts, stops, strict=True)
    }
    if len(found) != len(starts):
        raise ValueError("a block of quotes comes twice")
    return found
