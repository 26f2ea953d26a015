"""A batch: a folder on the disk that the commands can read as well.

    batches/20261130-5f2c/
        batch.toml              title, when it was made, what is asked of the reading
        list.csv                the list that it was made with
        scans/                  the originals
        results.jsonl           as `hwr-edge file --output` writes it; results.jsonl.part until all is read
        results.answers.jsonl   as `hwr-edge review` writes it
        read.jsonl, state.json  which pages were read; how far it is

An address holds the folder's name alone, which says nothing of anybody.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO

from hwr_edge.desk.place import safe_name
from hwr_edge.desk.reading_options import options_of
from hwr_edge.desk.records import PART, RESULTS, Record, read_record
from hwr_edge.errors import DataError, OutputError, cannot_write
from hwr_edge.files import write_own
from hwr_edge.limits import RESULTS_BYTES

_AT_ONCE = 1 << 20  # bytes
_SAME = 100  # files of one name, at most


class State(StrEnum):
    """How far a batch is."""

    EMPTY = "empty"
    WAITING = "waiting"
    READING = "reading"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


OPEN = (State.WAITING, State.READING)
"""What a restart goes on with."""


class Gone(DataError):  # noqa: N818  # says what is wrong, as its siblings do
    """There is no such batch, or not any more."""


class Batch:
    """One batch; any number of threads may ask it, one reads."""

    def __init__(self, folder: Path) -> None:
        """Know a batch that is there.

        Raises:
            DataError: its files are damaged.
        """
        self.folder, self.scans = folder, folder / "scans"
        self.cancelled = threading.Event()
        self._lock = threading.RLock()
        said = _batch_file(folder / "batch.toml")
        self.title, self.created = str(said["title"]), said["created"]
        self.asked = options_of(said.get("options", {}))
        self.seen = read_record(folder)
        self.state, self.problem = _state(folder / "state.json")
        if self.state is State.EMPTY and self.scan_names():
            self.state = State.WAITING

    @property
    def id(self) -> str:
        """The folder's name, by which addresses know it."""
        return self.folder.name

    @property
    def results(self) -> Path:
        """The rows so far: of the part while it grows."""
        part = self.folder / PART
        return part if part.exists() else self.folder / RESULTS

    @property
    def list_file(self) -> Path | None:
        """The list that it was made with."""
        return next(self.folder.glob("list.*"), None)

    def scan_names(self) -> list[str]:
        """The scans in an order that people expect: 2 before 10."""
        try:
            names = [path.name for path in self.scans.iterdir() if not path.name.startswith(".")]
        except FileNotFoundError as error:
            raise Gone("there is no such batch") from error
        return sorted(names, key=_natural)

    def unread(self) -> list[str]:
        """Scans of which not all pages were read."""
        pages: dict[str, set[int | None]] = {}
        count: dict[str, int] = {}
        for one in self.seen:
            pages.setdefault(one.scan, set()).add(one.page)
            count[one.scan] = one.pages
        return [name for name in self.scan_names() if len(pages.get(name, ())) < count.get(name, 1)]

    def read_pages(self, scan: str) -> set[int | None]:
        """The pages of a scan that were read."""
        return {one.page for one in self.seen if one.scan == scan}

    def state_is(self, state: State, problem: str = "") -> None:
        """Keep how far it is; where the disk is full, at least in memory."""
        with self._lock:
            self.state, self.problem = state, problem
            said = json.dumps({"state": state.value, "problem": problem})
            with suppress(OutputError):
                write_own(self.folder / "state.json", said.encode(), private=True)

    def add(self, name: str, file: BinaryIO) -> str:
        """Take a scan: whole or not at all; one that is there already is not taken twice.

        Returns:
            The name that it has.

        Raises:
            OutputError: it cannot be written.
            Gone: the batch was deleted.
        """
        draft = self.scans / f".{secrets.token_hex(8)}"
        name = safe_name(name)
        try:
            with draft.open("xb") as out:
                shutil.copyfileobj(file, out, _AT_ONCE)
                out.flush()
                os.fsync(out.fileno())
            with self._lock:
                named, there = self._free(name, draft)
                if not there:
                    os.replace(draft, self.scans / named)
        except FileNotFoundError as error:
            raise Gone("there is no such batch") from error
        except OSError as error:
            raise cannot_write(name, error) from error
        finally:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
        return named

    def _free(self, name: str, draft: Path) -> tuple[str, bool]:
        """A name for a scan, and whether it is there under that: the same bytes."""
        stem, ending = Path(name).stem, Path(name).suffix
        for number in range(1, _SAME):
            tried = name if number == 1 else f"{stem}-{number}{ending}"
            there = self.scans / tried
            if not there.exists():
                return tried, False
            if _same(there, draft):
                return tried, True
        raise OutputError(f"{name}: too many files of this name")

    @contextmanager
    def recording(self) -> Iterator[Record]:
        """Its open record, whose pages count at once; raises as `Record`."""
        with Record(self.folder) as record:
            self.seen = record.seen
            yield record

    def rows(self, after: int = 0, count: int = 1000) -> tuple[list[dict[str, Any]], int]:
        """Rows as they are in the results, after so many bytes; and how many bytes there are with them."""
        end = min(self.seen[-1].end if self.seen else 0, RESULTS_BYTES)
        found: list[dict[str, Any]] = []
        try:
            with self.results.open("rb") as file:
                file.seek(min(after, end))
                while file.tell() < end and len(found) < count:
                    found.append(json.loads(file.readline()))
                return found, file.tell()
        except FileNotFoundError:
            return [], 0
        except (OSError, ValueError) as error:
            raise DataError(
                "the rows cannot be read; `after` is a number that `next` gave"
            ) from error

    def to_dict(self) -> dict[str, Any]:
        """What the page and programs see of it."""
        seen = list(self.seen)
        known = {one.scan: one.pages for one in seen}
        names = self.scan_names()
        return {
            "id": self.id,
            "title": self.title,
            "created": self.created.isoformat().replace("+00:00", "Z"),
            "options": self.asked.to_dict(),
            "state": self.state.value,
            "problem": self.problem,
            "scans": len(names),
            "pages": sum(known.get(name, 1) for name in names),
            "read": len(seen),
            "rows": sum(one.rows for one in seen),
            "problems": [line for one in seen for line in one.problems][:100],
            "notes": [line for one in seen for line in one.notes][:100],
        }


def _natural(name: str) -> list[tuple[int, int, str]]:
    parts = re.split(r"([0-9]+)", name.casefold())
    return [(0, int(part[:18]), "") if part.isdecimal() else (1, 0, part) for part in parts if part]


def _same(one: Path, other: Path) -> bool:
    import filecmp

    return filecmp.cmp(one, other, shallow=False)


def _batch_file(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            found = tomllib.load(file)
        if not isinstance(found["created"], datetime) or found["created"].tzinfo is None:
            raise ValueError("created")
        found["title"]
        return found
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from error
    except (ValueError, KeyError) as error:
        raise DataError(f"{path}: damaged; correct it, or delete the folder") from error


def _state(path: Path) -> tuple[State, str]:
    try:
        found = json.loads(path.read_text("utf-8"))
        return State(found["state"]), str(found["problem"])
    except (OSError, ValueError, KeyError, TypeError):
        return State.EMPTY, ""
