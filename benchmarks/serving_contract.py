"""The OpenAPI document put to a long test: requests made up from it against a real server over a small world.

    python -m benchmarks.serving_contract [--examples 100] [--begin 1] [--seconds 600]

Writes nothing but a folder of its own, which is removed. Ends with 1 when something did not hold.
"""

import argparse
import tempfile
import time
from pathlib import Path

from football_assets.config import load_settings
from football_assets_tests.emulated import served
from football_assets_tests.emulated.contract import held_against_its_document


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument(
        "--examples", type=int, default=100, help="Requests of an operation that fit, and as many not"
    )
    arguments.add_argument("--begin", type=int, default=1, help="Seed of the requests")
    arguments.add_argument("--seconds", type=float, default=600, help="No operation is begun after it")
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        nowhere = load_settings().serving.model_copy(update={"dagster_url": "http://127.0.0.1:9"})
        settings = load_settings().model_copy(update={"home": Path(folder), "serving": nowhere})
        served.put(settings.folder, "soccer", served.soccer_rows())
        served.put(settings.folder, "ncaa", served.ncaa_rows())
        with served.Served(settings).running() as running:
            began = time.monotonic()
            outcome = held_against_its_document(
                running.url, examples=asked.examples, begin=asked.begin, until_s=asked.seconds
            )
            took_s = time.monotonic() - began
    print(f"{outcome.asked:,} requests to {len(outcome.operations)} operations in {took_s:.0f} s")
    print("statuses    " + "   ".join(f"{status}: {count}" for status, count in sorted(outcome.statuses.items())))
    print(f"not held    {len(outcome.failures)}")
    for (method, path, what), about in outcome.failures.items():
        print(f"\n{method} {path}: {what}\n{about}")
    raise SystemExit(1 if outcome.failures else 0)


if __name__ == "__main__":
    main()
