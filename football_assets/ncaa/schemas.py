"""Every NCAA table: its columns, types, ranges, units, where each comes from and when it may be known."""

# Imported for their entry into the register of tables.
from football_assets.ncaa import projection_schemas as projection_schemas
from football_assets.ncaa import prop_schemas as prop_schemas
from football_assets.ncaa import quality_schemas as quality_schemas
from football_assets.ncaa import season_schemas as season_schemas
from football_assets.ncaa.ledger_schemas import GamePredictions as GamePredictions
from football_assets.tables import Flag, Instant, Real, Table, Text, Whole, column

AFTER = "after the game"
KICKOFF = "at kickoff"
BEFORE = "when the game is listed"


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


class TeamStats(Table, domain="ncaa", key=("game_id", "team_id"), by_season=True):
    """One row per game and team: the team box score. A category that the provider does not list is null."""

    game_id: Whole = column("Game id", source="id")
    season: Whole = column("Season")
    team_id: Whole = column("Team id", source="teams.teamId")
    team: Text = column("School", source="teams.team")
    conference: Text = column("Conference", null=True, source="teams.conference")
    home_away: Text = column("Side: home or away", source="teams.homeAway", isin=["home", "away"])
    points: Whole = column("Points", null=True, source="teams.points", known=AFTER, ge=0)
    first_downs: Whole = column("First downs", null=True, source="teams.stats[firstDowns]", known=AFTER, ge=0)
    total_yards: Whole = column("Yards gained", null=True, source="teams.stats[totalYards]", known=AFTER)
    passing_yards: Whole = column("Net passing yards", null=True, source="teams.stats[netPassingYards]", known=AFTER)
    completions: Whole = column(
        "Passes completed", null=True, source="teams.stats[completionAttempts]", known=AFTER, ge=0
    )
    passing_attempts: Whole = column(
        "Passes thrown", null=True, source="teams.stats[completionAttempts]", known=AFTER, ge=0
    )
    yards_per_pass: Real = column(
        "Yards a pass, as the provider rounds it", null=True, source="teams.stats[yardsPerPass]", known=AFTER
    )
    passing_tds: Whole = column("Passing touchdowns", null=True, source="teams.stats[passingTDs]", known=AFTER)
    rushing_yards: Whole = column(
        "Rushing yards, sacks taken off", null=True, source="teams.stats[rushingYards]", known=AFTER
    )
    rushing_attempts: Whole = column(
        "Rushes, sacks included", null=True, source="teams.stats[rushingAttempts]", known=AFTER, ge=0
    )
    yards_per_rush: Real = column(
        "Yards a rush, as the provider rounds it", null=True, source="teams.stats[yardsPerRushAttempt]", known=AFTER
    )
    rushing_tds: Whole = column("Rushing touchdowns", null=True, source="teams.stats[rushingTDs]", known=AFTER)
    turnovers: Whole = column("Balls lost", null=True, source="teams.stats[turnovers]", known=AFTER, ge=0)
    interceptions_thrown: Whole = column(
        "Passes thrown to the other side", null=True, source="teams.stats[interceptions]", known=AFTER
    )
    fumbles: Whole = column("Fumbles", null=True, source="teams.stats[totalFumbles]", known=AFTER)
    fumbles_lost: Whole = column("Fumbles lost", null=True, source="teams.stats[fumblesLost]", known=AFTER)
    fumbles_recovered: Whole = column(
        "Fumbles recovered", null=True, source="teams.stats[fumblesRecovered]", known=AFTER
    )
    passes_intercepted: Whole = column(
        "The other side's passes caught", null=True, source="teams.stats[passesIntercepted]", known=AFTER
    )
    interception_yards: Whole = column(
        "Yards of interception returns", null=True, source="teams.stats[interceptionYards]", known=AFTER
    )
    interception_tds: Whole = column(
        "Touchdowns of interception returns", null=True, source="teams.stats[interceptionTDs]", known=AFTER
    )
    penalties: Whole = column("Penalties", null=True, source="teams.stats[totalPenaltiesYards]", known=AFTER)
    penalty_yards: Whole = column(
        "Yards of penalties", null=True, source="teams.stats[totalPenaltiesYards]", known=AFTER
    )
    third_down_conversions: Whole = column(
        "Third downs converted", null=True, source="teams.stats[thirdDownEff]", known=AFTER
    )
    third_down_attempts: Whole = column(
        "Third downs tried", null=True, source="teams.stats[thirdDownEff]", known=AFTER, ge=0
    )
    fourth_down_conversions: Whole = column(
        "Fourth downs converted", null=True, source="teams.stats[fourthDownEff]", known=AFTER
    )
    fourth_down_attempts: Whole = column(
        "Fourth downs tried", null=True, source="teams.stats[fourthDownEff]", known=AFTER
    )
    possession_s: Whole = column(
        "Time with the ball", null=True, source="teams.stats[possessionTime]", known=AFTER, ge=0
    )
    kick_returns: Whole = column("Kick returns", null=True, source="teams.stats[kickReturns]", known=AFTER)
    kick_return_yards: Whole = column(
        "Yards of kick returns", null=True, source="teams.stats[kickReturnYards]", known=AFTER
    )
    kick_return_tds: Whole = column(
        "Touchdowns of kick returns", null=True, source="teams.stats[kickReturnTDs]", known=AFTER
    )
    punt_returns: Whole = column("Punt returns", null=True, source="teams.stats[puntReturns]", known=AFTER)
    punt_return_yards: Whole = column(
        "Yards of punt returns", null=True, source="teams.stats[puntReturnYards]", known=AFTER
    )
    punt_return_tds: Whole = column(
        "Touchdowns of punt returns", null=True, source="teams.stats[puntReturnTDs]", known=AFTER
    )
    kicking_points: Whole = column("Points kicked", null=True, source="teams.stats[kickingPoints]", known=AFTER)
    sacks: Real = column("Sacks made", null=True, source="teams.stats[sacks]", known=AFTER)
    tackles: Real = column("Tackles", null=True, source="teams.stats[tackles]", known=AFTER)
    tackles_for_loss: Real = column("Tackles for loss", null=True, source="teams.stats[tacklesForLoss]", known=AFTER)
    qb_hurries: Real = column("Quarterback hurries", null=True, source="teams.stats[qbHurries]", known=AFTER)
    passes_deflected: Real = column("Passes deflected", null=True, source="teams.stats[passesDeflected]", known=AFTER)
    defensive_tds: Whole = column(
        "Touchdowns of the defence", null=True, source="teams.stats[defensiveTDs]", known=AFTER
    )
    fetched_at: Instant = column("Provider's clock when it was read")


