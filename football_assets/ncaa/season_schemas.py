"""The tables that hold one list of the provider's a season: ratings, rankings, talent and the like.

Each is kept a file a season under its name (`ncaa_talent`), so an asset reads them by `ins=reads(Talent)`. A season
that was never collected, or for which the provider has nothing, has no rows. `team_id` is the provider's own where it
sends one, else found by the exact school name among the season's games and FBS teams; a name that is found nowhere
keeps its row with a null id. `LEAKS` marks season-level numbers: for a season that is over, and in any row read later
than a game, they hold that game's result, so only the row of an earlier season may explain a game.
"""

from football_assets.ncaa.when_known import AFTER
from football_assets.tables import Flag, Instant, Real, Table, Text, Whole, column

LEAKS = "changes with every game; before a game only an earlier season's"
PRESEASON = "before the season"


class Teams(Table, domain="ncaa", key=("season", "team_id"), by_season=True):
    """One row per season and FBS team, with its conference that season and its home venue as it is today."""

    season: Whole = column("Season", known=PRESEASON)
    team_id: Whole = column("Team id", source="id", known=PRESEASON)
    team: Text = column("School", source="school", known=PRESEASON)
    mascot: Text = column("Nickname of the teams", null=True, source="mascot")
    abbreviation: Text = column("Short form on scoreboards", null=True, source="abbreviation")
    conference: Text = column("Conference that season", null=True, source="conference", known=PRESEASON)
    division: Text = column("Division within the conference", null=True, source="division", known=PRESEASON)
    classification: Text = column("Division of the school: fbs", null=True, source="classification", known=PRESEASON)
    color: Text = column("Main colour, `#rrggbb`", null=True, source="color")
    alternate_color: Text = column("Second colour, `#rrggbb`", null=True, source="alternateColor")
    venue_id: Whole = column("Id of the home venue", null=True, source="location.id")
    venue: Text = column("Home venue", null=True, source="location.name")
    city: Text = column("City of the home venue", null=True, source="location.city")
    state: Text = column("State of the home venue", null=True, source="location.state")
    timezone: Text = column("Time zone of the home venue", null=True, source="location.timezone")
    latitude: Real = column("Latitude", null=True, unit="degrees", source="location.latitude", ge=-90, le=90)
    longitude: Real = column("Longitude", null=True, unit="degrees", source="location.longitude", ge=-180, le=180)
    elevation_m: Real = column("Height above the sea", null=True, source="location.elevation")
    capacity: Whole = column("Seats", null=True, source="location.capacity", ge=0)
    is_grass: Flag = column("Whether the field is grass", null=True, source="location.grass")
    is_dome: Flag = column("Whether it has a roof", null=True, source="location.dome")
    fetched_at: Instant = column("Provider's clock when it was read")


class Venues(Table, domain="ncaa", key=("venue_id",)):
    """One row per venue as it is today; `games.venue_id` points here."""

    venue_id: Whole = column("Venue id", source="id")
    venue: Text = column("Venue", null=True, source="name")
    city: Text = column("City", null=True, source="city")
    state: Text = column("State", null=True, source="state")
    country: Text = column("Country code", null=True, source="countryCode")
    timezone: Text = column("Time zone", null=True, source="timezone")
    latitude: Real = column("Latitude", null=True, unit="degrees", source="latitude", ge=-90, le=90)
    longitude: Real = column("Longitude", null=True, unit="degrees", source="longitude", ge=-180, le=180)
    elevation_m: Real = column("Height above the sea", null=True, source="elevation")
    capacity: Whole = column("Seats", null=True, source="capacity", ge=0)
    year_built: Whole = column("Year it was built", null=True, source="constructionYear")
    is_grass: Flag = column("Whether the field is grass", null=True, source="grass")
    is_dome: Flag = column("Whether it has a roof", null=True, source="dome")
    fetched_at: Instant = column("Provider's clock when it was read")


