"""The tables of the soccer model: past seasons, what it knew before each match, the model, links and predictions."""

from typing import Any

from football_assets.soccer.identity import BASES, LINKED, REVIEW, UNLINKED
from football_assets.soccer.schemas import CHANCE, ID, NO_MODEL, PREDICTED, RECENT, ChanceColumns, MatchId
from football_assets.tables import Flag, Instant, Real, Table, Text, Whole, column

COUNT: dict[str, Any] = {"null": True, "ge": 0}


class MatchPredictions(ChanceColumns, MatchId, Table, domain="soccer", key=("match_id",)):
    """One row a live match: chances before the kickoff and as it stands, by the model and by the bookmaker."""

    state: Text = column("predicted, or no model for this match", isin=(PREDICTED, NO_MODEL))
    reason: Text = column("Why there is no model, or why it has no chances for the match as it stands", null=True)
    p_under: Real = column("Chance of at most 2.5 goals in 90 minutes, as the match stands", **CHANCE)
    home_goals_to_come: Real = column("Goals of the home side still expected in 90 minutes", **COUNT)
    away_goals_to_come: Real = column("Goals of the away side still expected in 90 minutes", **COUNT)
    pre_p_home: Real = column("Chance of a home win before the kickoff", **CHANCE)
    pre_p_draw: Real = column("Chance of a draw before the kickoff", **CHANCE)
    pre_p_away: Real = column("Chance of an away win before the kickoff", **CHANCE)
    pre_p_over: Real = column("Chance of more than 2.5 goals before the kickoff", **CHANCE)
    pre_p_under: Real = column("Chance of at most 2.5 goals before the kickoff", **CHANCE)
    expected_home_goals: Real = column("Expected goals of the home side before the kickoff", **COUNT)
    expected_away_goals: Real = column("Expected goals of the away side before the kickoff", **COUNT)
    score_grid: Text = column(
        "Chances of final scores before the kickoff, a JSON list of 7 rows (home goals 0 to 6) of 7 numbers (away); "
        "what is missing to 1 are higher scores",
        null=True,
    )
    division: Text = column("Division by whose results the match is predicted", null=True)
    home_history_team: Text = column("The home side as the results name it", null=True)
    away_history_team: Text = column("The away side as the results name it", null=True)
    link_confidence: Real = column("How sure both sides' links to those names are, the lower of the two", **CHANCE)
    model_id: Text = column("The model: family, last day it learned from, checksum", null=True)
    trained_through: Instant = column("Start of the last day whose results the model learned from", null=True)
    fetched_at: Instant = column("The provider's clock when it gave the score", source="Date header")

    class Config(Table.Config):
        """Exactly these columns."""


class TeamLinks(Table, domain="soccer", key=("team_id",)):
    """One row a team of the live feed in a league whose results are kept: which team of the results it is."""

    team_id: Text = column("Team id, as TheSports assigns it", source=f"{RECENT} home_team_id", str_matches=ID)
    team: Text = column("Team, as TheSports names it")
    country: Text = column("Country of its league")
    competition_id: Text = column("Its league")
    competition: Text = column("Its league, as TheSports names it")
    division: Text = column("Division of the results that this league is")
    state: Text = column("linked, review (for a person to decide) or no team", isin=(LINKED, REVIEW, UNLINKED))
    history_team: Text = column("The same team as the results name it; null unless linked", null=True)
    confidence: Real = column("How sure the link is; 1 when a person decided; null unless linked", **CHANCE)
    basis: Text = column("What decided, or was not enough to", isin=BASES)
    candidates: Text = column(
        "Unless linked: teams of the results that may be meant, likeliest first; how alike the names are, from 0 to 1, "
        "and shared fixtures",
        null=True,
    )
    shared_fixtures: Whole = column("Fixtures that both sources have at the same kickoff and side", ge=0)
    kickoffs: Text = column("League fixtures seen live: H or A and the kickoff in Unix seconds")
    linked_at: Instant = column("When it was decided so; the clock of this machine")
    checked_at: Instant = column("When it was looked at last; the clock of this machine")
    checked_with: Text = column("Model by whose teams it was looked at last")


