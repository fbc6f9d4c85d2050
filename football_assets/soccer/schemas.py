"""The soccer tables. Columns that several tables share are declared once, in the classes that come first."""

from typing import Any

import pandera.pandas as pan

from football_assets.soccer.codes import COMPANY, EVENT
from football_assets.soccer.markets import price_columns, quoted_columns, with_columns
from football_assets.tables import Flag, Instant, Real, Table, Text, Whole, column

STATES = ("live", "cached", "stale", "missing")
ID = r"^[0-9a-z]+$"
LIVE, RECENT, TEAM, COMPETITION = (
    "match/detail_live",
    "match/recent/list",
    "team/additional/list",
    "competition/additional/list",
)
MARKET_NAMES = ("moneyline", "handicap", "total", "corners")
CORRECTION_KINDS = ("status went back", "score fell", "incident vanished", "incident changed", "duplicate goal")
GOALS: dict[str, Any] = {"null": True, "ge": 0, "le": 99}
CHANCE: dict[str, Any] = {"null": True, "ge": 0, "le": 1}
EDGE: dict[str, Any] = {"null": True, "ge": -1, "le": 1}
PREDICTED, NO_MODEL = "predicted", "no model"


class Columns(pan.DataFrameModel):
    """Base of the shared columns."""

    class Config:
        """As every table."""

        strict = True
        coerce = False


class MatchId(Columns):
    """What every table about matches begins with."""

    match_id: Text = column("Match id, as TheSports assigns it", source=f"{LIVE} id", str_matches=ID)


class ScoreColumns(Columns):
    """Where a match stands."""

    status_id: Whole = column("Status code", null=True, source=f"{LIVE} score[1]", ge=0)
    status: Text = column("Status; `unknown (37)` for a code in no table of the provider", null=True)
    minute: Whole = column("Match minute; stays 45, 90 or 120 in stoppage time", null=True, ge=1, le=120)
    minute_text: Text = column("Match minute as shown: `37`, `45+`, `HT`", null=True)
    home_score: Whole = column("Home goals as shown: extra time included, shoot-out not", source="slots 0, 5", **GOALS)
    away_score: Whole = column("Away goals as shown: extra time included, shoot-out not", source="slots 0, 5", **GOALS)
    home_score_regular: Whole = column("Home goals in regular time", source=f"{LIVE} score[2][0]", **GOALS)
    away_score_regular: Whole = column("Away goals in regular time", source=f"{LIVE} score[3][0]", **GOALS)
    home_score_half_time: Whole = column("Home goals at the break; null before", source=f"{LIVE} score[2][1]", **GOALS)
    away_score_half_time: Whole = column("Away goals at the break; null before", source=f"{LIVE} score[3][1]", **GOALS)
    home_score_extra_time: Whole = column(
        "Home goals after extra time, regular time included; null unless played", source=f"{LIVE} score[2][5]", **GOALS
    )
    away_score_extra_time: Whole = column(
        "Away goals after extra time, regular time included; null unless played", source=f"{LIVE} score[3][5]", **GOALS
    )
    home_score_penalties: Whole = column(
        "Home goals in the shoot-out; null unless there is one", source=f"{LIVE} score[2][6]", **GOALS
    )
    away_score_penalties: Whole = column(
        "Away goals in the shoot-out; null unless there is one", source=f"{LIVE} score[3][6]", **GOALS
    )
    home_red_cards: Whole = column("Red cards of the home side", source=f"{LIVE} score[2][2]", **GOALS)
    away_red_cards: Whole = column("Red cards of the away side", source=f"{LIVE} score[3][2]", **GOALS)
    home_yellow_cards: Whole = column("Yellow cards of the home side", source=f"{LIVE} score[2][3]", **GOALS)
    away_yellow_cards: Whole = column("Yellow cards of the away side", source=f"{LIVE} score[3][3]", **GOALS)
    home_corners: Whole = column("Corners of the home side; null without data", source=f"{LIVE} score[2][4]", **GOALS)
    away_corners: Whole = column("Corners of the away side; null without data", source=f"{LIVE} score[3][4]", **GOALS)
    period_started_at: Instant = column("Kick-off of the running period", null=True, source=f"{LIVE} score[4]")
    incidents: Whole = column("How many incidents are listed", source=f"{LIVE} incidents", ge=0)
    stats: Whole = column("How many statistics are listed; 0 means scores only", source=f"{LIVE} stats", ge=0)
    live_gap: Text = column("What of the live list's row could not be read", null=True)
    fetched_at: Instant = column("The provider's clock when it gave the live list", source="Date header")


