"""Images whose bytes lie in a column of a Parquet file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from hwr_edge.bulk.places import opened
from hwr_edge.bulk.storage import no_cluster
from hwr_edge.errors import DataError

if TYPE_CHECKING:
    from hwr_edge.bulk.parts import Columns, Part

_NAMES = ("path", "file_name", "filename", "name", "id")  # columns that name an image
_AT_ONCE = 32  # rows


def group_sizes(address: str, columns: Columns) -> list[tuple[int, int]]:
    """Rows and bytes of each row group.

    Raises:
        DataError: it is no Parquet file, or has no such columns.
    """
    with _file(address) as file:
        _columns(file.schema_arrow, address, columns)
        groups = [file.metadata.row_group(k) for k in range(file.num_row_groups)]
        return [(group.num_rows, group.total_byte_size) for group in groups]


def rows(part: Part, columns: Columns) -> Iterator[tuple[str, bytes | None]]:
    """Name and bytes of each image of a part, in order; None where a cell is empty.

    Raises:
        DataError: it cannot be read.
    """
    (address,) = part.names
    with _file(address) as file:
        image, name = _columns(file.schema_arrow, address, columns)
        asked = [image] if name is None else [image, name]
        number = part.first_row
        batches = file.iter_batches(_AT_ONCE, row_groups=list(part.groups), columns=asked)
        for batch in batches:
            for row in batch.to_pylist():
                yield _one(row, image, name, f"{address}#row={number}")
                number += 1


def _one(row: dict[str, Any], image: str, name: str | None, else_: str) -> tuple[str, bytes | None]:
    cell, called = row[image], row[name] if name else None
    if isinstance(cell, dict):
        called = called if called is not None else cell.get("path")
        cell = cell.get("bytes")
    return (else_ if called is None else str(called)), cell


def _columns(schema: Any, address: str, asked: Columns) -> tuple[str, str | None]:
    """The columns of the bytes and of the name."""
    for option, column in (("--image-column", asked.image), ("--name-column", asked.name)):
        if column is not None and column not in schema.names:
            raise DataError(
                f"{address}: has no column {column!r} ({option}); it has {', '.join(schema.names)}"
            )
    possible = [field.name for field in schema if _holds_bytes(field.type)]
    found = [name for name in possible if asked.image in (None, name)]
    if len(found) != 1:
        what = "several columns" if found else "no column"
        raise DataError(f"{address}: has {what} with bytes of images; name one with --image-column")
    name = asked.name or next((name for name in _NAMES if name in schema.names), None)
    return found[0], name


def _holds_bytes(kind: Any) -> bool:
    from pyarrow import types

    if types.is_struct(kind) and kind.get_field_index("bytes") >= 0:
        kind = kind.field("bytes").type
    return bool(types.is_binary(kind) or types.is_large_binary(kind))


@contextmanager
def _file(address: str) -> Iterator[Any]:
    try:
        import pyarrow as arrow
        from pyarrow import parquet
    except ImportError as error:
        raise no_cluster("Parquet files") from error
    with opened(address) as stream:
        try:
            yield parquet.ParquetFile(stream)
        except (arrow.ArrowException, OSError) as error:
            why = " ".join(str(error).split())
            raise DataError(f"{address}: is damaged, or no Parquet file ({why})") from error
