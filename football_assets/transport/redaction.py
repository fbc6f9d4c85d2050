"""Keeping secrets out of everything people read: messages, log lines, samples."""

import json
import logging
import re
from collections.abc import Iterable
from functools import lru_cache

MASK = "***"

# Below this a value is redacted only where it stands alone, or it would eat letters out of ordinary words.
_SHORT = 4


def redact(text: str, secrets: Iterable[str]) -> str:
    """`text` with each secret masked, also where it is percent-encoded or escaped as in JSON or a Python repr."""
    known = tuple(sorted({secret for secret in secrets if secret}, key=lambda secret: (-len(secret), secret)))
    return _pattern(known).sub(MASK, text) if known else text


class RedactingFilter(logging.Filter):
    """Masks secrets in every record that passes, its traceback and stack included."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__()
        self._secrets = tuple(secrets)

    def filter(self, record: logging.LogRecord) -> bool:
        """Always true: records are cleaned, not dropped."""
        record.msg, record.args = redact(record.getMessage(), self._secrets), None
        if record.exc_info:
            # Formatters print `exc_text` when it is there; the live exception would bring the secret back.
            record.exc_text = logging.Formatter().formatException(record.exc_info)
            record.exc_info = None
        if record.exc_text:
            record.exc_text = redact(record.exc_text, self._secrets)
        if record.stack_info:
            record.stack_info = redact(record.stack_info, self._secrets)
        return True


@lru_cache(maxsize=32)
def _pattern(secrets: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(_spellings(secret) for secret in secrets))


def _spellings(secret: str) -> str:
    """A pattern for every way of writing `secret`, character by character, so that mixed encodings match too."""
    written = "".join(f"(?:{'|'.join(_forms(character))})" for character in secret)
    return rf"(?<![0-9A-Za-z]){written}(?![0-9A-Za-z])" if len(secret) < _SHORT else written


def _forms(character: str) -> list[str]:
    percent = "".join(f"%{byte:02x}" for byte in character.encode("utf-8", "surrogatepass"))
    escapes = {json.dumps(character)[1:-1], ascii(character)[1:-1], repr(character)[1:-1]} - {character}
    forms = [re.escape(escape) for escape in sorted(escapes)]
    forms += [f"(?i:{percent})", re.escape(character)]
    return [*forms, r"\+"] if character == " " else forms
