"""A batch as a table for people: a row for each name, or for each form, with what was answered in a review."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from hwr_edge.desk.batch import Batch
from hwr_edge.desk.records import RESULTS, carry_answers
from hwr_edge.errors import DataError, OutputError
from hwr_edge.results.cells import no_formula
from hwr_edge.results.rows import is_kept
from hwr_edge.results.separator import MARK, Separator

Cells = list[list[Any]]


def answered(batch: Batch, rows: Sequence[dict[str, Any]], first: int = 0) -> list[dict[str, Any]]:
    """Rows of the results, the first of which is the `first`, with the answers of a review.

    name: the answer, else what was proposed; None for what nobody can read.
    checked: yes, no, or unreadable.
    """
    given = _answers(batch)
    found = []
    for place, row in enumerate(rows, first):
        proposed = row["text"] if row.get("match") is None else row["match"]
        name, checked = proposed, "no"
        if place in given:
            name, checked = given[place], "unreadable" if given[place] is None else "yes"
        found.append({**row, "name": name, "checked": checked})
    return found


def _answers(batch: Batch) -> dict[int, str | None]:
    """What was answered, by the place of the row; nothing while pages are read for the first time."""
    from hwr_edge.results.reviewed import answers_beside
    from hwr_edge.review.answer_file import answers_so_far
    from hwr_edge.review.results import read_results

    results = batch.folder / RESULTS
    if not (results.is_file() and answers_beside(results).is_file()):
        return {}
    try:
        found = answers_so_far(read_results(results))
    except DataError:  # of results that grew since, or of others
        with suppress(OutputError):
            carry_answers(batch.folder)
        found = answers_so_far(read_results(results))
    return {place: answer.text for place, answer in found.items()}


def cells(batch: Batch) -> Cells:
    """The table, its headings first: a row for each form where the batch has a form, else for each name."""
    rows = answered(batch, batch.rows(count=1 << 40)[0])
    return _forms(rows) if any("field" in row for row in rows) else _names(rows)


def _names(rows: Sequence[dict[str, Any]]) -> Cells:
    kept = list(dict.fromkeys(key for row in rows for key in row if is_kept(key)))
    table: Cells = [["image", "page", "name", "checked", "read", "confidence", *kept]]
    for row in rows:
        sure = row["confidence"] if row.get("match") is None else row["match_confidence"]
        proposed = row["text"] if row.get("match") is None else row["match"]
        more = [row.get(key) if row["name"] == proposed else None for key in kept]
        read = [_shown(row), row.get("page"), row["name"], row["checked"], row["text"], sure]
        table.append([*read, *more])
    return table


def _forms(rows: Sequence[dict[str, Any]]) -> Cells:
    """What each field says; then which of them nobody has looked at though they are doubtful."""
    fields = list(dict.fromkeys(row["field"] for row in rows if "field" in row))
    forms: dict[tuple[str, Any], dict[str, dict[str, Any]]] = {}
    for row in rows:
        forms.setdefault((_shown(row), row.get("page")), {})[row.get("field", "")] = row
    table: Cells = [["image", "page", *fields, "to check"]]
    for (image, page), said in forms.items():
        doubtful = [f for f, row in said.items() if row.get("review") and row["checked"] == "no"]
        names = [said[field]["name"] if field in said else None for field in fields]
        table.append([image, page, *names, ", ".join(doubtful)])
    return table


def _shown(row: dict[str, Any]) -> str:
    return str(row["image"]).removeprefix("scans/")


def as_csv(table: Cells, separator: Separator = Separator.COMMA) -> bytes:
    """With a byte order mark, by which spreadsheets know UTF-8, and nothing that they would run."""
    lines = [separator.record(["" if c is None else no_formula(c) for c in row]) for row in table]
    return (MARK + "".join(lines)).encode("utf-8", "surrogateescape")


def as_xlsx(table: Cells) -> bytes:
    """A workbook; raises as `workbook_of`."""
    from hwr_edge.results.workbook import workbook_of

    return workbook_of(table[0], table[1:])