class MatchColumns(Columns):
    """Who plays whom, where and when."""

    competition_id: Text = column("Competition id", null=True, source=f"{RECENT} competition_id")
    competition: Text = column("Competition", null=True, source=f"{COMPETITION} name")
    competition_short: Text = column("Short name of the competition", null=True, source=f"{COMPETITION} short_name")
    competition_type: Text = column("league, cup or friendly", null=True, source=f"{COMPETITION} type")
    competition_logo_url: Text = column("Logo of the competition", null=True, source=f"{COMPETITION} logo")
    country_id: Text = column("Country of the competition", null=True, source=f"{COMPETITION} country_id")
    country: Text = column("Country of the competition; null for international ones", null=True)
    home_team_id: Text = column("Home team id", null=True, source=f"{RECENT} home_team_id")
    home_team: Text = column("Home team", null=True, source=f"{TEAM} name")
    home_team_short: Text = column("Short name of the home team", null=True, source=f"{TEAM} short_name")
    home_logo_url: Text = column("Logo of the home team", null=True, source=f"{TEAM} logo")
    home_country_id: Text = column("Country id of the home team", null=True, source=f"{TEAM} country_id")
    home_country: Text = column("Country of the home team", null=True, source="country/list name")
    home_table_position: Text = column("Table rank of the home team", null=True, source=f"{RECENT} home_position")
    away_team_id: Text = column("Away team id", null=True, source=f"{RECENT} away_team_id")
    away_team: Text = column("Away team", null=True, source=f"{TEAM} name")
    away_team_short: Text = column("Short name of the away team", null=True, source=f"{TEAM} short_name")
    away_logo_url: Text = column("Logo of the away team", null=True, source=f"{TEAM} logo")
    away_country_id: Text = column("Country id of the away team", null=True, source=f"{TEAM} country_id")
    away_country: Text = column("Country of the away team", null=True, source="country/list name")
    away_table_position: Text = column("Table rank of the away team", null=True, source=f"{RECENT} away_position")
    kickoff_at: Instant = column("Scheduled kickoff", null=True, source=f"{RECENT} match_time")
    ended_at: Instant = column("When the match ended", null=True, source=f"{RECENT} ended")
    season_id: Text = column("Season id", null=True, source=f"{RECENT} season_id")
    stage_id: Text = column("Stage id", null=True, source=f"{RECENT} round.stage_id")
    round_number: Whole = column("Round", null=True, source=f"{RECENT} round.round_num", ge=1)
    group_number: Whole = column("Group, 1 is A", null=True, source=f"{RECENT} round.group_num", ge=1)
    venue_id: Text = column("Venue id", null=True, source=f"{RECENT} venue_id")
    referee_id: Text = column("Referee id", null=True, source=f"{RECENT} referee_id")
    is_neutral_ground: Flag = column("Whether it is neutral ground", null=True, source=f"{RECENT} neutral")
    other_leg_match_id: Text = column("The other leg of the tie", null=True, source=f"{RECENT} related_id")
    home_aggregate_score: Whole = column(
        "Home goals over both legs; may lag behind the running leg", null=True, source=f"{RECENT} agg_score[0]"
    )
    away_aggregate_score: Whole = column(
        "Away goals over both legs; may lag behind the running leg", null=True, source=f"{RECENT} agg_score[1]"
    )
    has_extra_time_or_penalties: Flag = column("Extra time or a shoot-out", null=True, source=f"{RECENT} has_ot")
    is_kickoff_undecided: Flag = column("Whether the kickoff is not fixed", null=True, source=f"{RECENT} tbd")
    are_sides_swapped: Flag = column("Sides swapped against the official site", null=True, source="team_reverse")
    is_forfeit: Flag = column("Whether it was decided by forfeit", null=True, source=f"{RECENT} loss")
    note: Text = column("The provider's remark", null=True, source=f"{RECENT} note")
    detail_status_id: Whole = column("Status by the schedule row; may lag the live list", null=True, source="status_id")
    updated_at: Instant = column("When the schedule row was changed last", null=True, source=f"{RECENT} updated_at")


