"""The operator's key, as a file of mode 0600: a comment line and 32 random bytes in base64."""

from __future__ import annotations

import base64
import binascii
import os
from dataclasses import dataclass
from pathlib import Path

from sealgate.secret import Secret
from sealgate.stores.errors import StoreUnusable
from sealgate.stores.files import sync_directory, unusable_file, write_private_file
from sealgate.stores.sealing import KEY_BYTES

_COMMENT = (
    "# The operator's key of Sealgate. Keep a backup apart from the database: without it, no secret opens."
)
_OTHERS = 0o077


@dataclass(frozen=True, slots=True)
class KeyFile:
    path: Path

    @property
    def previous(self) -> KeyFile:
        """Where the old key waits while a rotation is under way."""
        return KeyFile(self.path.with_name(f"{self.path.name}.previous"))

    def exists(self) -> bool:
        return self.path.exists()

    def read(self) -> Secret[bytes]:
        """Raises StoreUnusable when it is missing, is open to others, or holds no key."""
        try:
            with self.path.open(encoding="ascii", errors="replace") as file:
                mode = os.fstat(file.fileno()).st_mode & 0o777
                text = file.read()
        except OSError as problem:
            raise unusable_file(
                self.path, problem, "restore the operator's key from your backup, or set SEALGATE_KEY_FILE"
            ) from None
        if mode & _OTHERS:
            raise StoreUnusable(
                f"{self.path}: the operator's key may be read by others (mode {mode:04o}). "
                f"To go on, run: chmod 600 {self.path}"
            )
        return self._parse(text)

    def write(self, key: Secret[bytes]) -> None:
        """Put the key in place, whole or not at all. Raises StoreUnusable."""
        write_private_file(self.path, f"{_COMMENT}\n{base64.b64encode(key.reveal()).decode()}\n")

    def remove(self) -> None:
        if self.exists():
            self.path.unlink()
            sync_directory(self.path.parent)

    def _parse(self, text: str) -> Secret[bytes]:
        encoded = "".join(line.strip() for line in text.splitlines() if not line.startswith("#"))
        try:
            key = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if len(key) != KEY_BYTES:
            raise StoreUnusable(
                f"{self.path}: this is no operator's key: {KEY_BYTES} bytes in base64 are expected. "
                "To go on, restore the file from your backup."
            )
        return Secret(key)


def back_up_notice(path: Path) -> str:
    """What the operator is told when the key was made."""
    return (
        f"created the operator's key: back up {path}, apart from the database; "
        "without it no secret can be opened"
    )
