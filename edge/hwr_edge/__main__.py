"""The command `hwr-edge`, also as `python -m hwr_edge`."""

from __future__ import annotations

import gc

from hwr_edge import interrupts


def main() -> None:
    """Run the command line; never returns.

    Imports and one reading leave next to no garbage in cycles, and looking for it, with all those modules
    at each look, took a fifth of the time from start to exit.
    """
    interrupts.end_at_once()
    gc.set_threshold(100_000, 10, 10)
    from hwr_edge.commands.app import main as run

    try:
        run()
    finally:
        interrupts.ignore()
        gc.freeze()  # the exit looks for it once more


if __name__ == "__main__":
    main()
