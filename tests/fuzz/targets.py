"""Each parser as a function of bytes: it returns, or raises an error that its user is meant to see.

A target has a folder of that name in corpus/, with small files that were made for it, or found.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import typer

from fuzz.pages import desk, live, requests
from fuzz.places import folder, written
from hwr_edge.commands.app import program
from hwr_edge.commands.config import options_of
from hwr_edge.errors import DataError, HwrError, ImageError, ModelError
from hwr_edge.form.template import read_form
from hwr_edge.image.decode import decode_grey
from hwr_edge.image.document import Document
from hwr_edge.image.headers import kind_of, read_header, tiff_pages
from hwr_edge.line.card import read_card
from hwr_edge.line.name_model import NameModel
from hwr_edge.results.growing import options_beside
from hwr_edge.results.resume import read_before
from hwr_edge.results.roster_file import read_roster
from hwr_edge.results.tables import CSV_KEYS
from hwr_edge.review.answer_file import read_events
from hwr_edge.review.results import read_results

Target = Callable[[bytes], None]


def headers(data: bytes) -> None:
    """What an image says of itself."""
    kind_of(data[:12])
    for parse in (read_header, tiff_pages):
        with suppress(ValueError):
            parse(data)


def images(data: bytes) -> None:
    """An image's pixels."""
    with suppress(ImageError, MemoryError):
        grey = decode_grey(data, "x")
        assert grey.ndim == 2
        assert grey.dtype == np.uint8


def documents(data: bytes) -> None:
    """The pages of a file."""
    with suppress(ImageError, MemoryError):
        document = Document(str(written("document", data)))
        for page in range(1, min(document.pages, 3) + 1):
            assert document.grey(page).ndim == 2
            document.text_fields(page)


def card(data: bytes) -> None:
    """A model's card: one that is read belongs to the model in front of it."""
    with suppress(ModelError):
        read_card(written("m.tflite", data))


def name_model(data: bytes) -> None:
    """A table of how names are spelt, and a look into it."""
    with suppress(ModelError):
        found = NameModel.load(written("m.npz", data))
        assert len(found.row(found.start)) == len(found.letters) + 1


def rosters(data: bytes) -> None:
    """A list of names, as text and as a table."""
    for name in ("roster.txt", "roster.csv"):
        with suppress(DataError):
            assert all(read_roster(written(name, data)))


def templates(data: bytes) -> None:
    """A form's template."""
    folder()
    with suppress(DataError):
        assert read_form(written("form.toml", data)).fields


def results(data: bytes) -> None:
    """Results to review."""
    with suppress(DataError):
        found = read_results(written("results.jsonl", data))
        assert sorted(found.order()) == list(range(len(found.rows)))


def answers(data: bytes) -> None:
    """The journal of a review."""
    with suppress(DataError):
        read_events(data, "0" * 64, 3, Path("answers"))


def drafts(data: bytes) -> None:
    """The rows of an interrupted run."""
    for layout, columns in (("jsonl", ()), ("text", ()), ("csv", CSV_KEYS)):
        part = written("rows.part", data)
        options_beside(part).write_text("options")
        with suppress(HwrError):
            read_before(part, "options", layout, columns)


@functools.cache
def _of_file() -> typer.Context:
    """The context in which options of `hwr-edge file` are read."""
    context = typer.Context(typer.main.get_command(program(["file"])))
    context.invoked_subcommand = "file"
    return context


def settings(data: bytes) -> None:
    """Options from a file."""
    with suppress(DataError):
        assert isinstance(options_of(written("settings.toml", data), _of_file()), dict)


TARGETS: dict[str, Target] = {
    target.__name__: target
    for target in (
        headers,
        images,
        documents,
        card,
        name_model,
        rosters,
        templates,
        results,
        answers,
        drafts,
        settings,
        requests,
        live,
        desk,
    )
}
