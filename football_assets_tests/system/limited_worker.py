"""A process that asks a provider as often as the shared limit lets it: `limited_worker.py URL REDIS MINUTE_S LIMIT`.

Its minute is as short as it is told. Each line of standard input is one more request; the answer is a line: `ok`, or
why it did not go out. All lines are taken up at once.
"""

import asyncio
import sys

from football_assets.errors import SourceUnavailable
from football_assets.sections import Service
from football_assets.transport import limits, open_transport


async def main(url, redis_url, limit):
    service = Service(connections=50, timeout_s=2.0, tries=1, per_minute_by_path={"odds/history": limit})

    async def ask(transport, number):
        try:
            await transport.get("odds/history", doing="asking", params={"uuid": number})
            said = "ok"
        except SourceUnavailable as error:
            said = error.happened
        sys.stdout.write(f"{said}\n")
        sys.stdout.flush()

    async with (
        open_transport("TheSports", url, service, shared_url=redis_url) as transport,
        asyncio.TaskGroup() as all_,
    ):
        for number in range(10**9):
            line = await asyncio.to_thread(sys.stdin.readline)
            if not line:
                break
            all_.create_task(ask(transport, number))


if __name__ == "__main__":
    limits.MINUTE_S = float(sys.argv[3])
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[4])))
