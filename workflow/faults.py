"""What a database says when it can't, and the refusal that it means."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, TimeoutError

from workflow.errors import Busy, Refusal, StorageFailed

# Primary result codes (https://sqlite.org/rescode.html); the extended ones have them in their lowest byte.
SQLITE_WAITED = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
SQLITE_FAILED = {
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
}
# SQLSTATEs (https://www.postgresql.org/docs/current/errcodes-appendix.html): serialization failure, deadlock, lock timeout
WAITED = ("40001", "40P01", "55P03")
# connection lost, read-only, out of disk, memory or connections, shut down, the server's own I/O
FAILED = ("08", "25006", "53", "57P", "58")


@contextmanager
def told() -> Iterator[None]:
    """Raise Busy or StorageFailed for what is no fault of the statement's; all else passes as it is."""
    try:
        yield
    except TimeoutError:  # no connection became free
        raise Busy() from None
    except DBAPIError as fault:
        refusal = _refusal(fault)
        if refusal is None:
            raise
        raise refusal from fault


def _refusal(fault: DBAPIError) -> Refusal | None:
    number = getattr(fault.orig, "sqlite_errorcode", None)
    if isinstance(number, int):
        number &= 0xFF
        return Busy() if number in SQLITE_WAITED else StorageFailed() if number in SQLITE_FAILED else None
    state = getattr(fault.orig, "sqlstate", None)
    if isinstance(state, str):
        return Busy() if state in WAITED else StorageFailed() if state.startswith(FAILED) else None
    # A PostgreSQL that isn't there has no state to tell.
    return StorageFailed() if fault.connection_invalidated or _unreachable(fault) else None


def _unreachable(fault: DBAPIError) -> bool:
    return type(fault.orig).__module__.startswith("psycopg") and type(fault.orig).__name__ == "OperationalError"
