"""Rows that can be learnt or measured, with a report of those left out."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from hwr_edge.errors import DataError
from hwr_edge.line.charset import Charset
from hwr_edge.line.ctc import frames_needed
from hwr_train.data.row import Row
from hwr_train.files import replace_text

NON_NAMES = ("EMPTY", "UNREADABLE")
LEAST_OF_A_LETTER = 3  # times in the training labels; a rarer one is not learnt
_UNKNOWN = "unknown letters"
_SHOWN = 30  # letters


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


def charset_of(rows: Iterable[Row], least: int = LEAST_OF_A_LETTER) -> Charset:
    """The letters that occur at least `least` times in usable labels, EMPTY and UNREADABLE aside."""
    counts = Counter(c for row in rows if row.text not in NON_NAMES for c in row.text)
    letters = "".join(sorted(c for c, n in counts.items() if n >= least))
    if not letters:
        raise DataError("no letter occurs often enough in the labels to make a charset")
    return Charset(letters)
