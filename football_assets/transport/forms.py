"""The form of a provider's answers: how bytes become a body. A transport reads one form."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn


@dataclass(frozen=True, slots=True)
class Form:
    """`read` turns the bytes of a whole answer into its body and raises ValueError for bytes of another form."""

    name: str
    read: Callable[[bytes], Any]


def _read_json(raw: bytes) -> Any:
    try:
        return json.loads(raw, parse_constant=_not_json)
    except RecursionError:
        raise ValueError("nested too deep") from None


def _not_json(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _read_text(raw: bytes) -> str:
    if not raw.strip() or b"\0" in raw:
        raise ValueError("empty or binary")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("windows-1252")


JSON = Form("JSON", _read_json)
# UTF-8 with or without a byte-order mark, else Windows-1252, which is what providers of plain files mix.
TEXT = Form("text", _read_text)
