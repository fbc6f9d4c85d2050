"""A client of the stream: `python -m ... URL` prints each event of `soccer.matches` as one line of JSON."""

import json
import sys

from football_assets.client import Football

CHANNEL = "soccer.matches"


def main(url: str) -> None:
    """Follow until ended."""
    with Football(url) as football:
        for event in football.follow(CHANNEL):
            told = {"kind": event.kind, "key": event.key, "data": event.data, "seq": event.seq}
            sys.stdout.write(json.dumps(told) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
