"""A model of small letters, accents, digits and another alphabet goes the whole way."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hwr_convert.calibrate import name_source
from hwr_convert.make import quantize
from hwr_convert.options import Options
from hwr_convert.parent import INT8_FILE, find_parent
from hwr_convert.ship import ship
from hwr_edge.line.card import read_card
from hwr_edge.line.decoder import Decoder
from hwr_edge.line.recognizer import Recognizer
from hwr_edge.line.shipped import NAME_MODEL
from hwr_train.config import TrainConfig
from hwr_train.fitting.fit import train
from hwr_train.measuring.evaluate import evaluate
from hwr_train.name_model import build
from hwr_train.synthetic.draw import draw_images

TEXTS = ("Zoé", "Weiß 7", "Ωμέγα", "Großstraße 12", "Жук", "Ünal", "abcdefghijklm", "nopqrstuvwxyz")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one labels.csv of 48 rows, each text in each split; what is drawn is beside the point."""
    folder = tmp_path_factory.mktemp("own")
    draw_images(folder / "images", [f"NAME {'ABCDEFGH'[k % 8]}" for k in range(48)], 48, seed=3)
    images = sorted(path.name for path in (folder / "images").iterdir())
    assert len(images) == 48
    splits = ("train", "train", "train", "train", "validation", "test")
    lines = [f"images/{name},{TEXTS[k // 6]},{splits[k % 6]}" for k, name in enumerate(images)]
    (folder / "labels.csv").write_text("\n".join(["image,text,split", *lines, ""]), "utf-8")
    return folder


@pytest.fixture(scope="module")
def run(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "own"
    train(TrainConfig(data=str(data), preset="tiny", epochs=1, batch=16, workers=1), folder)
    return folder


def test_the_letters_are_learnt_as_they_are_written(run: Path) -> None:
    card = json.loads((run / "best.json").read_text("utf-8"))
    assert {*"éß7ΩμέЖ "} <= {*card["charset"]}
    assert len(card["charset"]) > 30
    assert card["config"]["fold"] is False


def test_quantize_names_roster_evaluate_and_ship_take_them(
    run: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hwr_convert.make.against_budget", lambda *_: None)
    parent = find_parent(run, run.parent, tmp_path)
    source = name_source(parent.artifact.config, parent.artifact.charset, None)
    assert {*source.training_texts()} == {*TEXTS}
    own = tmp_path / "own.npz"
    build([(dict.fromkeys(TEXTS, 9.0), 1.0)], parent.artifact.charset.letters).save(own)
    said: list[str] = []
    quantize(parent, source, parent.output, Options(), said.append, own)
    assert any("reads next to nothing yet" in line for line in said)
    assert {"beam", "roster"} <= read_card(parent.output).confidence.keys()

    recognizer = Recognizer(parent.output, roster=["ZOÉ", "Weiss 7", "ЖУК"])
    assert recognizer.decoder is Decoder.BEAM
    assert recognizer.roster is not None
    assert recognizer.roster.names == ["ZOÉ", "Weiss 7", "ЖУК"]
    image = next((data / "images").iterdir())
    found = recognizer.read(image)
    assert found.match is not None
    assert set(found.text) <= set(recognizer.charset.letters)

    measured = evaluate(parent.output, TrainConfig(data=str(data)), "test")
    assert {row.text for row in measured.rows} <= {*TEXTS}
    assert measured.roster is not None

    models = tmp_path / "models"
    ship(parent, parent.output, models, source, said.append)
    assert read_card(models / INT8_FILE).letters == recognizer.card.letters
    assert Recognizer(models / INT8_FILE).names is not None
    assert (models / NAME_MODEL).read_bytes() == own.read_bytes()


def test_a_run_does_not_start_from_weights_for_other_letters(run: Path, tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text((run / "config.json").read_text())
    config = json.loads((run / "config.json").read_text())
    again = TrainConfig.of({**config, "fold": True, "init": str(run / "best.keras")})
    with pytest.raises(Exception, match="but this run's letters are"):
        train(again, tmp_path / "again")