class HistoricalMatches(
    Table,
    domain="soccer",
    key=("season", "division", "played_on", "home_team"),
    by_season=True,
    published=False,
):
    """One row a match of a past or running season: result, totals and prices, as football-data.co.uk gives them."""

    season: Whole = column("Year in which the season begins", ge=2000)
    division: Text = column("Division code of the site", source="Div")
    division_name: Text = column("Name of the division")
    country: Text = column("Country of the division")
    tier: Whole = column("1 is the country's first division", ge=1)
    played_on: Instant = column("Start of the day of the match, UK date", source="Date")
    kickoff_at: Instant = column("Kickoff; null before 2019/20", null=True, source="Time")
    home_team: Text = column("Home team", source="HomeTeam")
    away_team: Text = column("Away team", source="AwayTeam")
    home_goals: Real = column("Home goals after 90 minutes", source="FTHG", **COUNT)
    away_goals: Real = column("Away goals after 90 minutes", source="FTAG", **COUNT)
    home_goals_half_time: Real = column("Home goals at half-time", source="HTHG", **COUNT)
    away_goals_half_time: Real = column("Away goals at half-time", source="HTAG", **COUNT)
    home_shots: Real = column("Shots of the home side", source="HS", **COUNT)
    away_shots: Real = column("Shots of the away side", source="AS", **COUNT)
    home_shots_on_target: Real = column("Shots on target of the home side", source="HST", **COUNT)
    away_shots_on_target: Real = column("Shots on target of the away side", source="AST", **COUNT)
    home_corners: Real = column("Corners of the home side", source="HC", **COUNT)
    away_corners: Real = column("Corners of the away side", source="AC", **COUNT)
    home_reds: Real = column("Red cards of the home side", source="HR", **COUNT)
    away_reds: Real = column("Red cards of the away side", source="AR", **COUNT)
    early_home: Real = column("Market average days before the match: decimal price of home", null=True, gt=1)
    early_draw: Real = column("Market average days before the match: decimal price of the draw", null=True, gt=1)
    early_away: Real = column("Market average days before the match: decimal price of away", null=True, gt=1)
    closing_home: Real = column("Last price before the kickoff: decimal price of home", null=True, gt=1)
    closing_draw: Real = column("Last price before the kickoff: decimal price of the draw", null=True, gt=1)
    closing_away: Real = column("Last price before the kickoff: decimal price of away", null=True, gt=1)
    early_over: Real = column("Market average days before the match: decimal price of over 2.5", null=True, gt=1)
    early_under: Real = column("Market average days before the match: decimal price of under 2.5", null=True, gt=1)
    closing_over: Real = column("Last price before the kickoff: decimal price of over 2.5", null=True, gt=1)
    closing_under: Real = column("Last price before the kickoff: decimal price of under 2.5", null=True, gt=1)
    read_at: Instant = column("When the file was read")


class SoccerFeatures(Table, domain="soccer", key=("season", "division", "played_on", "home_team"), published=False):
    """One row a match of the results: what was known of both sides before it, and what was predicted from that."""

    season: Whole = column("Year in which the season begins", ge=2000)
    division: Text = column("Division code of the site")
    played_on: Instant = column("Start of the day of the match, UK date")
    home_team: Text = column("Home team")
    away_team: Text = column("Away team")
    is_known: Flag = column("Whether both sides had been seen often and lately enough", known="before the match")
    home_rate_goals: Real = column("Logarithm of the goals expected of the home side", known="before the match")
    away_rate_goals: Real = column("Logarithm of the goals expected of the away side", known="before the match")
    home_rate_shots_on_target: Real = column("Logarithm of the shots on target expected", known="before the match")
    away_rate_shots_on_target: Real = column("Logarithm of the shots on target expected", known="before the match")
    home_rate_shots: Real = column("Logarithm of the shots expected of the home side", known="before the match")
    away_rate_shots: Real = column("Logarithm of the shots expected of the away side", known="before the match")
    home_rate_corners: Real = column("Logarithm of the corners expected of the home side", known="before the match")
    away_rate_corners: Real = column("Logarithm of the corners expected of the away side", known="before the match")
    certainty_goals: Real = column("0 when nothing was learned of both sides' goals yet", known="before the match")
    certainty_shots_on_target: Real = column("The same for shots on target", known="before the match")
    certainty_shots: Real = column("The same for shots", known="before the match")
    certainty_corners: Real = column("The same for corners", known="before the match")
    level: Real = column("Logarithm of the goals of an average side of the division", known="before the match")
    expected_home_goals: Real = column("Goals predicted by the model of the earlier seasons", **COUNT)
    expected_away_goals: Real = column("Goals predicted by the model of the earlier seasons", **COUNT)
    p_home: Real = column("Chance of a home win by the model of the earlier seasons", **CHANCE)
    p_draw: Real = column("Chance of a draw by the model of the earlier seasons", **CHANCE)
    p_away: Real = column("Chance of an away win by the model of the earlier seasons", **CHANCE)
    p_over: Real = column("Chance of more than 2.5 goals by the model of the earlier seasons", **CHANCE)


class SoccerModel(Table, domain="soccer", key=("family", "season"), published=False):
    """One row a family and a season that it predicted from earlier ones: how good it was, and the kept model's file."""

    family: Text = column("no_market sees no price, market_aware the early ones; elo, early and closing to compare")
    season: Whole = column("Year in which the season begins; all families on the same matches", ge=2000)
    matches: Whole = column("Matches that every family has chances for", ge=0)
    rps: Real = column("Ranked probability score of 1X2, lower is better", null=True, ge=0, le=1)
    log_loss: Real = column("Log loss of 1X2, lower is better", null=True, ge=0)
    model_id: Text = column("The model that serves live matches; only with no_market", null=True)
    file: Text = column("Its file below the world's folder", null=True)
    sha256: Text = column("Checksum of that file", null=True)
    trained_through: Instant = column("Start of the last day whose results it learned from", null=True)
    trained_matches: Whole = column("Matches it was fitted on", null=True, ge=0)
    teams: Whole = column("Teams it knows", null=True, ge=0)
