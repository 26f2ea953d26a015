"""A form's template, for programs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hwr_edge.form import new
from hwr_edge.image.anything import opened

if TYPE_CHECKING:
    from hwr_edge.form.template import Form
    from hwr_edge.image.anything import Anything


def new_form(
    image: Anything, path: Path | str, fields: Sequence[str] = (), *, rgb: bool = False
) -> Form:
    """Propose where a form is filled in: write the template that `read` takes as `form`.

    Beside it come its image, the form laid flat, and one that shows the fields. Correct the template by hand.

    Args:
        image: the form, empty and upright; anything that `read` takes, of a file with pages the first.
        path: of the template; it ends in .toml.
        fields: names of the first fields, in reading order.
        rgb: the pixels' colours are RGB or RGBA.

    Raises:
        ImageError: the image cannot be read, or no place to write in is seen on it.
        DataError: a name cannot be used, or there are more of them than fields.
        OutputError: a file is there already or cannot be written.
    """
    if Path(path).suffix != ".toml":
        raise ValueError(f"a template must end in .toml, not {Path(path).name!r}")
    with opened(image, rgb) as found:
        return new.new_form(found.grey(), Path(path), fields, found.image)