class AdvancedStats(Table, domain="ncaa", key=("season", "team", "side"), by_season=True):
    """One row per season, team and side of the ball: play-by-play numbers of the whole season so far.

    `side` is `offense` (what the team did) or `defense` (what it let others do). The provider refits these numbers.
    """

    season: Whole = column("Season", source="season")
    team_id: Whole = column("Team id; null when the school's name is unknown", null=True)
    team: Text = column("School", source="team")
    conference: Text = column("Conference", null=True, source="conference")
    side: Text = column("offense or defense", isin=["offense", "defense"])
    plays: Whole = column("Plays", null=True, source="*.plays", known=LEAKS, ge=0)
    drives: Whole = column("Drives", null=True, source="*.drives", known=LEAKS, ge=0)
    ppa: Real = column("Predicted points added a play", null=True, source="*.ppa", known=LEAKS)
    total_ppa: Real = column("Predicted points added", null=True, source="*.totalPPA", known=LEAKS)
    success_rate: Real = column(
        "Share of successful plays", null=True, unit="0 to 1", source="*.successRate", known=LEAKS
    )
    explosiveness: Real = column(
        "Predicted points added a successful play", null=True, source="*.explosiveness", known=LEAKS
    )
    power_success: Real = column(
        "Share of short third and fourth downs converted by rushing",
        null=True,
        unit="0 to 1",
        source="*.powerSuccess",
        known=LEAKS,
    )
    stuff_rate: Real = column(
        "Share of rushes stopped at or behind the line", null=True, unit="0 to 1", source="*.stuffRate", known=LEAKS
    )
    line_yards: Real = column(
        "Rushing yards a rush credited to the line", null=True, unit="yards", source="*.lineYards", known=LEAKS
    )
    second_level_yards: Real = column(
        "Yards a rush 5 to 10 past the line", null=True, unit="yards", source="*.secondLevelYards", known=LEAKS
    )
    open_field_yards: Real = column(
        "Yards a rush more than 10 past the line", null=True, unit="yards", source="*.openFieldYards", known=LEAKS
    )
    opportunities: Whole = column(
        "Drives that came within 40 yards of the goal", null=True, source="*.totalOpportunies", known=LEAKS
    )
    points_per_opportunity: Real = column(
        "Points on such a drive", null=True, unit="points", source="*.pointsPerOpportunity", known=LEAKS
    )
    start_yards_to_goal: Real = column(
        "Mean start of a drive, yards to the goal",
        null=True,
        unit="yards",
        source="*.fieldPosition.averageStart",
        known=LEAKS,
    )
    start_predicted_points: Real = column(
        "Mean predicted points at the start of a drive",
        null=True,
        unit="points",
        source="*.fieldPosition.averagePredictedPoints",
        known=LEAKS,
    )
    havoc: Real = column(
        "Share of plays the defence disrupts", null=True, unit="0 to 1", source="*.havoc.total", known=LEAKS
    )
    front_seven_havoc: Real = column(
        "The same by its front seven", null=True, unit="0 to 1", source="*.havoc.frontSeven", known=LEAKS
    )
    db_havoc: Real = column("The same by its backs", null=True, unit="0 to 1", source="*.havoc.db", known=LEAKS)
    standard_downs_rate: Real = column(
        "Share of plays on standard downs", null=True, unit="0 to 1", source="*.standardDowns.rate", known=LEAKS
    )
    standard_downs_ppa: Real = column(
        "Predicted points added a play on them", null=True, source="*.standardDowns.ppa", known=LEAKS
    )
    standard_downs_success_rate: Real = column(
        "Share of them that succeeds", null=True, unit="0 to 1", source="*.standardDowns.successRate", known=LEAKS
    )
    standard_downs_explosiveness: Real = column(
        "Predicted points added a successful one", null=True, source="*.standardDowns.explosiveness", known=LEAKS
    )
    passing_downs_rate: Real = column(
        "Share of plays on passing downs", null=True, unit="0 to 1", source="*.passingDowns.rate", known=LEAKS
    )
    passing_downs_ppa: Real = column(
        "Predicted points added a play on them", null=True, source="*.passingDowns.ppa", known=LEAKS
    )
    passing_downs_success_rate: Real = column(
        "Share of them that succeeds", null=True, unit="0 to 1", source="*.passingDowns.successRate", known=LEAKS
    )
    passing_downs_explosiveness: Real = column(
        "Predicted points added a successful one", null=True, source="*.passingDowns.explosiveness", known=LEAKS
    )
    rushing_rate: Real = column(
        "Share of plays that are rushes", null=True, unit="0 to 1", source="*.rushingPlays.rate", known=LEAKS
    )
    rushing_ppa: Real = column("Predicted points added a rush", null=True, source="*.rushingPlays.ppa", known=LEAKS)
    rushing_success_rate: Real = column(
        "Share of rushes that succeeds", null=True, unit="0 to 1", source="*.rushingPlays.successRate", known=LEAKS
    )
    rushing_explosiveness: Real = column(
        "Predicted points added a successful rush", null=True, source="*.rushingPlays.explosiveness", known=LEAKS
    )
    passing_rate: Real = column(
        "Share of plays that are passes", null=True, unit="0 to 1", source="*.passingPlays.rate", known=LEAKS
    )
    passing_ppa: Real = column("Predicted points added a pass", null=True, source="*.passingPlays.ppa", known=LEAKS)
    passing_success_rate: Real = column(
        "Share of passes that succeeds", null=True, unit="0 to 1", source="*.passingPlays.successRate", known=LEAKS
    )
    passing_explosiveness: Real = column(
        "Predicted points added a successful pass", null=True, source="*.passingPlays.explosiveness", known=LEAKS
    )
    fetched_at: Instant = column("Provider's clock when it was read")


