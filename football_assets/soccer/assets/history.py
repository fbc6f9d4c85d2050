"""The upkeep of the history: days that are over are compacted, old ones removed."""

from collections.abc import Iterator

import dagster as dg

from football_assets.config import load_settings
from football_assets.operations.assets.dagster_history import history_asset
from football_assets.soccer.compaction import keep_up
from football_assets.soccer.day_files import history_folder
from football_assets.states import Source
from football_assets.warehouse.assets.tables import BESIDE_LIVE, OWNERS

HISTORY = dg.AssetKey(["warehouse", "soccer_history"])
READ_BACK = "Each compacted day was read back equal to its log before the log was removed"


@dg.asset(
    key=HISTORY,
    pool=BESIDE_LIVE,
    group_name="warehouse",
    owners=OWNERS,
    kinds={"sqlite", "parquet"},
    check_specs=[dg.AssetCheckSpec(name="schema", asset=HISTORY, blocking=True, description=READ_BACK)],
)
def soccer_history() -> Iterator[dg.MaterializeResult[None]]:
    """The kept days of live matches in every world: finished ones as sorted Parquet, those past retention removed."""
    settings = load_settings()
    done = [keep_up(history_folder(settings.folder, each), settings.live.history_days) for each in Source]
    problems = [problem for each in done for problem in each.problems]
    about = {
        "compacted_days": sum(len(each.compacted) for each in done),
        "removed_days": sum(len(each.removed) for each in done),
        "mb_before": round(sum(day.hot_bytes for each in done for day in each.compacted) / 1e6, 2),
        "mb_after": round(sum(day.part_bytes for each in done for day in each.compacted) / 1e6, 2),
    }
    says = "; ".join(problems) or f"{about['compacted_days']} days compacted, {about['removed_days']} removed"
    yield dg.MaterializeResult(
        metadata=about,
        check_results=[
            dg.AssetCheckResult(asset_key=HISTORY, check_name="schema", passed=not problems, description=says)
        ],
    )


dagster_history = history_asset("live_cycle")