class WeatherColumns(Columns):
    """The weather at the ground, raw and converted."""

    weather_code: Whole = column("Weather code", null=True, source=f"{RECENT} environment.weather")
    weather: Text = column("Weather", null=True)
    temperature_text: Text = column("Temperature as sent", null=True, source=f"{RECENT} environment.temperature")
    temperature_c: Real = column("Temperature", null=True, unit="°C", ge=-60, le=60)
    temperature_f: Real = column("Temperature", null=True, unit="°F", ge=-76, le=140)
    wind_text: Text = column("Wind as sent", null=True, source=f"{RECENT} environment.wind")
    wind_m_s: Real = column("Wind speed", null=True, unit="m/s", ge=0, le=120)
    wind_mph: Real = column("Wind speed", null=True, unit="mph", ge=0, le=270)
    pressure_text: Text = column("Air pressure as sent", null=True, source=f"{RECENT} environment.pressure")
    pressure_mmhg: Real = column("Air pressure", null=True, unit="mmHg", ge=300, le=900)
    humidity_text: Text = column("Humidity as sent", null=True, source=f"{RECENT} environment.humidity")
    humidity_pct: Real = column("Relative humidity", null=True, unit="%", ge=0, le=100)


class StateColumns(Columns):
    """How fresh each part of a match is, and why where it is not."""

    detail_state: Text = column("State of the detail (who, where, when, weather)", isin=STATES)
    detail_age_s: Real = column("Age of the detail", null=True, ge=0)
    detail_gap: Text = column("Why the detail is stale or missing", null=True)
    odds_state: Text = column("State of the odds; live without a bookmaker: none quotes the match", isin=STATES)
    odds_age_s: Real = column("Age of the odds", null=True, ge=0)
    odds_gap: Text = column("Why the odds are stale or missing", null=True)
    names_state: Text = column("State of the names: the worst of teams, competition and countries", isin=STATES)
    names_age_s: Real = column("Age of the oldest name", null=True, ge=0)
    names_gap: Text = column("Why a name is stale or missing", null=True)


class BookmakerColumns(Columns):
    """Whose prices a match's are: one bookmaker for all markets, the first preferred one that quotes it."""

    odds_company_id: Whole = column("Bookmaker id", null=True, source="odds/history key", isin=tuple(COMPANY))
    odds_company: Text = column("Bookmaker whose prices these are", null=True)
    odds_companies: Whole = column("How many bookmakers quote the match", null=True, ge=0)
    odds_quotes: Whole = column("How many quotes all bookmakers gave so far", null=True, ge=0)


@with_columns(quoted_columns())
class QuotedColumns(Columns):
    """The quotes a match's prices come from, as provided."""


@with_columns(price_columns())
class PriceColumns(Columns):
    """Prices in each form, and what state each market is in."""


class ChanceColumns(Columns):
    """The result after 90 minutes as the match stands, by the model and by the bookmaker."""

    p_home: Real = column("Chance that the home side has won after 90 minutes, by the model", **CHANCE)
    p_draw: Real = column("Chance of a draw after 90 minutes, by the model", **CHANCE)
    p_away: Real = column("Chance that the away side has won after 90 minutes, by the model", **CHANCE)
    p_over: Real = column("Chance of more than 2.5 goals in 90 minutes, by the model", **CHANCE)
    market_p_home: Real = column("The bookmaker's chance of a home win, margin removed", **CHANCE)
    market_p_draw: Real = column("The bookmaker's chance of a draw, margin removed", **CHANCE)
    market_p_away: Real = column("The bookmaker's chance of an away win, margin removed", **CHANCE)
    edge_home: Real = column("p_home less market_p_home", **EDGE)
    edge_draw: Real = column("p_draw less market_p_draw", **EDGE)
    edge_away: Real = column("p_away less market_p_away", **EDGE)


