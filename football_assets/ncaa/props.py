"""Player props: what a bet on more or less than a line is worth, with everything that the answer rests on.

Nothing is said that cannot be told from its evidence: each number names the rows it was made of.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from football_assets.figures import rounded
from football_assets.ncaa.player_forecasts import Chances, Forecast
from football_assets.ncaa.prices import DE_VIG, Market, american_price, market

FEWEST_GAMES = 4
WINDOWS: Mapping[str, int] = {"last_5": 5, "last_10": 10}
ALL_GAMES = "all_games"
KELLY_SHARE = 0.25
KELLY_CAP = 0.02
# Ends of the interval of the expected value: 90 of 100.
Z90 = 1.6448536269514722
# Fewer graded projections than this say nothing of how often a chance comes true.
FEWEST_GRADED = 50

Side = Literal["over", "under"]
Recommendation = Literal["over", "under", "no_bet", "insufficient_data"]


@dataclass(frozen=True)
class Outing:
    """One earlier game of a player: the value of the stat, None where the box score lacks it."""

    game_id: int
    season: int
    kickoff_at: str
    opponent_id: int
    opponent: str | None
    value: float | None


@dataclass(frozen=True)
class Bucket:
    """How often projections that said about the same came true: `observed` of `graded`, said `said` on average."""

    low: float
    high: float
    graded: int
    said: float
    observed: float

    def margin(self) -> float:
        """How far the true chance may lie from what is said: what was off so far, and what chance alone can hide."""
        spread = math.sqrt(max(self.observed * (1 - self.observed), 1e-9) / self.graded)
        return abs(self.observed - self.said) + Z90 * spread


@dataclass(frozen=True)
class Question:
    """One prop. `outings` are all earlier games, the newest first; `forecast` None when there is none, with why."""

    prop_id: str
    stat_type: str
    line: float
    outings: Sequence[Outing]
    season: int
    opponent_id: int
    forecast: Forecast | None
    no_forecast: str | None = None
    over_decimal: float | None = None
    under_decimal: float | None = None
    over_bucket: Bucket | None = None
    under_bucket: Bucket | None = None


@dataclass
class Evidence:
    """Rows behind a sentence, under the name that the sentence gives."""

    kind: str
    rows: list[dict[str, Any]]
    about: dict[str, Any] = field(default_factory=dict)


@dataclass
class Sentence:
    """One reason: words with a value, how many it rests on, over which games, and the name of its evidence."""

    text: str
    value: float | None
    n: int
    window: str
    evidence: str


@dataclass
class Analysis:
    """The answer to a question. `evidence` is by name; sentences refer to it."""

    prop_id: str
    recommendation: Recommendation
    body: dict[str, Any]
    sentences: list[Sentence]
    evidence: dict[str, Evidence]


def analyze(asked: Question) -> Analysis:
    """What a bet on the line is worth. Raises ValueError when the prices cannot be a bookmaker's."""
    known = [each for each in asked.outings if each.value is not None]
    windows = _windows(asked, known)
    rates = {name: hit_rate(games, asked.line) for name, games in windows.items()}
    evidence = {name: _games(name, games, asked) for name, games in {**windows, ALL_GAMES: known}.items()}
    sentences = [_hits(name, rates[name], asked) for name in windows if rates[name]["n"]]
    quoted = _quoted(asked)
    body: dict[str, Any] = {
        "stat_type": asked.stat_type,
        "line": asked.line,
        "n_games": len(known),
        "p_over": None,
        "p_under": None,
        "p_push": None,
        "projection": None,
        "hit_rates": rates,
        "market": None if quoted is None else _market(quoted),
        "over": None,
        "under": None,
        "confidence": None,
    }
    if quoted is not None:
        evidence["market"] = Evidence("market", [_market(quoted)])
        sentences.append(_fair(quoted))
    if asked.forecast is None or len(known) < FEWEST_GAMES:
        why = asked.no_forecast or f"{len(known)} earlier games with this stat, {FEWEST_GAMES} are needed"
        return Analysis(asked.prop_id, "insufficient_data", {**body, "reason": why}, sentences, evidence)
    chances = asked.forecast.against(asked.line)
    body |= {"p_over": chances.over, "p_under": chances.under, "p_push": chances.push}
    body["projection"] = _projection(asked.forecast)
    evidence["projection"] = _projected(body["projection"], asked.forecast, chances, asked)
    sentences.insert(0, _expects(body["projection"], asked, len(known)))
    body["over"] = _side("over", asked, chances)
    body["under"] = _side("under", asked, chances)
    recommendation, reason = _recommended(body["over"], body["under"])
    chosen: Side = "over" if chances.over >= chances.under else "under"
    side: Side = recommendation if recommendation in ("over", "under") else chosen
    buckets = {"over": asked.over_bucket, "under": asked.under_bucket}
    # The chosen side first; the other's interval rests on its own.
    told = [_graded(name, each) for name in sorted(buckets, key=lambda name: name != side) if (each := buckets[name])]
    if told:
        evidence["calibration"] = Evidence("calibration", told)
    if (bucket := buckets[side]) is not None:
        body["confidence"] = told[0]
        sentences.append(_came_true(bucket, side))
    return Analysis(asked.prop_id, recommendation, {**body, "reason": reason}, sentences, evidence)


