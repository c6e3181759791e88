"""Budgets of form tokens: what one opened page may ask for before it has to work for more (docs/decisions/0021).

Counted in this process's memory under the token's random number, until the token runs out; nothing is stored. Nobody is
turned away: past the budget, or without a token, each envelope costs a proof of work.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence

from crypto.errors import CryptoError
from crypto.forms import make_form_token, read_form_token
from intake.limits import Limits

MOST_TOKENS = 20_000  # counted at once; the one that was used longest ago is forgotten first
HOUR = 3600
BUDGETS = {"preview": "previews", "submit": "submissions", "mailbox.write": "writings", "mailbox.badkey": "writings"}
READINGS = "readings"


class Forms:
    """The tokens of the keys that are taken now, the first for new ones."""

    def __init__(self, keys: Callable[[], Sequence[bytes]], limits: Limits) -> None:
        self.keys, self.limits = keys, limits
        self._used: OrderedDict[bytes, dict[str, int]] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def seconds(self) -> int:
        return self.limits.form_hours * HOUR

    def token(self, at: float) -> str:
        return make_form_token(self.keys()[0], int(at) + self.seconds)

    def charge(self, token: object, op: object, worked: int, at: float) -> int:
        """Count one use and return 0; or the bits that it has to bring first, when `worked` are too few."""
        budget = BUDGETS.get(op, READINGS) if isinstance(op, str) else READINGS
        try:
            nonce = read_form_token(self.keys(), token, int(at)) if isinstance(token, str) else None
        except CryptoError:
            nonce = None
        if nonce is None:
            return 0 if worked >= self.limits.work_least else self.limits.work_least
        with self._lock:
            used = self._used.setdefault(nonce, {})
            self._used.move_to_end(nonce)
            beyond = used.get(budget, 0) + 1 - int(getattr(self.limits, budget))
            needed = min(self.limits.work_most, self.limits.work_least + beyond.bit_length() - 1) if beyond > 0 else 0
            if worked >= needed:
                used[budget] = used.get(budget, 0) + 1
                needed = 0
            while len(self._used) > MOST_TOKENS:
                self._used.popitem(last=False)
        return needed
