"""A form's template, for programs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hwr_edge.form import new
from hwr_edge.image.anything import opened
from hwr_edge.image.document import Document

if TYPE_CHECKING:
    from hwr_edge.form.template import Form
    from hwr_edge.image.anything import Anything


def new_form(
    image: Anything, path: Path | str, fields: Sequence[str] = (), *, rgb: bool = False
) -> Form:
    """Propose where a form is filled in: write the template that `read` takes as `form`.

    Beside it come its image, the form laid flat, and one that shows the fields. Correct the template by hand.

    Args:
        image: the form, empty and upright; anything that `read` takes, of a file with pages the first. Of a
            fillable PDF the fields are its own.
        path: of the template; it ends in .toml.
        fields: names of the first fields, in reading order; the others are called as in a fillable PDF, or field2, ...
        rgb: the pixels' colours are RGB or RGBA.

    Raises:
        ImageError: the image cannot be read, or no place to write in is seen on it.
        DataError: a name cannot be used, or there are more of them than fields.
        OutputError: a file is there already or cannot be written.
    """
    if Path(path).suffix != ".toml":
        raise ValueError(f"a template must end in .toml, not {Path(path).name!r}")
    with opened(image, rgb) as found:
        own = found.text_fields() if isinstance(found, Document) else ()
        page = new.EmptyPage(found.grey(), found.image, own)
        return new.new_pages([page], Path(path), fields)[0]