class LiveMatches(ScoreColumns, MatchId, Table, domain="soccer", key=("match_id",)):
    """One row a match of the live list: everything with activity in the last two hours."""

    class Config(Table.Config):
        """Exactly these columns."""


class Incidents(Table, domain="soccer", key=("match_id", "seq")):
    """One row an event of a live match: goals, cards, substitutions, video reviews, shoot-out kicks."""

    match_id: Text = column("Match id", source=f"{LIVE} id", str_matches=ID)
    seq: Whole = column("Place in the provider's list, which is complete each time and may lose cancelled events", ge=0)
    type_id: Whole = column("Event code", source=f"{LIVE} incidents[].type", ge=0)
    type: Text = column("Event; an own goal stands with the side that profits")
    side: Text = column("home, away or neutral", null=True, source=f"{LIVE} incidents[].position")
    minute: Whole = column("Match minute; counts on in second-half stoppage", null=True, source="time", ge=0, le=200)
    second: Whole = column("Second of the event", null=True, source="second")
    added_minutes: Whole = column("Minutes into, or announced for, stoppage time", null=True, source="add_time")
    player_id: Text = column("Scorer, booked or reviewed player id", null=True, source="player_id")
    player: Text = column("Scorer, booked or reviewed player", null=True, source="player_name")
    assist_id: Text = column("Assisting player id", null=True, source="assist1_id")
    assist: Text = column("Assisting player", null=True, source="assist1_name")
    player_in_id: Text = column("Id of the player coming on", null=True, source="in_player_id")
    player_in: Text = column("Player coming on", null=True, source="in_player_name")
    player_out_id: Text = column("Id of the player going off", null=True, source="out_player_id")
    player_out: Text = column("Player going off", null=True, source="out_player_name")
    home_score: Whole = column("Home goals after a goal", source="home_score", **GOALS)
    away_score: Whole = column("Away goals after a goal", source="away_score", **GOALS)
    home_score_penalties: Whole = column("Home goals in the shoot-out after a kick", source="home_score", **GOALS)
    away_score_penalties: Whole = column("Away goals in the shoot-out after a kick", source="away_score", **GOALS)
    reason_id: Whole = column("Reason code of a card or substitution", null=True, source="reason_type")
    reason: Text = column("Reason of a card or substitution", null=True)
    var_reason_id: Whole = column("Code of what was reviewed", null=True, source="var_reason")
    var_reason: Text = column("What was reviewed", null=True)
    var_result_id: Whole = column("Code of the review's result", null=True, source="var_result")
    var_result: Text = column("The review's result", null=True)
    fetched_at: Instant = column("The provider's clock when it gave the live list", source="Date header")


class MatchStats(Table, domain="soccer", key=("match_id", "stat_type")):
    """One row a statistic of a live match: running totals of both sides."""

    match_id: Text = column("Match id", source=f"{LIVE} id", str_matches=ID)
    stat_type: Whole = column("Statistic code", source=f"{LIVE} stats[].type", ge=0)
    stat: Text = column(f"Statistic, such as {EVENT[24]}; possession is in percent")
    home: Whole = column("Home total", null=True, source=f"{LIVE} stats[].home", ge=0)
    away: Whole = column("Away total", null=True, source=f"{LIVE} stats[].away", ge=0)
    fetched_at: Instant = column("The provider's clock when it gave the live list", source="Date header")


