"""Weights averaged over runs that came from one another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from hwr_edge.errors import DataError
from hwr_edge.folders import make_folder
from hwr_train.network.artifact import load_artifact, save_artifact


def average(paths: Sequence[Path], folder: Path) -> Path:
    """Write the mean of the weights in .keras files as `folder`/best.keras, with the first one's configuration.

    Networks that were trained on from the same weights lie in one valley, and their mean often reads better
    than any of them at the cost of one (Wortsman et al. 2022, "Model soups").

    Raises:
        DataError: there are not two or more, or they are not the same network for the same letters.
        OutputError: the file cannot be written.
    """
    if len(paths) < 2:
        raise DataError("two or more .keras files are needed for an average")
    first, *others = (load_artifact(path) for path in paths)
    shapes = [weight.shape for weight in first.model.get_weights()]
    for path, other in zip(paths[1:], others, strict=True):
        same = [weight.shape for weight in other.model.get_weights()] == shapes
        if not same or other.charset != first.charset or other.preset != first.preset:
            raise DataError(f"{path}: not the network of {paths[0]}, or for other letters")
    all_weights = zip(*(artifact.model.get_weights() for artifact in (first, *others)), strict=True)
    first.model.set_weights([np.mean(alike, axis=0) for alike in all_weights])
    parts = {artifact.config.part for artifact in (first, *others)}
    # Together they learnt from what each left out.
    config = first.config if len(parts) == 1 else replace(first.config, part=None)
    make_folder(folder)
    best = folder / "best.keras"
    save_artifact(best, first.model, first.charset, config)
    return best
