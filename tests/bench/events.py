"""Kills the broker and the sending program while names go through: how many are lost, how many come twice.

Run: PYTHONPATH=tests python -m bench.events --names 300 --kills 20
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from brokers import Broker, Subscriber, until
from commands import environment
from hwr_edge.events.destination import mqtt_of
from hwr_edge.events.events import Events, To
from hwr_edge.events.outbox import outbox_for

_SENDS = """
import sys, pathlib
from hwr_edge.events.destination import mqtt_of
from hwr_edge.events.events import Events, To
with Events(To((mqtt_of(sys.argv[1]),), pathlib.Path(sys.argv[2])), lambda line: None, 600):
    pass
"""


def main() -> None:
    """Print one line of figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--names", type=int, default=300)
    parser.add_argument("--kills", type=int, default=20, help="of each: broker and program")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(_measure(Path(folder), asked.names, asked.kills))


def _measure(folder: Path, names: int, kills: int) -> str:
    broker = Broker(folder)
    broker.start()
    seen, to = Subscriber(broker.port), mqtt_of(f"mqtt://127.0.0.1:{broker.port}/names")
    box = outbox_for(folder / "boxes", to)
    command: list[str] = [
        sys.executable,
        "-c",
        _SENDS,
        f"mqtt://127.0.0.1:{broker.port}/names",
        str(box.path.parent),
    ]
    for _ in range(kills):
        box.add([{"text": "A"}] * (names // kills))
        with subprocess.Popen(command, env=environment()) as process:
            before = len(seen.rows)
            until(lambda before=before: len(seen.rows) > before, "nothing comes")
            broker.kill()
            time.sleep(0.2)
            broker.start()
            assert seen.ready.wait(60)
            before = len(seen.rows)
            until(lambda before=before: len(seen.rows) > before or not len(box), "nothing comes")
            process.kill()
    with Events(To((to,), box.path.parent), print, 600):
        pass
    time.sleep(3)
    ids, queued = seen.ids(), names // kills * kills
    seen.close()
    broker.kill()
    again = len(ids) - len(set(ids))
    return (
        f"{queued} names, {kills} kills of the broker and {kills} of the program: "
        f"{queued - len(set(ids))} lost, {again} came again with an id that the receiver had"
    )


if __name__ == "__main__":
    main()
