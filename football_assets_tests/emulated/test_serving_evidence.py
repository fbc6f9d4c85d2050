"""Two hundred analyses over HTTP: every number in them made again from the rows that `/v1/evidence/{id}` returns.

The sums here are written out anew, without the code that made the answers.
"""

import json
import math
import random
from datetime import timedelta

import pytest

from football_assets.config import load_settings
from football_assets.ncaa.player_games import COUNTED, STATS
from football_assets.tables import from_rows
from football_assets_tests.emulated import served as world
from football_assets_tests.emulated.served import AT, Served, box, game, put, row

ANALYSES = 200
PLAYERS = ("11", "12", "13", "14")
Z90 = 1.6448536269514722


def _rows(rng):
    """Four players through fourteen games of two seasons against two opponents, and a game to come."""
    weeks = [(2025, week) for week in range(1, 8)] + [(2026, week) for week in range(1, 8)]
    games = [
        game(
            n,
            season=season,
            week=week,
            is_completed=True,
            kickoff_at=AT - timedelta(weeks=53 * (2026 - season) + 12 - week),
            home_points=21,
            away_points=14,
            **({} if n % 3 else {"away_team_id": 3, "away_team": "Larkspur"}),
        )
        for n, (season, week) in enumerate(weeks, 1)
    ]
    boxes = [
        box(n, player, season=season, player=f"Player {player}", **{name: rng.randrange(0, 40) for name in COUNTED})
        for n, (season, _) in enumerate(weeks, 1)
        for player in PLAYERS
        if player != "14" or n > 11  # three games only: too few
    ]
    projections = [
        row(
            world.PlayerProjections,
            game_id=100,
            player_id=player,
            stat_type=stat,
            state="projected",
            distribution=_distribution(rng, STATS[stat].step, counts=(number + int(player)) % 2 == 0),
        )
        for player in PLAYERS
        for number, stat in enumerate(STATS)
    ]
    calibration = [
        row(
            world.PropCalibration,
            stat_type=stat,
            bucket=bucket,
            season=2024,
            graded=rng.choice((30, 80, 900, 20_000)),
            said=(bucket + 0.5) / 10,
            observed=(bucket + rng.uniform(0.2, 0.8)) / 10,
        )
        for stat in STATS
        for bucket in range(10)
    ]
    return {
        world.Games: from_rows(world.Games, [*games, game(100)]),
        world.PlayerStats: boxes,
        world.PlayerProjections: projections,
        world.PropCalibration: calibration,
    }


def _distribution(rng, step, *, counts):
    if counts:
        chances = [rng.random() ** 2 for _ in range(60)]
        told = {"kind": "counts", "values": [round(each / sum(chances), 6) for each in chances]}
    else:
        told = {"kind": "points", "values": sorted(round(rng.gauss(20, 8), 3) for _ in range(25))}
    return json.dumps({**told, "step": step})


