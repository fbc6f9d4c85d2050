"""Every NCAA table: its columns, types, ranges, units, where each comes from and when it may be known."""

# Imported for their entry into the register of tables.
from football_assets.ncaa import projection_schemas as projection_schemas
from football_assets.ncaa import prop_schemas as prop_schemas
from football_assets.ncaa import quality_schemas as quality_schemas
from football_assets.ncaa import season_schemas as season_schemas
from football_assets.ncaa.box_schemas import PlayerStats as PlayerStats
from football_assets.ncaa.box_schemas import TeamStats as TeamStats
from football_assets.ncaa.feature_schemas import Features as Features
from football_assets.ncaa.ledger_schemas import GamePredictions as GamePredictions
from football_assets.ncaa.when_known import AFTER, BEFORE, KICKOFF
from football_assets.tables import Flag, Instant, Real, Table, Text, Whole, column


class Games(Table, domain="ncaa", key=("game_id",), by_season=True):
    """One row per game with an FBS side, played or scheduled, as the provider lists it."""

    game_id: Whole = column("Game id", source="id", known=BEFORE, ge=1)
    season: Whole = column("Season: the year it begins in", source="season", known=BEFORE, ge=1869, le=2200)
    week: Whole = column(
        "Week of its season type; 1 for every FBS bowl and playoff game", source="week", known=BEFORE, ge=0, le=60
    )
    season_type: Text = column("`regular`, `postseason` or one of the rarer kinds", source="seasonType", known=BEFORE)
    kickoff_at: Instant = column(
        "Kickoff; the day alone, at its first moment in the eastern USA, while the time is open",
        null=True,
        source="startDate",
        known=BEFORE,
    )
    is_kickoff_tbd: Flag = column(
        "Whether the time of day is still open", null=True, source="startTimeTBD", known=BEFORE
    )
    is_completed: Flag = column("Whether the game is over", source="completed", known=AFTER)
    is_neutral_site: Flag = column("Whether neither side is at home", source="neutralSite", known=BEFORE)
    is_conference_game: Flag = column("Whether it counts for the conference", source="conferenceGame", known=BEFORE)
    attendance: Whole = column("Spectators", null=True, source="attendance", known=AFTER, ge=0)
    venue_id: Whole = column("Venue id", null=True, source="venueId", known=BEFORE)
    venue: Text = column("Venue", null=True, source="venue", known=BEFORE)
    home_team_id: Whole = column("Team id of the home side", source="homeId", known=BEFORE)
    home_team: Text = column("School of the home side", source="homeTeam", known=BEFORE)
    home_conference: Text = column(
        "Conference of the home side that season", null=True, source="homeConference", known=BEFORE
    )
    home_classification: Text = column(
        "Division of the home side: fbs, fcs, ii or iii", null=True, source="homeClassification", known=BEFORE
    )
    home_points: Whole = column("Points of the home side", null=True, source="homePoints", known=AFTER, ge=0, le=300)
    home_line_scores: Text = column(
        "Points of the home side by quarter, then overtimes, as a JSON list",
        null=True,
        source="homeLineScores",
        known=AFTER,
    )
    home_pregame_elo: Whole = column(
        "The provider's Elo of the home side before the game; FBS only",
        null=True,
        source="homePregameElo",
        known=KICKOFF,
    )
    home_postgame_elo: Whole = column(
        "The provider's Elo of the home side after the game; FBS only", null=True, source="homePostgameElo", known=AFTER
    )
    home_postgame_win_probability: Real = column(
        "The provider's verdict on how often the home side wins such a game",
        null=True,
        source="homePostgameWinProbability",
        known=AFTER,
        ge=0,
        le=1,
    )
    away_team_id: Whole = column("Team id of the away side", source="awayId", known=BEFORE)
    away_team: Text = column("School of the away side", source="awayTeam", known=BEFORE)
    away_conference: Text = column(
        "Conference of the away side that season", null=True, source="awayConference", known=BEFORE
    )
    away_classification: Text = column(
        "Division of the away side: fbs, fcs, ii or iii", null=True, source="awayClassification", known=BEFORE
    )
    away_points: Whole = column("Points of the away side", null=True, source="awayPoints", known=AFTER, ge=0, le=300)
    away_line_scores: Text = column(
        "Points of the away side by quarter, then overtimes, as a JSON list",
        null=True,
        source="awayLineScores",
        known=AFTER,
    )
    away_pregame_elo: Whole = column(
        "The provider's Elo of the away side before the game; FBS only",
        null=True,
        source="awayPregameElo",
        known=KICKOFF,
    )
    away_postgame_elo: Whole = column(
        "The provider's Elo of the away side after the game; FBS only", null=True, source="awayPostgameElo", known=AFTER
    )
    away_postgame_win_probability: Real = column(
        "The provider's verdict on how often the away side wins such a game",
        null=True,
        source="awayPostgameWinProbability",
        known=AFTER,
        ge=0,
        le=1,
    )
    excitement_index: Real = column(
        "The provider's measure of how the odds swung", null=True, source="excitementIndex", known=AFTER
    )
    notes: Text = column("Name of the bowl or event", null=True, source="notes", known=BEFORE)
    duplicate_of: Whole = column(
        "Id of the row that stands for this game when the provider lists it twice; such a row is counted nowhere",
        null=True,
    )
    fetched_at: Instant = column("Provider's clock when it was read")