def hit_rate(games: Sequence[Outing], line: float) -> dict[str, Any]:
    """Games over a line: hits, pushes and games; the share of hits among games that were no push, null without one."""
    hits = sum(each.value is not None and each.value > line for each in games)
    pushes = sum(each.value == line for each in games)
    counted = len(games) - pushes
    return {"hits": hits, "pushes": pushes, "n": len(games), "rate": hits / counted if counted else None}


def expected_value(p_win: float, p_lose: float, price: float) -> float:
    """Gain of a stake of 1 at a decimal price; a push gives the stake back."""
    return p_win * (price - 1) - p_lose


def kelly_share(p_win: float, p_lose: float, price: float) -> float:
    """A quarter of the share of the bankroll that grows it fastest, at most `KELLY_CAP`; 0 when the bet loses."""
    staked = p_win + p_lose
    if staked <= 0:
        return 0.0
    full = expected_value(p_win / staked, p_lose / staked, price) / (price - 1)
    return min(max(KELLY_SHARE * full, 0.0), KELLY_CAP)


def _windows(asked: Question, known: Sequence[Outing]) -> dict[str, list[Outing]]:
    found = {name: list(known[:count]) for name, count in WINDOWS.items()}
    found["season"] = [each for each in known if each.season == asked.season]
    found["against_opponent"] = [each for each in known if each.opponent_id == asked.opponent_id]
    return found


def _side(side: Side, asked: Question, chances: Chances) -> dict[str, Any]:
    """A bet on one side: its chance with an interval, and at its price the expected value with one."""
    win, lose = (chances.over, chances.under) if side == "over" else (chances.under, chances.over)
    price = asked.over_decimal if side == "over" else asked.under_decimal
    bucket = asked.over_bucket if side == "over" else asked.under_bucket
    low = high = None
    if bucket is not None:
        margin = bucket.margin()
        staked = win + lose
        low, high = max(win - margin, 0.0), min(win + margin, staked)
    made: dict[str, Any] = {
        "p": win,
        "p_low": low,
        "p_high": high,
        "price_decimal": price,
        "expected_value": None,
        "expected_value_low": None,
        "expected_value_high": None,
        "lowest_acceptable_decimal": None,
        "lowest_acceptable_american": None,
        "kelly_share": 0.0,
    }
    if low is not None and 0 < low < win + lose:
        least = 1 + (win + lose - low) / low
        made["lowest_acceptable_decimal"] = least
        made["lowest_acceptable_american"] = american_price(least)
    if price is None:
        return made
    made["expected_value"] = expected_value(win, lose, price)
    if low is not None and high is not None:
        staked = win + lose
        made["expected_value_low"] = expected_value(low, staked - low, price)
        made["expected_value_high"] = expected_value(high, staked - high, price)
        if made["expected_value_low"] > 0:
            made["kelly_share"] = kelly_share(win, lose, price)
    return made