def _props(rng):
    stats = list(STATS)
    for number in range(ANALYSES):
        prop = {
            "prop_id": str(number),
            "player_id": PLAYERS[number // len(stats) % len(PLAYERS)],
            "stat_type": stats[number % len(stats)],
            "line": rng.choice((rng.randrange(2, 40), rng.randrange(2, 40) + 0.5)),
        }
        over = rng.choice((-110, 1.91, 2.4, 150, 3.5))
        prices = {"over_price": over, "under_price": rng.choice((-120, 1.8, 1.6))}
        if over in (2.4, 150, 3.5):
            prices["under_price"] = rng.choice((1.5, -250))
        yield {**prop, **({} if number % 7 == 0 else {"over_price": over} if number % 5 == 0 else prices)}


@pytest.fixture(scope="module")
def analyses(tmp_path_factory):
    """(what was asked, the analysis, its evidence by name) of each."""
    rng = random.Random(7)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOOTBALL_HOME", str(tmp_path_factory.mktemp("evidence")))
        patch.setenv("FOOTBALL_ENV_FILE", "/no.env")
        settings = load_settings()
        put(settings.folder, "ncaa", _rows(rng))
        with Served(settings).running() as served:
            asked, found = list(_props(rng)), []
            for first in range(0, ANALYSES, 50):
                answer = served.http.post(
                    "/v1/props/analyze-batch", json={"props": asked[first : first + 50], "deadline_s": 60}
                ).json()
                assert answer["data"]["failures"] == []
                found += answer["data"]["results"]

            def rows_behind(number):
                return {**served.http.get(f"/v1/evidence/{number}").json()["data"], "id": number}

            evidence = [{name: rows_behind(number) for name, number in each["evidence"].items()} for each in found]
        yield list(zip(asked, found, evidence, strict=True))


def test_all_kinds_are_among_them(analyses):
    assert len(analyses) == ANALYSES
    assert {told["stat_type"] for _, told, _ in analyses} == set(STATS)
    said = {told["recommendation"] for _, told, _ in analyses}
    assert said == {"over", "under", "no_bet", "insufficient_data"}
    kinds = {
        json.loads(each["projection"]["rows"][0]["distribution"])["kind"]
        for *_, each in analyses
        if "projection" in each
    }
    assert kinds == {"counts", "points"}


def test_every_number_is_made_again_from_its_evidence(analyses):
    wrong = [(asked, found) for asked, told, evidence in analyses if (found := mismatches(asked, told, evidence))]
    assert not wrong, f"{len(wrong)} of {len(analyses)}: {wrong[:3]}"


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("projection", lambda rows: rows[0].update(distribution=rows[0]["distribution"].replace(": [0.", ": [9.", 1))),
        ("all_games", lambda rows: rows[0].update(value=rows[0]["value"] + 100)),
        ("calibration", lambda rows: rows[0].update(observed=rows[0]["observed"] + 0.01)),
        ("market", lambda rows: rows[0].update(over_decimal=rows[0]["over_decimal"] + 0.01)),
    ],
)
def test_a_touched_row_is_noticed(analyses, name, change):
    counts = [
        each
        for each in analyses
        if name in each[2] and each[1]["projection"] and "counts" in str(each[2]["projection"])
    ]
    asked, told, evidence = json.loads(json.dumps(counts[0]))
    assert not mismatches(asked, told, evidence)
    change(evidence[name]["rows"])
    assert mismatches(asked, told, evidence)


def mismatches(asked, told, evidence):
    """The paths of an analysis whose numbers differ from what its evidence gives, and of numbers left unexplained."""
    made = _made_again(asked, evidence)
    names = {"recommendation", "reason", "line", "n_games", "p_over", "p_under", "p_push", "projection", "hit_rates"}
    names |= {"market", "over", "under", "confidence", "reasoning"}
    rest = {
        "prop_id",
        "player_id",
        "player",
        "team",
        "game_id",
        "matchup",
        "kickoff_at",
        "book",
        "stat_type",
        "evidence",
    }
    assert set(told) == names | rest
    told = {**told, "windows": dict.fromkeys(told["hit_rates"], True)}
    if "market" in evidence:  # what the rows hold beside the prices follows from them, and they are those asked
        told["prices"], made["prices"] = evidence["market"]["rows"][0], made["market"]
        names |= {"prices", "asked"}
        told["asked"] = {side: _decimal(asked[f"{side}_price"]) for side in ("over", "under")}
        made["asked"] = {side: made["market"][f"{side}_decimal"] for side in ("over", "under")}
    return [f for name in sorted(names | {"windows"}) for f in _differences(name, told[name], made[name])]


def _differences(path, told, made):
    if isinstance(told, dict) and isinstance(made, dict):
        keys = told.keys() | made.keys()
        return [
            f for key in keys for f in _differences(f"{path}.{key}", told.get(key, "absent"), made.get(key, "absent"))
        ]
    if isinstance(told, list) and isinstance(made, list) and len(told) == len(made):
        return [
            f
            for n, (one, other) in enumerate(zip(told, made, strict=True))
            for f in _differences(f"{path}.{n}", one, other)
        ]
    numbers = [isinstance(each, int | float) and not isinstance(each, bool) for each in (told, made)]
    same = math.isclose(told, made, rel_tol=1e-9, abs_tol=1e-9) if all(numbers) else told == made
    return [] if same else [(path, told, made)]


