"""The parts of a match page as HTML: who, how it stands, what happened, numbers, chances and prices."""

from datetime import timedelta
from typing import Any

from football_assets.serving.pages.boards import FORMS, ODDS_LIMIT_S, minute, place_of, price
from football_assets.serving.pages.html import UNKNOWN, age, empty, mark, number, percent, row, table, text
from football_assets.serving.pages.match_reading import Told
from football_assets.soccer.derived_chances import OUTCOMES
from football_assets.soccer.story import Story

PARTS = (("detail", "who, where and weather"), ("names", "names"), ("odds", "prices"))
FEWEST = 2
Row = dict[str, Any]


def title(match: Row) -> str:
    """`Home 2 : 0 Away`; without a score yet, `Home - Away`."""
    home, away = (match[f"{side}_team"] or f"{side} team not known" for side in ("home", "away"))
    if match["home_score"] is None or match["away_score"] is None:
        return f"{home} - {away}"
    return f"{home} {match['home_score']} : {match['away_score']} {away}"


def about(told: Told) -> str:
    """Minute and status, where it is played, and how old each part of this is."""
    match = told.row
    status = "" if match["minute_text"] is None else f" {text(match['status'])}"
    where = place_of(match) + ("" if match["round_number"] is None else f", round {match['round_number']}")
    reds = [f"{side} {match[f'{side}_red_cards']}" for side in ("home", "away") if match[f"{side}_red_cards"]]
    cards = f" {mark('red cards: ' + ', '.join(reds), 'bad')}" if reds else ""
    kickoff = "" if match["kickoff_at"] is None else f"Kickoff {match['kickoff_at']:%Y-%m-%d %H:%M} UTC. "
    return (
        f'<p><b class="fa-mark minute">{minute(match)}</b>{status}{cards}</p>'
        f'<p class="fa-note">{text(where)}. {kickoff}{weather(match)}</p>{_ages(told)}'
    )


def weather(match: Row) -> str:
    """The weather in words; nothing when none is known."""
    found = [text(match["weather"])] if match["weather"] else []
    if match["temperature_c"] is not None:
        found.append(f"{number(match['temperature_c'], 0)} °C, {number(match['temperature_f'], 0)} °F")
    return ", ".join(found) + "." if found else ""


def _ages(told: Told) -> str:
    shown = []
    for part, words in PARTS:
        state, old_s, gap = (told.row[f"{part}_{what}"] for what in ("state", "age_s", "gap"))
        if state == "missing":
            shown.append(f'<span class="fa-stale">{words}: missing, {text(gap)}</span>')
            continue
        limit_s = ODDS_LIMIT_S if part == "odds" else None
        old = UNKNOWN if old_s is None else age(told.published_at - timedelta(seconds=old_s), limit_s)
        why = f', <span class="fa-stale">stale: {text(gap)}</span>' if state == "stale" else ""
        shown.append(f"{words} {old}{why}")
    return f'<p class="fa-note">{" · ".join(shown)}</p>'


def chances(told: Told) -> str:
    """What the model says before the kickoff and now, beside the bookmaker."""
    said = told.prediction
    if said is None:
        return empty("No prediction is published for this match.")
    note = "" if said["reason"] is None else f'<p class="fa-note">Model: {text(said["reason"])}.</p>'
    if all(said[f"{kind}_{side}"] is None for kind in ("p", "pre_p", "market_p") for side in OUTCOMES):
        return empty(f"Neither the model nor a bookmaker says anything now. Model: {said['reason'] or 'not known'}.")
    names = {"home": told.row["home_team"], "draw": "draw", "away": told.row["away_team"]}
    rows = [
        row(
            [
                (text(names[side]), ""),
                (percent(said[f"pre_p_{side}"], 1), "n"),
                (percent(said[f"p_{side}"], 1), "n"),
                (percent(said[f"market_p_{side}"], 1), "n"),
                (number(None if said[f"edge_{side}"] is None else 100 * said[f"edge_{side}"], 1, sign=True), "n"),
            ]
        )
        for side in OUTCOMES
    ]
    heads = (("after 90 min", ""), ("model before", "n"), ("model now", "n"), ("market", "n"), ("difference", "n"))
    return table(heads, rows, caption="Chances") + note


def timeline(incidents: list[Row]) -> str:
    """What happened, the home side's on the left and the away side's on the right."""
    if not incidents:
        return empty("No goal, card or substitution is reported yet.")
    rows = []
    for each in incidents:
        what = _incident(each)
        if each["side"] in ("home", "away"):
            cells = [(what, "n wrap"), (_at(each), "c"), ("", "")]
            rows.append(row(cells if each["side"] == "home" else [("", ""), (_at(each), "c"), (what, "")]))
        else:
            rows.append(f'<tr><td colspan="3" class="c soft">{_at(each)} {what}</td></tr>')
    return table((("home", "n half"), ("", "c"), ("away", "half")), rows, caption="Timeline")


