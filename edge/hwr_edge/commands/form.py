"""`hwr-edge form`: makes a template of a form, and changes it in the browser."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hwr_edge.commands.console import errors_reported
from hwr_edge.commands.options import Model, refuse_inputs
from hwr_edge.errors import OutputError, RuntimeMissing
from hwr_edge.image.sources import STDIN

if TYPE_CHECKING:
    from hwr_edge.form.new import EmptyPage


def add_to(app: typer.Typer) -> None:
    """Add the command with its own."""
    forms = typer.Typer(
        help="Make or edit a form template for `hwr-edge file --form`.", rich_markup_mode=None
    )
    forms.callback()(form_options)
    forms.command("new")(make_form)
    forms.command("edit")(edit_form)
    app.add_typer(forms, name="form")


def form_options() -> None:
    """Make or edit a form template for `hwr-edge file --form`."""


def make_form(
    images: Annotated[
        list[str],
        typer.Argument(metavar="IMAGE...", help="An empty form: a scan, front and back, or a PDF."),
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
    pages: Annotated[
        str,
        typer.Option(metavar="PAGES", help="Pages of a PDF or TIFF: 1, or 1,3, or 1-2."),
    ] = "1",
) -> None:
    """Find the fields of an empty form and write a template: FILE.toml.

    Also writes FILE.png, the straightened form, and FILE-fields.png, which shows the fields. Open
    FILE-fields.png, then correct names and boxes in FILE.toml.
    """
    with errors_reported():
        from hwr_edge.form.new import new_pages

        if output and output.suffix != ".toml":
            raise typer.BadParameter("a template must end in .toml", param_hint="--output")
        names = [name.strip() for name in fields.split(",")] if fields else []
        found = _pages_of(images, pages)
        path = output or _beside(images[0])
        inputs = [image for image in images if image != STDIN]
        refuse_inputs(path.with_suffix(".png"), "--output", inputs)
        forms = new_pages(found, path, names)
        count = sum(len(form.fields) for form in forms)
        shown = path.with_name(f"{path.stem}{'-1' * (len(forms) > 1)}-fields.png")
        more = f" and {len(forms) - 1} more" if len(forms) > 1 else ""
        own = " of the PDF" if all(page.fields for page in found) else ""
        typer.echo(
            f"{path}: {count} field{'s' * (count != 1)}{own}, shown in {shown}{more}", err=True
        )


def edit_form(
    template: Annotated[
        Path,
        typer.Argument(
            readable=False, metavar="TEMPLATE", help="A template: what `hwr-edge form new` wrote."
        ),
    ],
    model: Model = None,
    port: Annotated[
        int,
        typer.Option(min=0, max=65535, metavar="N", help="Port of the page. 0 picks a free one."),
    ] = 8481,
    browser: Annotated[bool, typer.Option(help="Open the page in a browser.")] = True,
) -> None:
    """Draw the fields of a template in your browser, and try them on a filled form.

    Only this machine can open the page. Saving changes what you drew and keeps the template's comments.
    """
    with errors_reported():
        try:
            import tomlkit  # noqa: F401  # which the editor needs

            from hwr_edge.desk.form_editor.server import make_editor, open_editor
        except ModuleNotFoundError as error:
            raise RuntimeMissing(
                "the form editor needs the packages bottle, waitress and tomlkit; run: "
                "pip install bottle waitress tomlkit  (or install hwr-edge with the extra desk)"
            ) from error
        from hwr_edge.line.recognizer import Recognizer

        page = make_editor(template, lambda: Recognizer(model))
        try:
            server, address = open_editor(page, port)
        except OSError as error:
            raise OutputError(
                f"port {port} cannot be opened ({error.strerror}); choose another with --port"
            ) from error
        typer.echo(f"form: {address}\nPress Ctrl-C to stop.", err=True)
        from hwr_edge.review.browser import open_page

        with server, open_page(address) if browser else nullcontext(), suppress(KeyboardInterrupt):
            server.serve_forever()


def _pages_of(images: list[str], pages: str) -> list[EmptyPage]:
    """The pages that were asked for."""
    from hwr_edge.form.new import EmptyPage
    from hwr_edge.image.document import Document
    from hwr_edge.image.sources import label
    from hwr_edge.scan.form_pages import FormPages

    try:
        asked = FormPages.of(pages)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--pages") from error
    if asked.every or (len(images) > 1 and pages != "1"):
        raise typer.BadParameter("--pages takes pages of one document", param_hint="--pages")
    found = []
    for image in images:
        document = Document(image)
        try:
            for page in sorted(asked.pages):
                name = label(document.name, page if document.pages > 1 else None)
                found.append(EmptyPage(document.grey(page), name, document.text_fields(page)))
        finally:
            document.close()
    return found


def _beside(image: str) -> Path:
    """A name for the template, whose image is another file than `image`."""
    stem = "form" if image == STDIN else Path(image).stem
    mine = Path(f"{stem}.png").exists() and Path(f"{stem}.png").samefile(image)
    return Path(f"{stem}-form.toml" if mine else f"{stem}.toml")
