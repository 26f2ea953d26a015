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
from hwr_edge.results.cells import to_json

_MORE = "How it was trained and calibrated: hwr-edge info --json\n"


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
            sink.write(to_json(facts) + "\n" if as_json else "".join(_page(facts)) + _MORE)


def _name_model() -> dict[str, str]:
    """The name model's file, whose parts `NameModel.load` checks."""
    from hwr_edge.image.document import checksum
    from hwr_edge.line.shipped import default_name_model

    path = default_name_model()
    return {"path": str(path), "checksum": checksum(path)} if path else {}


def _page(facts: dict[str, Any]) -> Iterator[str]:
    """The facts that people ask for, a line each."""
    card, names = facts["card"], facts["name_model"]
    letters = "".join(sorted(card["letters"], key=lambda c: (not c.isalnum(), c)))
    found = {
        "Program": facts["program"],
        "Runtime": facts["runtime"],
        "Model": f"{card['name']}, {card['quantization']}: {facts['model']}",
        "Checksum": facts["checksum"],
        "Letters": letters.strip() + (" and spaces" if " " in letters else ""),
        "Canvas": f"{card['canvas']['width']} x {card['canvas']['height']} pixels",
        "Decoder": facts["decoder"],
        "Name model": names["path"] if names else "none",
        "Confidence": "calibrated" if card["confidence"] else "not calibrated",
    }
    for name, value in found.items():
        yield f"{name:<12} {value}\n"
    yield from _accuracy(card["figures"])


def _accuracy(figures: dict[str, Any]) -> Iterator[str]:
    """What conversion measured, where it did."""
    found = figures.get("int8")
    if not isinstance(found, dict) or not {"names", "exact", "exact_interval", "cer"} <= set(found):
        return
    least, most = found["exact_interval"]
    yield (
        f"{'Accuracy':<12} {found['exact']:.1%} of {found['names']} names exactly right "
        f"({least:.1%} to {most:.1%}), {found['cer']:.1%} of letters wrong; greedy, at conversion\n"
    )