class EnrichedMatches(
    QuotedColumns,
    BookmakerColumns,
    StateColumns,
    WeatherColumns,
    MatchColumns,
    MatchId,
    Table,
    domain="soccer",
    key=("match_id",),
):
    """One row a live match: who, where and when, the weather, and the quotes its prices come from, as provided."""

    detail_fetched_at: Instant = column("The provider's clock when it gave the detail", null=True, source="Date header")
    odds_fetched_at: Instant = column("The provider's clock when it gave the odds", null=True, source="Date header")
    fetched_at: Instant = column("The provider's clock when it gave the live list", source="Date header")

    class Config(Table.Config):
        """Exactly these columns."""


class OddsQuotes(Table, domain="soccer", key=("match_id", "company_id", "market", "seq"), published=False):
    """One row a quote: every price of every bookmaker on the live matches so far, as the provider gave it."""

    match_id: Text = column("Match id", source="odds/history uuid", str_matches=ID)
    company_id: Whole = column("Bookmaker id", source="odds/history key")
    company: Text = column("Bookmaker")
    market: Text = column("moneyline (eu), handicap (asia), total (bs) or corners (cr)", isin=MARKET_NAMES)
    seq: Whole = column("Place in the market's history, 0 is the newest", ge=0)
    quoted_at: Instant = column("When it was quoted", source="odds/history [0]")
    minute_text: Text = column("Match minute: null before kickoff, `45+`, `midfield` at half-time", null=True)
    line: Real = column("Handicap (positive: the home side gives the start) or total", null=True)
    home_price: Real = column("Price of home or over: decimal in moneyline, else Hong Kong", null=True, gt=0)
    draw_price: Real = column("Decimal price of the draw", null=True, gt=0)
    away_price: Real = column("Price of away or under: decimal in moneyline, else Hong Kong", null=True, gt=0)
    status_id: Whole = column("Match status at that moment", source="odds/history [5]")
    sealed: Flag = column("Suspended: no bets taken", source="odds/history [6]")
    score_text: Text = column("Score at that moment; corners in the corner market", null=True)


class FlattenedMatches(
    PriceColumns,
    BookmakerColumns,
    StateColumns,
    WeatherColumns,
    MatchColumns,
    ScoreColumns,
    MatchId,
    Table,
    domain="soccer",
    key=("match_id",),
):
    """One row a live match, everything about it: score, minute, teams, weather, prices in each form, states."""

    home_spread: Real = column("Goals added to the home side to settle the handicap: negative when it gives", null=True)
    is_in_play: Flag = column("Whether it is being played, half-time and shoot-out included", null=True)

    class Config(Table.Config):
        """Exactly these columns."""


