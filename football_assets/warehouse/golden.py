"""Golden queries: what must hold of every load, asked of the database itself before readers see it.

Each query selects the rows that break its rule, so a good load answers nothing. They run inside the publication, on
what it has just stored: one that breaks a rule is not published, and the previous one stays served. What the provider
itself may get wrong in a row is told and published; how much of it is too much is for the quality score. A query about
a table that is not there, or that was rolled back on purpose, is left out.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from football_assets.errors import StorageError
from football_assets.tables import Verdict

SHOWN_ROWS = 3


@dataclass(frozen=True)
class Golden:
    """A rule over published tables. `breaking` selects the rows that break it, on SQLite and on PostgreSQL.

    A rule `of_provider` is about the provider's own rows, and what breaks it is told only.
    """

    name: str
    says: str
    tables: tuple[str, ...]
    breaking: str
    of_provider: bool = False


@dataclass(frozen=True)
class Answers:
    """How many queries were asked of a load, how long the slowest took, and what is told of the provider's rows."""

    asked: int
    slowest: str | None
    slowest_ms: float
    told: tuple[str, ...] = ()


def _orphans(table: str, parent: str, column: str, *, of_provider: bool = False) -> Golden:
    """Every row of `table` names a row of `parent`."""
    return Golden(
        f"{table}_in_{parent.partition('_')[2]}",
        f"each {column} of {table} is in {parent}",
        (table, parent),
        f"SELECT c.{column} FROM (SELECT DISTINCT {column} FROM {table}) c "  # noqa: S608 our own names
        f"LEFT JOIN {parent} p ON p.{column} = c.{column} WHERE p.{column} IS NULL",
        of_provider,
    )


NCAA = (
    _orphans("ncaa_features", "ncaa_games", "game_id"),
    _orphans("ncaa_team_games", "ncaa_games", "game_id"),
    _orphans("ncaa_team_stats", "ncaa_games", "game_id", of_provider=True),
    _orphans("ncaa_lines", "ncaa_games", "game_id", of_provider=True),
    _orphans("ncaa_player_stats", "ncaa_games", "game_id", of_provider=True),
    _orphans("ncaa_game_predictions", "ncaa_games", "game_id"),
    _orphans("ncaa_ledger_grades", "ncaa_ledger", "sequence"),
    Golden(
        "games_two_sides",
        "no side plays itself",
        ("ncaa_games",),
        "SELECT game_id FROM ncaa_games WHERE home_team_id = away_team_id",
        of_provider=True,
    ),
    Golden(
        "games_scored",
        "a side's points are known when the other side's are",
        ("ncaa_games",),
        "SELECT game_id FROM ncaa_games WHERE (home_points IS NULL) <> (away_points IS NULL)",
        of_provider=True,
    ),
    Golden(
        "team_games_paired",
        "a game is listed from both benches",
        ("ncaa_team_games",),
        "SELECT game_id FROM ncaa_team_games GROUP BY game_id HAVING count(*) <> 2",
    ),
    Golden(
        "team_games_mirrored",
        "what one bench scored the other let in",
        ("ncaa_team_games",),
        "SELECT a.game_id FROM ncaa_team_games a "
        "JOIN ncaa_team_games b ON b.game_id = a.game_id AND b.team_id = a.opponent_id "
        "WHERE a.is_listed_home AND (a.points_for <> b.points_against OR a.points_against <> b.points_for "
        "OR (a.points_for IS NULL) <> (b.points_against IS NULL))",
    ),
    Golden(
        "team_games_margins",
        "the margin is points for less points against",
        ("ncaa_team_games",),
        "SELECT game_id, team_id FROM ncaa_team_games WHERE margin <> points_for - points_against",
    ),
    Golden(
        "team_games_results",
        "the result follows from the margin",
        ("ncaa_team_games",),
        "SELECT game_id, team_id FROM ncaa_team_games "
        "WHERE result <> CASE WHEN margin > 0 THEN 'W' WHEN margin < 0 THEN 'L' ELSE 'T' END",
    ),
    Golden(
        "team_records_summed",
        "wins, losses and ties are the games, whichever way they are split",
        ("ncaa_team_records",),
        "SELECT season, team_id FROM ncaa_team_records WHERE wins + losses + ties <> games "
        "OR home_wins + away_wins + neutral_wins <> wins OR regular_wins + postseason_wins > wins "
        "OR home_losses + away_losses + neutral_losses <> losses OR conference_wins > wins",
    ),
    Golden(
        "team_records_counted",
        "a team has the wins that its games say",
        ("ncaa_team_records", "ncaa_team_games"),
        "SELECT r.season, r.team_id FROM ncaa_team_records r LEFT JOIN (SELECT season, team_id, count(*) AS wins "
        "FROM ncaa_team_games WHERE result = 'W' AND is_completed GROUP BY season, team_id) g "
        "ON g.season = r.season AND g.team_id = r.team_id WHERE r.wins <> coalesce(g.wins, 0)",
    ),
    Golden(
        "features_kickoffs",
        "a row of features stands at its game's kickoff",
        ("ncaa_features", "ncaa_games"),
        "SELECT f.game_id FROM ncaa_features f JOIN ncaa_games g ON g.game_id = f.game_id "
        "WHERE f.kickoff_at <> g.kickoff_at OR f.season <> g.season",
    ),
    Golden(
        "predictions_before_kickoff",
        "a model had seen only games before the one it predicts",
        ("ncaa_game_predictions",),
        "SELECT game_id, family FROM ncaa_game_predictions WHERE trained_through >= kickoff_at",
    ),
    Golden(
        "predictions_probabilities",
        "a chance lies between 0 and 1, a spread is positive",
        ("ncaa_game_predictions",),
        "SELECT game_id, family FROM ncaa_game_predictions "
        "WHERE p_home <= 0 OR p_home >= 1 OR margin_sd <= 0 OR total_sd <= 0",
    ),
    Golden(
        "ledger_contiguous",
        "the ledger's entries are numbered without a gap",
        ("ncaa_ledger",),
        "SELECT count(*), max(sequence) FROM ncaa_ledger HAVING count(*) <> coalesce(max(sequence), 0)",
    ),
    Golden(
        "ledger_chained",
        "each entry of the ledger holds the hash of the one before",
        ("ncaa_ledger",),
        "SELECT b.sequence FROM ncaa_ledger b JOIN ncaa_ledger a ON a.sequence = b.sequence - 1 "
        "WHERE b.previous_hash <> a.hash",
    ),
    Golden(
        "ledger_before_kickoff",
        "what the ledger has was said before kickoff",
        ("ncaa_ledger",),
        "SELECT sequence FROM ncaa_ledger WHERE said_at >= kickoff_at",
    ),
    Golden(
        "projections_ordered",
        "the quantiles of a projection ascend, and its chances are at most 1 together",
        ("ncaa_player_projections",),
        "SELECT game_id, player_id, stat_type FROM ncaa_player_projections "
        "WHERE p10 > p50 OR p50 > p90 OR p_over + p_under > 1.000001",
    ),
)
SOCCER = (
    _orphans("soccer_incidents", "soccer_live_matches", "match_id"),
    _orphans("soccer_match_stats", "soccer_live_matches", "match_id"),
    Golden(
        "board_probabilities",
        "the three chances of a match are 1 together",
        ("soccer_match_board",),
        "SELECT match_id FROM soccer_match_board WHERE abs(p_home + p_draw + p_away - 1) > 0.001",
    ),
    Golden(
        "board_same_scores",
        "the board shows the score of the live list",
        ("soccer_match_board", "soccer_live_matches"),
        "SELECT b.match_id FROM soccer_match_board b JOIN soccer_live_matches l ON l.match_id = b.match_id "
        "WHERE b.home_score <> l.home_score OR b.away_score <> l.away_score",
    ),
)
GOLDEN: dict[str, tuple[Golden, ...]] = {"ncaa": NCAA, "soccer": SOCCER}


