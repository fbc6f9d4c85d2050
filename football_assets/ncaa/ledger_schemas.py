"""What is said about games before they are played, by which models, and how it turned out."""

from football_assets.ncaa.when_known import AFTER
from football_assets.tables import Flag, Instant, Real, Table, Text, Whole, column

DIGEST = "^[0-9a-f]{64}$"
FAMILIES = ["no_market", "market_aware"]
LIKES = "the side that the model rated higher than the bookmakers did when it was said"


class Models(Table, domain="ncaa", key=("model_id",)):
    """One row per model that was a candidate: what it learned from, how its kind did, and what became of it.

    Those `in_service` predict; a `retired` one was followed by a newer one; a `refused` one never predicted.
    """

    model_id: Text = column("Model id: family, target, last kickoff learned from, digest of what it is made of")
    family: Text = column("Kind of model; `no_market` never sees a betting line", isin=["no_market"])
    target: Text = column("margin or total", isin=["margin", "total"])
    status: Text = column("in_service, retired or refused", isin=["in_service", "retired", "refused"])
    decision: Text = column("Why the gate let it pass or refused it")
    decided_at: Instant = column("Provider's clock when the gate decided")
    code_version: Text = column("Digest of the sources and libraries that made it", str_matches=DIGEST)
    trained_from: Instant = column("Kickoff of the first game it learned from")
    trained_through: Instant = column("Kickoff of the last game it learned from")
    n_games: Whole = column("Games it learned from", ge=200)
    features: Text = column("Names of its inputs as a JSON list")
    residual_sd: Real = column(
        "Standard deviation of its misses on unseen FBS games, used for the next predictions", unit="points", gt=0
    )
    evaluated_games: Whole = column("FBS-v-FBS games predicted before they were played, by walking forward", ge=0)
    mae: Real = column("Mean miss on those games", null=True, unit="points")
    brier: Real = column("Brier score of the win probability on those games; margin only", null=True, ge=0, le=1)
    log_loss: Real = column("Log loss of the win probability on those games; margin only", null=True, ge=0)
    market_games: Whole = column("Those games that also have a betting line", ge=0)
    mae_beside_market: Real = column("Mean miss on the games with a line", null=True, unit="points")
    market_mae: Real = column("Mean miss of the median line on the same games", null=True, unit="points")
    file: Text = column(
        "Model file, relative to the folder of its world; null when refused or kept no longer", null=True
    )
    sha256: Text = column("Digest of the file", null=True, str_matches=DIGEST)


class GamePredictions(Table, domain="ncaa", key=("game_id", "family")):
    """One row per game and family: a prediction by a model that had seen only earlier games."""

    game_id: Whole = column("Game id")
    family: Text = column(
        "Kind of model; `no_market` never sees a betting line, `market_aware` sees the opening one", isin=FAMILIES
    )
    season: Whole = column("Season")
    week: Whole = column("Week of its season type")
    season_type: Text = column("Season type")
    kickoff_at: Instant = column("Kickoff")
    is_kickoff_tbd: Flag = column("Whether the time of day is still open", null=True)
    home_team: Text = column("Home side")
    away_team: Text = column("Away side")
    is_neutral_site: Flag = column("Whether neither side is at home")
    is_fbs_game: Flag = column("Whether both sides are in the FBS")
    p_home: Real = column("Probability that the home side wins", gt=0, lt=1)
    margin_mean: Real = column("Expected points of the home side less those of the away side", unit="points")
    margin_sd: Real = column("Standard deviation of the margin around it", unit="points", gt=0)
    total_mean: Real = column("Expected points of both sides", unit="points")
    total_sd: Real = column("Standard deviation of the total around it", unit="points", gt=0)
    home_fair_moneyline: Real = column("American odds at which a bet on the home side neither gains nor loses")
    away_fair_moneyline: Real = column("American odds at which a bet on the away side neither gains nor loses")
    market_spread: Real = column(
        "Points given by the home side, median of the bookmakers; null without one",
        null=True,
        unit="points",
        known="up to kickoff",
    )
    market_total: Real = column(
        "Total of both sides, median of the bookmakers; null without one",
        null=True,
        unit="points",
        known="up to kickoff",
    )
    n_games: Whole = column("Games the model learned from", ge=200)
    trained_through: Instant = column("Kickoff of the last game the model learned from; before this kickoff")
    predicted_at: Instant = column("Provider's clock when it was calculated; when it was said, of a game that was said")
    state: Text = column(
        "`open`: kickoff is ahead; `said`: as the ledger has it from before kickoff; `replayed`: calculated after "
        "kickoff from what was known before it",
        isin=["open", "said", "replayed"],
    )
    is_replay: Flag = column("Whether it was calculated after kickoff, from what was known before it")
    is_completed: Flag = column("Whether the game is over", known=AFTER)
    margin: Whole = column("Margin of the home side", null=True, unit="points", known=AFTER)
    total: Whole = column("Points of both sides", null=True, unit="points", known=AFTER)


