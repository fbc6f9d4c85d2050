"""The code location: every pipeline that is installed, the warehouse behind them, and what starts them."""

import dagster as dg

from football_assets.operations import automation as operations
from football_assets.rooms import installed, part
from football_assets.warehouse.assets.connection import ProviderConnection
from football_assets.warehouse.assets.publications import backup_asset, publication_asset
from football_assets.warehouse.storage import LakeStorage

pipelines = installed()

defs = dg.Definitions(
    assets=[
        *(asset for name in pipelines for asset in part(name, "assets").ASSETS),
        *(publication_asset(name) for name in pipelines),
        backup_asset(after=[name for name in pipelines if name == "ncaa"]),
    ],
    jobs=[job for name in pipelines for job in part(name, "automation").JOBS],
    schedules=[schedule for name in pipelines for schedule in part(name, "automation").SCHEDULES],
    sensors=[*operations.SENSORS, *(sensor for name in pipelines for sensor in part(name, "automation").SENSORS)],
    resources={
        "lake": LakeStorage(),
        "thesports": ProviderConnection(domain="soccer"),
        "college_football": ProviderConnection(domain="ncaa"),
    },
    executor=dg.in_process_executor,
)
