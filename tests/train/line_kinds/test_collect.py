from __future__ import annotations

import numpy as np

from hwr_train.line_kinds.collect import Sources, gathered


def test_more_processes_gather_the_same_windows() -> None:
    sources = Sources((), None, (), "", None, None, 1, 40)
    said: list[str] = []
    alone = gathered(sources, False, 3, said.append)
    both = gathered(sources, False, 3, said.append, jobs=2)
    assert said[:2] == said[2:]
    assert (alone.images == both.images).all()
    assert (alone.lines == both.lines).all()
    other = gathered(sources, True, 3, said.append)
    assert len(np.unique(alone.lines)) > 30
    assert other.images.shape != alone.images.shape or (other.images != alone.images).any()
