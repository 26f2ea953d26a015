from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from hwr_convert.line_kinds import make
from hwr_edge.errors import DataError, ModelError
from hwr_edge.page.line_kinds import HEIGHT, WIDTH, LineKinds
from hwr_train.line_kinds.collect import save
from hwr_train.line_kinds.network import build
from hwr_train.line_kinds.windows import Windows
from hwr_train.network.artifact import save_model


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """What training leaves, of a network that learnt nothing."""
    rng = np.random.default_rng(0)
    images = rng.choice(np.array([0, 120, 255], np.uint8), (40, HEIGHT, WIDTH))
    windows = Windows(images, np.arange(40, dtype=np.uint8) % 4, np.arange(40))
    save_model(build(), tmp_path / "line-kinds.keras")
    for name in ("learn.npz", "check.npz"):
        save(tmp_path / name, windows)
    (tmp_path / "line-kinds.json").write_text(json.dumps({"least": 0.3}))
    return tmp_path


def test_the_file_gives_what_the_network_gives(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = run / "out" / "print.tflite"
    make(run, out, print)
    kinds = LineKinds(out)
    assert kinds.card.least == 0.3
    assert kinds.card.figures["lines"] == {"handwriting": 10, "print": 10, "digits": 10, "mark": 10}
    model = build()
    model.load_weights(run / "line-kinds.keras")
    window = np.full((HEIGHT, WIDTH), 255, np.uint8)
    window[10:20, 10:100:5] = 0
    wanted = model.predict(window[None, ..., None], verbose=0)[0]
    assert kinds.logits(window) == pytest.approx(wanted, abs=0.1)
    assert "wrote" in capsys.readouterr().out


def test_a_run_that_is_not_finished_is_told(run: Path) -> None:
    (run / "line-kinds.json").unlink()
    with pytest.raises(DataError, match="no finished run"):
        make(run, run / "print.tflite", print)


def test_a_file_that_is_too_large_is_not_written(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hwr_convert.line_kinds.MOST_BYTES", 1000)
    with pytest.raises(ModelError, match="1,000 are allowed"):
        make(run, run / "print.tflite", print)
    assert not (run / "print.tflite").exists()
