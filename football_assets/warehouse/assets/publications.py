"""The last stages: each pipeline's checked tables into the database, and a verified copy of the database."""

from collections.abc import Iterator
from dataclasses import asdict

import dagster as dg

from football_assets.config import load_settings
from football_assets.providers import Domain
from football_assets.states import Source
from football_assets.tables import Verdict
from football_assets.warehouse.assets.tables import OWNERS, asset_key
from football_assets.warehouse.backups import create_backup
from football_assets.warehouse.inspection import hold_against_declarations
from football_assets.warehouse.publication import publish, published_tables
from football_assets.warehouse.relations import database_path
from football_assets.warehouse.storage import lake_of

BACKUP = dg.AssetKey(["warehouse", "backup"])


def publication_key(domain: str) -> dg.AssetKey:
    """`warehouse/soccer`: the publication of a pipeline."""
    return dg.AssetKey(["warehouse", domain])


def publication_asset(domain: Domain) -> dg.AssetsDefinition:
    """The asset that publishes every table of a pipeline whose checks have passed."""
    key = publication_key(domain)

    @dg.asset(
        key=key,
        deps=[asset_key(table) for table in published_tables(domain)],
        group_name="warehouse",
        owners=OWNERS,
        kinds={"sqlite"},
        description=f"The {domain} tables as readers see them: loaded in one transaction under a new publication id.",
        check_specs=[_schema_check(key, "Stored columns, types and row counts equal the declarations and the files")],
    )
    def publication(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        lake = lake_of(domain)
        home = load_settings().folder
        made = publish(home, lake.source, domain, run_id=context.run.run_id)
        verdict = hold_against_declarations(database_path(home, lake.source), lake, domain)
        about = {
            "publication_id": made.id,
            "source": made.source.value,
            "as_of": made.as_of.isoformat() if made.as_of else "unknown",
            "replaced_tables": ", ".join(made.replaced) or "none",
            "rows_written": made.rows,
        }
        yield dg.MaterializeResult(metadata=about, check_results=[_judged(key, verdict)])

    return publication


def backup_asset(after: list[Domain]) -> dg.AssetsDefinition:
    """The asset that copies the database of every world that has one."""

    @dg.asset(
        key=BACKUP,
        deps=[publication_key(domain) for domain in after],
        group_name="warehouse",
        owners=OWNERS,
        kinds={"sqlite", "zstd"},
        description="A compressed copy of each world's database, verified by restoring it and counting its rows.",
        check_specs=[_schema_check(BACKUP, "Each copy was restored whole and its row counts equal the original's")],
    )
    def backup() -> Iterator[dg.MaterializeResult[None]]:
        settings = load_settings()
        worlds = [each for each in Source if database_path(settings.folder, each).exists()]
        made = [create_backup(settings.folder, each, keep_days=settings.backup.retention_days) for each in worlds]
        about = {f"{each.source}_backup": dg.MetadataValue.json(asdict(each)) for each in made}
        says = ", ".join(f"{each.file} ({each.source}, {each.total_rows} rows)" for each in made)
        verdict = Verdict(bool(made), f"restored and counted: {says}" if made else "there was no database to copy")
        yield dg.MaterializeResult(metadata=about, check_results=[_judged(BACKUP, verdict)])

    return backup


def _schema_check(key: dg.AssetKey, description: str) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(name="schema", asset=key, blocking=True, description=description)


def _judged(key: dg.AssetKey, verdict: Verdict) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        asset_key=key,
        check_name="schema",
        passed=verdict.passed,
        description=verdict.says,
        metadata=dict(verdict.figures),
    )