def _at(each: Row) -> str:
    """`63'`; `90+2'` in stoppage time, which the provider counts as minute 92."""
    at, added = each["minute"], each["added_minutes"]
    if at is None:
        return UNKNOWN
    return f"{at - added if at == 90 + (added or 0) else at}+{added}'" if added else f"{at}'"


def _incident(each: Row) -> str:
    who = each["player"] or (f"{each['player_in']} for {each['player_out']}" if each["player_in"] else None)
    why = each["reason"] or each["var_result"]
    is_goal = each["home_score"] is not None and "goal" in each["type"]
    score = f" <b>{each['home_score']} : {each['away_score']}</b>" if is_goal else ""
    red = '<span class="red" aria-hidden="true"></span> ' if each["type"] == "red card" else ""
    yellow = '<span class="red yellow" aria-hidden="true"></span> ' if each["type"] == "yellow card" else ""
    words = " ".join(filter(None, (text(who) if who else "", f"<small>({text(why)})</small>" if why else "")))
    return f"{red}{yellow}{text(each['type'])}{score}" + (f"<br><small>{words}</small>" if words else "")


def numbers(stats: list[Row]) -> str:
    """Both sides' totals, with a bar that shows the share of each."""
    if not stats:
        return empty("The provider gives no statistics of this match.")
    rows = [
        row([(text(e["home"]), "n"), (f"{text(e['stat'])}{_shares(e['home'], e['away'])}", "c"), (text(e["away"]), "")])
        for e in stats
    ]
    return table((("home", "n half"), ("", "c"), ("away", "half")), rows, caption="Statistics")


def _shares(home: int | None, away: int | None) -> str:
    if home is None or away is None or home + away == 0:
        return '<span class="fa-shares"></span>'
    width = f"{100 * home / (home + away):.1f}%"
    return f'<span class="fa-shares" aria-hidden="true"><i style="width:{width}"></i><i></i></span>'


def prices(told: Told) -> str:
    """The prices of the preferred bookmaker in every form."""
    match = told.row
    if match["odds_company"] is None:
        return empty(f"No preferred bookmaker quotes this match ({match['odds_gap'] or 'none of those configured'}).")
    rows = []
    for market, words, sides in (
        ("moneyline", "1X2", OUTCOMES),
        ("handicap", f"handicap {number(match['home_spread'], 2, sign=True)}", ("home", "away")),
        ("total", f"goals {number(match['total_line'], 2)}", ("over", "under")),
    ):
        state = match[f"{market}_state"]
        shown = text(state) if state in (None, "open") else mark(str(state), "warn")
        for side in sides:
            cells = [(price(match[f"{market}_{side}_decimal"], form), "n") for form in FORMS]
            rows.append(row([(f"{words} {side}", ""), *cells, (shown, "")]))
    heads = (("market", ""), *((form, "n") for form in FORMS), ("state", ""))
    old = UNKNOWN
    if match["odds_age_s"] is not None:
        old = age(told.published_at - timedelta(seconds=match["odds_age_s"]), ODDS_LIMIT_S)
    by = f"{text(match['odds_company'])}, one of {text(match['odds_companies'])} bookmakers, {old}."
    return f'<p class="fa-note">{by}</p>' + table(heads, rows, caption="Prices")


def has_chances(past: Story | str) -> bool:
    """Whether there is a curve to draw."""
    known = [] if isinstance(past, str) else [each for each in past.moments if each.model or each.market]
    return len(known) >= FEWEST


def has_prices(past: Story | str) -> bool:
    """Whether there are prices to draw."""
    return not isinstance(past, str) and any(each.prices for each in past.prices)


def chance_note(past: Story | str) -> str:
    """What the chart of chances is made of, or why there is none."""
    if isinstance(past, str):
        return f"No chart: {text(past)}"
    if not has_chances(past):
        return "No chart yet: it begins when the model or a bookmaker gave chances in two cycles."
    models = f"model {text(', then '.join(past.model_ids))}" if past.model_ids else "no model spoke"
    silent = f" (now: {text(past.reason)})" if past.reason else ""
    return (
        f"Solid: {models}{silent}. Dashed: the market. UTC. All as the cycles said it then; where nothing was read or "
        "said, the line stops; goals and red cards stand where a cycle first showed them."
    )


def price_note(told: Told) -> str:
    """Whose prices the chart shows, or why there is none."""
    past = told.past
    if isinstance(past, str):
        return f"No chart: {text(past)}"
    if not has_prices(past):
        return "No chart: no preferred bookmaker has quoted the result of this match."
    known = sum(each.prices is not None for each in past.prices)
    return f"{text(told.row['odds_company'])}, decimal, {known} prices; where the line stops no bets were taken. UTC."
