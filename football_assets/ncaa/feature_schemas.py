"""What was known of a game at its kickoff, column by column."""

from football_assets.ncaa.when_known import BEFORE, KICKOFF
from football_assets.tables import Flag, Instant, Real, Table, Text, Whole, column


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
    home_returning_production: Real = column(
        "Share of last season's predicted points added that the home side's returning players had",
        null=True,
        unit="0 to 1",
        known=KICKOFF,
    )
    home_returning_passes: Real = column(
        "Share of the home side's passes of last season whose throwers return: is the quarterback the same",
        null=True,
        unit="0 to 1",
        known=KICKOFF,
    )
    home_last_success_rate: Real = column(
        "Share of the home side's plays of last season that succeeded", null=True, unit="0 to 1", known=KICKOFF
    )
    home_last_success_rate_allowed: Real = column(
        "Share of plays against the home side last season that succeeded", null=True, unit="0 to 1", known=KICKOFF
    )
    away_returning_production: Real = column(
        "Share of last season's predicted points added that the away side's returning players had",
        null=True,
        unit="0 to 1",
        known=KICKOFF,
    )
    away_returning_passes: Real = column(
        "Share of the away side's passes of last season whose throwers return: is the quarterback the same",
        null=True,
        unit="0 to 1",
        known=KICKOFF,
    )
    away_last_success_rate: Real = column(
        "Share of the away side's plays of last season that succeeded", null=True, unit="0 to 1", known=KICKOFF
    )
    away_last_success_rate_allowed: Real = column(
        "Share of plays against the away side last season that succeeded", null=True, unit="0 to 1", known=KICKOFF
    )
    is_indoors: Flag = column("Whether it is played under a roof", null=True, source="gameIndoors", known=KICKOFF)
    temperature_f: Real = column("Temperature at kickoff", null=True, source="temperature", known=KICKOFF)
    wind_speed_mph: Real = column("Speed of the wind at kickoff", null=True, source="windSpeed", known=KICKOFF)
    precipitation: Real = column("Rain at kickoff, as sent", null=True, source="precipitation", known=KICKOFF)
