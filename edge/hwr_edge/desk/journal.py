"""What was taken from a watched folder: a journal by content, so that a file written twice is read once."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from hwr_edge.appending import append_whole, open_own
from hwr_edge.errors import DataError, cannot_write
from hwr_edge.files import write_own


@dataclass(frozen=True)
class Taken:
    """A file that was taken.

    sha256: of its bytes.
    batch: where it is read.
    name: what it is to be called there.
    scan: what it is called there, once it is there.
    moved: where the original lies, once it was read.
    """

    sha256: str
    batch: str
    name: str
    scan: str = ""
    moved: tuple[str, ...] = ()


class Journal:
    """All that was taken, on the disk before it is read; a line each, the last of a content counts."""

    def __init__(self, path: Path) -> None:
        """Read the journal.

        Raises:
            DataError: it is damaged or cannot be read.
        """
        self._path, self._lock = path, threading.Lock()
        self._known: dict[str, Taken] = {}
        self.last: Taken | None = None
        try:
            raw = path.read_bytes() if path.is_file() else b""
            for line in raw[: raw.rfind(b"\n") + 1].splitlines():
                found = json.loads(line)
                self._apply(Taken(**{**found, "moved": tuple(found["moved"])}))
        except OSError as error:
            raise DataError(f"{path}: cannot be read ({error.strerror})") from error
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(f"{path}: damaged; move it away") from error

    def __iter__(self) -> Iterator[Taken]:
        return iter(list(self._known.values()))

    def get(self, sha256: str) -> Taken | None:
        """What was taken with these bytes."""
        return self._known.get(sha256)

    def add(self, taken: Taken) -> None:
        """Keep that it was taken; it is on the disk.

        Raises:
            OutputError: it cannot be written.
        """
        line = json.dumps(asdict(taken)).encode() + b"\n"
        with self._lock:
            try:
                file = open_own(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT)
            except OSError as error:
                raise cannot_write(self._path, error) from error
            try:
                self._mend(file)
                append_whole(file, self._path, line)
            finally:
                os.close(file)
            self._apply(taken)

    def forget(self, batch: str) -> None:
        """Forget a batch that is deleted for good, and delete the originals of its scans.

        Raises:
            OutputError: the journal cannot be written.
        """
        with self._lock:
            gone = [one for one in self._known.values() if one.batch == batch]
            if not gone:
                return
            for path in [Path(moved) for one in gone for moved in one.moved]:
                for file in (path, path.with_name(f"{path.name}.txt")):
                    with suppress(OSError):  # it was moved on: it is theirs now
                        file.unlink()
            for one in gone:
                del self._known[one.sha256]
            self.last = None if self.last in gone else self.last
            lines = [json.dumps(asdict(one)).encode() + b"\n" for one in self._known.values()]
            write_own(self._path, b"".join(lines), private=True)

    def _apply(self, taken: Taken) -> None:
        self._known[taken.sha256] = taken
        self.last = taken

    def _mend(self, file: int) -> None:
        """Take off a line that a kill cut short."""
        raw = self._path.read_bytes()
        if not raw.endswith(b"\n"):
            os.ftruncate(file, raw.rfind(b"\n") + 1)
