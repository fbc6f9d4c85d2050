"""The tables of the operations page as HTML: runs, errors, quality, checks, machine, providers, records."""

from datetime import datetime, timedelta
from html import escape

from football_assets.ages import age_words
from football_assets.operations.health_report import Health, ResourcesHealth
from football_assets.serving.pages.html import (
    UNKNOWN,
    age,
    empty,
    instant,
    labelled,
    mark,
    meter,
    number,
    row,
    table,
    text,
)
from football_assets.serving.pages.operations_look import Look

FULL = "%b %d %H:%M:%S"
SHOWN_RUNS = 60
GOOD = {"running", "fresh", "closed", "SUCCESS"}
BAD = {"down", "stale", "open", "FAILURE", "CANCELED"}
HIGH = 0.9  # the share of a resource above which an alert is raised


def runs(look: Look, url: str) -> str:
    """Runs under way and the newest that are over."""
    if isinstance(look.runs, str):
        return empty(look.runs)
    up = look.state_of("webserver") == "running"
    under_way = [] if isinstance(look.under_way, str) else look.under_way
    rows = [
        _run_row(_run(each.run_id, url, up), each.job, mark(each.status.lower(), "warn"), each.started_at, "", "")
        for each in under_way
    ]
    for each in look.runs[:SHOWN_RUNS]:
        status = f'<span class="{_kind(each.status)}">{text(each.status.lower())}</span>'
        over, took = instant(each.ended_at, FULL), number(each.duration_s, 1)
        rows.append(_run_row(_run(each.run_id, url, up), each.job, status, each.started_at, over, took))
    if not rows:
        return empty("Nothing has run yet. `football up` starts the live cycle each minute and the college run daily.")
    heads = (("run", ""), ("job", ""), ("status", ""), ("began, UTC", ""), ("over, UTC", "wide"), ("seconds", "n"))
    return table(heads, rows, caption="Runs", kind="tall")


def _run_row(run: str, job: str, status: str, began: datetime | None, over: str, took: str) -> str:
    cells = [(run, ""), (text(job), ""), (status, ""), (instant(began, FULL), ""), (over, "wide"), (took, "n")]
    return row(cells)


def _run(run_id: str, url: str, up: bool) -> str:
    words = f"<code>{escape(run_id[:8])}</code>"
    return f'<a href="{escape(url)}/runs/{escape(run_id)}">{words}</a>' if up else words


def errors(look: Look, url: str) -> str:
    """Each kind of error of the last days once."""
    if isinstance(look.errors, str):
        return empty(look.errors)
    if not look.errors:
        return empty("No error in the last 7 days: no run failed, and no process logged one.")
    up = look.state_of("webserver") == "running"
    rows = [
        row(
            [
                (labelled("times", text(each.count)), "n"),
                (f'<span class="fa-says">{text(each.says)}</span><br><small>{text(each.place)}</small>', ""),
                (labelled("first seen", instant(each.first_at, FULL)), ""),
                (labelled("last seen", instant(each.last_at, FULL)), ""),
                ("" if each.run_id is None else labelled("run", _run(each.run_id, url, up)), ""),
            ]
        )
        for each in look.errors
    ]
    heads = (("times", "n"), ("what and where", ""), ("first seen, UTC", ""), ("last seen, UTC", ""), ("run", ""))
    return table(heads, rows, caption="Errors of the last 7 days", kind="stacked tall")


def quality(look: Look, least: float, good: float) -> str:
    """The score of each college table, the worst first."""
    if isinstance(look.quality, str):
        return empty(look.quality)
    if not look.quality:
        return empty("No college table was judged yet: the first `football ncaa run` does it.")
    ordered = sorted(look.quality, key=lambda each: (each["score"] is None, each["score"], each["judged_table"]))
    rows = []
    for each in ordered:
        score = each["score"]
        kind = "soft" if score is None else "good" if score >= good else "bad" if score < least else "late"
        cells = [(text(each["judged_table"]), ""), (f'<span class="{kind}">{number(score, 3)}</span>', "n")]
        rows.append(row([*cells, *((number(each[name], 2), "n wide") for name in PARTS), (text(each["rows"]), "n")]))
        why = "; ".join(filter(None, (each["null_columns"], each["broken_rules"])))
        if why:
            rows.append(f'<tr><td colspan="{len(PARTS) + 3}"><small>{text(why)}</small></td></tr>')
    heads = (("table", ""), ("score", "n"), *((name, "n wide") for name in PARTS), ("rows", "n"))
    newest = max(each["measured_at"] for each in look.quality)
    note = f"Judged last {age(newest)}. Under {least:g} nothing is published, under {good:g} it is warned about."
    found = table(heads, rows, caption="Quality of the college tables", kind="tall")
    return f'<p class="fa-note">{note} A dash: that part does not apply.</p>{found}'


PARTS = ("completeness", "validity", "consistency", "freshness")


