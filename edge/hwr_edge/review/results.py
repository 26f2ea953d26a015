"""The rows of a results file, the doubtful ones first."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hwr_edge.errors import DataError
from hwr_edge.limits import RESULTS_BYTES
from hwr_edge.results.rows import SCHEMA, is_kept
from hwr_edge.review.reasons import Other, Reason, Run, doubted_runs, reasons_of

Stamp = tuple[int, ...]
"""Of a file: while it stays, so does the content."""

_HOW_TO_MAKE = "make it with `hwr-edge file ... --format jsonl --output results.jsonl`"


@dataclass(frozen=True)
class Result:
    """One row of the file.

    proposed: the roster's name for it, else the text.
    sure: probability that `proposed` is right, 0 to 1.
    doubtful: whether a person should look; of files without that mark, every row.
    choices: what it may be, `proposed` first, each once.
    page: from 1, of a file with many.
    field: of a form.
    turn: degrees clockwise by which the image was turned; the box is in the turned one.
    crc32: of the image's file, 8 hexadecimal digits, where that is known.
    kept: what the roster says of the match, by key.
    reasons: why it is doubtful.
    others: what it may be instead, with probabilities.
    letters: of `text` with the probability of each, where the results have them.
    """

    image: str
    text: str
    proposed: str
    sure: float
    doubtful: bool
    box: tuple[int, int, int, int]
    choices: tuple[str, ...]
    page: int | None = None
    field: str | None = None
    turn: int = 0
    crc32: str | None = None
    kept: tuple[tuple[str, str], ...] = ()
    reasons: tuple[Reason, ...] = ()
    others: tuple[Other, ...] = ()
    letters: tuple[Other, ...] = ()

    def runs(self) -> tuple[Run, ...]:
        """`proposed` in runs of sure and of doubtful letters; nothing where all are sure."""
        return doubted_runs(self.proposed, self.sure, self.others, self.letters)


@dataclass(frozen=True)
class Results:
    """A results file: its rows as they stand in it, and what tells it from others.

    digest: SHA-256 of its bytes.
    stamp: of the file as it was read.
    """

    path: Path
    rows: tuple[Result, ...]
    digest: str
    stamp: Stamp

    def order(self) -> list[int]:
        """Places of the rows, the doubtful and least sure first."""
        return sorted(
            range(len(self.rows)), key=lambda k: (not self.rows[k].doubtful, self.rows[k].sure)
        )

    def image(self, place: int) -> Path:
        """Where a row's image lies: as it was named from the file's own folder, or from here."""
        named = self.rows[place].image
        beside = self.path.parent / named
        return beside if os.path.exists(beside) else Path(named)  # noqa: PTH110  # never raises


def read_results(path: Path) -> Results:
    """Read a file of JSON lines.

    Raises:
        DataError: it cannot be read, is cut short, of another schema, or holds no row.
    """
    try:
        with path.open("rb") as file:
            stamp = _stamp(os.fstat(file.fileno()))
            raw = file.read(RESULTS_BYTES + 1)
        if len(raw) > RESULTS_BYTES:
            raise DataError(f"{path}: larger than {RESULTS_BYTES >> 20} MiB; review it in parts")
        lines = raw.decode("utf-8-sig").split("\n")
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror or error})") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: not JSON lines; {_HOW_TO_MAKE}") from error
    rows = tuple(_row(line, f"{path}: line {k}") for k, line in enumerate(lines, 1) if line.strip())
    if not rows:
        raise DataError(f"{path}: no rows: no name was found, or the file is empty; {_HOW_TO_MAKE}")
    if not raw.endswith(b"\n"):
        raise DataError(f"{path}: cut short at line {len(lines)}; {_HOW_TO_MAKE}")
    return Results(path, rows, hashlib.sha256(raw).hexdigest(), stamp)


class Watched:
    """Tells whether a results file is still what was read."""

    def __init__(self, results: Results) -> None:
        self.path, self._digest = results.path, results.digest
        self._last, self._same = results.stamp, True

    def same(self) -> bool:
        """Whether the content lies there yet; it is read only where the file's stamp is a new one."""
        try:
            with self.path.open("rb") as file:
                if (now := _stamp(os.fstat(file.fileno()))) != self._last:
                    found = hashlib.file_digest(file, "sha256").hexdigest()
                    self._last, self._same = now, found == self._digest
        except OSError:
            return False
        return self._same


def _stamp(now: os.stat_result) -> Stamp:
    return now.st_dev, now.st_ino, now.st_size, now.st_mtime_ns, now.st_ctime_ns


def _row(line: str, where: str) -> Result:
    try:
        found = json.loads(line)
        schema = found["schema"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise DataError(f"{where}: not a row of results, or cut short; {_HOW_TO_MAKE}") from error
    if schema != SCHEMA:
        raise DataError(
            f"{where}: has schema {schema!r}, but this program needs {SCHEMA}; read the images again"
        )
    try:
        return _checked(found)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise DataError(f"{where}: damaged ({error!r}); {_HOW_TO_MAKE}") from error


def _checked(found: dict[str, Any]) -> Result:
    text, match = _text(found["text"]), found.get("match")
    sure = _share(found["confidence"])
    if match is not None:
        match, sure = _text(match), _share(found["match_confidence"])
    x, y, width, height = (int(v) for v in found["box"])
    others = [_other(other) for other in found.get("alternatives", [])]
    letters = [_other(letter) for letter in found.get("letters", [])]
    proposed = text if match is None else match
    return Result(
        _text(found["image"]),
        text,
        proposed,
        sure,
        bool(found.get("review", True)),
        (x, y, width, height),
        tuple(dict.fromkeys([proposed, text, *(other for other, _ in others)])),
        int(found["page"]) if "page" in found else None,
        _text(found["field"]) if "field" in found else None,
        _turn(found.get("turn", 0)),
        _text(found["crc32"]) if "crc32" in found else None,
        tuple((key, _text(found[key] or "")) for key in found if is_kept(key)),
        reasons_of(found, proposed, sure, others),
        tuple(others),
        tuple(letters),
    )


def _other(found: Any) -> Other:
    return _text(found["text"]), _share(found["confidence"])


def _turn(value: object) -> int:
    if value not in (0, 90, 180, 270):
        raise ValueError(f"{value!r} is no quarter turn")
    return int(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no text")
    value.encode("utf-8", "surrogateescape")  # what no file could hold is refused
    return value


def _share(value: object) -> float:
    if type(value) not in (int, float) or not 0 <= float(value) <= 1:  # type: ignore[arg-type]
        raise ValueError(f"{value!r} is no probability")
    return float(value)  # type: ignore[arg-type]
