"""Rows of a data set: its CSVs read, sampled and cleaned, with a report of what was left out."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from hwr_edge.bulk.places import is_address
from hwr_edge.errors import DataError, ImageError
from hwr_edge.image.decode import decode_grey, read_grey, read_stream
from hwr_edge.image.pixels import Grey
from hwr_edge.line.charset import Charset, fold
from hwr_edge.line.ctc import frames_needed
from hwr_edge.textfile import composed
from hwr_edge.typed_path import TypedPath
from hwr_train.config import TrainConfig
from hwr_train.data import labels_table
from hwr_train.data.shards import Place, bytes_at, is_packed, read_packed
from hwr_train.data.tables import headings_of, read_columns
from hwr_train.files import replace_text

NON_NAMES = ("EMPTY", "UNREADABLE")
_UNKNOWN = "unknown letters"
_SHOWN = 30  # letters
_LAYOUT = ("filename_column", "identity_column", "csv_pattern", "folder_pattern")


@dataclass(frozen=True)
class Row:
    """One image with its label; `name` is the file's name, the row's id.

    wrong: whether a person found the label wrong, and no right one is known.
    place: where it lies in a shard; None of a file of its own.
    """

    name: str
    path: Path
    text: str
    wrong: bool = False
    place: Place | None = None

    def is_there(self) -> bool:
        """Whether there is an image; what is in it may still be none."""
        try:
            return self.place is not None or self.path.is_file()
        except (OSError, ValueError):  # a name that no file system takes
            return False

    def read(self) -> bytes:
        """The image's bytes.

        Raises:
            ImageError: they cannot be read, or are too many.
        """
        if self.place is not None:
            return bytes_at(self.place, self.name)
        try:
            with self.path.open("rb") as file:
                return read_stream(file, str(self.path))
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or error
            raise ImageError(f"{self.path}: cannot be read ({why})") from error

    def grey(self) -> Grey:
        """The image's pixels, uint8 (H, W), upright.

        Raises:
            ImageError: they cannot be read.
        """
        if self.place is None:
            return read_grey(self.path)
        return decode_grey(self.read(), self.name)

    def identity(self) -> str:
        """Changes when the image does, as far as can be seen from outside."""
        if self.place is not None:
            return repr(tuple(self.place))
        return f"{self.path}\0{self.path.stat().st_mtime_ns}"


@dataclass
class CleaningReport:
    """Rows left out, by reason, with their ids.

    digest: of the ids and labels that were kept, which tells whether they are others.
    unknown: the letters that the charset lacks, with how many rows were left out for each.
    """

    rows: int = 0
    kept: int = 0
    digest: str = ""
    unknown: Counter[str] = field(default_factory=Counter)
    dropped: dict[str, list[str]] = field(default_factory=dict)

    def drop(self, reason: str, name: str) -> None:
        """Note one row."""
        self.dropped.setdefault(reason, []).append(name)

    def counts(self) -> dict[str, int]:
        """How many rows were left out for each reason."""
        return {reason: len(names) for reason, names in sorted(self.dropped.items())}

    def line(self) -> str:
        """One line for people."""
        letters = "".join(letter for letter, _ in self.unknown.most_common(_SHOWN))
        more = " and others" if len(self.unknown) > _SHOWN else ""
        which = {_UNKNOWN: f"{_UNKNOWN} ({letters}{more})"}
        counts = self.counts().items()
        why = ", ".join(f"{count} {which.get(reason, reason)}" for reason, count in counts)
        return f"{self.kept} of {self.rows} rows usable" + (f"; left out: {why}" if why else "")

    def save(self, path: Path) -> None:
        """Write counts and ids as JSON."""
        content = {
            "rows": self.rows,
            "kept": self.kept,
            "digest": self.digest,
            "counts": self.counts(),
            "dropped": self.dropped,
            "unknown_letters": dict(self.unknown.most_common()),
        }
        replace_text(path, json.dumps(content, indent=1) + "\n")

    def differs(self, path: Path) -> bool:
        """Whether other rows were kept by the report that is saved there, or there is none."""
        try:
            return bool(json.loads(path.read_text(encoding="utf-8"))["digest"] != self.digest)
        except (OSError, ValueError, KeyError):
            return True


def folds(config: TrainConfig) -> bool:
    """Whether labels are folded to capitals without accents, as asked, or as charset or layout say.

    Raises:
        DataError: there are no such letters.
    """
    if config.fold is not None:
        return config.fold
    try:
        if config.charset:
            return Charset(config.charset).folded
    except ValueError as error:
        raise DataError(str(error)) from error
    return not (is_own_table(config) or is_packed(config.data))


def how_labelled(config: TrainConfig) -> list[str]:
    """Lines that say how the data's labels are taken, and how one labels.csv is shared out.

    Raises:
        DataError: as `read_own_table`.
    """
    if config.data is None:
        return []
    if folds(config):
        lines = [
            "labels: folded to capitals without accents; --no-fold takes them as they are written"
        ]
    else:
        lines = ["labels: as they are written; --fold makes them capitals without accents"]
    if is_own_table(config):
        lines.append(read_own_table(Path(config.data), config).how)
    return lines


def is_own_table(config: TrainConfig) -> bool:
    """Whether the data folder has one labels.csv, and no tables of the public layout."""
    if config.data is None or is_address(config.data):
        return False
    folder = Path(config.data)
    return (folder / labels_table.NAME).is_file() and not _table_of(config, "train")[0].is_file()


def _table_of(config: TrainConfig, split: str) -> tuple[Path, Path]:
    """The table of a split in the public layout, and the folder of its images."""
    if config.data is None:
        raise DataError("no data folder was given")
    folder = Path(config.data)
    try:
        table = folder / config.csv_pattern.format(split=split)
        return table, folder / config.folder_pattern.format(split=split)
    except (AttributeError, KeyError, ValueError, IndexError, TypeError) as error:
        raise DataError(f"a pattern may hold {{split}} and no other braces ({error!r})") from error


def read_rows(config: TrainConfig, split: str) -> list[Row]:
    """The rows of one split: of its CSV in the public layout, of a labels.csv that is shared out, or in shards.

    Labels are folded where `folds` says so.

    Raises:
        DataError: the CSV is missing, has not the columns, or holds no row.
    """
    if is_packed(config.data):
        rows = _packed(config, split)
        return sample(rows, config.fraction, config.limit, config.seed)
    table, images = _table_of(config, split)
    if config.data and not Path(config.data).is_dir():
        raise DataError(
            f"{TypedPath(config.data)}: cannot be read (no such folder); {labels_table.NAME} or "
            f"{table.name} should be in it"
        )
    if is_own_table(config):
        if split not in labels_table.SPLITS:
            raise DataError(f"{split!r} is no split; use {', '.join(labels_table.SPLITS)}")
        found = read_own_table(Path(config.data or ""), config)
        rows = [row for row, of in zip(found.rows, found.splits, strict=True) if of == split]
    else:
        rows = _read_table(table, images, config)
    return sample(rows, config.fraction, config.limit, config.seed)


def _packed(config: TrainConfig, split: str | None) -> list[Row]:
    """The rows of a split in shards; of all of them for None."""
    folded = folds(config)
    return [
        Row(one.name, Path(one.name), label_of(one.text, folded), place=one.place)
        for one in read_packed(config.data or "", split)
    ]


class OwnTable(NamedTuple):
    """The rows of one labels.csv with their splits and writers, and a line that says how they were shared out."""

    rows: list[Row]
    splits: list[str]
    writers: list[str]
    how: str


def read_own_table(folder: Path, config: TrainConfig) -> OwnTable:
    """All rows of a folder's labels.csv.

    Raises:
        DataError: it cannot be read, has not the columns, holds no row, or too few to share out.
    """
    rows, writers, said = _labelled(folder, config)
    table = folder / labels_table.NAME
    splits, how = labels_table.shared_out([row.name for row in rows], writers, said, table)
    return OwnTable(rows, splits, writers, f"{table}: {how}")


def _labelled(folder: Path, config: TrainConfig) -> tuple[list[Row], list[str], list[str]]:
    """The rows of a labels.csv, with who wrote them and which split they are said to be of."""
    table, folded = folder / labels_table.NAME, folds(config)
    columns = labels_table.columns_of(headings_of(table), table)
    optional = [name or "" for name in (columns.writer, columns.split)]
    cells = read_columns(table, columns.image, columns.text, optional=optional)
    if not cells:
        raise DataError(f"{table}: holds no row")
    names, texts, writers, said = map(list, zip(*cells, strict=True))
    rows = [
        Row(name, labels_table.image_of(folder, name), label_of(text, folded))
        for name, text in zip(names, texts, strict=True)
    ]
    return rows, writers, said


def label_of(text: str, folded: bool) -> str:
    """A label to learn: folded, or as it is written, in Unicode's composed form."""
    return fold(text) if folded else composed(text)