class Lines(Table, domain="ncaa", key=("game_id", "provider"), by_season=True):
    """One row per game with an FBS side and bookmaker: the last line kept, and the first."""

    game_id: Whole = column("Game id", source="id", known=BEFORE)
    season: Whole = column("Season", source="season", known=BEFORE)
    provider: Text = column("Bookmaker, as the provider spells it", source="lines.provider")
    spread: Real = column(
        "Points given by the home side: negative when it is the favourite; the close once the game has begun",
        null=True,
        unit="points",
        source="lines.spread",
        known="up to kickoff",
        ge=-120,
        le=120,
    )
    spread_open: Real = column(
        "The first spread; from 2021 on",
        null=True,
        unit="points",
        source="lines.spreadOpen",
        known="up to kickoff",
        ge=-120,
        le=120,
    )
    over_under: Real = column(
        "Total of both sides; the close once the game has begun",
        null=True,
        unit="points",
        source="lines.overUnder",
        known="up to kickoff",
        gt=0,
        le=200,
    )
    over_under_open: Real = column(
        "The first total; from 2021 on",
        null=True,
        unit="points",
        source="lines.overUnderOpen",
        known="up to kickoff",
        gt=0,
        le=200,
    )
    home_moneyline: Real = column(
        "American odds that the home side wins; from 2021 on",
        null=True,
        source="lines.homeMoneyline",
        known="up to kickoff",
    )
    away_moneyline: Real = column(
        "American odds that the away side wins; from 2021 on",
        null=True,
        source="lines.awayMoneyline",
        known="up to kickoff",
    )
    fetched_at: Instant = column("Provider's clock when it was read")