def _made_again(asked, evidence):
    games, line = evidence["all_games"]["rows"], evidence["all_games"]["about"]["line"]
    season, opponent = (evidence["all_games"]["about"][name] for name in ("season", "opponent_id"))
    windows = {
        "last_5": games[:5],
        "last_10": games[:10],
        "season": [each for each in games if each["season"] == season],
        "against_opponent": [each for each in games if each["opponent_id"] == opponent],
    }
    made = {"line": asked["line"], "n_games": len(games), "reasoning": []}
    made["windows"] = {name: evidence[name]["rows"] == rows for name, rows in windows.items()}
    made["hit_rates"] = {name: _hits(rows, line) for name, rows in windows.items()}
    made["market"] = _market(evidence["market"]["rows"][0]) if "market" in evidence else None
    unknown = dict.fromkeys(("p_over", "p_under", "p_push", "projection", "over", "under", "confidence"))
    sentences = [
        _sentence(_counted(name, rate, asked), rate["rate"], rate["n"], name, evidence, name)
        for name, rate in made["hit_rates"].items()
        if rate["n"]
    ]
    if made["market"]:
        fair, hold = made["market"]["fair_p_over"], made["market"]["hold"]
        text = f"The prices give the over {100 * fair:.1f} % once the hold of {100 * hold:.1f} % is off."
        sentences.append(_sentence(text, fair, 2, "the prices given", evidence, "market"))
    if len(games) < 4:
        reason = f"{len(games)} earlier games with this stat, 4 are needed"
        return {**made, **unknown, "recommendation": "insufficient_data", "reason": reason, "reasoning": sentences}
    made |= _from_distribution(json.loads(evidence["projection"]["rows"][0]["distribution"]), line)
    stat, shape = asked["stat_type"], made["projection"]
    text = f"Expected are {shape['mean']:.1f} {stat}; 8 of 10 times between {shape['p10']:g} and {shape['p90']:g}."
    sentences.insert(0, _sentence(text, shape["mean"], len(games), "all earlier games", evidence, "projection"))
    graded = {each["side"]: each for each in evidence.get("calibration", {"rows": []})["rows"]}
    for side, other in (("over", "under"), ("under", "over")):
        made[side] = _bet(made[f"p_{side}"], made[f"p_{other}"], _decimal(asked.get(f"{side}_price")), graded.get(side))
    made["recommendation"], made["reason"] = _recommended(made)
    chosen = "over" if made["p_over"] >= made["p_under"] else "under"
    side = made["recommendation"] if made["recommendation"] in ("over", "under") else chosen
    made["confidence"] = graded.get(side)
    if bucket := made["confidence"]:
        text = (
            f"Projections that gave a side {100 * bucket['from']:.0f} to {100 * bucket['to']:.0f} % came true in "
            f"{100 * bucket['observed']:.1f} % of {bucket['n']:,} cases ({side} here)."
        )
        window = "seasons before, by walking forward"
        sentences.append(_sentence(text, bucket["observed"], bucket["n"], window, evidence, "calibration"))
    return {**made, "reasoning": sentences}


def _sentence(text, value, n, window, evidence, name):
    return {"text": text, "value": value, "n": n, "window": window, "evidence_id": evidence[name]["id"]}


def _counted(name, rate, asked):
    where = {
        "last_5": "of the last {n} games",
        "last_10": "of the last {n} games",
        "season": "of {n} games this season",
    }
    words = where.get(name, "of {n} games against this opponent").format(n=rate["n"])
    return f"Over {asked['line']:g} {asked['stat_type']} in {rate['hits']} {words}."


def _hits(rows, line):
    hits, pushes = (sum(1 for each in rows if test(each["value"])) for test in (line.__lt__, line.__eq__))
    counted = len(rows) - pushes
    return {"hits": hits, "pushes": pushes, "n": len(rows), "rate": hits / counted if counted else None}


def _decimal(price):
    if price is None or 1 < price < 100:
        return price
    return 1 + (price / 100 if price > 0 else 100 / -price)


