"""The command hwr-train: what trains and what converts, in one."""

from __future__ import annotations

import sys

_CONVERTING = {
    "quantize": "Convert a run to a full-int8 file, and check it against the run on held-out names.",
    "ship": "Put a quantized run into models/. It must read no worse than the shipped model.",
}


def main() -> None:
    """Run the command line; never returns."""
    if sys.argv[1:2] and sys.argv[1] in _CONVERTING:
        from hwr_convert.__main__ import main as convert  # with it comes TensorFlow under Keras

        convert("hwr-train")
    from hwr_train.__main__ import main as train

    train("hwr-train", _CONVERTING)
