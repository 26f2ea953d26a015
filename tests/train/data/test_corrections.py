"""What people corrected helps with the hand that they corrected."""

from __future__ import annotations

import csv
from pathlib import Path

import cv2
import numpy as np

from hwr_edge.line.metrics import score
from hwr_edge.line.preprocess import preprocess
from hwr_train.config import TrainConfig
from hwr_train.data.canvases import NameData
from hwr_train.fitting.fit import train
from hwr_train.fitting.loader import ExtraNames
from hwr_train.measuring.readings import predict, read_all
from hwr_train.network.artifact import load_artifact, load_model
from hwr_train.synthetic.fields import draw_field
from hwr_train.synthetic.glyphs import Writer, drawn_writers

SHIPPED = Path(__file__).resolve().parents[3] / "models" / "names.keras"
NAMES = """GAGNIER GIRAUD GREGORY HUGO MARGOT MAGALI GUEGAN LEGRAND ROGER ANGE GILG GEORGES BERGER
GAUTIER AGATHE DUGUAY GOMEZ LANGLOIS MUGNIER GRANGE REGIS SERGE GUIGUE NOGUES PAGE""".split()


def _six_writer() -> Writer:
    """One drawn hand whose G is a 6."""
    hand = drawn_writers(8, np.random.default_rng(4))[0]
    turn = np.linspace(0, 2 * np.pi, 14)
    loop = np.stack([0.36 + 0.36 * np.sin(turn), 0.64 - 0.36 * np.cos(turn)], 1)
    stem = np.array([[0.5, 0.0], [0.2, 0.3], [0.0, 0.64]])
    return {**hand, "G": [[stem, loop]]}


def _fields(names: list[str], seed: int) -> list[np.ndarray]:
    hand, rng = _six_writer(), np.random.default_rng(seed)
    return [draw_field(name, hand, hand, rng) for name in names]


def _errors(model: Path, held_out: list[str]) -> float:
    artifact = load_artifact(model)
    canvas = artifact.preset.canvas
    canvases = np.stack([preprocess(field, canvas) for field in _fields(held_out, 99)])
    data = NameData(canvases, tuple(held_out), tuple(held_out))
    return score(held_out, read_all(predict(artifact.model, data), artifact.charset)).cer


def test_a_writer_whose_g_looks_like_a_six_is_read_better_after_corrections(
    tmp_path: Path,
) -> None:
    corrected, held_out = NAMES[:15], NAMES[15:] * 2
    images = tmp_path / "corrections" / "train_v2" / "train"
    images.mkdir(parents=True)
    with (tmp_path / "corrections" / "written_name_train_v2.csv").open("w", newline="") as table:
        writer = csv.writer(table)
        writer.writerow(("FILENAME", "IDENTITY"))
        for k, field in enumerate(_fields(corrected, 1)):
            cv2.imwrite(str(images / f"{k}.png"), field)
            writer.writerow((f"{k}.png", corrected[k]))
    config = TrainConfig(
        init=str(SHIPPED),
        extra=(str(tmp_path / "corrections"),),
        made=400,
        epochs=2,
        batch=32,
        learning_rate=1e-3,
    )
    run = tmp_path / "runs" / "tuned"
    train(config, run)
    # Measured on names that were not corrected.
    before, after = _errors(SHIPPED, held_out), _errors(run / "best.keras", held_out)
    assert before > 0.1
    assert after < 0.75 * before


def test_a_few_corrections_are_a_twentieth_of_an_epoch() -> None:
    data = NameData(np.zeros((10, 2, 2), np.uint8), tuple("ABCDEFGHIJ"), tuple("ABCDEFGHIJ"))
    some = ExtraNames.among(data, 1000)
    assert (some.times, some.count) == (5, 50)
    assert some.sample(0, 13)[0] == "D"
    assert ExtraNames.among(data, 100_000).times == 20
    assert ExtraNames.among(data, 50).times == 1


def test_the_shipped_weights_can_be_loaded_alone() -> None:
    assert load_model(SHIPPED).output_shape[-1] == 30