def read_extra(config: TrainConfig, folder: Path) -> list[Row]:
    """The rows of a folder with one labels.csv, else of a data folder's training split.

    The columns and patterns of the latter are the public ones, as `review --corrections` writes them, else
    those of the configuration.

    Raises:
        DataError: as `read_rows`.
    """
    asked: dict[str, Any] = {"data": str(folder), "fold": folds(config)}
    public = replace(TrainConfig(), **asked)
    if is_packed(public.data):
        return _packed(public, None)
    if is_own_table(public):
        return _labelled(folder, public)[0]
    try:
        return read_rows(public, "train")
    except DataError:
        own = replace(config, **asked, fraction=1.0, limit=None)
        if all(getattr(own, name) == getattr(public, name) for name in _LAYOUT):
            raise
        return read_rows(own, "train")


def _read_table(table: Path, images: Path, config: TrainConfig) -> list[Row]:
    cells = read_columns(table, config.filename_column, config.identity_column)
    folded = folds(config)
    rows = [Row(name, images / name, label_of(label, folded)) for name, label in cells]
    if not rows:
        raise DataError(f"{table}: holds no row")
    return rows


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
            report.unknown.update(
                charset.unknown(row.text) if charset and reason == _UNKNOWN else ()
            )
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
        return _UNKNOWN
    if frames_needed([ord(c) for c in row.text]) > frames:
        return "too long for CTC"
    return None if row.is_there() else "image missing"


def charset_of(rows: Iterable[Row], least: int = 3) -> Charset:
    """The letters that occur at least `least` times in usable labels, EMPTY and UNREADABLE aside."""
    counts = Counter(c for row in rows if row.text not in NON_NAMES for c in row.text)
    letters = "".join(sorted(c for c, n in counts.items() if n >= least))
    if not letters:
        raise DataError("no letter occurs often enough in the labels to make a charset")
    return Charset(letters)