class MatchBoard(ChanceColumns, StateColumns, ScoreColumns, MatchId, Table, domain="soccer", key=("match_id",)):
    """One row a match in play, or of a status nobody knows, by competition, status, kickoff."""

    position: Whole = column("Place on the board, 1 is the first", ge=1, unique=True)
    competition_id: Text = column("Competition id", null=True)
    competition: Text = column("Competition", null=True)
    country: Text = column("Country of the competition", null=True)
    home_team_id: Text = column("Home team id", null=True)
    home_team: Text = column("Home team", null=True)
    away_team_id: Text = column("Away team id", null=True)
    away_team: Text = column("Away team", null=True)
    kickoff_at: Instant = column("Scheduled kickoff", null=True)
    odds_company: Text = column("Bookmaker whose prices these are", null=True)
    moneyline_state: Text = column("1X2: open, suspended or closed; null when not quoted", null=True)
    moneyline_at_other_score: Flag = column("1X2: whether it was quoted at another score than the one shown", null=True)
    moneyline_home_decimal: Real = column("1X2: decimal price of home", null=True, gt=1)
    moneyline_draw_decimal: Real = column("1X2: decimal price of the draw", null=True, gt=1)
    moneyline_away_decimal: Real = column("1X2: decimal price of away", null=True, gt=1)
    moneyline_home_american: Whole = column("1X2: American price of home", null=True)
    moneyline_draw_american: Whole = column("1X2: American price of the draw", null=True)
    moneyline_away_american: Whole = column("1X2: American price of away", null=True)
    handicap_state: Text = column("Handicap: open, suspended or closed; null when not quoted", null=True)
    handicap_at_other_score: Flag = column("Handicap: quoted at another score than the one shown", null=True)
    home_spread: Real = column("Goals added to the home side to settle the handicap: negative when it gives", null=True)
    handicap_home_decimal: Real = column("Handicap: decimal price of home", null=True, gt=1)
    handicap_away_decimal: Real = column("Handicap: decimal price of away", null=True, gt=1)
    handicap_home_american: Whole = column("Handicap: American price of home", null=True)
    handicap_away_american: Whole = column("Handicap: American price of away", null=True)
    total_state: Text = column("Goals: open, suspended or closed; null when not quoted", null=True)
    total_at_other_score: Flag = column("Goals: quoted at another score than the one shown", null=True)
    total_line: Real = column("Goals: the line for the whole match, those already scored included", null=True)
    total_over_decimal: Real = column("Goals: decimal price of over", null=True, gt=1)
    total_under_decimal: Real = column("Goals: decimal price of under", null=True, gt=1)
    total_over_american: Whole = column("Goals: American price of over", null=True)
    total_under_american: Whole = column("Goals: American price of under", null=True)
    weather: Text = column("Weather", null=True)
    temperature_c: Real = column("Temperature", null=True, unit="°C")
    temperature_f: Real = column("Temperature", null=True, unit="°F")
    wind_m_s: Real = column("Wind speed", null=True, unit="m/s")
    wind_mph: Real = column("Wind speed", null=True, unit="mph")
    model_state: Text = column(
        "predicted or no model; null where no prediction is kept", null=True, isin=(PREDICTED, NO_MODEL)
    )
    model_reason: Text = column("Why there is no model, or why it has no chances as the match stands", null=True)

    class Config(Table.Config):
        """Exactly these columns."""


class Corrections(Table, domain="soccer", key=("match_id", "kind", "observed_at", "seq")):
    """One row something the provider took back of a live match, with what it had said before."""

    match_id: Text = column("Match id", str_matches=ID)
    kind: Text = column("What was taken back", isin=CORRECTION_KINDS)
    observed_at: Instant = column("The provider's clock of the first cycle that shows it")
    seq: Whole = column("Number among corrections of the same match, kind and instant", ge=0)
    previous_at: Instant = column("The provider's clock of the cycle before, which said otherwise")
    subject: Text = column("What it concerns: status, a score, a goal, an incident by its name")
    before: Text = column("What was said before")
    after: Text = column("What is said now; null for an incident that vanished", null=True)
    home_team: Text = column("Home team", null=True)
    away_team: Text = column("Away team", null=True)


class MatchSummary(Table, domain="soccer", key=("grouping", "name")):
    """One row a count of live matches: all of them, and by status, competition and weather."""

    grouping: Text = column("all, status, competition or weather", isin=("all", "status", "competition", "weather"))
    name: Text = column("Which status, competition id or weather; `all` for the whole")
    label: Text = column("The same for people: competition with its country", null=True)
    matches: Whole = column("Live matches", ge=0)
    in_play: Whole = column("Of them being played, half-time and shoot-out included", ge=0)
    with_names: Whole = column("Of them with both teams and competition named", ge=0)
    with_odds: Whole = column("Of them quoted by a preferred bookmaker", ge=0)
    with_environment: Whole = column("Of them with weather", ge=0)
    with_stats: Whole = column("Of them with statistics", ge=0)
    suspended: Whole = column("Of them with the 1X2 market suspended", ge=0)
    not_live: Whole = column("Of them with a stale or missing part", ge=0)
    goals: Whole = column("Goals as shown, where known", ge=0)
    gaps: Text = column("What could not be read, by part and reason, on the row of the whole; null: nothing", null=True)
    with_odds_pct: Real = column("Share quoted by a preferred bookmaker", null=True, ge=0, le=100)
    with_environment_pct: Real = column("Share with weather", null=True, ge=0, le=100)
    fetched_at: Instant = column("The provider's clock when it gave the live list", null=True)
