"""Rows of a data set: its CSVs read, sampled and cleaned, with a report of what was left out."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

import numpy as np

from hwr_edge.errors import DataError
from hwr_edge.line.charset import Charset, fold
from hwr_edge.line.ctc import frames_needed
from hwr_edge.textfile import read_text
from hwr_train.config import TrainConfig
from hwr_train.files import replace_text

NON_NAMES = ("EMPTY", "UNREADABLE")
_LAYOUT = ("filename_column", "identity_column", "csv_pattern", "folder_pattern")


@dataclass(frozen=True)
class Row:
    """One image with its label; `name` is the file's name, the row's id.

    wrong: whether a person found the label wrong, and no right one is known.
    """

    name: str
    path: Path
    text: str
    wrong: bool = False


@dataclass
class CleaningReport:
    """Rows left out, by reason, with their ids.

    digest: of the ids and labels that were kept, which tells whether they are others.
    """

    rows: int = 0
    kept: int = 0
    digest: str = ""
    dropped: dict[str, list[str]] = field(default_factory=dict)

    def drop(self, reason: str, name: str) -> None:
        """Note one row."""
        self.dropped.setdefault(reason, []).append(name)

    def counts(self) -> dict[str, int]:
        """How many rows were left out for each reason."""
        return {reason: len(names) for reason, names in sorted(self.dropped.items())}

    def line(self) -> str:
        """One line for people."""
        why = ", ".join(f"{count} {reason}" for reason, count in self.counts().items())
        return f"{self.kept} of {self.rows} rows usable" + (f"; left out: {why}" if why else "")

    def save(self, path: Path) -> None:
        """Write counts and ids as JSON."""
        content = {
            "rows": self.rows,
            "kept": self.kept,
            "digest": self.digest,
            "counts": self.counts(),
            "dropped": self.dropped,
        }
        replace_text(path, json.dumps(content, indent=1) + "\n")

    def differs(self, path: Path) -> bool:
        """Whether other rows were kept by the report that is saved there, or there is none."""
        try:
            return bool(json.loads(path.read_text(encoding="utf-8"))["digest"] != self.digest)
        except (OSError, ValueError, KeyError):
            return True


def read_rows(config: TrainConfig, split: str) -> list[Row]:
    """The rows of one split's CSV, labels folded to capitals without accents.

    Raises:
        DataError: the CSV is missing, has not the columns, or holds no row.
    """
    if config.data is None:
        raise DataError("no data folder was given")
    folder = Path(config.data)
    try:
        table = folder / config.csv_pattern.format(split=split)
        images = folder / config.folder_pattern.format(split=split)
    except (AttributeError, KeyError, ValueError, IndexError, TypeError) as error:
        raise DataError(f"a pattern may hold {{split}} and no other braces ({error!r})") from error
    return sample(_read_table(table, images, config), config.fraction, config.limit, config.seed)


def read_extra(config: TrainConfig, folder: Path) -> list[Row]:
    """The rows of a folder with labels.csv beside images/, else of a data folder's training split.

    Their columns and patterns are the public ones, as `review --corrections` writes them, else those of
    the configuration.

    Raises:
        DataError: as `read_rows`.
    """
    public = TrainConfig(data=str(folder))
    try:
        return _read_extra(public, folder)
    except DataError:
        own = replace(config, data=str(folder), fraction=1.0, limit=None)
        if all(getattr(own, name) == getattr(public, name) for name in _LAYOUT):
            raise
        return _read_extra(own, folder)


def _read_extra(config: TrainConfig, folder: Path) -> list[Row]:
    if (folder / "labels.csv").is_file():
        return _read_table(folder / "labels.csv", folder / "images", config)
    return read_rows(config, "train")


def _read_table(table: Path, images: Path, config: TrainConfig) -> list[Row]:
    cells = read_columns(table, config.filename_column, config.identity_column)
    rows = [Row(name, images / name, fold(label)) for name, label in cells]
    if not rows:
        raise DataError(f"{table}: holds no row")
    return rows


def read_pairs(table: Path, key: str, value: str) -> dict[str, str]:
    """Two columns of a CSV, one by the other.

    Raises:
        DataError: as `read_columns`, or a key stands there twice.
    """
    cells = read_columns(table, key, value)
    if twice := [name for name, count in Counter(name for name, _ in cells).items() if count > 1]:
        raise DataError(f"{table}: {twice[0]} stands there twice")
    return dict(cells)


def read_columns(table: Path, *columns: str, optional: Sequence[str] = ()) -> list[list[str]]:
    """The cells of a CSV's columns, row by row; what is missing in a row, or an optional column, is empty.

    Raises:
        DataError: the file cannot be read, is no CSV, or has not the columns.
    """
    try:
        reader = csv.DictReader(io.StringIO(read_text(table), newline=""), strict=True)
        lines = []
        for line in reader:
            lines.append(line)
            if any("\n" in (line.get(column) or "") for column in columns):
                raise csv.Error(f"a cell goes on to line {reader.line_num}: a quote is not closed")
    except csv.Error as error:
        raise DataError(f"{table}: not a CSV ({error})") from error
    if missing := set(columns) - set(reader.fieldnames or ()):
        found = ", ".join(reader.fieldnames or ()) or "nothing"
        raise DataError(f"{table}: no column {', '.join(sorted(missing))}; its heading has {found}")
    return [[line.get(column) or "" for column in (*columns, *optional)] for line in lines]


def sample(rows: Sequence[Row], fraction: float, limit: int | None, seed: int) -> list[Row]:
    """A random part of the rows, in their order; the same for the same seed."""
    count = round(len(rows) * fraction)
    count = min(count, limit) if limit is not None else count
    if count >= len(rows):
        return list(rows)
    picked = np.random.default_rng(seed).permutation(len(rows))[: max(count, 1)]
    return [rows[i] for i in sorted(picked)]


def clean(
    rows: Iterable[Row], charset: Charset | None, frames: int
) -> tuple[list[Row], CleaningReport]:
    """Keep the rows that can be learnt or measured; note every other one with its reason."""
    report = CleaningReport()
    usable: list[Row] = []
    names: set[str] = set()
    for row in rows:
        report.rows += 1
        reason = "named before" if row.name in names else _reason_against(row, charset, frames)
        names.add(row.name)
        if reason:
            report.drop(reason, row.name)
        else:
            usable.append(row)
    report.kept = len(usable)
    labels = "".join(f"{row.name}\0{row.text}\n" for row in usable)
    report.digest = sha256(labels.encode("utf-8", "surrogateescape")).hexdigest()[:20]
    return usable, report


def _reason_against(row: Row, charset: Charset | None, frames: int) -> str | None:
    if not row.name:
        return "without a file name"
    if row.wrong:
        return "label found wrong"
    if not row.text:
        return "blank"
    if row.text in NON_NAMES:
        return row.text
    if charset and charset.unknown(row.text):
        return "unknown letters"
    if frames_needed([ord(c) for c in row.text]) > frames:
        return "too long for CTC"
    try:
        there = row.path.is_file()
    except (OSError, ValueError):  # a name that no file system takes
        there = False
    return None if there else "image missing"


def charset_of(rows: Iterable[Row], least: int = 3) -> Charset:
    """The letters that occur at least `least` times in usable labels, EMPTY and UNREADABLE aside."""
    counts = Counter(c for row in rows if row.text not in NON_NAMES for c in row.text)
    letters = "".join(sorted(c for c, n in counts.items() if n >= least))
    if not letters:
        raise DataError("no letter occurs often enough in the labels to make a charset")
    return Charset(letters)
