"""A quantized model into models/, if it reads no worse than the one that ships now."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hwr_convert.calibrate import NameSource
from hwr_convert.parent import INT8_FILE, SHIPPED_WEIGHTS, Parent, digest, without_paths
from hwr_convert.together import named_together, put_back
from hwr_convert.verify import logits_of
from hwr_edge.errors import DataError, ModelError, OutputError
from hwr_edge.files import write_whole
from hwr_edge.folders import make_folder
from hwr_edge.line.card import read_card, read_flatbuffer, write_model
from hwr_edge.line.decoder import Decoder
from hwr_edge.line.metrics import Score, score
from hwr_edge.line.recognizer import Recognizer
from hwr_edge.line.shipped import NAME_MODEL
from hwr_edge.locks import hold
from hwr_train.measuring.readings import read_all
from hwr_train.network.artifact import save_artifact


def ship(
    parent: Parent, candidate: Path, models: Path, source: NameSource, say: Callable[[str], None]
) -> None:
    """Put the int8 file, its float parent and their facts into `models`: all of them or none.

    Raises:
        ModelError: the candidate is no file of this parent, or reads worse than what ships.
        DataError: the names cannot be read, or are synthetic fields while a model ships.
        OutputError: a file cannot be written, or another process ships into the same folder.
    """
    make_folder(models.absolute().parent)
    # From what ships now to what ships then: no other one comes between.
    with hold(models.absolute()):
        try:
            put_back(models)
        except OSError as error:
            raise OutputError(f"{models}: cannot be written ({error.strerror or error})") from error
        _ship(parent, candidate, models, source, say)


def _ship(
    parent: Parent, candidate: Path, models: Path, source: NameSource, say: Callable[[str], None]
) -> None:
    card, flatbuffer = read_card(candidate), read_flatbuffer(candidate)
    artifact = parent.artifact
    if card.training.get("weights") != digest(artifact.model):
        raise ModelError(f"{candidate}: not made from {parent.weights}; quantize it again")
    ships = (models / INT8_FILE).is_file() and (models / INT8_FILE).stat().st_size > 0
    if ships and not source.real:
        raise DataError(
            "synthetic fields cannot show that a model is no worse than the one that ships; "
            "name the data folder (--data)"
        )
    now = measure(candidate, source)
    say(f"candidate, on {source.kind}: {now.line()}")
    before = _shipped_score(models / INT8_FILE, source, say) if ships else None
    if before is not None and is_worse(now, before):
        raise ModelError(
            f"the candidate reads worse than what ships: CER {now.cer:.2%} against "
            f"{before.cer:.2%}, exact {now.exact:.2%} against {before.exact:.2%}; nothing was changed"
        )
    make_folder(models)
    try:
        with named_together(models) as drafts:
            # Loaded without its optimizer, so saved without it.
            config = without_paths(artifact.config)
            save_artifact(drafts / SHIPPED_WEIGHTS, artifact.model, artifact.charset, config)
            write_model(drafts / INT8_FILE, flatbuffer, card)
            if (own := candidate.with_name(NAME_MODEL)).is_file() and own.parent != models:
                write_whole(drafts / NAME_MODEL, own.read_bytes())
    except OSError as error:
        raise OutputError(f"{models}: cannot be written ({error.strerror or error})") from error
    if Recognizer(models / INT8_FILE).names is None:
        say(f"no {NAME_MODEL} is for these letters: readings are greedy (`quantize --name-model`)")


def measure(file: Path, source: NameSource) -> Score:
    """How well a model file reads the held-out names, each on the canvas its card asks for."""
    recognizer = Recognizer(file, decoder=Decoder.GREEDY)
    names = source.held_out(recognizer.card.canvas)
    logits = logits_of(recognizer, names)
    return score(names.texts, read_all(logits, recognizer.charset, recognizer.card.drop_frames))


def is_worse(now: Score, before: Score) -> bool:
    """A higher CER, or the same with fewer names right."""
    return (now.cer, -now.exact) > (before.cer, -before.exact)


def _shipped_score(file: Path, source: NameSource, say: Callable[[str], None]) -> Score | None:
    """The score of the model that ships; None where it cannot be used."""
    try:
        found = measure(file, source)
    except ModelError as error:
        say(f"what ships cannot be used: {error}")
        return None
    say(f"shipped, on the same names: {found.line()}")
    return found
