"""A day of live matches as the pipeline would show it, without HTTP: simulated matches, prices as dense as real ones.

Matches, scores, incidents and names are the simulation's; it prices few moves, so each match is given the quotes of a
recorded match that was followed to its second half or its end, moved to its kickoff. Every row is made by the
pipeline's own functions.
"""

import json
import zlib
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from football_assets.emulators.recorded_matches import RecordedMatches
from football_assets.emulators.simulation.soccer import SimulatedMatches
from football_assets.emulators.sources import Row
from football_assets.soccer.changes import microseconds
from football_assets.soccer.client import Reading, live_match
from football_assets.soccer.codes import ENDED, SECOND_HALF
from football_assets.soccer.cycle import quote_batches
from football_assets.soccer.derived_chances import rounded
from football_assets.soccer.enrichment import Answers
from football_assets.soccer.flatten import flatten
from football_assets.soccer.goals_model import outcome_probabilities, over_probabilities, score_grid
from football_assets.soccer.in_play import FinalScores, share_to_come
from football_assets.soccer.join import LastKnown, Tuning, enriched_rows
from football_assets.soccer.live import incident_rows, live_rows, stat_rows
from football_assets.soccer.match_predictions import GRID_GOALS, match_predictions, match_rows
from football_assets.soccer.models import Competition, Country, MatchDetail, Team
from football_assets.soccer.odds import AT, CHOICE_MARKETS, MINUTE, QUOTES_SCHEMA, SEALED, quotes_of
from football_assets.soccer.prediction_schemas import MatchPredictions
from football_assets.soccer.quotes_log import KEPT
from football_assets.soccer.schemas import (
    PREDICTED,
    EnrichedMatches,
    FlattenedMatches,
    Incidents,
    LiveMatches,
    MatchStats,
)
from football_assets.soccer.team_links import Identified
from football_assets.states import DataState
from football_assets.tables import from_rows, plain_rows, to_arrow

DAY = datetime(2025, 5, 31, tzinfo=UTC)
# Gives 111 matches on the live list on average over this day.
MATCHES_A_DAY = 533
TUNING = Tuning((2, 3, 4, 5, 6, 9, 10, 11, 13, 14, 15, 16, 17, 21, 22), (2, 6))
NAMES_READ_US = 123_457  # names are cached: their age moves with the clock and is no whole number of seconds
SECOND_US = 1_000_000
# 121 of the 340 matches of 2024-09-28 are in divisions that the model knows.
PREDICTED_PCT = 36
TIE, MODEL_ID = 0.05, "no_market-20250530-0a1b2c3d"
_STANDING = ("home_score_regular", "away_score_regular", "home_red_cards", "away_red_cards")
_EARLY = frozenset(map(str, range(TUNING.early_minutes[0], TUNING.early_minutes[1] + 1)))