def checks(look: Look) -> str:
    """The newest verdicts on the live cycle's tables; of the other tables those that are bad."""
    if isinstance(look.checks, str):
        return empty(look.checks)
    if not look.checks:
        return empty("No check was made yet: each run checks the tables that it writes.")
    good = sum(each.passed for each in look.checks)
    rows = [
        row(
            [
                (text(each.asset), ""),
                (labelled("check", text(each.check)), ""),
                (
                    mark("good", "good") if each.passed else mark(_verdict(each.is_blocking), _tone(each.is_blocking)),
                    "",
                ),
                (f'<span class="fa-says">{text(each.says)}</span>', ""),
                (labelled("judged", instant(each.judged_at, FULL)), ""),
            ]
        )
        for each in sorted(look.checks, key=lambda each: (each.passed, each.asset, each.check))
        if not each.passed or (each.asset.startswith("soccer/") and each.check != "schema")
    ]
    note = f"{good} of {len(look.checks)} checks are good; those that are not, and the live cycle's:"
    heads = (("table", ""), ("check", ""), ("verdict", ""), ("says", ""), ("judged, UTC", ""))
    return f'<p class="fa-note">{note}</p>' + (table(heads, rows, caption="Checks", kind="stacked") if rows else "")


def _verdict(is_blocking: bool | None) -> str:
    return {True: "blocks", False: "warning", None: "bad"}[is_blocking]


def _tone(is_blocking: bool | None) -> str:
    return "warn" if is_blocking is False else "bad"


def machine(look: Look) -> str:
    """Processors, memory, disk with its forecast, and our processes."""
    now = look.health.resources
    cpu = _share("Processors, mean of 5 min", now.cpu_5min_pct, f"load {now.load_1min} on {now.cpus}")
    memory = "" if now.memory_mb is None else f"{now.memory_mb / 1000:.1f} GB used"
    shown = [cpu, _share("Memory", now.memory_pct, memory), _share("Disk", now.disk_pct, _forecast(look.health))]
    return "".join(shown) + _services(look)


def _share(what: str, percent: float | None, about: str) -> str:
    value = "not known before 5 min of samples" if percent is None else f"{percent:.0f} %"
    share = None if percent is None else percent / 100
    kind = "bad" if share is not None and share > HIGH else ""
    return f'<p class="fa-note"><b>{what}: {value}</b> {escape(about)}{meter(share, kind)}</p>'


def _forecast(health: Health) -> str:
    now: ResourcesHealth = health.resources
    free = f"{now.disk_free_gb:.1f} GB free"
    if now.disk_full_at is not None:
        left = age_words(max(timedelta(0), now.disk_full_at - health.at).total_seconds())
        grows = f"{now.disk_growth_mb_per_day:,.0f} MB a day"
        return f"{free}; at {grows} it is full on {now.disk_full_at:%Y-%m-%d}, in {left}"
    if now.disk_growth_mb_per_day is None:
        return f"{free}; no forecast before samples of 6 h"
    return f"{free}; not filling ({now.disk_growth_mb_per_day:+,.0f} MB a day)"


def _services(look: Look) -> str:
    rows = [
        row(
            [
                (text(each.name), ""),
                (f'<span class="{_kind(each.state)}">{text(each.state.replace("_", " "))}</span>', ""),
                (text(each.pid), "n"),
                (instant(each.started_at, FULL), "n"),
                (number(each.memory_mb, 0), "n"),
            ]
        )
        for each in look.health.services
    ]
    heads = (("process", ""), ("state", ""), ("pid", "n"), ("started, UTC", "n"), ("MB", "n"))
    return table(heads, rows, caption="Processes")


def providers(look: Look) -> str:
    """Breakers, limits and quotas."""
    if look.health.providers is None:
        return empty("The state of the providers could not be read.")
    rows = []
    for each in look.health.providers:
        limits = [f"{each.per_second} a second"] if each.per_second else []
        limits += [f"{path} {count} a minute" for path, count in each.per_minute_by_path.items()]
        quota = UNKNOWN if each.quota_used is None else f"{each.quota_used:,} of {text(each.quota_limit)}"
        breaker = f'<span class="{_kind(each.breaker)}">{text(each.breaker)}</span>'
        said = text(each.last_error)
        cells = [
            (text(each.name), ""),
            (labelled("breaker", breaker), ""),
            (labelled("limits", text(", ".join(limits) or None)), ""),
            (labelled("calls this month", quota), "n"),
            (labelled("last error", said), ""),
        ]
        rows.append(row(cells))
    heads = (("provider", ""), ("breaker", ""), ("limits", ""), ("calls this month", "n"), ("last error", ""))
    return table(heads, rows, caption="Providers", kind="stacked")


def tables(look: Look) -> str:
    """The records of each published table."""
    if not look.health.tables:
        return empty("Nothing is published yet. `make run` runs both pipelines once.")
    rows = [
        row(
            [
                (text(each.name), ""),
                (f"{each.rows:,}", "n"),
                (number(each.size_mb, 2), "n wide"),
                (age(each.replaced_at), "n"),
                (f'<span class="{_kind(each.state)}">{text(each.state)}</span>', ""),
            ]
        )
        for each in look.health.tables
    ]
    heads = (("table", ""), ("records", "n"), ("MB", "n wide"), ("content changed", "n"), ("its pipeline", ""))
    total = sum(each.rows for each in look.health.tables)
    note = f'<p class="fa-note">{total:,} records in {len(rows)} published tables.</p>'
    return note + table(heads, rows, caption="Published tables", kind="tall")


def _kind(state: str) -> str:
    return "good" if state in GOOD else "bad" if state in BAD else "soft"