class PpaGames(Table, domain="ncaa", key=("game_id", "team"), by_season=True):
    """One row per completed game and FBS team: predicted points added a play. The provider refits these numbers."""

    game_id: Whole = column("Game id", source="gameId")
    season: Whole = column("Season", source="season")
    week: Whole = column("Week of its season type", source="week")
    season_type: Text = column("Season type", source="seasonType")
    team_id: Whole = column("Team id; null when the school's name is unknown", null=True)
    team: Text = column("School", source="team")
    opponent: Text = column("The other school", null=True, source="opponent")
    offense_ppa: Real = column("Of the offence, all plays", null=True, source="offense.overall", known=AFTER)
    offense_passing_ppa: Real = column("Of its passes", null=True, source="offense.passing", known=AFTER)
    offense_rushing_ppa: Real = column("Of its rushes", null=True, source="offense.rushing", known=AFTER)
    offense_first_down_ppa: Real = column("On first down", null=True, source="offense.firstDown", known=AFTER)
    offense_second_down_ppa: Real = column("On second down", null=True, source="offense.secondDown", known=AFTER)
    offense_third_down_ppa: Real = column("On third down", null=True, source="offense.thirdDown", known=AFTER)
    defense_ppa: Real = column("Let in by the defence, all plays", null=True, source="defense.overall", known=AFTER)
    defense_passing_ppa: Real = column("Let in on passes", null=True, source="defense.passing", known=AFTER)
    defense_rushing_ppa: Real = column("Let in on rushes", null=True, source="defense.rushing", known=AFTER)
    defense_first_down_ppa: Real = column("Let in on first down", null=True, source="defense.firstDown", known=AFTER)
    defense_second_down_ppa: Real = column("Let in on second down", null=True, source="defense.secondDown", known=AFTER)
    defense_third_down_ppa: Real = column("Let in on third down", null=True, source="defense.thirdDown", known=AFTER)
    fetched_at: Instant = column("Provider's clock when it was read")