class PlayerStats(Table, domain="ncaa", key=("game_id", "team", "player_id"), by_season=True):
    """One row per game, team and player: the player box score, null where a player has no such line."""

    game_id: Whole = column("Game id", source="id")
    season: Whole = column("Season")
    team: Text = column("School", source="teams.team")
    home_away: Text = column("Side: home or away", source="teams.homeAway", isin=["home", "away"])
    player_id: Text = column("Player id; negative for plays credited to the team", source="athletes.id")
    player: Text = column("Player", source="athletes.name")
    passing_completions: Real = column("Passing completions", null=True, source="passing.C/ATT", known=AFTER)
    passing_attempts: Real = column("Passing attempts", null=True, source="passing.C/ATT", known=AFTER)
    passing_yards: Real = column("Passing yards", null=True, source="passing.YDS", known=AFTER)
    passing_yards_per_attempt: Real = column("Passing yards per attempt", null=True, source="passing.AVG", known=AFTER)
    passing_tds: Real = column("Passing touchdowns", null=True, source="passing.TD", known=AFTER)
    passing_interceptions: Real = column("Passing interceptions", null=True, source="passing.INT", known=AFTER)
    passing_qbr: Real = column("Passing quarterback rating", null=True, source="passing.QBR", known=AFTER)
    rushing_carries: Real = column("Rushing carries", null=True, source="rushing.CAR", known=AFTER)
    rushing_yards: Real = column("Rushing yards", null=True, source="rushing.YDS", known=AFTER)
    rushing_yards_per_carry: Real = column("Rushing yards per carry", null=True, source="rushing.AVG", known=AFTER)
    rushing_tds: Real = column("Rushing touchdowns", null=True, source="rushing.TD", known=AFTER)
    rushing_long_yards: Real = column("Rushing, longest, yards", null=True, source="rushing.LONG", known=AFTER)
    receptions: Real = column("Receptions", null=True, source="receiving.REC", known=AFTER)
    receiving_yards: Real = column("Receiving yards", null=True, source="receiving.YDS", known=AFTER)
    receiving_yards_per_reception: Real = column(
        "Receiving yards per reception", null=True, source="receiving.AVG", known=AFTER
    )
    receiving_tds: Real = column("Receiving touchdowns", null=True, source="receiving.TD", known=AFTER)
    receiving_long_yards: Real = column("Receiving, longest, yards", null=True, source="receiving.LONG", known=AFTER)
    fumbles: Real = column("Fumbles", null=True, source="fumbles.FUM", known=AFTER)
    fumbles_lost: Real = column("Fumbles lost", null=True, source="fumbles.LOST", known=AFTER)
    fumbles_recovered: Real = column("Fumbles recovered", null=True, source="fumbles.REC", known=AFTER)
    tackles: Real = column("Tackles", null=True, source="defensive.TOT", known=AFTER)
    solo_tackles: Real = column("Solo tackles", null=True, source="defensive.SOLO", known=AFTER)
    sacks: Real = column("Sacks", null=True, source="defensive.SACKS", known=AFTER)
    tackles_for_loss: Real = column("Tackles for loss", null=True, source="defensive.TFL", known=AFTER)
    passes_defended: Real = column("Passes defended", null=True, source="defensive.PD", known=AFTER)
    qb_hurries: Real = column("Quarterback hurries", null=True, source="defensive.QB HUR", known=AFTER)
    defensive_tds: Real = column("Defensive touchdowns", null=True, source="defensive.TD", known=AFTER)
    interceptions: Real = column("Interceptions", null=True, source="interceptions.INT", known=AFTER)
    interception_yards: Real = column("Interception yards", null=True, source="interceptions.YDS", known=AFTER)
    interception_tds: Real = column("Interception touchdowns", null=True, source="interceptions.TD", known=AFTER)
    field_goals_made: Real = column("Field goals made", null=True, source="kicking.FG", known=AFTER)
    field_goal_attempts: Real = column("Field goal attempts", null=True, source="kicking.FG", known=AFTER)
    field_goal_pct: Real = column("Field goal, percent", null=True, source="kicking.PCT", known=AFTER)
    field_goal_long_yards: Real = column("Field goal, longest, yards", null=True, source="kicking.LONG", known=AFTER)
    extra_points_made: Real = column("Extra points made", null=True, source="kicking.XP", known=AFTER)
    extra_point_attempts: Real = column("Extra point attempts", null=True, source="kicking.XP", known=AFTER)
    kicking_points: Real = column("Kicking points", null=True, source="kicking.PTS", known=AFTER)
    punts: Real = column("Punts", null=True, source="punting.NO", known=AFTER)
    punt_yards: Real = column("Punt yards", null=True, source="punting.YDS", known=AFTER)
    yards_per_punt: Real = column("Yards per punt", null=True, source="punting.AVG", known=AFTER)
    punt_touchbacks: Real = column("Punt touchbacks", null=True, source="punting.TB", known=AFTER)
    punts_inside_20: Real = column("Punts inside 20", null=True, source="punting.In 20", known=AFTER)
    punt_long_yards: Real = column("Punt, longest, yards", null=True, source="punting.LONG", known=AFTER)
    kick_returns: Real = column("Kick returns", null=True, source="kickReturns.NO", known=AFTER)
    kick_return_yards: Real = column("Kick return yards", null=True, source="kickReturns.YDS", known=AFTER)
    yards_per_kick_return: Real = column("Yards per kick return", null=True, source="kickReturns.AVG", known=AFTER)
    kick_return_long_yards: Real = column(
        "Kick return, longest, yards", null=True, source="kickReturns.LONG", known=AFTER
    )
    kick_return_tds: Real = column("Kick return touchdowns", null=True, source="kickReturns.TD", known=AFTER)
    punt_returns: Real = column("Punt returns", null=True, source="puntReturns.NO", known=AFTER)
    punt_return_yards: Real = column("Punt return yards", null=True, source="puntReturns.YDS", known=AFTER)
    yards_per_punt_return: Real = column("Yards per punt return", null=True, source="puntReturns.AVG", known=AFTER)
    punt_return_long_yards: Real = column(
        "Punt return, longest, yards", null=True, source="puntReturns.LONG", known=AFTER
    )
    punt_return_tds: Real = column("Punt return touchdowns", null=True, source="puntReturns.TD", known=AFTER)
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


