"""Kills the broker and the sending program while names go through: how many are lost, how many come twice.

Run: PYTHONPATH=tests python -m bench.events --names 300 --kills 20 --away 600

With --away the broker is gone for so many seconds, while a program that queues names and then records that it did is killed
again and again. A kill between the two lets it queue names again, as `file --resume` and the desk do.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from brokers import Broker, Subscriber, until
from commands import environment
from hwr_edge.events.destination import mqtt_of
from hwr_edge.events.events import Events, Receivers
from hwr_edge.events.outbox import outbox_for

_SENDS = """
import sys, pathlib
from hwr_edge.events.destination import mqtt_of
from hwr_edge.events.events import Events, Receivers
with Events(Receivers((mqtt_of(sys.argv[1]),), pathlib.Path(sys.argv[2])), lambda line: None, 600):
    pass
"""


_READS = """
import sys, pathlib, time
from hwr_edge.events.destination import mqtt_of
from hwr_edge.events.events import Events, Receivers
done, count = pathlib.Path(sys.argv[3]), int(sys.argv[4])
first = done.read_text().count(chr(10)) if done.exists() else 0
with Events(Receivers((mqtt_of(sys.argv[1]),), pathlib.Path(sys.argv[2])), lambda line: None, float(sys.argv[5])) as events:
    for number in range(first, count):
        events.add([{"text": str(number)}], f"page {number}")
        time.sleep(float(sys.argv[6]))  # here a kill falls
        with done.open("a") as file:
            file.write(str(number) + chr(10))
"""


def main() -> None:
    """Print one line of figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--names", type=int, default=300)
    parser.add_argument("--kills", type=int, default=20, help="of each: broker and program")
    parser.add_argument("--away", type=float, default=0, help="seconds without the broker")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if asked.away:
            print(_away(Path(folder), asked.names, asked.kills, asked.away))
        else:
            print(_measure(Path(folder), asked.names, asked.kills))


def _away(folder: Path, names: int, kills: int, seconds: float) -> str:
    broker, chance = Broker(folder), random.Random(7)
    broker.start()
    url = f"mqtt://127.0.0.1:{broker.port}/names"
    seen = Subscriber(broker.port)
    broker.kill()
    own = [url, str(folder / "boxes"), str(folder / "done"), str(names)]
    begin = time.monotonic()
    for number in range(1, kills + 1):
        with subprocess.Popen(
            [sys.executable, "-c", _READS, *own, "600", str(0.9 * seconds / names)],
            env=environment(),
        ) as process:
            lives = seconds * number / kills - (time.monotonic() - begin)
            time.sleep(max(0.5, lives * chance.uniform(0.3, 1)))
            process.kill()
    time.sleep(max(0, seconds - (time.monotonic() - begin)))
    broker.start()
    assert seen.ready.wait(60)
    last = [sys.executable, "-c", _READS, *own, "600", "0"]
    subprocess.run(last, env=environment(), check=True)
    time.sleep(3)
    seen.close()
    broker.kill()
    by_text: dict[str, set[str]] = {}
    for row in seen.rows:
        by_text.setdefault(row["text"], set()).add(row["id"])
    twice = sum(len(ids) > 1 for ids in by_text.values())
    again = len(seen.rows) - len(set(seen.ids()))
    return (
        f"{names} names, the broker away for {seconds:.0f} s, {kills} kills of the program: {names - len(by_text)} "
        f"lost, {twice} with two ids, {again} came again with an id that the receiver had"
    )


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
    with Events(Receivers((to,), box.path.parent), print, 600):
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
