"""The last stages: each pipeline's checked tables into the database, and a verified copy of the database."""

from collections.abc import Iterator

import dagster as dg

from football_assets.config import load_settings, now_utc
from football_assets.providers import Domain
from football_assets.tables import Verdict
from football_assets.timing import Phases, after_tick, peak_rss_mb
from football_assets.warehouse.assets.tables import BESIDE_LIVE, OWNERS, asset_key
from football_assets.warehouse.backups.making import create_backup, worlds
from football_assets.warehouse.engine import database_of
from football_assets.warehouse.golden import golden_verdict
from football_assets.warehouse.inspection import hold_against_declarations
from football_assets.warehouse.publication import publish, published_tables, relation_of
from football_assets.warehouse.storage import lake_of

VALIDATED = "The golden queries hold of the load; one that does not hold stops the publication"
LIVE = "soccer"  # its publication is the last step of the live cycle
BACKUP = dg.AssetKey(["warehouse", "backup"])


def publication_key(domain: str) -> dg.AssetKey:
    """`warehouse/soccer`: the publication of a pipeline."""
    return dg.AssetKey(["warehouse", domain])


def publication_asset(domain: Domain) -> dg.AssetsDefinition:
    """The asset that publishes every table of a pipeline whose checks have passed."""
    key = publication_key(domain)
    for table in published_tables(domain):
        relation_of(table)  # for the runs forked from the process that imports this

    @dg.asset(
        key=key,
        pool=None if domain == LIVE else BESIDE_LIVE,
        deps=[asset_key(table) for table in published_tables(domain)],
        group_name="warehouse",
        owners=OWNERS,
        kinds={"sqlite"},
        description=f"The {domain} tables as readers see them: loaded in one transaction under a new publication id.",
        check_specs=[
            _schema_check(key, "Stored columns, types and row counts equal the declarations and the files"),
            dg.AssetCheckSpec("query_validation", asset=key, blocking=True, description=VALIDATED),
        ],
    )
    def publication(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        lake, settings = lake_of(domain), load_settings()
        home, least = settings.folder, settings.quality.min_data_quality_score
        rows = settings.warehouse.batch_size
        phases = Phases()
        with phases.measured("publish_s"):
            made = publish(
                home,
                lake.source,
                domain,
                run_id=context.run.run_id,
                min_quality=least,
                batch_size=rows,
                keep_days=settings.backup.retention_days,
            )
        with phases.measured("checks_s"):
            verdict = hold_against_declarations(database_of(home, lake.source), lake, domain)
        about = {
            "publication_id": made.id,
            "source": made.source.value,
            "as_of": made.as_of.isoformat() if made.as_of else "unknown",
            "replaced_tables": ", ".join(made.replaced) or "none",
            "rows_written": made.rows,
            **phases.seconds,
            "peak_rss_mb": peak_rss_mb(),
            **after_tick("cycle_s", context.run.tags, now_utc()),
        }
        asked = _judged(key, golden_verdict(made.validated), "query_validation")
        yield dg.MaterializeResult(metadata=about, check_results=[_judged(key, verdict), asked])

    return publication


def backup_asset(after: list[Domain]) -> dg.AssetsDefinition:
    """The asset that backs up every world that has a database."""

    @dg.asset(
        key=BACKUP,
        pool=BESIDE_LIVE,
        deps=[publication_key(domain) for domain in after],
        group_name="warehouse",
        owners=OWNERS,
        kinds={"zstd"},
        description="Each world in one archive: database, lake, histories, models, ledger; restored once to verify it.",
        check_specs=[_schema_check(BACKUP, "Each backup was fetched, restored, and equal in checksums and row counts")],
    )
    def backup() -> Iterator[dg.MaterializeResult[None]]:
        settings = load_settings()
        made = [create_backup(settings, each) for each in worlds(settings)]
        about = {f"{each.source}_backup": dg.MetadataValue.json(each.short()) for each in made}
        says = ", ".join(f"{each.file} ({each.source}, {each.total_rows} rows)" for each in made)
        verdict = Verdict(bool(made), f"restored and counted: {says}" if made else "there was no database to copy")
        yield dg.MaterializeResult(metadata=about, check_results=[_judged(BACKUP, verdict)])

    return backup


def _schema_check(key: dg.AssetKey, description: str) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(name="schema", asset=key, blocking=True, description=description)


def _judged(key: dg.AssetKey, verdict: Verdict, name: str = "schema") -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        asset_key=key,
        check_name=name,
        passed=verdict.passed,
        severity=dg.AssetCheckSeverity.ERROR if verdict.level == "error" else dg.AssetCheckSeverity.WARN,
        description=verdict.says,
        metadata=dict(verdict.figures),
    )