class Features(Table, domain="ncaa", key=("game_id",)):
    """One row per game with an FBS side and a kickoff: what was known at kickoff, and no result of it."""

    game_id: Whole = column("Game id", known=BEFORE)
    season: Whole = column("Season", known=BEFORE)
    week: Whole = column("Week of its season type", known=BEFORE)
    season_type: Text = column("Season type", known=BEFORE)
    kickoff_at: Instant = column("Kickoff", known=BEFORE)
    home_team_id: Whole = column("Team id of the home side", known=BEFORE)
    away_team_id: Whole = column("Team id of the away side", known=BEFORE)
    is_neutral_site: Flag = column("Whether neither side is at home", known=BEFORE)
    is_conference_game: Flag = column("Whether it counts for the conference", known=BEFORE)
    is_postseason: Flag = column("Whether it is a bowl or playoff game", known=BEFORE)
    is_home_fbs: Flag = column("Whether the home side is in the FBS", known=BEFORE)
    is_away_fbs: Flag = column("Whether the away side is in the FBS", known=BEFORE)
    scoring_level: Real = column(
        "Points that an average FBS side scores on an average one, as learned so far", unit="points", known=KICKOFF
    )
    home_edge: Real = column("What the home field adds to the margin, as learned so far", unit="points", known=KICKOFF)
    home_elo: Real = column("Margin-based Elo of the home side", known=KICKOFF)
    home_provider_elo: Real = column(
        "The provider's Elo of the home side; FBS only", null=True, source="homePregameElo", known=KICKOFF
    )
    home_offense_points: Real = column(
        "Offence of the home side above average, opponents taken into account: points",
        null=True,
        unit="points",
        known=KICKOFF,
    )
    home_defense_points: Real = column(
        "Defence of the home side above average, opponents taken into account: points",
        null=True,
        unit="points",
        known=KICKOFF,
    )
    home_offense_yards: Real = column(
        "Offence of the home side above average, opponents taken into account: yards",
        null=True,
        unit="yards",
        known=KICKOFF,
    )
    home_defense_yards: Real = column(
        "Defence of the home side above average, opponents taken into account: yards",
        null=True,
        unit="yards",
        known=KICKOFF,
    )
    home_offense_yards_per_play: Real = column(
        "Offence of the home side above average, opponents taken into account: yards a play",
        null=True,
        unit="yards",
        known=KICKOFF,
    )
    home_defense_yards_per_play: Real = column(
        "Defence of the home side above average, opponents taken into account: yards a play",
        null=True,
        unit="yards",
        known=KICKOFF,
    )
    home_offense_yards_per_rush: Real = column(
        "Offence of the home side above average, opponents taken into account: yards a rush",
        null=True,
        unit="yards",
        known=KICKOFF,
    )
    home_defense_yards_per_rush: Real = column(
        "Defence of the home side above average, opponents taken into account: yards a rush",
        null=True,
        unit="yards",
        known=KICKOFF,
    )
    home_offense_third_down_pct: Real = column(
        "Offence of the home side above average, opponents taken into account: third downs converted",
        null=True,
        unit="percent",
        known=KICKOFF,
    )
    home_defense_third_down_pct: Real = column(
        "Defence of the home side above average, opponents taken into account: third downs converted",
        null=True,
        unit="percent",
        known=KICKOFF,
    )
    home_offense_turnovers: Real = column(
        "Offence of the home side above average, opponents taken into account: turnovers avoided or forced",
        null=True,
        known=KICKOFF,
    )
    home_defense_turnovers: Real = column(
        "Defence of the home side above average, opponents taken into account: turnovers avoided or forced",
        null=True,
        known=KICKOFF,
    )
    home_games: Whole = column("Games of the home side over in this season", known=KICKOFF, ge=0)
    home_win_pct: Real = column(
        "Share of them won; null before the first", null=True, unit="0 to 1", known=KICKOFF, ge=0, le=1
    )
    home_form: Real = column(
        "Mean margin in them, place and opponent taken into account; null before the first",
        null=True,
        unit="points",
        known=KICKOFF,
    )
    home_recent_form: Real = column("The same over the last four", null=True, unit="points", known=KICKOFF)
    home_rest_days: Real = column(
        "Days since the last kickoff of the home side in this season, at most 30; null before the first",
        null=True,
        unit="days",
        known=KICKOFF,
        ge=0,
        le=30,
    )
    away_elo: Real = column("Margin-based Elo of the away side", known=KICKOFF)
    away_provider_elo: Real = column(
        "The provider's Elo of the away side; FBS only", null=True, source="awayPregameElo", known=KICKOFF
    )
    away_offense_points: Real = column(
        "Offence of the away side above average, opponents taken into account: points",
        null=True,
        unit="points",
        known=KICKOFF,
    )
    away_defense_points: Real = column(
        "Defence of the away side above average, opponents taken into account: points",
        null=True,
        unit="points",
        known=KICKOFF,
    )
    away_offense_yards: Real = column(
        "Offence of the away side above average, opponents taken into account: yards",
        null=True,
        unit="yards",
        known=KICKOFF,
    )
    away_defense_yards: Real = column(
        "Defence of the away side above average, opponents taken into account: yards",
        null=True,
        unit="yards",
        known=KICKOFF,
    )
    away_offense_yards_per_play: Real = column(
        "Offence of the away side above average, opponents taken into account: yards a play",
        null=True,
        unit="yards",
        known=KICKOFF,
    )
    away_defense_yards_per_play: Real = column(
        "Defence of the away side above average, opponents taken into account: yards a play",
        null=True,
        unit="yards",
        known=KICKOFF,
    )
    away_offense_yards_per_rush: Real = column(
        "Offence of the away side above average, opponents taken into account: yards a rush",
        null=True,
        unit="yards",
        known=KICKOFF,
    )
    away_defense_yards_per_rush: Real = column(
        "Defence of the away side above average, opponents taken into account: yards a rush",
        null=True,
        unit="yards",
        known=KICKOFF,
    )
    away_offense_third_down_pct: Real = column(
        "Offence of the away side above average, opponents taken into account: third downs converted",
        null=True,
        unit="percent",
        known=KICKOFF,
    )
    away_defense_third_down_pct: Real = column(
        "Defence of the away side above average, opponents taken into account: third downs converted",
        null=True,
        unit="percent",
        known=KICKOFF,
    )
    away_offense_turnovers: Real = column(
        "Offence of the away side above average, opponents taken into account: turnovers avoided or forced",
        null=True,
        known=KICKOFF,
    )
    away_defense_turnovers: Real = column(
        "Defence of the away side above average, opponents taken into account: turnovers avoided or forced",
        null=True,
        known=KICKOFF,
    )
    away_games: Whole = column("Games of the away side over in this season", known=KICKOFF, ge=0)
    away_win_pct: Real = column(
        "Share of them won; null before the first", null=True, unit="0 to 1", known=KICKOFF, ge=0, le=1
    )
    away_form: Real = column(
        "Mean margin in them, place and opponent taken into account; null before the first",
        null=True,
        unit="points",
        known=KICKOFF,
    )
    away_recent_form: Real = column("The same over the last four", null=True, unit="points", known=KICKOFF)
    away_rest_days: Real = column(
        "Days since the last kickoff of the away side in this season, at most 30; null before the first",
        null=True,
        unit="days",
        known=KICKOFF,
        ge=0,
        le=30,
    )
    rating_doubt: Real = column(
        "Variance of the rated difference of both sides, in those of one game", null=True, known=KICKOFF, ge=0
    )
    net_points: Real = column(
        "Joint rating, home less away: points",
        null=True,
        unit="points",
        known=KICKOFF,
    )
    net_three_quarters: Real = column(
        "Joint rating, home less away: points after three quarters",
        null=True,
        unit="points",
        known=KICKOFF,
    )
    net_deserved: Real = column(
        "Joint rating, home less away: margin that the play deserved",
        null=True,
        unit="points",
        known=KICKOFF,
    )
    net_yards: Real = column(
        "Joint rating, home less away: yards",
        null=True,
        unit="yards",
        known=KICKOFF,
    )
    net_plays: Real = column(
        "Joint rating, home less away: plays",
        null=True,
        known=KICKOFF,
    )
    net_yards_per_play: Real = column(
        "Joint rating, home less away: yards a play",
        null=True,
        unit="yards",
        known=KICKOFF,
    )
    net_yards_per_rush: Real = column(
        "Joint rating, home less away: yards a rush",
        null=True,
        unit="yards",
        known=KICKOFF,
    )
    net_third_down_pct: Real = column(
        "Joint rating, home less away: third downs converted",
        null=True,
        unit="percent",
        known=KICKOFF,
    )
    net_turnovers: Real = column(
        "Joint rating, home less away: turnovers avoided or forced",
        null=True,
        known=KICKOFF,
    )
    net_ppa: Real = column(
        "Joint rating, home less away: predicted points added a play",
        null=True,
        known=KICKOFF,
    )
    net_passing_ppa: Real = column(
        "Joint rating, home less away: predicted points added a pass",
        null=True,
        known=KICKOFF,
    )
    net_rushing_ppa: Real = column(
        "Joint rating, home less away: predicted points added a rush",
        null=True,
        known=KICKOFF,
    )
    sum_points: Real = column(
        "Joint rating, both offences less both defences: points",
        null=True,
        unit="points",
        known=KICKOFF,
    )
    sum_three_quarters: Real = column(
        "Joint rating, both offences less both defences: points after three quarters",
        null=True,
        unit="points",
        known=KICKOFF,
    )
    sum_deserved: Real = column(
        "Joint rating, both offences less both defences: margin that the play deserved",
        null=True,
        unit="points",
        known=KICKOFF,
    )
    sum_yards: Real = column(
        "Joint rating, both offences less both defences: yards",
        null=True,
        unit="yards",
        known=KICKOFF,
    )
    sum_plays: Real = column(
        "Joint rating, both offences less both defences: plays",
        null=True,
        known=KICKOFF,
    )
    sum_yards_per_play: Real = column(
        "Joint rating, both offences less both defences: yards a play",
        null=True,
        unit="yards",
        known=KICKOFF,
    )
    sum_yards_per_rush: Real = column(
        "Joint rating, both offences less both defences: yards a rush",
        null=True,
        unit="yards",
        known=KICKOFF,
    )
    sum_third_down_pct: Real = column(
        "Joint rating, both offences less both defences: third downs converted",
        null=True,
        unit="percent",
        known=KICKOFF,
    )
    sum_turnovers: Real = column(
        "Joint rating, both offences less both defences: turnovers avoided or forced",
        null=True,
        known=KICKOFF,
    )
    sum_ppa: Real = column(
        "Joint rating, both offences less both defences: predicted points added a play",
        null=True,
        known=KICKOFF,
    )
    sum_passing_ppa: Real = column(
        "Joint rating, both offences less both defences: predicted points added a pass",
        null=True,
        known=KICKOFF,
    )
    sum_rushing_ppa: Real = column(
        "Joint rating, both offences less both defences: predicted points added a rush",
        null=True,
        known=KICKOFF,
    )
    net_talent: Real = column(
        "Talent of the rosters, home less away", null=True, unit="standard deviations of the FBS", known=KICKOFF
    )
    net_recruiting: Real = column(
        "Recruiting classes on the rosters, home less away",
        null=True,
        unit="standard deviations of the FBS",
        known=KICKOFF,
    )
    travel_km: Real = column(
        "From the away side's home venue to the home side's; null on neutral ground",
        null=True,
        unit="km",
        known=KICKOFF,
        ge=0,
    )
    net_votes: Real = column(
        "Square root of the points in the AP poll before the week, home less away; null in a week without a poll",
        null=True,
        known=KICKOFF,
    )