class Ratings(Table, domain="ncaa", key=("season", "system", "team"), by_season=True):
    """One row per season, rating system and team: SP+ (`sp`), ESPN's FPI (`fpi`) and the simple rating (`srs`).

    All ratings are points against an average team. The parts differ: SP+ gives points scored and points let in (a low
    defence is a good one), FPI gives efficiencies from 0 to 100 (a high one is good), SRS none.
    """

    season: Whole = column("Season", source="year")
    system: Text = column("Rating system", isin=["sp", "fpi", "srs"])
    team_id: Whole = column("Team id; null when the school's name is unknown", null=True)
    team: Text = column("School", source="team")
    conference: Text = column("Conference", null=True, source="conference")
    rating: Real = column("Rating", null=True, unit="points", source="rating, fpi", known=LEAKS)
    ranking: Whole = column("Place by it", null=True, source="ranking, resumeRanks.fpi", known=LEAKS, ge=1)
    offense: Real = column("Part of the offence", null=True, source="offense.rating, efficiencies.offense", known=LEAKS)
    defense: Real = column("Part of the defence", null=True, source="defense.rating, efficiencies.defense", known=LEAKS)
    special_teams: Real = column(
        "Part of the special teams", null=True, source="specialTeams.rating, efficiencies.specialTeams", known=LEAKS
    )
    offense_ranking: Whole = column("Place of the offence; SP+", null=True, source="offense.ranking", known=LEAKS)
    defense_ranking: Whole = column("Place of the defence; SP+", null=True, source="defense.ranking", known=LEAKS)
    second_order_wins: Real = column(
        "Wins that the play deserved; SP+", null=True, source="secondOrderWins", known=LEAKS
    )
    strength_of_schedule: Real = column("Strength of the opponents; SP+", null=True, source="sos", known=LEAKS)
    schedule_ranking: Whole = column(
        "Place by strength of the opponents; FPI", null=True, source="resumeRanks.strengthOfSchedule", known=LEAKS
    )
    record_ranking: Whole = column(
        "Place by strength of record; FPI", null=True, source="resumeRanks.strengthOfRecord", known=LEAKS
    )
    fetched_at: Instant = column("Provider's clock when it was read")


class Rankings(Table, domain="ncaa", key=("season", "season_type", "week", "poll", "team_id"), by_season=True):
    """One row per poll, week and ranked team.

    A poll of week N of the regular season is made before its games, that of the postseason after the last game.
    """

    season: Whole = column("Season", source="season")
    season_type: Text = column("Season type", source="seasonType")
    week: Whole = column("Week it stands for; 1 of the regular season is the preseason poll", source="week")
    poll: Text = column("Poll, such as `AP Top 25`", source="polls.poll")
    is_final: Flag = column("Whether it is the last one of its season", null=True, source="polls.isFinal")
    rank: Whole = column("Place", null=True, source="polls.ranks.rank", known="when the poll is published", ge=1)
    team_id: Whole = column("Team id", source="polls.ranks.teamId")
    team: Text = column("School", source="polls.ranks.school")
    conference: Text = column("Conference", null=True, source="polls.ranks.conference")
    first_place_votes: Whole = column("Votes for the first place", null=True, source="polls.ranks.firstPlaceVotes")
    points: Whole = column("Points in the poll", null=True, source="polls.ranks.points")
    fetched_at: Instant = column("Provider's clock when it was read")


class Talent(Table, domain="ncaa", key=("season", "team"), by_season=True):
    """One row per season and team: the recruiting ratings of its roster put together."""

    season: Whole = column("Season", source="year")
    team_id: Whole = column("Team id; null when the school's name is unknown", null=True)
    team: Text = column("School", source="team")
    talent: Real = column("Talent of the roster", null=True, source="talent", known=PRESEASON)
    fetched_at: Instant = column("Provider's clock when it was read")


class Recruiting(Table, domain="ncaa", key=("season", "team"), by_season=True):
    """One row per season and team: the rating of the class that joined for this season."""

    season: Whole = column("Season", source="year")
    team_id: Whole = column("Team id; null when the school's name is unknown", null=True)
    team: Text = column("School", source="team")
    rank: Whole = column("Place of the class", null=True, source="rank", known=PRESEASON, ge=1)
    points: Real = column("Rating of the class", null=True, source="points", known=PRESEASON)
    fetched_at: Instant = column("Provider's clock when it was read")