class Ledger(Table, domain="ncaa", key=("sequence",), sealed_by="hash"):
    """One row per prediction as it was said before kickoff. Rows are added, never changed: each seals the one before.

    `hash` is the SHA-256 of the row as JSON (every other column, names sorted, no blanks, instants as
    `2024-08-31T16:00:00.000000Z`, unknown as null), which holds the hash of the row before.
    """

    sequence: Whole = column("Number of the entry, from 1", ge=1)
    supersedes: Whole = column("Entry of the same game and family that this one replaces", null=True, ge=1)
    said_at: Instant = column("When it was said; before kickoff")
    game_id: Whole = column("Game id")
    family: Text = column("Kind of model", isin=FAMILIES)
    season: Whole = column("Season")
    week: Whole = column("Week of its season type")
    season_type: Text = column("Season type")
    kickoff_at: Instant = column("Kickoff as it was listed then")
    home_team: Text = column("Home side")
    away_team: Text = column("Away side")
    is_neutral_site: Flag = column("Whether neither side is at home")
    is_fbs_game: Flag = column("Whether both sides are in the FBS")
    p_home: Real = column("Probability that the home side wins", gt=0, lt=1)
    margin_mean: Real = column("Expected margin of the home side", unit="points")
    margin_sd: Real = column("Standard deviation of the margin around it", unit="points", gt=0)
    total_mean: Real = column("Expected points of both sides", unit="points")
    total_sd: Real = column("Standard deviation of the total around it", unit="points", gt=0)
    market_spread: Real = column("Points given by the home side then, median of the bookmakers", null=True)
    market_total: Real = column("Total of both sides then, median of the bookmakers", null=True)
    market_p_home: Real = column(
        "Chance of the home side by the moneylines then, margin taken off, median of the bookmakers",
        null=True,
        gt=0,
        lt=1,
    )
    n_games: Whole = column("Games the model learned from")
    trained_through: Instant = column("Kickoff of the last game the model learned from")
    code_version: Text = column("Digest of the sources and libraries that made it")
    previous_hash: Text = column("Hash of the entry before; zeroes in the first", str_matches=DIGEST)
    hash: Text = column("SHA-256 of this entry with the hash of the one before", str_matches=DIGEST)


class LedgerGrades(Table, domain="ncaa", key=("game_id", "family")):
    """One row per game that is over and family: the last entry before kickoff, the result and the closing line."""

    game_id: Whole = column("Game id")
    family: Text = column("Kind of model", isin=FAMILIES)
    season: Whole = column("Season")
    week: Whole = column("Week of its season type")
    season_type: Text = column("Season type")
    kickoff_at: Instant = column("Kickoff")
    home_team: Text = column("Home side")
    away_team: Text = column("Away side")
    is_fbs_game: Flag = column("Whether both sides are in the FBS")
    sequence: Whole = column("The entry that is graded: the last one before kickoff", ge=1)
    entries: Whole = column("Entries of the game and family before kickoff", ge=1)
    said_at: Instant = column("When the graded entry was said; before kickoff")
    p_home: Real = column("Probability that the home side wins, as said", gt=0, lt=1)
    margin_mean: Real = column("Expected margin of the home side, as said", unit="points")
    total_mean: Real = column("Expected points of both sides, as said", unit="points")
    margin: Whole = column("Margin of the home side", unit="points", known=AFTER)
    total: Whole = column("Points of both sides", unit="points", known=AFTER)
    is_hit: Flag = column(
        "Whether the side that was given more than half won; null without one", null=True, known=AFTER
    )
    margin_error: Real = column("Margin less what was expected", unit="points", known=AFTER)
    total_error: Real = column("Total less what was expected", unit="points", known=AFTER)
    is_margin_in_80: Flag = column("Whether the margin fell into the middle 80 % of what was said", known=AFTER)
    brier: Real = column("Squared distance of the probability to what happened", ge=0, le=1, known=AFTER)
    market_spread: Real = column("Spread when it was said", null=True, unit="points")
    closing_spread: Real = column("Closing spread, median of the bookmakers", null=True, unit="points", known=AFTER)
    spread_value: Real = column(
        f"Points by which the spread moved, until the close, towards {LIKES}", null=True, unit="points", known=AFTER
    )
    closing_p_home: Real = column(
        "Chance of the home side by the closing moneylines, margin taken off", null=True, gt=0, lt=1, known=AFTER
    )
    moneyline_value: Real = column(
        f"Probability by which the moneylines moved, until the close, towards {LIKES}", null=True, known=AFTER
    )
    closing_margin_error: Real = column(
        "Margin less what the closing spread expected", null=True, unit="points", known=AFTER
    )
    closing_brier: Real = column("Brier score of the closing moneylines", null=True, ge=0, le=1, known=AFTER)