class TeamGames(Table, domain="ncaa", key=("game_id", "team_id")):
    """One row per game and bench: each game, once, as each of its two sides saw it."""

    game_id: Whole = column("Game id")
    team_id: Whole = column("Team id")
    season: Whole = column("Season")
    week: Whole = column("Week of its season type")
    season_type: Text = column("Season type")
    kickoff_at: Instant = column("Kickoff", null=True)
    is_kickoff_tbd: Flag = column("Whether the time of day is still open", null=True)
    team: Text = column("School")
    conference: Text = column("Conference", null=True)
    classification: Text = column("Division of the school", null=True)
    opponent_id: Whole = column("Team id of the other side")
    opponent: Text = column("The other school")
    opponent_conference: Text = column("The other side's conference", null=True)
    opponent_classification: Text = column("Division of the other school", null=True)
    place: Text = column("home, away or neutral", known=BEFORE, isin=["home", "away", "neutral"])
    is_listed_home: Flag = column("Whether the provider lists the team as the home side", known=BEFORE)
    is_conference_game: Flag = column("Whether it counts for the conference")
    is_completed: Flag = column("Whether the game is over", known=AFTER)
    points_for: Whole = column("Points of the team", null=True, known=AFTER, ge=0)
    points_against: Whole = column("Points of the other side", null=True, known=AFTER, ge=0)
    margin: Whole = column("Points for less points against", null=True, known=AFTER)
    result: Text = column("W, L or T", null=True, known=AFTER, isin=["W", "L", "T"])
    spread: Real = column(
        "Points given by the team, median of the bookmakers: negative when it is the favourite",
        null=True,
        unit="points",
        known="up to kickoff",
    )
    over_under: Real = column(
        "Total of both sides, median of the bookmakers", null=True, unit="points", known="up to kickoff"
    )
    spread_margin: Real = column(
        "Margin plus spread: above zero when the team beat the spread", null=True, unit="points", known=AFTER
    )
    spread_result: Text = column("W, L or P (push) against the spread", null=True, known=AFTER, isin=["W", "L", "P"])
    has_box_score: Flag = column("Whether the provider has a box score of the team", known=AFTER)
    yards: Real = column("Yards gained", null=True, known=AFTER)
    plays: Real = column("Passes thrown and rushes", null=True, known=AFTER)
    yards_per_play: Real = column("Yards gained a play", null=True, known=AFTER)
    yards_per_rush: Real = column("Rushing yards a rush", null=True, known=AFTER)
    third_down_pct: Real = column("Third downs converted", null=True, unit="percent", known=AFTER)
    turnovers: Real = column("Balls lost", null=True, known=AFTER)
    possession_s: Real = column("Time with the ball", null=True, known=AFTER)


class TeamRecords(Table, domain="ncaa", key=("season", "team_id")):
    """One row per season and FBS team: wins, losses and ties, counted by team id over completed games."""

    season: Whole = column("Season")
    team_id: Whole = column("Team id")
    team: Text = column("School")
    conference: Text = column("Conference that season", null=True)
    games: Whole = column("Completed games", ge=0)
    wins: Whole = column("Games won", ge=0)
    losses: Whole = column("Games lost", ge=0)
    ties: Whole = column("Games tied", ge=0)
    win_pct: Real = column(
        "Share of games won, a tie counting half; null before the first game", null=True, unit="0 to 1", ge=0, le=1
    )
    conference_wins: Whole = column("Conference games won", ge=0)
    conference_losses: Whole = column("Conference games lost", ge=0)
    conference_ties: Whole = column("Conference games tied", ge=0)
    home_wins: Whole = column("Home games won", ge=0)
    home_losses: Whole = column("Home games lost", ge=0)
    home_ties: Whole = column("Home games tied", ge=0)
    away_wins: Whole = column("Away games won", ge=0)
    away_losses: Whole = column("Away games lost", ge=0)
    away_ties: Whole = column("Away games tied", ge=0)
    neutral_wins: Whole = column("Games on neutral ground won", ge=0)
    neutral_losses: Whole = column("Games on neutral ground lost", ge=0)
    neutral_ties: Whole = column("Games on neutral ground tied", ge=0)
    regular_wins: Whole = column("Regular-season games won", ge=0)
    regular_losses: Whole = column("Regular-season games lost", ge=0)
    regular_ties: Whole = column("Regular-season games tied", ge=0)
    postseason_wins: Whole = column("Postseason games won", ge=0)
    postseason_losses: Whole = column("Postseason games lost", ge=0)
    postseason_ties: Whole = column("Postseason games tied", ge=0)
    spread_wins: Whole = column("Games in which the team beat the spread", ge=0)
    spread_losses: Whole = column("Games in which it did not", ge=0)
    spread_pushes: Whole = column("Games that ended on the spread", ge=0)
    spread_win_pct: Real = column(
        "Share of the games against the spread won, pushes left out; null without one",
        null=True,
        unit="0 to 1",
        ge=0,
        le=1,
    )
    points_for: Whole = column("Points scored", ge=0)
    points_against: Whole = column("Points let in", ge=0)
    last_kickoff_at: Instant = column("Kickoff of the last game counted", null=True)
