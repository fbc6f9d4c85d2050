"""First paint and weight of every page in a headless Chromium, nothing in its cache.

    python -m benchmarks.serving_pages [--visits 5] [--json F]

Needs a published home (`make run`) and Chromium. The server runs in a process of its own; each visit has a browser
profile of its own. Bytes are as transferred, compressed where the server compresses. Exits 1 when the median first
paint of a page is over its limit.
"""

import argparse
import asyncio
import json
import shutil
import statistics
import sys
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks.serving_process import read, ready, server

LIMIT_MS = 1_000.0
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MEASURED = """() => {
  const loaded = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
  return {
    paint_ms: performance.getEntriesByName("first-contentful-paint")[0].startTime,
    html_ms: performance.getEntriesByType("navigation")[0].responseEnd,
    bytes: loaded.reduce((sum, each) => sum + each.transferSize, 0),
    files: loaded.length,
  };
}"""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--visits", type=int, default=5)
    arguments.add_argument("--json", type=Path)
    asked = arguments.parse_args()
    with server() as url:
        found = measured(url, asyncio.run(pages_of(url)), asked.visits)
    print(f"{'page':28} {'first paint':>12} {'slowest':>9} {'HTML':>8} {'weight':>9} files")
    for path, each in found.items():
        times = f"{each['paint_ms']:9.0f} ms {each['slowest_ms']:6.0f} ms {each['html_ms']:5.0f} ms"
        print(f"{path:28} {times} {each['bytes'] / 1000:6.0f} kB {each['files']:5}")
    slow = [path for path, each in found.items() if each["paint_ms"] > LIMIT_MS]
    print(f"limit of the first paint {LIMIT_MS:.0f} ms: {'over it are ' + ', '.join(slow) if slow else 'kept'}")
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1))
    sys.exit(1 if slow else 0)


async def pages_of(url: str) -> list[str]:
    """Every page, of matches, teams and players the first one listed."""
    async with aiohttp.ClientSession() as session:
        await ready(session, url)
        matches = (await read(session, f"{url}/v1/soccer/matches?limit=1"))["data"]
        teams = (await read(session, f"{url}/v1/ncaaf/power-ratings?limit=1"))["data"]
        players = (await read(session, f"{url}/v1/ncaaf/players/search?q=an&limit=1"))["data"]
    found = ["/", *(f"/match/{each['match_id']}" for each in matches), "/ncaa", "/ncaa/rankings"]
    found += [f"/ncaa/team/{each['team_id']}" for each in teams] + ["/players"]
    found += [f"/players/{each['player_id']}" for each in players]
    return [*found, "/props", "/operations", "/playground"]


def measured(url: str, pages: list[str], visits: int) -> dict[str, dict[str, Any]]:
    """The median of the visits to each page; the first visit warms the server and is not counted."""
    from playwright.sync_api import sync_playwright

    program = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if program is None:
        raise SystemExit("no Chromium is installed: apt-get install chromium")
    found = {}
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for path in pages:
            each = [visited(browser, url + path) for _ in range(visits + 1)][1:]
            told = {name: statistics.median(one[name] for one in each) for name in each[0]}
            found[path] = {**told, "slowest_ms": max(one["paint_ms"] for one in each)}
        browser.close()
    return found


def visited(browser: Any, address: str) -> dict[str, float]:
    """What one visit measured."""
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    try:
        page = context.new_page()
        answer = page.goto(address, wait_until="networkidle")
        assert answer.ok, f"{address}: {answer.status}"
        page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length")
        return dict(page.evaluate(MEASURED))
    finally:
        context.close()


if __name__ == "__main__":
    main()
