"""Where frames come from: recordings, streams that are killed and restarted, cameras that hang."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from clips import write_video
from hwr_edge.camera.frames import Area, Frame
from hwr_edge.camera.live import Live
from hwr_edge.camera.pi import PiSettings
from hwr_edge.camera.pick import pick_source
from hwr_edge.camera.pump import Pump
from hwr_edge.camera.recorded import Recorded, folder, video
from hwr_edge.errors import CameraError


def grey(shade: int, size: tuple[int, int] = (64, 48)) -> np.ndarray:
    return np.full((size[1], size[0]), shade, np.uint8)


def no_word(line: str) -> None:
    raise AssertionError(line)


def shades(
    path: Path, tell: Callable[[str], None] = no_word, fps: float | None = None
) -> list[tuple[float, int]]:
    """Time and brightness of each frame that a path gives."""
    with pick_source(str(path), fps, PiSettings(), no_word, tell) as source:
        return [(f.time, round(float(f.grey().mean()))) for f in source if f is not None]


def test_a_video_gives_every_frame_by_its_own_clock(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.avi", [grey(20 * k) for k in range(10)], fps=10)
    found = shades(path)
    assert [time for time, _ in found] == pytest.approx([k / 10 for k in range(10)])
    assert [shade for _, shade in found] == pytest.approx([20 * k for k in range(10)], abs=3)


def test_fps_says_otherwise(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.avi", [grey(9)] * 4, fps=10)
    assert [time for time, _ in shades(path, fps=2)] == [0, 0.5, 1, 1.5]


def test_a_folder_gives_its_images_in_order_and_names_the_damaged(tmp_path: Path) -> None:
    for k in (1, 0, 3):
        cv2.imwrite(str(tmp_path / f"{k}.png"), grey(10 * k, (30 + k, 20)))
    (tmp_path / "2.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    told: list[str] = []
    assert shades(tmp_path, told.append, 5) == [(0, 0), (0.2, 10), (0.6, 30)]
    assert len(told) == 1
    assert "2.png" in told[0]


def test_a_video_that_is_cut_short_is_told(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    noisy = [rng.integers(0, 255, (120, 160)).astype(np.uint8) for _ in range(30)]
    path = write_video(tmp_path / "a.avi", noisy)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    told: list[str] = []
    assert 5 < len(shades(path, told.append)) < 25
    assert "damaged or cut short" in told[0]


@pytest.mark.parametrize("content", [b"", b"no video at all" * 100])
def test_what_is_no_video_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.avi"
    path.write_bytes(content)
    with pytest.raises(CameraError, match=r"a\.avi: cannot be read as a video"):
        shades(path)


def test_an_empty_folder_and_nothing_are_told(tmp_path: Path) -> None:
    with pytest.raises(CameraError, match="no images in this folder"):
        shades(tmp_path)
    with pytest.raises(CameraError, match="no such camera, video or folder"):
        shades(tmp_path / "none.avi")


@pytest.mark.parametrize("asked", ["99", "/dev/video99", "http://127.0.0.1:9/stream"])
def test_a_camera_that_is_not_there_is_told_at_once(asked: str) -> None:
    with pytest.raises(CameraError), pick_source(asked, None, PiSettings(), no_word, no_word):
        pass


def test_a_password_in_an_address_stays_out_of_messages() -> None:
    with (
        pytest.raises(CameraError) as told,
        pick_source("http://me:secret@127.0.0.1:9/x", None, PiSettings(), no_word, no_word),
    ):
        pass
    assert "secret" not in str(told.value)
    assert "127.0.0.1:9/x" in str(told.value)


def test_a_pipe_that_nobody_writes_to_blocks_nothing(tmp_path: Path) -> None:
    def blocked() -> Iterator[Frame]:
        threading.Event().wait()
        yield Frame(0.0, grey(0))

    began = time.monotonic()
    with Recorded(blocked) as source:
        assert list(itertools.islice(source, 3)) == [None] * 3
    assert time.monotonic() - began < 1.5


def test_frames_are_seen_in_little_and_in_part() -> None:
    pixels = np.zeros((720, 1280, 3), np.uint8)
    pixels[360:, 640:] = 200
    frame = Frame(0.0, pixels)
    assert frame.view().shape == (180, 320)
    assert frame.grey(Area(640, 360, 100, 50)).mean() == 200
    assert frame.view(Area(640, 360, 640, 360)).mean() == 200
    small = Frame(0.0, pixels, np.full((90, 160), 7, np.uint8))
    assert small.view(Area(0, 0, 640, 360)).shape == (45, 80)


class Camera:
    """A camera of the tests: gives numbered frames, and fails or hangs when it is told to."""

    def __init__(self, script: list[str]) -> None:
        self.script, self.opened, self.closed = script, 0, 0
        self.number = itertools.count()

    def start(self) -> Camera:
        self.opened += 1
        if self.script and self.script[0] == "refuse":
            self.script.pop(0)
            raise CameraError("cam: cannot be opened")
        return self

    def read(self) -> Frame:
        time.sleep(0.005)
        does = self.script.pop(0) if self.script else "frame"
        if does == "gone":
            raise CameraError("cam: sends no more frames")
        if does == "crash":
            raise ValueError("a driver's own error")
        if does == "hang":
            threading.Event().wait()
        return Frame(time.monotonic(), grey(next(self.number) % 256))

    def close(self) -> None:
        self.closed += 1


@pytest.mark.parametrize("fault", ["gone", "crash", "hang"])
def test_a_camera_that_fails_is_opened_again_and_that_is_said_once(fault: str) -> None:
    camera, told = Camera(["frame", "frame", fault]), list[str]()
    with Live("cam", camera.start, told.append, patience=0.4) as source:
        frames = iter(source)
        end = time.monotonic() + 10
        while len(told) < 2 and time.monotonic() < end:
            next(frames)
    assert camera.opened == 2
    assert len(told) == 2, told
    assert told[0].startswith("cam: ")
    assert told[0].endswith("reconnecting until it is back")
    assert told[1] == "cam: is back"


def test_a_camera_that_stays_away_is_asked_ever_more_seldom_and_told_once() -> None:
    camera, told = Camera(["frame", "gone", *["refuse"] * 50]), list[str]()
    with Live("cam", camera.start, told.append) as source:
        end = time.monotonic() + 4.5
        for _ in source:
            if time.monotonic() > end:
                break
    assert 2 <= camera.opened - 1 <= 3  # after one second, after two more
    assert len(told) == 1


def test_a_camera_that_hangs_however_often_it_is_opened_ends_the_program() -> None:
    camera = Camera([])
    first = itertools.count()

    def start() -> Camera:
        if next(first):
            threading.Event().wait()
        camera.script = ["frame", "hang"]
        return camera

    end = time.monotonic() + 30
    with (
        Live("cam", start, lambda line: None, patience=0.05) as source,
        pytest.raises(CameraError, match="hangs each time it is opened; restart"),
    ):
        list(itertools.takewhile(lambda _: time.monotonic() < end, source))


def test_a_camera_that_a_thread_never_gives_back_ends_the_program(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("hwr_edge.camera.live._LONGEST", 0.0)
    camera = Camera(["frame", "hang"])
    first = itertools.count()

    def start() -> Camera:
        if next(first):
            raise CameraError("cam: cannot be opened; is another program using it?")
        return camera

    end = time.monotonic() + 10
    with (
        Live("cam", start, lambda line: None, patience=0.05) as source,
        pytest.raises(CameraError, match="cannot be opened again; restart"),
    ):
        list(itertools.takewhile(lambda _: time.monotonic() < end, source))


def test_a_live_camera_drops_frames_rather_than_lag() -> None:
    camera = Camera([])
    with Live("cam", camera.start, no_word) as source:
        frames = iter(source)
        next(frames)
        time.sleep(0.5)
        frame = next(frames)
        late = time.monotonic() - frame.time if frame else 9
    assert late < 0.1


SERVER = """
import sys, time, socket, cv2, numpy as np
for _ in range(200):
    try:
        listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
        break
    except OSError:  # somebody has the port for a moment
        time.sleep(0.1)