def golden_verdict(answers: Answers | None) -> Verdict:
    """What a publication says of its golden queries."""
    if answers is None or not answers.asked:
        return Verdict(True, "no golden query is asked of these tables")
    figures = {"queries": answers.asked, "slowest_ms": round(answers.slowest_ms, 1)}
    if answers.told:
        return Verdict(False, f"published, but of the provider's rows: {'; '.join(answers.told)}", "warn", figures)
    says = f"{answers.asked} golden queries hold, the slowest ({answers.slowest}) in {answers.slowest_ms:.0f} ms"
    return Verdict(True, says, figures=figures)


def counted(tables: Iterable[str]) -> Golden:
    """Each table holds as many rows as the catalogue lists of it."""
    names = tuple(sorted(tables))
    each = " UNION ALL ".join(
        f"SELECT '{name}' AS name, (SELECT count(*) FROM {name}) AS stored, "  # noqa: S608 our own names
        f"(SELECT coalesce(sum(rows), 0) FROM published_parts WHERE table_name = '{name}') AS listed"
        for name in names
    )
    says = "each table holds the rows that the catalogue lists"
    return Golden("rows_counted", says, names, f"SELECT * FROM ({each}) AS counts WHERE stored <> listed")  # noqa: S608


def validate(connection: sa.Connection, domain: str, tables: Iterable[str], left_out: Iterable[str] = ()) -> Answers:
    """Ask every golden query of a pipeline. Raises StorageError naming the first that our load breaks, and its rows.

    Args:
        connection: The transaction that has loaded the tables.
        domain: The pipeline.
        tables: The tables there are.
        left_out: Tables that differ from the others on purpose; only their rows are counted.
    """
    there, differing = set(tables), set(left_out)
    known = (each for each in GOLDEN.get(domain, ()) if there.issuperset(each.tables))
    asked = [each for each in known if differing.isdisjoint(each.tables)]
    slowest, slowest_ms, told = None, 0.0, []
    for query in [counted(there), *asked] if there else []:
        began = time.perf_counter()
        rows = connection.execute(sa.text(f"{query.breaking} LIMIT {SHOWN_ROWS}")).all()
        if rows:
            first = "; ".join(", ".join(str(value) for value in row) for row in rows)
            broken = f"`{query.name}` ({query.says}), first: {first}"
            if not query.of_provider:
                to_do = "The previous publication stays served; mend the tables and publish again."
                raise StorageError(f"validating the load of {domain}", f"it breaks {broken}", to_do)
            told.append(broken)
        took_ms = (time.perf_counter() - began) * 1e3
        if took_ms > slowest_ms:
            slowest, slowest_ms = query.name, took_ms
    return Answers(len(asked) + 1 if there else 0, slowest, slowest_ms, tuple(told))