class ReturningProduction(Table, domain="ncaa", key=("season", "team"), by_season=True):
    """One row per season and team: how much of last season's production the returning players had."""

    season: Whole = column("Season", source="season")
    team_id: Whole = column("Team id; null when the school's name is unknown", null=True)
    team: Text = column("School", source="team")
    conference: Text = column("Conference", null=True, source="conference")
    ppa_total: Real = column("Predicted points added that return", null=True, source="totalPPA", known=PRESEASON)
    passing_ppa_total: Real = column("Of passing", null=True, source="totalPassingPPA", known=PRESEASON)
    receiving_ppa_total: Real = column("Of receiving", null=True, source="totalReceivingPPA", known=PRESEASON)
    rushing_ppa_total: Real = column("Of rushing", null=True, source="totalRushingPPA", known=PRESEASON)
    ppa_share: Real = column("Share that returns", null=True, unit="0 to 1", source="percentPPA", known=PRESEASON)
    passing_ppa_share: Real = column(
        "Of passing", null=True, unit="0 to 1", source="percentPassingPPA", known=PRESEASON
    )
    receiving_ppa_share: Real = column(
        "Of receiving", null=True, unit="0 to 1", source="percentReceivingPPA", known=PRESEASON
    )
    rushing_ppa_share: Real = column(
        "Of rushing", null=True, unit="0 to 1", source="percentRushingPPA", known=PRESEASON
    )
    usage_share: Real = column("Share of plays that returns", null=True, unit="0 to 1", source="usage", known=PRESEASON)
    passing_usage_share: Real = column("Of passes", null=True, unit="0 to 1", source="passingUsage", known=PRESEASON)
    receiving_usage_share: Real = column(
        "Of catches", null=True, unit="0 to 1", source="receivingUsage", known=PRESEASON
    )
    rushing_usage_share: Real = column("Of rushes", null=True, unit="0 to 1", source="rushingUsage", known=PRESEASON)
    fetched_at: Instant = column("Provider's clock when it was read")


class Weather(Table, domain="ncaa", key=("game_id",), by_season=True):
    """One row per game: the weather at kickoff, a forecast until then. Empty unless the provider's plan includes it.

    Precipitation, snowfall and pressure are as sent: the provider does not document their units.
    """

    game_id: Whole = column("Game id", source="id")
    season: Whole = column("Season", source="season")
    is_indoors: Flag = column("Whether the game is played under a roof", null=True, source="gameIndoors")
    temperature_f: Real = column("Temperature", null=True, source="temperature", known="up to kickoff")
    dew_point_f: Real = column("Dew point", null=True, source="dewPoint", known="up to kickoff")
    humidity_pct: Real = column("Relative humidity", null=True, source="humidity", known="up to kickoff")
    precipitation: Real = column("Rain, as sent", null=True, source="precipitation", known="up to kickoff")
    snowfall: Real = column("Snow, as sent", null=True, source="snowfall", known="up to kickoff")
    wind_direction_degrees: Real = column(
        "Where the wind comes from", null=True, source="windDirection", known="up to kickoff"
    )
    wind_speed_mph: Real = column("Speed of the wind", null=True, source="windSpeed", known="up to kickoff")
    pressure: Real = column("Air pressure, as sent", null=True, source="pressure", known="up to kickoff")
    condition: Text = column("In words", null=True, source="weatherCondition", known="up to kickoff")
    fetched_at: Instant = column("Provider's clock when it was read")


class ScoreCorrections(Table, domain="ncaa", key=("game_id", "field", "seen_at"), by_season=True):
    """One row per score that the provider changed after the game was over."""

    game_id: Whole = column("Game id")
    season: Whole = column("Season")
    home_team: Text = column("Home side")
    away_team: Text = column("Away side")
    field: Text = column("Whose points: `home_points` or `away_points`", isin=["home_points", "away_points"])
    old: Whole = column("Points as they were", unit="points")
    new: Whole = column("Points as they are; null when the provider took them back", null=True, unit="points")
    seen_at: Instant = column("Provider's clock when the change was first seen")
