"""Rows of a part as a file: Parquet or JSON lines, with the keys that rows have everywhere."""

from __future__ import annotations

import io
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Protocol

from hwr_edge.bulk.storage import no_cluster
from hwr_edge.results.cells import to_json
from hwr_edge.results.rows import Row

_GROUP = 1024  # rows of a row group; they wait as Python objects


class Table(StrEnum):
    """What tables are written as."""

    PARQUET = "parquet"
    JSONL = "jsonl"


class Writer(Protocol):
    """Takes rows, and gives a file."""

    def add(self, row: dict[str, Any]) -> None:
        """One more."""

    def whole(self) -> bytes:
        """The file."""


def row_of(row: Row, shard: str | None) -> dict[str, Any]:
    """A row as `hwr-edge file --format jsonl` has it; `shard` stands after `image` where there is one."""
    found = row.to_dict()
    if shard is None:
        return found
    schema, image = found.pop("schema"), found.pop("image")
    return {"schema": schema, "image": image, "shard": shard, **found}


def rows_writer(table: Table, kept: Sequence[str] = ()) -> Writer:
    """For rows; `kept` are the keys of the roster's columns."""
    return _JsonLines() if table is Table.JSONL else _Parquet(_row_fields(kept))


def lines_writer(table: Table) -> Writer:
    """For what is said of images: `image`, `shard` and `message`."""
    fields = [(name, "string") for name in ("image", "shard", "message")]
    return _JsonLines() if table is Table.JSONL else _Parquet(fields)


def count_rows(table: Table, data: bytes) -> int:
    """How many rows a file has."""
    if table is Table.JSONL:
        return data.count(b"\n")
    return int(_parquet().ParquetFile(io.BytesIO(data)).metadata.num_rows)


class _JsonLines:
    def __init__(self) -> None:
        self._file = io.BytesIO()

    def add(self, row: dict[str, Any]) -> None:
        self._file.write(f"{to_json(row)}\n".encode("utf-8", "surrogateescape"))

    def whole(self) -> bytes:
        return self._file.getvalue()


class _Parquet:
    def __init__(self, fields: Sequence[tuple[str, Any]]) -> None:
        parquet = _parquet()
        import pyarrow as arrow

        self._schema = arrow.schema([(name, _type(kind)) for name, kind in fields])
        self._file = io.BytesIO()
        self._writer = parquet.ParquetWriter(self._file, self._schema, compression="zstd")
        self._rows: list[dict[str, Any]] = []

    def add(self, row: dict[str, Any]) -> None:
        self._rows.append({key: _text(value) for key, value in row.items()})
        if len(self._rows) == _GROUP:
            self._flush()

    def whole(self) -> bytes:
        if self._rows:
            self._flush()
        self._writer.close()
        return self._file.getvalue()

    def _flush(self) -> None:
        import pyarrow as arrow

        self._writer.write_table(arrow.Table.from_pylist(self._rows, self._schema))
        self._rows = []


def _parquet() -> Any:
    try:
        from pyarrow import parquet
    except ImportError as error:
        raise no_cluster("Parquet files") from error
    return parquet


def _row_fields(kept: Sequence[str]) -> list[tuple[str, Any]]:
    return [
        ("schema", "int32"), ("image", "string"), ("shard", "string"), ("crc32", "string"),
        ("page", "int32"), ("field", "string"), ("text", "string"), ("confidence", "double"),
        ("box", ["int32"]), ("turn", "int32"),
        ("alternatives", [[("text", "string"), ("confidence", "double")]]),
        ("match", "string"), ("match_confidence", "double"),
        *((key, "string") for key in kept), ("review", "bool"),
    ]  # fmt: skip


def _type(kind: Any) -> Any:
    """Arrow's type: a name, a list of one type, or a list of named ones."""
    import pyarrow as arrow

    if isinstance(kind, str):
        return arrow.type_for_alias(kind)
    if isinstance(kind[0], tuple):
        return arrow.struct([(name, _type(inner)) for name, inner in kind])
    return arrow.list_(_type(kind[0]))


def _text(value: Any) -> Any:
    """A value; of a path that is no valid Unicode its bytes spelt out, as Parquet needs."""
    if isinstance(value, str) and not value.isascii():
        return value.encode("utf-8", "backslashreplace").decode()
    return value
