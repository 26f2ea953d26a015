"""Cells of one line of a table, put together in one record."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any


def lines_of_tables(
    records: Sequence[Mapping[str, Any]], keys: Sequence[str]
) -> list[dict[str, Any]]:
    """Records of one page, those of a line of a table put together; others as they are.

    A line has the texts of its cells, the box around them, the product of their confidences, and the
    match that is the surest.

    Args:
        records: as `rows.table_cells` makes them; a cell has "row" and "column".
        keys: of the cells' texts in a line; the last has what stands in later cells, too.
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
    return [_line(lines[one], keys) if isinstance(one, int) else one for one in out]


def _line(cells: Sequence[Mapping[str, Any]], keys: Sequence[str]) -> dict[str, Any]:
    cells = sorted(cells, key=lambda cell: int(cell["column"]))
    texts = [""] * len(keys)
    for cell in cells:
        place = min(int(cell["column"]), len(keys)) - 1
        texts[place] = f"{texts[place]} {cell['text']}".strip()
    surest = max(cells, key=_match)
    found = dict(surest)
    found |= dict(zip(keys, texts, strict=True))
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
