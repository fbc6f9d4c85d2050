"""Encrypted archives: AES-256-GCM in blocks, each bound to its place, so that none can be changed, dropped or moved.

The file begins with a mark, a salt and a nonce; the key is made of the configured text by scrypt. Needs the library
`cryptography`; without it a configured key is refused, never ignored.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from football_assets.errors import ConfigError, StorageError
from football_assets.warehouse.backups.archives import USE_ANOTHER

ENDING = ".enc"
_MARK = b"football-backup-1\n"
_SALT, _NONCE, _TAG, _BLOCK = 16, 8, 16, 1 << 20
_SCRYPT: dict[str, Any] = {"n": 2**14, "r": 8, "p": 1, "dklen": 32}


def require_cipher() -> Any:
    """The cipher. Raises ConfigError when the library is not installed."""
    try:
        return import_module("cryptography.hazmat.primitives.ciphers.aead").AESGCM
    except ImportError:
        allowed = "no key while the library `cryptography` is not installed; install it with pip to encrypt backups"
        raise ConfigError("backup.key", value="a key", allowed=allowed, origin="settings") from None


def encrypt(plain: Path, target: Path, key: str) -> None:
    """Write the encrypted form of a file. Raises ConfigError without the library."""
    cipher = require_cipher()
    salt, nonce = os.urandom(_SALT), os.urandom(_NONCE)
    with plain.open("rb") as source, target.open("wb") as file:
        file.write(_MARK + salt + nonce)
        sealed = cipher(_key(key, salt)).encrypt
        for part in _through(source, _BLOCK, nonce, sealed):
            file.write(part)


def decrypt(sealed: Path, target: Path, key: str) -> None:
    """Write the plain form.

    Raises StorageError when the key is another one, the file was changed or cut short, or the disk fails.
    """
    cipher, doing = require_cipher(), f"decrypting {sealed.name}"
    invalid = import_module("cryptography.exceptions").InvalidTag
    try:
        with sealed.open("rb") as source, target.open("wb") as file:
            if source.read(len(_MARK)) != _MARK:
                raise StorageError(doing, "it is no encrypted backup of this form", USE_ANOTHER)
            salt, nonce = source.read(_SALT), source.read(_NONCE)
            if len(nonce) < _NONCE:
                raise StorageError(doing, "it was cut short", USE_ANOTHER)
            opened = cipher(_key(key, salt)).decrypt
            for part in _through(source, _BLOCK + _TAG, nonce, opened):
                file.write(part)
    except invalid as error:  # which says nothing
        happened = "backup.key is not the key it was made with, or it was changed or cut short"
        raise StorageError(doing, happened, "Set the key it was made with, or use another backup.") from error
    except OSError as error:
        raise StorageError(doing, str(error), "Free or mend the disk.") from error


def _through(
    source: IO[bytes], size: int, nonce: bytes, step: Callable[[bytes, bytes, bytes], bytes]
) -> Iterator[bytes]:
    """Each block through the cipher; the last one is marked, so a file that was cut at a block shows it."""
    number, block = 0, source.read(size)
    while True:
        following = source.read(size)
        yield step(nonce + number.to_bytes(4, "big"), block, b"more" if following else b"last")
        if not following:
            return
        number, block = number + 1, following


def _key(text: str, salt: bytes) -> bytes:
    return hashlib.scrypt(text.encode(), salt=salt, **_SCRYPT)