def _recommended(over: Mapping[str, Any], under: Mapping[str, Any]) -> tuple[Recommendation, str]:
    """A bet only where even the lower end of its expected value gains."""
    sides: list[tuple[float, Recommendation]] = [
        (each["expected_value_low"], name)  # type: ignore[misc]
        for name, each in (("over", over), ("under", under))
        if each["expected_value_low"] is not None
    ]
    if not sides:
        if over["price_decimal"] is None and under["price_decimal"] is None:
            return "no_bet", "no price was given, so no bet has a value"
        return "no_bet", "how often such chances came true is not known yet, so no bet is known to gain"
    low, best = max(sides)
    if low > 0:
        return (
            best,
            f"even the lower end of the expected value of the {best} gains: {rounded(low, 3, sign=True)} a unit staked",
        )
    return (
        "no_bet",
        f"the lower end of the best expected value does not gain: {rounded(low, 3, sign=True)} a unit staked",
    )


def _quoted(asked: Question) -> Market | None:
    if asked.over_decimal is None or asked.under_decimal is None:
        return None
    return market(asked.over_decimal, asked.under_decimal)


def _market(quoted: Market) -> dict[str, Any]:
    return {
        "over_decimal": quoted.over_decimal,
        "under_decimal": quoted.under_decimal,
        "fair_p_over": quoted.fair_over,
        "fair_p_under": quoted.fair_under,
        "hold": quoted.hold,
        "de_vig": DE_VIG,
    }


def _projection(forecast: Forecast) -> dict[str, Any]:
    quantiles = {f"p{level}": forecast.quantile(level / 100) for level in (10, 25, 50, 75, 90)}
    return {"mean": forecast.mean(), "sd": forecast.sd(), **quantiles}


def _projected(projection: dict[str, float], forecast: Forecast, chances: Chances, asked: Question) -> Evidence:
    """What follows from the distribution, and the distribution itself with the line and prices it was held against."""
    told = {"p_over": chances.over, "p_under": chances.under, "p_push": chances.push}
    prices = {"over_decimal": asked.over_decimal, "under_decimal": asked.under_decimal}
    rows = [{**projection, **told, "distribution": forecast.text}]
    return Evidence("projection", rows, {"line": asked.line, **prices})


def _graded(side: str, bucket: Bucket) -> dict[str, Any]:
    about = {"side": side, "observed": bucket.observed, "said": bucket.said, "n": bucket.graded}
    return {**about, "from": bucket.low, "to": bucket.high}


def _games(window: str, games: Sequence[Outing], asked: Question) -> Evidence:
    rows = [
        {
            "game_id": each.game_id,
            "season": each.season,
            "kickoff_at": each.kickoff_at,
            "opponent_id": each.opponent_id,
            "opponent": each.opponent,
            "value": each.value,
        }
        for each in games
    ]
    about = {"window": window, "stat_type": asked.stat_type, "line": asked.line}
    return Evidence("games", rows, {**about, "season": asked.season, "opponent_id": asked.opponent_id})


_WORDS = {
    "last_5": "of the last {n} games",
    "last_10": "of the last {n} games",
    "season": "of {n} games this season",
    "against_opponent": "of {n} games against this opponent",
}


def _hits(window: str, rate: Mapping[str, Any], asked: Question) -> Sentence:
    where = _WORDS[window].format(n=rate["n"])
    text = f"Over {asked.line:g} {asked.stat_type} in {rate['hits']} {where}."
    return Sentence(text, rate["rate"], rate["n"], window, window)


def _expects(projection: Mapping[str, Any], asked: Question, n: int) -> Sentence:
    mean, low, high = projection["mean"], projection["p10"], projection["p90"]
    text = f"Expected are {mean:.1f} {asked.stat_type}; 8 of 10 times between {low:g} and {high:g}."
    return Sentence(text, mean, n, "all earlier games", "projection")


def _fair(quoted: Market) -> Sentence:
    text = f"The prices give the over {100 * quoted.fair_over:.1f} % once the hold of {100 * quoted.hold:.1f} % is off."
    return Sentence(text, quoted.fair_over, 2, "the prices given", "market")


def _came_true(bucket: Bucket, side: Side) -> Sentence:
    text = (
        f"Projections that gave a side {100 * bucket.low:.0f} to {100 * bucket.high:.0f} % came true in "
        f"{100 * bucket.observed:.1f} % of {bucket.graded:,} cases ({side} here)."
    )
    return Sentence(text, bucket.observed, bucket.graded, "seasons before, by walking forward", "calibration")
