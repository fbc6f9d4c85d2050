"""The rows behind what an analysis says, kept by their content so that a sentence can be checked for a month."""

import hashlib
from pathlib import Path
from typing import Any

import orjson

from football_assets.blob_store import BlobStore
from football_assets.serving.problems import Problem

KEPT_S = 30 * 86_400
LARGEST_BYTES = 512 * 1024**2


class EvidenceStore:
    """Evidence by id. The id is a digest of the content: the same rows have the same id, in every process."""

    def __init__(self, folder: Path) -> None:
        self._kept = BlobStore(folder, largest_bytes=LARGEST_BYTES)

    def put(self, content: dict[str, Any]) -> str:
        """Keep evidence; its id."""
        body = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
        number = hashlib.sha256(body).hexdigest()[:32]
        self._kept.set(number, body, KEPT_S)
        return number

    def get(self, number: str) -> dict[str, Any]:
        """The evidence of an id. Raises Problem `not_found`."""
        body = self._kept.get(number)
        if body is None:
            raise Problem("not_found", f"No evidence has the id {number!r}: it is kept for 30 days.")
        found: dict[str, Any] = orjson.loads(body)
        return found

    def close(self) -> None:
        """Close the store."""
        self._kept.close()
