"""Cells of one line of a table, put together in one record."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

CELL_KEYS = ("row", "column", "text 2", "text 3", "text 4")
"""Columns of CSV for a table on a page; "text" is its first cell."""
_MOST = 4  # cells of a record; the last has what stands in later ones, too


def lines_of_tables(records: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Records of one page, those of a line of a table put together; others as they are.

    A line has the texts of its cells, the box around them, the product of their confidences, and the
    match that is the surest.

    Args:
        records: as `rows.table_cells` makes them; a cell has "row" and "column".
    """
    lines: dict[int, list[Mapping[str, Any]]] = {}
    out: list[dict[str, Any] | int] = []
    for record in records:
        if (row := record.get("row")) is None:
            out.append(dict(record))
            continue
        if row not in lines:
            out.append(row)
        lines.setdefault(row, []).append(record)
    return [_line(lines[one]) if isinstance(one, int) else one for one in out]


def _line(cells: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    cells = sorted(cells, key=lambda cell: int(cell["column"]))
    texts = [""] * _MOST
    for cell in cells:
        place = min(int(cell["column"]), _MOST) - 1
        texts[place] = f"{texts[place]} {cell['text']}".strip()
    surest = max(cells, key=_match)
    found = dict(surest)
    found |= dict(zip(("text", *CELL_KEYS[2:]), texts, strict=True))
    found |= {"column": None, "confidence": round(math.prod(c["confidence"] for c in cells), 4)}
    found["alternatives"] = "; ".join(c["alternatives"] for c in cells if c.get("alternatives"))
    if any("review" in cell for cell in cells):
        found["review"] = any(cell.get("review") for cell in cells)
    return found | _around(cells)


def _match(cell: Mapping[str, Any]) -> float:
    return float(cell["match_confidence"]) if cell.get("match") is not None else -1.0


def _around(cells: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    left, top = (min(int(c[key]) for c in cells) for key in ("left", "top"))
    right = max(int(c["left"]) + int(c["width"]) for c in cells)
    low = max(int(c["top"]) + int(c["height"]) for c in cells)
    return {"left": left, "top": top, "width": right - left, "height": low - top}
