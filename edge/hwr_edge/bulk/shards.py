"""Many small files into a few large ones: tar shards, as WebDataset names what is in them."""

from __future__ import annotations

import csv
import io
import os
import tarfile
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from hwr_edge.bulk.folder import Folder
from hwr_edge.bulk.manifest import Manifest, begun
from hwr_edge.bulk.parts import Columns, Inputs, Kind, Part, cut, kind_of
from hwr_edge.bulk.samples import Sample, bytes_of
from hwr_edge.bulk.storage import is_address
from hwr_edge.errors import DataError, ImageError
from hwr_edge.line.ahead import in_order

MANIFEST = ".pack.json"
_FETCHERS = 8  # threads for objects
_FILE, _LABEL = "FILENAME", "IDENTITY"


class Packed(NamedTuple):
    """What a shard came to; `there`: it was there already, and its images were not counted."""

    shard: str
    images: int
    there: bool = False


def names_of(given: Inputs) -> dict[str, str]:
    """What images are called in shards, by their addresses: the path below the folder that was given.

    Where several inputs were given, the folder's own name stands before it.

    Raises:
        DataError: two would be called alike, or one is no image of its own.
    """
    several = len(set(given.of)) > 1
    names: dict[str, str] = {}
    taken: dict[str, str] = {}
    for one, argument in zip(given.found, given.of, strict=True):
        if kind_of(one.address) is not Kind.FILES:
            raise DataError(f"{one.address}: already a shard or a table; give images or folders")
        name = _name(one.address, argument, several)
        if name in taken:
            raise DataError(
                f"{taken[name]} and {one.address} would both be named {name}; pack them into different folders"
            )
        taken[name] = one.address
        names[one.address] = name
    return names


def _name(address: str, argument: str, several: bool) -> str:
    folder = argument.rstrip("/")
    if not address.startswith(f"{folder}/"):
        return address.rpartition("/")[2].replace(os.sep, "/").rpartition("/")[2]
    below = address[len(folder) + 1 :].replace(os.sep, "/")
    own = folder.rpartition("/")[2]
    return f"{own}/{below}" if several and own not in ("", ".", "..") else below


def read_labels(path: Path) -> dict[str, str]:
    """What stands in images, by file name: a CSV file with the columns FILENAME and IDENTITY.

    Raises:
        DataError: it cannot be read, or has no such columns.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            if not {_FILE, _LABEL} <= set(rows.fieldnames or ()):
                raise DataError(f"{path}: needs the columns {_FILE} and {_LABEL}")
            return {row[_FILE]: row[_LABEL] or "" for row in rows if row[_FILE]}
    except (OSError, ValueError, csv.Error) as error:
        raise DataError(f"{path}: cannot be read ({error})") from error


def pack(
    given: Inputs,
    output: str,
    labels: Mapping[str, str],
    most_images: int,
    most_bytes: int,
    tell: Callable[[str], None],
) -> Iterator[Packed]:
    """Write shards that are not there; yields each as it is done, in order.

    Args:
        given: images.
        output: a folder or an address.
        labels: what stands in an image, by its file name or its name in the shard: beside `NAME.png` goes
            `NAME.txt`.
        most_images: of a shard.
        most_bytes: of its images together, unless one has more.
        tell: gets a line for each image that cannot be read, and is left out.

    Raises:
        DataError: the folder is another run's, or of other inputs, or names are not apart.
        OutputError: it cannot be written.
    """
    names, out = names_of(given), Folder(output)
    asked = repr((most_images, most_bytes, sorted(labels.items())))
    digest = sha256(asked.encode("utf-8", "backslashreplace")).hexdigest()
    with begun(out, Manifest(MANIFEST, "hwr-edge pack", digest, given.digest())):
        there = out.names()
        for part in cut(given.found, Columns(), most_images, most_bytes):
            shard = f"shard-{part.number:06}.tar"
            if shard in there:
                yield Packed(shard, 0, there=True)
                continue
            data, images = _tar(part, names, labels, tell)
            out.put(shard, data)
            yield Packed(shard, images)


def _tar(
    part: Part, names: Mapping[str, str], labels: Mapping[str, str], tell: Callable[[str], None]
) -> tuple[bytes, int]:
    """A shard, the same bytes for the same images, and how many there are."""
    file, images = io.BytesIO(), 0
    remote = is_address(part.names[0])
    fetched = in_order(_fetched, part.names, _FETCHERS if remote else 1)
    with tarfile.open(fileobj=file, mode="w") as tar:
        for address, data in fetched:
            if isinstance(data, ImageError):
                tell(str(data))
                continue
            name = names[address]
            _add(tar, name, data)
            images += 1
            label = labels.get(name, labels.get(name.rpartition("/")[2]))
            if label is not None:
                _add(tar, f"{os.path.splitext(name)[0]}.txt", label.encode())  # noqa: PTH122
    return file.getvalue(), images


def _fetched(address: str) -> tuple[str, bytes | ImageError]:
    try:
        return address, bytes_of(Sample(address, None, None))
    except ImageError as error:
        return address, error


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(data)
    tar.addfile(member, io.BytesIO(data))