class RecordedPrices:
    """The quotes of the recorded poll's matches that were followed to their second half or their end."""

    def __init__(self, recordings: Path) -> None:
        source = RecordedMatches(recordings)
        at = source.default_at
        kickoffs = {row["id"]: row["match_time"] for row in source.recent(at)}
        live = [match["id"] for match in source.live(at) if match["score"][1] in (SECOND_HALF, ENDED)]
        self._odds = [source.odds(match_id, at) for match_id in live]
        self._kickoffs = [kickoffs[match_id] for match_id in live]
        self._first_s = [
            {company: min(rows[-1][AT] for rows in markets.values()) for company, markets in odds.items()}
            for odds in self._odds
        ]
        rows = [pa.Table.from_batches([quotes_of("", odds)[0]]).select(KEPT.names) for odds in self._odds]
        self._starts = np.cumsum([0, *(table.num_rows for table in rows)])
        every = pa.concat_tables(rows)
        self._quoted_s = np.asarray(every["quoted_at"].cast(pa.int64())) // SECOND_US
        # As the lake's file is read: texts as dictionaries.
        texts = ("market", "minute_text", "score_text")
        for name in texts:
            coded = every[name].dictionary_encode().combine_chunks()
            every = every.set_column(every.schema.get_field_index(name), name, coded)
        self._every = every.combine_chunks()
        self._moved = lru_cache(maxsize=8192)(self._move)

    def rows(self, kickoffs: Mapping[str, int], donors: Mapping[str, int], now_s: int) -> pa.Table:
        """Every quote by `now_s` on matches by their kickoffs (Unix seconds), in the columns of KEPT."""
        places, shifts = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        owners = [np.empty(0, np.int32)]
        for number, (match_id, kickoff) in enumerate(kickoffs.items()):
            donor = donors[match_id] % len(self._odds)
            start, end = self._starts[donor], self._starts[donor + 1]
            shift = kickoff - self._kickoffs[donor]
            seen = start + np.flatnonzero(self._quoted_s[start:end] <= now_s - shift)
            places.append(seen)
            shifts.append(np.full(len(seen), shift))
            owners.append(np.full(len(seen), number, np.int32))
        chosen = np.concatenate(places)
        table = self._every.take(chosen)
        quoted = (self._quoted_s[chosen] + np.concatenate(shifts)) * SECOND_US
        matches = pa.DictionaryArray.from_arrays(np.concatenate(owners), pa.array(list(kickoffs), pa.string()))
        table = table.set_column(0, "match_id", matches)
        place = table.schema.get_field_index("quoted_at")
        return table.set_column(place, "quoted_at", pa.array(quoted, pa.int64()).cast(KEPT.field("quoted_at").type))

    def odds(self, kickoff: int, donor: int, now_s: int) -> Row:
        """What a match's prices by `now_s` are chosen from: the chosen company's newest, newest open and early quotes.

        Other companies are named alone.
        """
        donor %= len(self._odds)
        recorded_now_s = now_s - kickoff + self._kickoffs[donor]
        found: Row = {each: {} for each, first_s in self._first_s[donor].items() if first_s <= recorded_now_s}
        for company in (each for each in map(str, TUNING.companies) if each in found):
            found[company] = dict(self._newest(donor, company, kickoff, now_s))
            if not found[company].keys().isdisjoint(CHOICE_MARKETS):
                break
        return found

    def _newest(self, donor: int, company: str, kickoff: int, now_s: int) -> Iterator[tuple[str, list[Any]]]:
        for code, (instants, rows, early) in self._moved(donor, company, kickoff).items():
            first = bisect_left(instants, -now_s)
            if first < len(rows):
                newest_open = next((row for row in rows[first:] if not row[SEALED]), None)
                others = [newest_open, *(row for row in early if row[AT] <= now_s)]
                yield code, [rows[first], *(row for row in others if row and row is not rows[first])]

    def _move(self, donor: int, company: str, kickoff: int) -> dict[str, tuple[list[int], list[Any], list[Any]]]:
        shift, found = kickoff - self._kickoffs[donor], {}
        for code, recorded in self._odds[donor][company].items():
            rows = [[row[AT] + shift, *row[1:]] for row in recorded]
            found[code] = [-row[AT] for row in rows], rows, [row for row in rows if row[MINUTE] in _EARLY]
        return found


@dataclass(frozen=True)
class Shown:
    """What one cycle shows: the logged tables by name, and every quote on its matches in the columns of KEPT."""

    tables: dict[str, pa.Table]
    quotes: pa.Table


