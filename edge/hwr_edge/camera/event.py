"""How a reported name is printed and logged: the keys and layouts of `hwr-edge file`, with a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from hwr_edge.line.reading import Reading
from hwr_edge.results.cells import no_formula, to_json
from hwr_edge.results.layouts import TextLines
from hwr_edge.results.rows import SCHEMA, Row
from hwr_edge.results.separator import Separator
from hwr_edge.results.tables import BOX_KEYS, spread

_HERE = ("schema", "time", "text", "confidence", "box", "frames", "event", "track")
_MORE = ("alternatives", "match", "match_confidence", "review")
CSV_KEYS = ("time", "text", "confidence", *BOX_KEYS, "frames", *_MORE)


class Kind(StrEnum):
    """What happened to a line: it came into view, its name was settled, it left."""

    SEEN = "seen"
    READ = "read"
    GONE = "gone"


class Event(NamedTuple):
    """A reported name, or a line that came or left.

    time: UTC; of a recording counted from 1970-01-01.
    frames: how many were read for it; 0 where no name was settled.
    track: one number for each appearance of a line, from 1.
    """

    time: datetime
    reading: Reading
    frames: int
    top: int = 0
    track: int = 0
    kind: Kind = Kind.READ

    def to_dict(self) -> dict[str, Any]:
        """The row as a program gets it."""
        row = Row("", self.reading, self.top).to_dict()
        first = {
            "schema": SCHEMA, "time": stamp(self.time), "event": self.kind.value,
            "track": self.track, "frames": self.frames,
        }  # fmt: skip
        here = [key for key in _HERE if self.frames or key != "frames"]
        return {key: {**row, **first}[key] for key in here} | {
            key: row[key] for key in _MORE if key in row
        }

    def text(self) -> str:
        """For people: as `hwr-edge file` prints it, without a path."""
        return TextLines().row(Row("", self.reading)).removeprefix("\t")

    def json(self) -> str:
        """One JSON object on a line."""
        return f"{to_json(self.to_dict())}\n"

    def csv(self, separator: Separator) -> str:
        """One record of CSV_KEYS, for spreadsheets: one value a cell."""
        cells = spread(self.to_dict())
        cells["review"] = to_json(cells["review"]) if "review" in cells else ""
        return separator.record([no_formula(cells.get(key)) for key in CSV_KEYS])


def stamp(time: datetime) -> str:
    """2026-11-23T09:30:05.250Z."""
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def recorded_time(seconds: float) -> datetime:
    """A recording's own clock, the same whenever it is read."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
