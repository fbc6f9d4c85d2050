"""The upper parts of the operations page: ways into Dagster, figures, alerts, how long runs took."""

from html import escape

from football_assets.operations.alert_state import Alert
from football_assets.operations.health_report import Health, Rate
from football_assets.serving.pages import charts
from football_assets.serving.pages.html import UNKNOWN, cards, empty, instant, mark, text
from football_assets.serving.pages.operations_look import Look
from football_assets.serving.pages.operations_tables import FULL
from football_assets.serving.services import Services

TREND_RUNS = 120
UI_PAGES = (
    ("runs", "Runs"),
    ("assets", "Assets"),
    ("automation", "Schedules and sensors"),
    ("deployment", "Deployment"),
)
STATE = {
    "running": ("running", "good", "the daemon runs and data come"),
    "no_data": ("no data", "bad", "the daemon runs, but nothing was published for two cycles"),
    "stopped": ("stopped", "bad", "Dagster's daemon does not run: nothing is collected. `football up` starts it"),
}


def links(look: Look, url: str) -> str:
    """The ways into Dagster's pages; when these are down, how to start them."""
    if look.state_of("webserver") != "running":
        says = f" {escape(look.under_way)}" if isinstance(look.under_way, str) else " `football up` starts it."
        return f'<p class="fa-note">{mark("Dagster page down", "warn")}{says} All below is read from its records.</p>'
    shown = "".join(f'<li><a href="{escape(url)}/{path}">{words}</a></li>' for path, words in UI_PAGES)
    return f'<ul class="fa-links"><li class="soft">In Dagster:</li>{shown}</ul>'


def summary(look: Look, services: Services) -> str:
    """The figures at the top."""
    health, cycles = look.health, look.health.cycles
    words, kind, about = STATE[health.state]
    unknown = Rate(total=0, ok=0, failed=0, success_pct=None)
    hour, day = (cycles.last_hour, cycles.last_day) if cycles else (unknown, unknown)
    cache = services.cache.about()
    under_way = UNKNOWN if health.runs_unfinished is None else text(health.runs_unfinished)
    last = health.last_activity_at
    return cards(
        [
            (f'<span class="{kind}">{words}</span>', about),
            (_rate(hour), f"live cycles, last hour: {hour.ok} of {hour.total} good"),
            (_rate(day), f"live cycles, last 24 h: {day.ok} of {day.total} good"),
            (
                UNKNOWN if cycles is None or cycles.p50_s is None else f"{cycles.p50_s:.1f} s",
                "half of them took at most",
            ),
            (under_way, "runs under way or queued"),
            (UNKNOWN if last is None else instant(last, "%H:%M:%S"), "UTC, last run or publication"),
            (text(health.matches_processed), "matches in the newest publication"),
            (_daily(health), "college run due last"),
            (text(len(services.hub.clients)), "stream clients"),
            (UNKNOWN if cache["hit_rate"] is None else f"{100 * cache['hit_rate']:.0f} %", "reads out of the cache"),
            (f"{1000 * services.loop_lag_s:.0f} ms", "event loop lag of this server"),
            (instant(services.started_at, "%b %d %H:%M"), "UTC, start of this server"),
        ]
    )


def _rate(rate: Rate) -> str:
    if rate.success_pct is None:
        return UNKNOWN
    kind = "good" if rate.failed == 0 else "bad"
    return f'<span class="{kind}">{rate.success_pct:.1f} %</span>'


def _daily(health: Health) -> str:
    if health.daily is None:
        return UNKNOWN
    words = {True: ("done", "good"), False: ("not done", "bad"), None: ("not known", "soft")}[health.daily.finished]
    return f'<span class="{words[1]}">{words[0]}</span> {health.daily.due_at:%H:%M}'


def alerts(look: Look) -> str:
    """What lasts, each with a button to acknowledge it; what was over lately; and what is wrong while nobody judges."""
    lasting = [each for each in look.alerts if each.resolved_at is None]
    over = [each for each in look.alerts if each.resolved_at is not None]
    shown = [_alert(each) for each in lasting]
    judged = "running" in (look.state_of("daemon"), look.state_of("watchdog"))
    if not judged:
        shown.insert(0, f'<p class="fa-note">{mark("nobody judges", "warn")} {NOBODY}</p>')
        known = {each.key for each in lasting}
        shown += [
            f'<div class="fa-alert {each.severity}"><p>{mark(each.severity, "bad")} {escape(each.summary)}'
            f"<small>{escape(each.to_do)}</small></p></div>"
            for each in look.wrong
            if each.key not in known
        ]
    if not lasting and judged:
        shown.append(empty("No alert lasts. Dagster's sensor judges each 30 s, `football watchdog` each 15 s."))
    if over:
        shown.append(f"<h3>Over, last 24 h</h3>{''.join(_alert(each) for each in over)}")
    return "".join(shown)


NOBODY = (
    "Alerts are raised by Dagster's sensor and by `football watchdog`; neither runs now. "
    "What would be told is listed here."
)


def _alert(alert: Alert) -> str:
    since = f"since {instant(alert.raised_at, FULL)} UTC"
    if alert.resolved_at is not None:
        since += f", over {instant(alert.resolved_at, FULL)} UTC"
    elif alert.escalated_at is not None:
        since += f", level 2 told {instant(alert.escalated_at, FULL)} UTC"
    if alert.acknowledged_at is not None:
        by = f"acknowledged by {text(alert.acknowledged_by)}, {instant(alert.acknowledged_at)} UTC"
        done = f'<span class="good">{by}</span>'
    elif alert.resolved_at is None:
        label = f"Acknowledge: {alert.summary}"
        done = f'<button class="fa-do" data-ack="{escape(alert.id)}" aria-label="{escape(label)}">Acknowledge</button>'
    else:
        done = ""
    kind = "good" if alert.resolved_at else "warn" if alert.severity == "warning" else "bad"
    return (
        f'<div class="fa-alert {alert.severity}{" over" if alert.resolved_at else ""}">'
        f"<p>{mark(alert.severity, kind)} {escape(alert.summary)}"
        f"<small>{since}. {escape(alert.to_do)}</small></p>{done}</div>"
    )


NO_TREND = empty("No run is over yet, so there is nothing to draw.")


def jobs(look: Look) -> list[str]:
    """The jobs that ran, the live cycle first."""
    found = {run.job for run in look.runs} if not isinstance(look.runs, str) else set()
    return sorted(found, key=lambda job: (job != "live_cycle", job))


def trend(look: Look, job: str) -> charts.Options:
    """How long the newest runs of a job took, the good and the others in two colours."""
    told = [] if isinstance(look.runs, str) else look.runs
    mine = [run for run in told if run.job == job][:TREND_RUNS]
    shown = [run for run in reversed(mine) if run.duration_s is not None]
    series = [
        {
            "name": name,
            "type": "bar",
            "color": color,
            "stack": "one",
            "barMaxWidth": 26,
            "data": [round(run.duration_s or 0, 2) if run.ok is good else None for run in shown],
        }
        for name, good, color in (("good", True, charts.BLUE), ("failed or cancelled", False, charts.RED))
    ]
    x = {"type": "category", "data": [f"{run.ended_at:%b %d %H:%M}" for run in shown]}
    return charts.options(series, x, {}, about=f"Seconds that the newest runs of {job} took", unit=" s", digits=2)