class Day:
    """The day as the pipeline would show it at any instant; with `prices`, at the density of real quotes."""

    def __init__(self, matches_a_day: int = MATCHES_A_DAY, prices: RecordedPrices | None = None) -> None:
        self.source = SimulatedMatches(7, around=DAY + timedelta(hours=12), matches_a_day=matches_a_day)
        self._prices = prices
        self._teams = {row["id"]: Team.model_validate(row) for row in self.source.reference("team", DAY)}
        competitions = self.source.reference("competition", DAY)
        self._competitions = {row["id"]: Competition.model_validate(row) for row in competitions}
        self._countries = {row["id"]: Country.model_validate(row) for row in self.source.reference("country", DAY)}

    def cycle(self, at: datetime) -> Shown:
        """The logged tables and all quotes at an instant."""
        matches = [match for match in map(live_match, self.source.live(at)) if match]
        ids = [match.id for match in matches]
        details = {row["id"]: MatchDetail.model_validate(row) for row in self.source.recent_of(ids, at)}
        odds, quotes = self._priced(ids, details, at)
        rows = enriched_rows(ids, self._answers(ids, details, odds, at), LastKnown(), TUNING, at)
        sizes = quotes.group_by("match_id").aggregate([("match_id", "count")])
        counts = dict(zip(sizes["match_id"].to_pylist(), sizes["match_id_count"].to_pylist(), strict=True))
        for row in rows:
            row["odds_quotes"] = counts.get(row["match_id"], 0)
        flattened = flatten(from_rows(LiveMatches, live_rows(matches, at)), from_rows(EnrichedMatches, rows))
        frames = {
            FlattenedMatches: flattened,
            Incidents: from_rows(Incidents, incident_rows(matches, at)),
            MatchStats: from_rows(MatchStats, stat_rows(matches, at)),
            MatchPredictions: predicted(flattened),
        }
        return Shown({table.table_name(): to_arrow(table, frame) for table, frame in frames.items()}, quotes)

    def _priced(
        self, ids: Iterable[str], details: Mapping[str, MatchDetail], at: datetime
    ) -> tuple[dict[str, Row], pa.Table]:
        if self._prices is None:
            odds = {match_id: self.source.odds(match_id, at) for match_id in ids}
            answers = Answers(odds={key: Reading(value, DataState.LIVE, at, 0.0) for key, value in odds.items()})
            batches = list(quote_batches(answers)[0].values())
            return odds, pa.Table.from_batches(batches, schema=QUOTES_SCHEMA).select(KEPT.names)
        kickoffs = {key: _unix(details[key].match_time) for key in ids}
        donors = {key: zlib.crc32(key.encode()) for key in ids}
        now_s = _unix(at)
        chosen = {key: self._prices.odds(kickoffs[key], donors[key], now_s) for key in ids}
        return chosen, self._prices.rows(kickoffs, donors, now_s)

    def _answers(
        self, ids: list[str], details: Mapping[str, MatchDetail], odds: Mapping[str, Row], at: datetime
    ) -> Answers:
        age_s = (at - DAY).total_seconds() + (microseconds(at) // 7 % NAMES_READ_US) / SECOND_US

        def named(values: dict[str, Any]) -> dict[str, Any]:
            return {key: Reading(value, DataState.CACHED, DAY, age_s) for key, value in values.items()}

        return Answers(
            details={key: Reading(details.get(key), DataState.LIVE, at, 0.0) for key in ids},
            odds={key: Reading(odds[key], DataState.LIVE, at, 0.0) for key in ids},
            teams=named(self._teams),
            competitions=named(self._competitions),
            countries=Reading(self._countries, DataState.CACHED, DAY, age_s),
        )


def predicted(flattened: pd.DataFrame) -> pd.DataFrame:
    """MatchPredictions as a model would make them that knows as large a share of the matches as on a recorded Saturday.

    The expected goals are made of the match's id; minute, score and red cards are its own.
    """
    rows = match_rows(flattened)
    said = match_predictions(rows, "no results are kept of this country", Identified({}, {}, pd.DataFrame()))
    found = []
    for row, base in zip(rows, plain_rows(said), strict=True):
        number = zlib.crc32(row["match_id"].encode())
        told = _chances(row, number) if number % 100 < PREDICTED_PCT else {}
        found.append(rounded({**base, **told}))
    return from_rows(MatchPredictions, found)


def _chances(row: Mapping[str, Any], number: int) -> Row:
    expected = np.array([[0.6 + number % 89 / 50, 0.5 + number % 97 / 60]])
    share = share_to_come(min(row["minute"] or 0, 90))
    counts = [np.array([row[name] or 0]) for name in _STANDING]
    before, now = score_grid(expected, TIE), FinalScores(expected, TIE, np.array([share]), *counts)
    parts = {"pre_p": (outcome_probabilities(before), over_probabilities(before)), "p": (now.outcomes(), now.over())}
    chances = {f"{prefix}_over": over[0] for prefix, (_, over) in parts.items()}
    chances |= {
        f"{prefix}_{side}": outcomes[0, place]
        for prefix, (outcomes, _) in parts.items()
        for place, side in enumerate(("home", "draw", "away"))
    }
    for place, side in enumerate(("home", "away")):
        chances |= {f"expected_{side}_goals": expected[0, place], f"{side}_goals_to_come": expected[0, place] * share}
    return {
        **{name: float(chance) for name, chance in chances.items()},
        **{f"{side}_history_team": row[f"{side}_team"] for side in ("home", "away")},
        "score_grid": json.dumps(before[0, : GRID_GOALS + 1, : GRID_GOALS + 1].round(4).tolist()),
        "state": PREDICTED,
        "reason": None,
        "division": "E0",
        "link_confidence": 1.0,
        "model_id": MODEL_ID,
        "trained_through": DAY,
    }


def _unix(at: Any) -> int:
    return int(at.timestamp()) if isinstance(at, datetime) else int(at)