print(listener.getsockname()[1], flush=True)
link, _ = listener.accept()
link.recv(4096)
link.sendall(b"HTTP/1.0 200 OK\\r\\nContent-Type: multipart/x-mixed-replace; boundary=f\\r\\n\\r\\n")
shade = 0
while True:
    shade = (shade + 5) % 250
    data = cv2.imencode(".jpg", np.full((120, 160), shade, np.uint8))[1].tobytes()
    head = b"--f\\r\\nContent-Type: image/jpeg\\r\\nContent-Length: %d\\r\\n\\r\\n" % len(data)
    link.sendall(head + data + b"\\r\\n")
    time.sleep(0.03)
"""


def serve(port: int = 0) -> tuple[subprocess.Popen[str], int]:
    """A real MJPEG camera on a port of this machine, by itself any that is free; and the port."""
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(port)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    return process, int(process.stdout.readline())


def test_a_network_camera_that_is_killed_and_started_again_is_back_by_itself() -> None:
    (server, port), told = serve(), list[str]()
    try:
        with pick_source(
            f"http://127.0.0.1:{port}/stream.mjpg", None, PiSettings(), told.append, no_word
        ) as source:
            frames, seen = iter(source), 0
            end = time.monotonic() + 60
            while seen < 5 and time.monotonic() < end:
                seen += next(frames) is not None
            os.kill(server.pid, signal.SIGKILL)
            server.wait(10)
            while not told and time.monotonic() < end:
                next(frames)
            server, _ = serve(port)
            while len(told) < 2 and time.monotonic() < end:
                next(frames)
            assert next(frames) is not None
        assert [line.partition(": ")[2].partition(";")[0] for line in told] == [
            "sends no more frames", "is back",
        ]  # fmt: skip
    finally:
        server.kill()
        server.wait(10)


def test_a_recording_s_frames_wait_for_who_is_slow(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.avi", [grey(k) for k in range(60)])
    with Recorded(lambda: video(path, None, no_word)) as source:
        time.sleep(0.3)
        assert sum(frame is not None for frame in source) == 60


def test_a_folder_with_nothing_readable_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    with pytest.raises(CameraError, match="no image in this folder can be read"):
        list(folder(tmp_path, None, lambda line: None))


def test_a_frame_that_comes_after_its_source_was_given_up_is_none() -> None:
    go = threading.Event()

    def late() -> Iterator[Frame]:
        go.wait()
        yield Frame(0.0, np.zeros((4, 4), np.uint8))

    pump = Pump(late, newest=True)
    pump.stop()
    go.set()
    pump.join(5)
    assert pump.next(0) is None
    assert not pump.flowing
