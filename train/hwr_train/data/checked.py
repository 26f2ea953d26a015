"""Labels that people checked against the images: what is written, beside what was published.

A table has the columns FILENAME, CHECKED and STATUS, and may have CERTAINTY. STATUS is one of `same` (as
labelled), `corrected`, `ambiguous` (any of several texts, parted by `|`), `empty`, `unreadable` and
`left_out`. CERTAINTY is `high`, `medium` or `low`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hwr_edge.errors import DataError
from hwr_train.data.row import Row, label_of
from hwr_train.data.tables import read_columns

STATUSES = ("same", "corrected", "ambiguous", "empty", "unreadable", "left_out")
WRITTEN = ("same", "corrected", "ambiguous")


@dataclass(frozen=True)
class Checked:
    """What a check found of one row.

    accepted: texts that count as right, folded where labels are, the likeliest first; none where no name is written,
        or nobody can read it.
    sure: whether whoever checked it was sure enough to learn from it.
    looked_at: whether it is known that somebody looked at the image; `same` is also said of rows at which nobody did.
    """

    status: str
    accepted: tuple[str, ...]
    sure: bool = True
    looked_at: bool = False


def read_checked(path: Path, folded: bool = True) -> dict[str, Checked]:
    """The table, by the rows' ids; its texts are `folded` where labels are.

    Raises:
        DataError: it cannot be read, has not the columns, names a row twice, has another status, or
            a text is missing.
    """
    checked: dict[str, Checked] = {}
    rows = read_columns(path, "FILENAME", "CHECKED", "STATUS", optional=("CERTAINTY",))
    for name, texts, status, certainty in rows:
        if name in checked:
            raise DataError(f"{path}: {name} is listed twice")
        if status not in STATUSES:
            raise DataError(f"{path}: {name} is {status!r}; use {', '.join(STATUSES)}")
        accepted = tuple(filter(None, (plain(label_of(text, folded)) for text in texts.split("|"))))
        if status not in WRITTEN:
            accepted = ()
        elif not accepted:
            raise DataError(f"{path}: {name} is {status} and has no text")
        checked[name] = Checked(status, accepted, certainty != "low")
    return checked


def checked_path(pattern: str, split: str) -> Path | None:
    """The table of a split; None where there is none for it.

    Raises:
        DataError: the pattern cannot be used, or has no table for any split.
    """
    try:
        tables = {
            of: Path(pattern.format(split=of)) for of in (split, "train", "validation", "test")
        }
    except (AttributeError, KeyError, ValueError, IndexError, TypeError) as error:
        raise DataError(f"{pattern}: may hold {{split}} and no other braces ({error!r})") from error
    if not any(path.is_file() for path in tables.values()):
        raise DataError(f"{pattern}: no such file of checked labels")
    return tables[split] if tables[split].is_file() else None


def plain(text: str) -> str:
    """A text with doubled hyphens as one: they are written alike."""
    while "--" in text:
        text = text.replace("--", "-")
    return text


def with_checked(rows: Sequence[Row], checked: Mapping[str, Checked], path: Path) -> list[Row]:
    """The rows with what is written for labels, to learn from or to fit on.

    Of several accepted texts the first counts. Rows that are empty, unreadable, left out or of low
    certainty are marked as wrong, and cleaning leaves them out. Rows that are not in the table stay.

    Raises:
        DataError: none of the rows is in the table.
    """
    if not checked.keys() & {row.name for row in rows}:
        raise DataError(f"{path}: has none of these rows (is it of other data?)")
    counts: Counter[str] = Counter()
    out = []
    for row in rows:
        found = checked.get(row.name)
        if found is None:
            out.append(row)
        elif not found.sure or not found.accepted:
            counts["left out"] += 1
            out.append(replace(row, wrong=True))
        else:
            text = row.text if found.status == "same" else found.accepted[0]
            counts["corrected"] += text != row.text
            out.append(replace(row, text=text))
    what = ", ".join(f"{count} {why}" for why, count in counts.items())
    print(f"{path}: {what or 'no label changed'}", flush=True)
    return out
