"""The fault table: every fault of the drill, in the order in which they are run."""

from football_assets.operations.drill import (
    clock_faults,
    college_faults,
    process_faults,
    provider_faults,
    storage_faults,
)
from football_assets.operations.drill.faults import Fault

FAULTS: tuple[Fault, ...] = (
    *provider_faults.FAULTS,
    *clock_faults.FAULTS,
    *process_faults.FAULTS,
    *storage_faults.FAULTS,
    *college_faults.FAULTS,
)
