"""What the desk must bear: python -m bench.desk [--pages 30] [--clients 200] [--requests 400] [--files 200] [--kills 20]

Prints the time to the first row of a PDF of filled forms, the answers that many clients of the API get at once, the
growth of memory over many requests, and how often each file of a watched folder was read while the program was killed
again and again. A count of 0 leaves its part out. Everything that is read is drawn: the examples of the documents,
and in the watched folder crops for the tests' tiny model.
"""

from __future__ import annotations

import argparse
import io
import itertools
import json
import random
import signal
import subprocess
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

from commands import HWR_EDGE, environment
from desks import Client, png, running
from fakes import TINY_MODEL
from hwr_edge.desk.batches import Batches
from hwr_edge.desk.place import Place
from hwr_edge.form.new import new_form
from hwr_edge.image.decode import read_grey
from hwr_edge.line.shipped import default_model

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
NAMES = {"manon.png": "MANON", "maeva.png": "MAEVA", "thomas.png": "THOMAS"}
_WARM = 50  # requests, before memory is measured
_LIVES = 2.0, 6.0  # seconds that the program has before a kill
_LONGEST = 600  # seconds for what is left after the last kill


def main() -> None:
    """Measure, and print a line for each figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    for option, count in (
        ("--pages", 30),
        ("--clients", 200),
        ("--requests", 400),
        ("--files", 200),
        ("--kills", 20),
    ):
        parser.add_argument(option, type=int, default=count)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, running(Path(name), default_model()) as client:
        if asked.pages:
            print(_first_row(client, asked.pages), flush=True)
        if asked.clients:
            print(_many_clients(client, asked.clients), flush=True)
        if asked.requests:
            print(_memory(client, asked.requests), flush=True)
    if asked.files:
        with tempfile.TemporaryDirectory() as name:
            print(_watched(Path(name), asked.files, asked.kills))


def _first_row(client: Client, pages: int) -> str:
    """A form is added, as people do, then scans of it; and once more."""
    from PIL import Image

    with tempfile.TemporaryDirectory() as name:
        new_form(read_grey(EXAMPLES / "form" / "empty.jpg"), Path(name) / "club.toml")
        files = {path.name: path.read_bytes() for path in Path(name).iterdir()}
    client.send("/api/forms", files)
    image, file = Image.open(EXAMPLES / "form" / "filled-1.jpg").convert("L"), io.BytesIO()
    image.save(file, "PDF", save_all=True, append_images=[image] * (pages - 1))
    first, again = (_first_row_of(client, file.getvalue()) for _ in range(2))
    told = f"first row of a PDF of {pages} filled forms, the form just added"
    return f"{told}: {first:.2f} s; of a second one: {again:.2f} s"


def _first_row_of(client: Client, pdf: bytes) -> float:
    begin = time.monotonic()
    batch = client.ask("POST", "/api/batches", {"form": "club.toml"}).json["id"]
    client.send(f"/api/batches/{batch}/scans", {"forms.pdf": pdf})
    while not client.names(batch):
        time.sleep(0.02)
    first = time.monotonic() - begin
    client.ask("POST", f"/api/batches/{batch}/cancel", {})
    while client.ask("GET", f"/api/batches/{batch}").json["state"] == "reading":
        time.sleep(0.02)  # the page that was begun
    return first


def _many_clients(client: Client, count: int) -> str:
    told: Counter[str] = Counter()

    def one(name: str, text: str) -> None:
        try:
            reply = client.send("/api/read", {name: (EXAMPLES / name).read_bytes()})
        except OSError as error:
            told[type(error).__name__] += 1
            return
        if reply.status == 200:
            told["200" if reply.json["rows"][0]["text"] == text else "answer of another"] += 1
        else:
            told[str(reply.status)] += 1

    pairs = list(NAMES.items())
    threads = [threading.Thread(target=one, args=pairs[k % len(pairs)]) for k in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return f"{count} clients at once: {dict(told)}"


def _memory(client: Client, requests: int) -> str:
    data = (EXAMPLES / "manon.png").read_bytes()
    sizes = []
    for count in (_WARM, requests):
        for _ in range(count):
            client.send("/api/read", {"manon.png": data})
        sizes.append(int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6)
    return f"memory after {_WARM} requests and after {requests} more: {sizes[0]:.0f} and {sizes[1]:.0f} MB"


def _watched(folder: Path, files: int, kills: int) -> str:
    """Files come in `kills` + 1 parts; after each but the last the program is killed at random."""
    scanner = folder / "scanner"
    scanner.mkdir()
    texts = list(itertools.islice(map("".join, itertools.product("ABC", repeat=8)), files))
    chance = random.Random(7)
    chance.shuffle(texts)
    for number in range(kills + 1):
        for text in texts[number :: kills + 1]:
            (scanner / f"{text}.png").write_bytes(png(text))
        last = number == kills
        lives = _LONGEST if last else chance.uniform(*_LIVES)
        _live(folder, lives, files, signal.SIGTERM if last else signal.SIGKILL)
    read = Counter(
        json.loads(line)["image"]
        for batch in Batches(Place(folder / "desk")).all()
        for line in batch.results.read_text("utf-8").splitlines()
    )
    once = sum(read[f"scans/{text}.png"] == 1 for text in texts)
    more = sum(count > 1 for count in read.values())
    moved = len(list((scanner / "done").iterdir()))
    return (
        f"{files} files in the watched folder, {kills} kills: {once} read once, {more} more than once, "
        f"{moved} in done/"
    )


def _live(folder: Path, seconds: float, files: int, end: signal.Signals) -> None:
    """Run the command on the watched folder until all is read, at most so long from when its page is there."""
    done = folder / "scanner" / "done"
    command = [*HWR_EDGE, "desk", str(folder / "desk"), "--watch", str(folder / "scanner")]
    command += ["--model", str(TINY_MODEL), "--port", "0", "--no-browser"]
    with subprocess.Popen(command, env=environment(), stderr=subprocess.PIPE) as process:
        assert process.stderr
        process.stderr.readline()
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not (
            done.is_dir() and len(list(done.iterdir())) >= files
        ):
            time.sleep(0.05)
        process.send_signal(end)
        process.wait(60)


if __name__ == "__main__":
    main()
