"""The outbox: names that wait for one receiver, in an SQLite file that survives kills and power cuts."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from hwr_edge.appending import open_own
from hwr_edge.errors import OutputError, cannot_write
from hwr_edge.events.destination import Destination
from hwr_edge.folders import make_folder
from hwr_edge.results.cells import to_json

MOST_ROWS = 100_000
"""That may wait for one receiver."""
_NAMESPACE = uuid.UUID("6b1f2a4e-7a0c-4a0b-9a53-0f6d3c1b7e25")  # of our ids; any will do
_BUSY = 30.0  # seconds for another process that writes
_TABLES = """
CREATE TABLE IF NOT EXISTS rows (place INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


class Waiting(NamedTuple):
    """A row that was not given yet; `body` is JSON with `id` as its first key."""

    id: str
    body: bytes


class Outbox:
    """One receiver's rows, in the order they came. Every thread opens the file for itself."""

    def __init__(self, path: Path, shown: str = "", most: int = MOST_ROWS) -> None:
        """Make or open it; a new one is its owner's alone.

        Args:
            path: the file.
            shown: what to call the receiver, kept in a new file.
            most: how many rows may wait.

        Raises:
            OutputError: it cannot be made, or is no outbox.
        """
        self.path, self._most = path, most
        try:
            os.close(open_own(path, os.O_RDWR | os.O_CREAT))
        except OSError as error:
            raise cannot_write(path, error) from error
        with self._open() as base:
            base.executescript(_TABLES)
            known = [("client", f"hwr-edge-{uuid.uuid4().hex[:12]}"), ("shown", shown)]
            base.executemany("INSERT OR IGNORE INTO facts VALUES (?, ?)", known)
            facts = dict(base.execute("SELECT name, value FROM facts").fetchall())
        self.client: str = facts["client"]
        self.shown: str = facts["shown"]

    def add(self, rows: Sequence[Mapping[str, Any]], of: str = "") -> None:
        """Queue rows, all or none, and wait until they are on the disk; one that waits already is not queued again.

        Args:
            rows: what to give.
            of: what they were read from, if that may be read again: then the same rows get the same ids
                (`ids_of`). By itself each gets a new one.

        Raises:
            OutputError: too many wait, or they cannot be written.
        """
        ids = ids_of(rows, of) if of else [str(uuid.uuid4()) for _ in rows]
        new = [(id, _body(id, row)) for id, row in zip(ids, rows, strict=True)]
        with self._open() as base:
            base.execute("BEGIN IMMEDIATE")
            (waiting,) = base.execute("SELECT count(*) FROM rows").fetchone()
            if waiting + len(new) > self._most:
                raise OutputError(
                    f"{self.shown}: {waiting} names wait, and no more than {self._most} may; bring the "
                    "receiver back, or run hwr-edge events --drop"
                )
            base.executemany("INSERT OR IGNORE INTO rows (id, body) VALUES (?, ?)", new)

    def first(self) -> Waiting | None:
        """The row that waits longest."""
        with self._open() as base:
            found = base.execute("SELECT id, body FROM rows ORDER BY place LIMIT 1").fetchone()
        return Waiting(*found) if found else None

    def given(self, id: str) -> None:
        """Forget a row that the receiver has."""
        with self._open() as base:
            base.execute("DELETE FROM rows WHERE id = ?", (id,))

    def drop(self) -> int:
        """Forget all rows, and let nothing of them stay in the file; how many there were."""
        with self._open() as base:
            dropped = base.execute("DELETE FROM rows").rowcount
        with self._open() as base:
            base.execute("VACUUM")
            base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return dropped

    def __len__(self) -> int:
        with self._open() as base:
            return int(base.execute("SELECT count(*) FROM rows").fetchone()[0])

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """A connection that commits at the end; OutputError where SQLite cannot go on."""
        try:
            with closing(sqlite3.connect(self.path, timeout=_BUSY, isolation_level=None)) as base:
                base.execute("PRAGMA journal_mode = WAL")
                base.execute("PRAGMA synchronous = FULL")
                base.execute("PRAGMA secure_delete = ON")  # given names do not stay in free pages
                yield base
                if base.in_transaction:
                    base.execute("COMMIT")
        except sqlite3.Error as error:
            raise OutputError(f"{self.path}: the outbox cannot be used ({error})") from error


def outbox_for(folder: Path, to: Destination) -> Outbox:
    """The outbox of a receiver; OutputError where it cannot be made."""
    make_folder(folder, private=True)
    name = hashlib.sha256(to.key.encode("utf-8", "replace")).hexdigest()[:16]
    return Outbox(folder / f"{name}.outbox", to.shown)


def outboxes(folder: Path) -> list[Outbox]:
    """Those that are there."""
    return [Outbox(path) for path in sorted(folder.glob("*.outbox"))]


def ids_of(rows: Sequence[Mapping[str, Any]], of: str) -> list[str]:
    """Ids made of what the rows say and where they were read (RFC 9562, UUID version 5).

    Rows that are alike are numbered, so that each has its own.
    """
    told = [json.dumps([of, row], sort_keys=True) for row in rows]
    before: Counter[str] = Counter()
    found = []
    for text in told:
        found.append(str(uuid.uuid5(_NAMESPACE, f"{before[text]} {text}")))
        before[text] += 1
    return found


def _body(id: str, row: Mapping[str, Any]) -> bytes:
    return to_json({"id": id, **row}).encode("utf-8", "replace")
