"""What the coming games and the rest of the season may bring: players, power ratings, the outlook."""

from football_assets.tables import Flag, Instant, Real, Table, Text, Whole, column

PROJECTED, INSUFFICIENT = "projected", "insufficient_data"


class PlayerProjections(Table, domain="ncaa", key=("game_id", "player_id", "stat_type")):
    """One row per coming game, player and stat: a distribution that holds if he takes part, or why there is none."""

    game_id: Whole = column("Game id")
    player_id: Text = column("Player id")
    stat_type: Text = column("What is projected, such as rushing_yards")
    season: Whole = column("Season")
    week: Whole = column("Week of its season type")
    kickoff_at: Instant = column("Kickoff")
    player: Text = column("Player")
    team_id: Whole = column("Team id of his side")
    team: Text = column("His side")
    opponent_id: Whole = column("Team id of the other side")
    state: Text = column("`projected`, or `insufficient_data` with the reason", isin=[PROJECTED, INSUFFICIENT])
    reason: Text = column("Why there is no projection", null=True)
    mean: Real = column("Expected value", null=True)
    sd: Real = column("Standard deviation", null=True, ge=0)
    p10: Real = column("Value not exceeded in 10 of 100 cases", null=True)
    p25: Real = column("Value not exceeded in 25 of 100 cases", null=True)
    p50: Real = column("Value not exceeded in 50 of 100 cases", null=True)
    p75: Real = column("Value not exceeded in 75 of 100 cases", null=True)
    p90: Real = column("Value not exceeded in 90 of 100 cases", null=True)
    line: Real = column("Median of his earlier games, at a half point", null=True)
    p_over: Real = column("Chance of more than the line", null=True, ge=0, le=1)
    p_under: Real = column("Chance of less than the line", null=True, ge=0, le=1)
    n_games: Whole = column("Earlier games of the player in which the stat is known", ge=0)
    n_learned: Whole = column("Player-games of earlier seasons that the model learned from", null=True, ge=0)
    learned_through: Whole = column("Last season that the model learned from", null=True)
    distribution: Text = column(
        "The whole distribution as JSON: chances of 0, 1, 2 ... steps, or equally likely points", null=True
    )


class PlayerModels(Table, domain="ncaa", key=("stat_type",)):
    """One row per stat whose model projects the players of the newest season; all lie in one file."""

    stat_type: Text = column("What is projected")
    season: Whole = column("Season that it projects")
    learned_from: Whole = column("First season that it learned from")
    learned_through: Whole = column("Last season that it learned from; before the one it projects")
    n_rows: Whole = column("Player-games that it learned from", ge=1)
    features: Text = column("Names of its inputs as a JSON list")
    unseen_miss: Real = column("Mean miss of the expected value in seasons that its trees had not learned from", ge=0)
    made_of: Text = column("Digest of the earlier seasons and of the code")
    code_version: Text = column("Digest of the sources and libraries that made it")
    file: Text = column("Model file, relative to the folder of its world")
    sha256: Text = column("Digest of the file", str_matches="^[0-9a-f]{64}$")


class PowerRatings(Table, domain="ncaa", key=("season", "team_id")):
    """One row per FBS team of the newest season, the strongest first: points better than an average FBS team."""

    season: Whole = column("Season")
    team_id: Whole = column("Team id")
    team: Text = column("School")
    conference: Text = column("Conference that season", null=True)
    rank: Whole = column("Rank by rating, 1 is the strongest; teams rated alike share one", ge=1)
    is_top_25: Flag = column(
        "Whether it is among the 25 best by rating; null where ratings that are alike leave it open", null=True
    )
    rating: Real = column("Points better than an average FBS team on neutral ground", unit="points")
    sd: Real = column("Standard deviation of the rating", unit="points", ge=0)
    low: Real = column("Lower end of the interval that holds the truth in 90 of 100 cases", unit="points")
    high: Real = column("Upper end of the interval that holds the truth in 90 of 100 cases", unit="points")
    offense: Real = column("Points scored above average", unit="points")
    defense: Real = column("Points held below average", unit="points")
    games: Whole = column("Games of the season that are over", ge=0)
    as_of: Instant = column("Kickoff of the last result that was counted", null=True)


class SeasonOutlook(Table, domain="ncaa", key=("season", "team_id")):
    """One row per FBS team of the newest season: how it may end, out of 10,000 simulations of the open games."""

    season: Whole = column("Season")
    team_id: Whole = column("Team id")
    team: Text = column("School")
    conference: Text = column("Conference that season", null=True)
    expected_wins: Real = column("Games won at the end, mean", ge=0)
    expected_losses: Real = column("Games lost at the end, mean", ge=0)
    wins_p10: Real = column("Games won at the end: not exceeded in 10 of 100 seasons", ge=0)
    wins_p90: Real = column("Games won at the end: not exceeded in 90 of 100 seasons", ge=0)
    open_games: Whole = column("Listed games still to be played", ge=0)
    p_ranked: Real = column("Probability of finishing in the top 25", ge=0, le=1)
    p_title: Real = column(
        "Probability of the conference title; null for a team that plays for none", null=True, ge=0, le=1
    )
    simulations: Whole = column("Seasons simulated", ge=1)
    as_of: Instant = column("Kickoff of the last result that was counted", null=True)
