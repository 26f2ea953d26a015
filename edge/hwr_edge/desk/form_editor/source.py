"""A template's text changed in the places that were drawn anew; comments, unknown keys and order of keys stay.

The text is cut where fields begin. Comments right above a field belong to it and move with it; each field's own
lines are changed by tomlkit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from hwr_edge.desk.form_editor.draft import DraftField, Drawn
from hwr_edge.errors import DataError
from hwr_edge.textfile import toml_of

_HEADER = re.compile(r"\s*\[\[\s*(?:page\s*\.\s*)?field\s*\]\]\s*(?:#.*)?")
_PAGE = re.compile(r"\s*\[\[\s*page\s*\]\]\s*(?:#.*)?")
_UNUSUAL = "is not written with [[field]] or [[page.field]] for each field; write it so, or change it by hand"


@dataclass(frozen=True)
class Block:
    """The lines of a field: with the comments right above it, and with those below it that are not the next one's."""

    text: str
    below: str


@dataclass(frozen=True)
class PageText:
    """A page of a template: the lines before its first field, and its fields."""

    before: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Source:
    """A template's text in pages; together they are the whole text."""

    pages: tuple[PageText, ...]
    header: str

    @property
    def text(self) -> str:
        """The whole text."""
        return "".join(
            page.before + "".join(block.text + block.below for block in page.blocks)
            for page in self.pages
        )

    def fields(self) -> list[list[dict[str, Any]]]:
        """What each field of each page says, as it stands there.

        Raises:
            DataError: a field is not written as fields are.
        """
        return [[dict(_table(block.text).unwrap()) for block in page.blocks] for page in self.pages]


def cut(text: str) -> Source:
    """Cut a template's text.

    Raises:
        DataError: it is no TOML, or written in a way that cannot be cut.
    """
    import tomlkit  # an extra, for those who edit
    from tomlkit.exceptions import TOMLKitError

    try:
        toml_of(text)  # whose bounds tomlkit has not
    except ValueError as error:
        raise DataError(str(error)) from error
    try:
        whole = tomlkit.parse(text).unwrap()
    except (TOMLKitError, RecursionError) as error:
        raise DataError(f"not valid TOML ({' '.join(str(error).split())})") from error
    many = "page" in whole
    try:
        tables = whole["page"] if many else [whole]
        said = [list(table.get("field", ())) for table in tables]
    except (TypeError, AttributeError) as error:
        raise DataError(_UNUSUAL) from error
    source = Source(tuple(_pages(text, many)), "page.field" if many else "field")
    try:
        same = source.fields() == said
    except (TOMLKitError, DataError, KeyError, TypeError):
        same = False
    if not same or source.text != text:
        raise DataError(_UNUSUAL)
    return source


def _pages(text: str, many: bool) -> Iterator[PageText]:
    """The pages; what stands above the first [[page]] is the first one's."""
    lines = text.splitlines(keepends=True)
    starts = (
        [k for k, line in enumerate(lines) if _PAGE.fullmatch(line.rstrip("\r\n"))] if many else [0]
    )
    starts = [_lead(lines, start) for start in starts]
    for number, start in enumerate(starts):
        end = starts[number + 1] if number + 1 < len(starts) else len(lines)
        yield _page(lines[start if number else 0 : end])


def _page(lines: Sequence[str]) -> PageText:
    headers = [k for k, line in enumerate(lines) if _HEADER.fullmatch(line.rstrip("\r\n"))]
    starts = [_lead(lines, header) for header in headers]
    blocks = []
    for number, (start, header) in enumerate(zip(starts, headers, strict=True)):
        end = starts[number + 1] if number + 1 < len(starts) else len(lines)
        last = max(k for k in range(header, end) if k == header or not _is_idle(lines[k]))
        blocks.append(Block("".join(lines[start : last + 1]), "".join(lines[last + 1 : end])))
    return PageText("".join(lines[: starts[0]] if starts else lines), tuple(blocks))


def _lead(lines: Sequence[str], header: int) -> int:
    """Where the comments right above a header begin."""
    while header and lines[header - 1].lstrip().startswith("#"):
        header -= 1
    return header


def _is_idle(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")


def _table(text: str) -> Any:
    """The one field of a block's text."""
    return _parsed(text)[1]


def _parsed(text: str) -> tuple[Any, Any]:
    """A block's text parsed, and its one field."""
    import tomlkit

    parsed: Any = tomlkit.parse(text)
    (field,) = parsed["page"]["field"] if "page" in parsed else parsed["field"]
    return parsed, field


def changed(source: Source, drawn: Drawn) -> str:
    """The text with the fields that are drawn, in their order.

    Raises:
        DataError: there are other pages, or a field comes from one that is not there.
    """
    if len(drawn) != len(source.pages):
        raise DataError(f"the template has {len(source.pages)} pages, not {len(drawn)}")
    pages = zip(source.pages, drawn, strict=True)
    return "".join(_changed_page(page, fields, source.header) for page, fields in pages)


def _changed_page(page: PageText, fields: Sequence[DraftField], header: str) -> str:
    origins = [field.origin for field in fields if field.origin is not None]
    if len(set(origins)) < len(origins) or any(not 0 <= k < len(page.blocks) for k in origins):
        raise DataError("a field refers to one that the template does not have")
    out = page.before
    for k, block in enumerate(page.blocks):
        if k not in origins and block.below.strip():  # comments that stand apart stay
            out = _apart(out) + block.below.lstrip("\r\n")
    for field in fields:
        if field.origin is None:
            out = _apart(out) + _new(field, header)
            continue
        block = page.blocks[field.origin]
        follows = out.endswith(_before(page, field.origin))
        out = (out if follows else _apart(out)) + _changed_block(block.text, field) + block.below
    return out


def _before(page: PageText, place: int) -> str:
    """What ends where a block stood in the file: where it still does, no blank line is added."""
    return page.blocks[place - 1].below or "\n" if place else page.before


def _apart(text: str) -> str:
    """A text with a blank line at its end."""
    if not text.strip():
        return text
    return text.rstrip("\r\n") + "\n\n"


def _new(field: DraftField, header: str) -> str:
    import tomlkit

    table = tomlkit.table()
    for key, value in field.keys().items():
        table.add(key, value)
    return f"[[{header}]]\n{table.as_string().strip()}\n"


def _changed_block(text: str, field: DraftField) -> str:
    """A field's lines with its values; those that are the same stay as they are written."""
    parsed, table = _parsed(text)
    wanted = field.keys()
    if table.get("kind") is not None:
        wanted["kind"] = field.kind
    for key in ("kind", "roster", "column"):
        if key in table and key not in wanted:
            table.remove(key)
    for key, value in wanted.items():
        if key == "box" and _is_box(table.get("box")):
            for k, side in enumerate(value):
                if table["box"][k] != side:
                    table["box"][k] = side
        elif table.get(key) != value:
            table[key] = value
    return str(parsed.as_string())


def _is_box(found: Any) -> bool:
    return isinstance(found, list) and len(found) == 4