def _market(row):
    over, under = (row[f"{side}_decimal"] for side in ("over", "under"))
    whole = 1 / over + 1 / under
    about = {"over_decimal": over, "under_decimal": under, "de_vig": "multiplicative", "hold": 1 - 1 / whole}
    return {**about, "fair_p_over": 1 / over / whole, "fair_p_under": 1 / under / whole}


def _bet(win, lose, price, graded):
    made = dict.fromkeys(("p_low", "p_high", "expected_value", "expected_value_low", "expected_value_high"))
    made |= {"p": win, "price_decimal": price, "kelly_share": 0.0}
    made |= {"lowest_acceptable_decimal": None, "lowest_acceptable_american": None}
    if graded is not None:
        seen, n = graded["observed"], graded["n"]
        margin = abs(seen - graded["said"]) + Z90 * math.sqrt(max(seen * (1 - seen), 1e-9) / n)
        made |= {"p_low": max(win - margin, 0.0), "p_high": min(win + margin, win + lose)}
        if 0 < made["p_low"] < win + lose:
            least = (win + lose) / made["p_low"]
            american = (least - 1) * 100 if least >= 2 else -100 / (least - 1)
            made |= {"lowest_acceptable_decimal": least, "lowest_acceptable_american": american}
    if price is not None:
        made["expected_value"] = win * price + (1 - win - lose) - 1
        if graded is not None:
            for end in ("low", "high"):
                made[f"expected_value_{end}"] = made[f"p_{end}"] * price - (win + lose)
            if made["expected_value_low"] > 0:
                share = (win * price / (win + lose) - 1) / (price - 1)
                made["kelly_share"] = min(max(share / 4, 0.0), 0.02)
    return made


def _recommended(made):
    lows = {side: made[side]["expected_value_low"] for side in ("over", "under")}
    known = {side: low for side, low in lows.items() if low is not None}
    if not known:
        if made["over"]["price_decimal"] is None and made["under"]["price_decimal"] is None:
            return "no_bet", "no price was given, so no bet has a value"
        return "no_bet", "how often such chances came true is not known yet, so no bet is known to gain"
    best = max(known, key=known.get)
    low = known[best]
    if low > 0:
        return best, f"even the lower end of the expected value of the {best} gains: {low:+.3f} a unit staked"
    return "no_bet", f"the lower end of the best expected value does not gain: {low:+.3f} a unit staked"


def _from_distribution(told, line):
    step, values = told["step"], told["values"]
    at_most, quantile, numbers = (_counts if told["kind"] == "counts" else _points)(values, step)
    below = step * math.floor(line / step + 1e-9)
    reached = at_most(below)
    under = at_most(below - step) if abs(line - below) < 1e-9 else reached
    mean = sum(value * weight for value, weight in numbers)
    variance = sum(weight * (value - mean) ** 2 for value, weight in numbers)
    shape = {f"p{level}": quantile(level / 100) for level in (10, 25, 50, 75, 90)}
    made = {"p_over": 1 - reached, "p_under": under, "p_push": reached - under}
    return {**made, "projection": {"mean": mean, "sd": math.sqrt(variance), **shape}}


def _counts(values, step):
    chances = [each / sum(values) for each in values]
    sums = [sum(chances[: n + 1]) for n in range(len(chances))]

    def at_most(value):
        place = math.floor(value / step + 1e-9)
        return 0.0 if place < 0 else min(sums[min(place, len(sums) - 1)], 1.0)

    def quantile(level):
        return step * next(n for n, each in enumerate(sums) if each >= level - 1e-12)

    return at_most, quantile, [(step * n, chance) for n, chance in enumerate(chances)]


def _points(values, step):
    count = len(values)

    def at_most(value):
        value += step / 2
        right = sum(each <= value for each in values)
        if right in (0, count):
            return 0.25 / count if right == 0 else 1 - 0.25 / count
        start, gap = values[right - 1], values[right] - values[right - 1]
        return (right - 0.5 + (value - start) / gap) / count

    def quantile(level):
        place = level * count - 0.5
        low = min(max(math.floor(place), 0), count - 2)
        share = min(max(place - low, 0.0), 1.0)
        return step * round(((1 - share) * values[low] + share * values[low + 1]) / step)

    return at_most, quantile, [(value, 1 / count) for value in values]
