from __future__ import annotations

from itertools import islice

import numpy as np

from hwr_train.measuring.empty_fields import empty_fields


def test_empty_fields_are_the_same_every_time_and_not_all_blank() -> None:
    first, again = (list(islice(empty_fields(), 12)) for _ in range(2))
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, other)
    assert sum(bool((field < 128).any()) for field in first) >= 6
