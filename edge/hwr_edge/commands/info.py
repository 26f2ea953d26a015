"""`hwr-edge info`: prints the model's card."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated, Any

import typer

from hwr_edge import __version__
from hwr_edge.commands.console import errors_reported
from hwr_edge.commands.options import Model
from hwr_edge.files import open_sink
from hwr_edge.results.rows import to_json


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("info")(show_info)


def show_info(
    model: Model = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the model and the runtime in use."""
    with errors_reported():
        from hwr_edge.line.recognizer import Recognizer

        recognizer = Recognizer(model)
        facts = {
            "program": f"hwr-edge {__version__}",
            "runtime": recognizer.runtime.name,
            "model": str(recognizer.path),
            "decoder": recognizer.decoder.value,
            "checksum": recognizer.card.crc32 or "none: made before models had one",
            "name_model": _name_model() if recognizer.names else None,
            "card": asdict(recognizer.card),
        }
        with open_sink(None) as sink:
            sink.write(to_json(facts) + "\n" if as_json else "".join(_lines(facts)))


def _name_model() -> dict[str, str]:
    """The name model's file, whose parts `NameModel.load` checks."""
    from hwr_edge.image.document import checksum
    from hwr_edge.line.recognizer import default_name_model

    path = default_name_model()
    return {"path": str(path), "checksum": checksum(path)} if path else {}


def _lines(facts: dict[str, Any], indent: str = "") -> Iterator[str]:
    """Facts for people: a line each, nested ones indented."""
    for key, value in facts.items():
        if isinstance(value, dict):
            yield f"{indent}{key}\n"
            yield from _lines(value, indent + "  ")
        else:
            shown = value if isinstance(value, str) and key != "letters" else to_json(value)
            yield f"{indent}{key:<14} {shown}\n"
