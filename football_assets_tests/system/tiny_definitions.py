"""A code location of a few jobs, small enough to be copied, edited and killed by the tests."""

import logging
import os
import signal
import time

import dagster as dg

VERSION = 1


@dg.asset
def answer(context: dg.AssetExecutionContext) -> None:
    """The one asset; tells which version of this file made it."""
    logging.getLogger(__name__).warning("answered")
    context.add_output_metadata({"version": VERSION, "pid": os.getpid()})


@dg.op
def fail() -> None:
    raise ValueError("failed on purpose")


@dg.op
def vanish() -> None:
    os._exit(3)


@dg.op
def sleep_long() -> None:
    time.sleep(120)


@dg.op
def sleep_deaf() -> None:
    """Deaf in the way native code is: no Python handler gets a chance."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    time.sleep(120)


@dg.op(pool="beside_live")
def sleep_in_pool() -> None:
    time.sleep(120)


@dg.op(out=dg.Out(dg.Nothing))
def begin() -> None:
    """Done once, and not again when the run goes on."""


@dg.op(ins={"begun": dg.In(dg.Nothing)})
def finish() -> None:
    """Sleeps until somebody lets it go on."""
    while not os.path.exists(os.environ["DAGSTER_HOME"] + "/go-on"):  # noqa: PTH110 - no further import here
        time.sleep(0.05)


@dg.job
def failing() -> None:
    fail()


@dg.job
def crashing() -> None:
    vanish()


@dg.job
def sleeping() -> None:
    sleep_long()


@dg.job
def deaf() -> None:
    sleep_deaf()


@dg.job
def pooled() -> None:
    sleep_in_pool()


@dg.job
def resumable() -> None:
    finish(begin())


materialize = dg.define_asset_job("materialize", selection=[answer])
every_minute = dg.ScheduleDefinition(job=materialize, cron_schedule="* * * * *")

defs = dg.Definitions(
    assets=[answer],
    jobs=[materialize, failing, crashing, sleeping, deaf, pooled, resumable],
    schedules=[every_minute],
    executor=dg.in_process_executor,
)
