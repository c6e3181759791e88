"""Where random bytes come from: functions that draw take it as an argument, so that vectors can be made."""

from __future__ import annotations

import secrets
from collections.abc import Callable

Rng = Callable[[int], bytes]

random_bytes: Rng = secrets.token_bytes
