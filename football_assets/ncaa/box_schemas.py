"""Box scores: what each team and each player made in a game."""

from football_assets.ncaa.when_known import AFTER
from football_assets.tables import Instant, Real, Table, Text, Whole, column


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
