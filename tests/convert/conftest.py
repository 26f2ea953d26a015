"""Files made of small models, and two runs, shared by the tests of conversion."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from hwr_convert.options import Lowering, Options
from hwr_convert.quantize import to_int8
from hwr_edge.line.card import ModelCard, write_model
from small_models import LETTERS, SMALL, FewNames, SmallFile, small_model, tiny_run


@pytest.fixture(scope="session")
def canvases() -> NDArray[np.uint8]:
    """40 small canvases of strokes and noise, uint8 (40, 16, 48)."""
    rng = np.random.default_rng(3)
    found = rng.integers(0, 256, (40, SMALL.height, SMALL.width)).astype(np.uint8)
    for k, canvas in enumerate(found):
        canvas[:, k:] = 255
    return found


@pytest.fixture(scope="session", params=list(Lowering))
def small_file(
    request: pytest.FixtureRequest,
    canvases: NDArray[np.uint8],
    tmp_path_factory: pytest.TempPathFactory,
) -> SmallFile:
    """A small model as an int8 file, lowered either way."""
    model = small_model(-1.0)
    path = tmp_path_factory.mktemp("small") / f"{request.param}.tflite"
    stateful = request.param is Lowering.FUSED
    card = ModelCard("small", LETTERS.letters, SMALL, stateful=stateful)
    write_model(path, to_int8(model, canvases, request.param), card)
    return SmallFile(path, card, model)


@pytest.fixture
def few_names() -> type[FewNames]:
    """A fresh class, so that its truths can be set."""
    return type("FewNames", (FewNames,), {})


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs, `one` and `two`, with their int8 files."""
    from hwr_convert.make import quantize
    from hwr_convert.parent import find_parent

    folder = tmp_path_factory.mktemp("runs")
    for seed, name in enumerate(("one", "two")):
        tiny_run(folder / name, seed)
        parent = find_parent(Path(name), folder, folder)
        artifact = parent.artifact
        source = FewNames(artifact.config, artifact.charset)
        with pytest.MonkeyPatch.context() as patch:  # what drawn weights read is not the question
            patch.setattr("hwr_convert.make.against_budget", lambda *_: None)
            quantize(parent, source, parent.output, Options(), lambda _: None)
    return folder
