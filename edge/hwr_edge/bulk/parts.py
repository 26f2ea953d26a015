"""What is read, cut into parts: the same inputs always give the same parts, in the same order.

A part is what a worker reads at a time, and what is lost where it is killed: some hundred images of a folder,
a tar shard, or some row groups of a Parquet file.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from hwr_edge.bulk.places import Stored, listed, stored
from hwr_edge.bulk.storage import is_address
from hwr_edge.errors import DataError
from hwr_edge.image.sources import STDIN, SUFFIXES, find

TARS = (".tar", ".tar.gz", ".tgz")
_FURTHER = frozenset({".tar", ".tgz", ".parquet"})
_MOST_IMAGES, _MOST_BYTES = 1000, 256 << 20  # of a part, unless one file has more


class Kind(StrEnum):
    """What the images of a part lie in."""

    FILES = "files"
    TAR = "tar"
    PARQUET = "parquet"


class Columns(NamedTuple):
    """Columns of Parquet files: of the image's bytes, and of its name; None to find them out."""

    image: str | None = None
    name: str | None = None


@dataclass(frozen=True)
class Part:
    """What is read at a time.

    number: from 0.
    names: of image files; else of the one file that holds the images.
    size: bytes.
    groups: of a Parquet file the row groups, from 0.
    first_row: of these.
    """

    number: int
    kind: Kind
    names: tuple[str, ...]
    size: int
    groups: tuple[int, ...] = ()
    first_row: int = 0

    @property
    def name(self) -> str:
        """Of its files."""
        return f"part-{self.number:06}"


@dataclass(frozen=True)
class Plan:
    """All that is read.

    parts: in order.
    digest: changes when the inputs do.
    problems: a line for each input that gave none.
    notes: a line for each folder in which files were left out.
    """

    parts: tuple[Part, ...]
    digest: str
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(part.size for part in self.parts)


def plan(
    arguments: Sequence[str], leave_out: str | None = None, columns: Columns | None = None
) -> Plan:
    """List the inputs, and cut them into parts.

    Args:
        arguments: files, folders, patterns and addresses.
        leave_out: a folder whose images do not count: the output.
        columns: of Parquet files.

    Raises:
        DataError: an input is not there, cannot be read or is given twice.
    """
    given = find_all(arguments, leave_out)
    parts = tuple(cut(given.found, columns or Columns()))
    return Plan(parts, given.digest(), given.problems, given.notes)


@dataclass(frozen=True)
class Inputs:
    """The files and objects that the arguments name.

    of: of each one found, the argument that gave it.
    problems: a line for each input that gave none.
    notes: a line for each folder in which files were left out.
    """

    found: tuple[Stored, ...]
    of: tuple[str, ...]
    problems: tuple[str, ...]
    notes: tuple[str, ...]

    def digest(self) -> str:
        """Changes when a file does, or their order."""
        digest = sha256()
        for one in self.found:
            digest.update(repr(tuple(one)).encode("utf-8", "backslashreplace"))
        return digest.hexdigest()


def find_all(arguments: Sequence[str], leave_out: str | None = None) -> Inputs:
    """List files and objects, each once, in an order that is always the same.

    Raises:
        DataError: one is not there, cannot be read or is given twice.
    """
    found, of = list[Stored](), list[str]()
    problems, notes = list[str](), list[str]()
    for argument in arguments:
        if argument == STDIN:
            raise DataError("standard input (-) cannot be read here; give files or folders")
        if is_address(argument):
            found += listed(argument, _is_input)
        else:
            apart = Path(leave_out) if leave_out and not is_address(leave_out) else None
            here = find([argument], apart, _FURTHER)
            problems += here.problems
            notes += here.notes
            found += map(stored, here.images)
        of += [argument] * (len(found) - len(of))
    _refuse_twice(found)
    return Inputs(tuple(found), tuple(of), tuple(problems), tuple(notes))


def kind_of(name: str) -> Kind:
    """What a file is, by its ending."""
    lower = name.lower()
    if lower.endswith(TARS):
        return Kind.TAR
    return Kind.PARQUET if lower.endswith(".parquet") else Kind.FILES


def is_image(name: str) -> bool:
    """Whether a name has an image's ending."""
    return os.path.splitext(name)[1].lower() in SUFFIXES  # noqa: PTH122  # of members, too


def _is_input(name: str) -> bool:
    return is_image(name) or kind_of(name) is not Kind.FILES


def _refuse_twice(found: Iterable[Stored]) -> None:
    seen: set[str] = set()
    for one in found:
        if one.address in seen:
            raise DataError(f"{one.address}: is given twice; give each input once")
        seen.add(one.address)


def cut(
    found: Iterable[Stored],
    columns: Columns,
    most_images: int = _MOST_IMAGES,
    most_bytes: int = _MOST_BYTES,
) -> Iterator[Part]:
    """Parts of at most so many images and bytes, but for what one file has.

    Raises:
        DataError: a Parquet file cannot be read, or has no such columns.
    """
    number, together, size = 0, list[str](), 0
    for one in found:
        kind = kind_of(one.address)
        alone = kind is not Kind.FILES
        full = len(together) >= most_images or size + one.size > most_bytes
        if together and (alone or full):
            yield Part(number, Kind.FILES, tuple(together), size)
            number, together, size = number + 1, [], 0
        if kind is Kind.PARQUET:
            for groups, first, bytes_ in _row_groups(one.address, columns):
                yield Part(number, kind, (one.address,), bytes_, groups, first)
                number += 1
        elif alone:
            yield Part(number, kind, (one.address,), one.size)
            number += 1
        else:
            together.append(one.address)
            size += one.size
    if together:
        yield Part(number, Kind.FILES, tuple(together), size)


def _row_groups(address: str, columns: Columns) -> Iterator[tuple[tuple[int, ...], int, int]]:
    """Row groups that are read together: their numbers, the first one's first row, and bytes."""
    from hwr_edge.bulk.parquet import group_sizes

    together, first, rows, size = list[int](), 0, 0, 0
    for number, (count, bytes_) in enumerate(group_sizes(address, columns)):
        if together and (rows + count > _MOST_IMAGES or size + bytes_ > _MOST_BYTES):
            yield tuple(together), first, size
            together, first, rows, size = [], first + rows, 0, 0
        together.append(number)
        rows, size = rows + count, size + bytes_
    if together:
        yield tuple(together), first, size
