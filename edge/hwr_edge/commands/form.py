"""`hwr-edge form`: makes a template of a form."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hwr_edge.commands.console import errors_reported
from hwr_edge.commands.options import refuse_inputs
from hwr_edge.image.sources import STDIN


def add_to(app: typer.Typer) -> None:
    """Add the command with its own."""
    forms = typer.Typer(
        help="Make a form template for `hwr-edge file --form`.", rich_markup_mode=None
    )
    forms.callback()(form_options)
    forms.command("new")(make_form)
    app.add_typer(forms, name="form")


def form_options() -> None:
    """Make a form template for `hwr-edge file --form`."""


def make_form(
    image: Annotated[
        str,
        typer.Argument(metavar="IMAGE", help="An empty form: a scan, or a PDF (its first page)."),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Template to write. Default: IMAGE's name with .toml, in this folder.",
        ),
    ] = None,
    fields: Annotated[
        str | None,
        typer.Option(metavar="A,B,...", help="Names for the fields, in reading order."),
    ] = None,
) -> None:
    """Find the fields of an empty form and write a template: FILE.toml.

    Also writes FILE.png, the straightened form, and FILE-fields.png, which shows the fields. Open
    FILE-fields.png, then correct names and boxes in FILE.toml.
    """
    with errors_reported():
        from hwr_edge.form.new import new_form
        from hwr_edge.image.document import Document

        if output and output.suffix != ".toml":
            raise typer.BadParameter("a template must end in .toml", param_hint="--output")
        names = [name.strip() for name in fields.split(",")] if fields else []
        document = Document(image)
        grey = document.grey()
        path = output or _beside(image)
        refuse_inputs(path.with_suffix(".png"), "--output", [] if image == STDIN else [image])
        form = new_form(grey, path, names, document.name)
        shown = path.with_name(f"{path.stem}-fields.png")
        typer.echo(f"{path}: {len(form.fields)} fields, shown in {shown}", err=True)


def _beside(image: str) -> Path:
    """A name for the template, whose image is another file than `image`."""
    stem = "form" if image == STDIN else Path(image).stem
    mine = Path(f"{stem}.png").exists() and Path(f"{stem}.png").samefile(image)
    return Path(f"{stem}-form.toml" if mine else f"{stem}.toml")
