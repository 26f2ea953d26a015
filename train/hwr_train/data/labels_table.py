"""One labels.csv for all rows: which columns it has, and how its rows are shared out among the splits."""

from __future__ import annotations

import zlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from hwr_edge.errors import DataError

NAME = "labels.csv"
SPLITS = ("train", "validation", "test")
_TENTHS = {0: "test", 1: "validation"}  # of ten parts; the others are to learn from
_SAID = {
    "training": "train", "val": "validation", "valid": "validation", "dev": "validation",
    "evaluation": "test", "eval": "test",
}  # fmt: skip
_COLUMNS = {
    "image": ("image", "filename", "file", "path", "file_name"),
    "text": ("text", "identity", "label", "transcription", "name"),
    "writer": ("writer", "writer_id", "author", "hand"),
    "split": ("split", "set", "subset"),
}


class Columns(NamedTuple):
    """The headings in use; None for what the table has not."""

    image: str
    text: str
    writer: str | None
    split: str | None


def columns_of(headings: Sequence[str], table: Path) -> Columns:
    """The columns of a table by their headings, of any case.

    Raises:
        DataError: there is none of images or of texts.
    """
    found: dict[str, str | None] = {}
    for what, known in _COLUMNS.items():
        by_name = {heading.strip().lower(): heading for heading in headings}
        found[what] = next((by_name[name] for name in known if name in by_name), None)
    image, text = found["image"], found["text"]
    if image is None or text is None:
        raise DataError(
            f"{table}: needs the columns image and text (writer and split if you have them); its heading "
            f"has {', '.join(headings) or 'nothing'}"
        )
    return Columns(image, text, found["writer"], found["split"])


def image_of(folder: Path, name: str) -> Path:
    """Where an image lies: by its path from the table's folder, else in the folder images."""
    beside = folder / name
    try:
        return beside if beside.is_file() else folder / "images" / name
    except (OSError, ValueError):  # a name that no file system takes
        return beside


def shared_out(
    names: Sequence[str], writers: Sequence[str], given: Sequence[str], table: Path
) -> tuple[list[str], str]:
    """The split of each row, and a line that says how they were shared out.

    What the table says counts. Else a tenth of the writers is for validation and a tenth for the test, by their names'
    checksums: rows that are added later move no others. Without three writers it is the images that are shared out.

    Raises:
        DataError: the table says of a row that it is of another split, or there are too few rows.
    """
    if any(given):
        return _given_splits(given, table), "as the column split says"
    if len(set(filter(None, writers))) >= 3:
        groups, by = [w or f"\0{n}" for w, n in zip(writers, names, strict=True)], "by writer"
    else:
        groups = list(names)
        by = "by image: the same writers are trained on and measured; add a column writer"
    splits = _of_groups(groups, table)
    counts = Counter(splits)
    shares = ", ".join(f"{counts[split]} {split}" for split in SPLITS)
    return splits, f"{shares}, split {by}"


def _given_splits(given: Sequence[str], table: Path) -> list[str]:
    splits = [_SAID.get(one.strip().lower(), one.strip().lower()) for one in given]
    if strangers := set(splits) - set(SPLITS):
        raise DataError(f"{table}: split is {min(strangers)!r}; use {', '.join(SPLITS)}")
    return splits


def _of_groups(groups: Sequence[str], table: Path) -> list[str]:
    """The split of each row, the same for all rows of a group."""
    sizes: dict[str, int] = defaultdict(int)
    for group in groups:
        sizes[group] += 1
    if len(sizes) < 3:
        raise DataError(
            f"{table}: has {len(groups)} rows; three are needed, and thousands to learn"
        )
    order = sorted(sizes, key=lambda group: (_sum_of(group), group))
    places = {group: _TENTHS.get(_sum_of(group) % 10, "train") for group in order}
    if len(set(places.values())) < len(
        SPLITS
    ):  # few groups: one for each, the others to learn from
        places = dict.fromkeys(order, "train") | {order[0]: "test", order[1]: "validation"}
    return [places[group] for group in groups]


def _sum_of(group: str) -> int:
    return zlib.crc32(group.encode("utf-8", "surrogateescape"))
