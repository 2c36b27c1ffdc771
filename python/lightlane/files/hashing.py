"""What two pieces of plain data have in common if they are equal."""

from __future__ import annotations

import hashlib
import json


def hash_json(value: object) -> str:
    """Return the SHA-256 of plain data, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
