"""The loop on made films of real scenes, with the real locator and the shipped model."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import count
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from clips import FPS, Film, sheet
from hwr_edge.camera.frames import Area, Frame
from hwr_edge.camera.likeness import ink_of, similarity
from hwr_edge.camera.look import Look, ReportedName
from hwr_edge.camera.quality import Hint
from hwr_edge.camera.stillness import Stillness
from hwr_edge.camera.watch import watch
from hwr_edge.errors import CameraError
from hwr_edge.image.decode import read_grey
from hwr_edge.line.recognizer import Recognizer
from hwr_edge.page.line_kinds import shipped_kinds

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
SIZE = (854, 480)


@cache
def reader() -> Recognizer:
    """The shipped model, on drawn handwriting."""
    found = Recognizer()
    found.top = 4
    return found


def written(name: str) -> NDArray[np.uint8]:
    """An example's handwriting, large enough to be filmed."""
    field = read_grey(EXAMPLES / f"{name}.png")
    return np.asarray(cv2.resize(field, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), np.uint8)


def paper(name: str, printed: bool = False) -> NDArray[np.uint8]:
    return sheet(written(name), np.random.default_rng(3), printed)


def film(seed: int = 1) -> Film:
    return Film(np.random.default_rng(seed), SIZE, noise=2.0)


def frames(made: Film) -> Iterator[Frame]:
    for place, pixels in enumerate(made.end().frames()):
        yield Frame(place / FPS, pixels)


def looks(made: Film, area: Area | None = None) -> list[Look]:
    return list(watch(frames(made), reader().read_grey, area))


def reported(made: Film, area: Area | None = None) -> list[ReportedName]:
    return [one for look in looks(made, area) for one in look.reported]


def names(made: Film) -> list[str]:
    return [one.reading.text for one in reported(made)]


def test_a_name_is_said_once_within_a_second_of_lying_still() -> None:
    made = film().empty(0.4).lay(paper("manon")).empty(2)
    (one,) = reported(made)
    assert one.reading.text == "MANON"
    assert one.frames >= 3
    hand_gone = 0.4 + 0.5 + 0.4
    assert 0.4 < one.time <= hand_gone + 1


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_sheet_that_lies_turned_is_read_as_it_is_meant(quarters: int) -> None:
    lying = np.ascontiguousarray(np.rot90(paper("manon"), quarters))
    wide, high = (260, 450) if quarters != 2 else (500, 290)
    x, y = (SIZE[0] - wide) / 2, (SIZE[1] - high) / 2
    at = np.array([[x, y], [x + wide, y], [x + wide, y + high], [x, y + high]], np.float32)
    assert names(film().empty(0.4).lay(lying, at=at).empty(2)) == ["MANON"]


def test_the_box_follows_the_name() -> None:
    made = film().empty(0.2).lay(paper("manon")).empty(1).nudge(25).empty(0.5)
    (box,) = looks(made)[-1].boxes
    x, y, width, height = box
    last = list(made.frames())[-1]
    part = last[y : y + height, x : x + width]
    around = last[y - 15 : y + height + 15, x - 15 : x + width + 15]
    dark = [np.count_nonzero(seen < 0.6 * np.median(seen)) for seen in (part, around)]
    assert dark[0] > 0.95 * dark[1] > 100


def test_an_empty_table_a_blank_sheet_and_a_hand_give_nothing() -> None:
    blank = sheet(None, np.random.default_rng(0), printed=False)
    assert names(film(2).empty(0.5).pass_hand().empty(1).lay(blank).empty(1).take()) == []


def test_a_hand_that_passes_does_not_say_it_again() -> None:
    made = film(3).lay(paper("manon")).empty(1).pass_hand().empty(1).pass_hand().empty(0.7)
    assert names(made) == ["MANON"]


def test_nothing_is_said_while_a_hand_moves() -> None:
    for look in looks(film(4).lay(paper("manon")).empty(0.8).pass_hand().empty(0.5)):
        assert not (look.hint is Hint.HOLD and look.reported)


def test_a_nudged_sheet_is_the_same_sheet() -> None:
    assert names(film(5).lay(paper("manon")).empty(1).nudge(25).empty(1).nudge(-40).empty(1)) == [
        "MANON"
    ]


def test_a_hand_that_lies_on_the_name_for_a_while_does_not_take_it_away() -> None:
    assert names(film(6).lay(paper("manon")).empty(0.8).rest_hand(1.5).empty(1)) == ["MANON"]


def test_two_sheets_in_turn_are_two_names() -> None:
    made = film(7).lay(paper("manon")).empty(0.8).take().lay(paper("thomas")).empty(0.8)
    assert names(made) == ["MANON", "THOMAS"]


def test_a_sheet_that_comes_back_after_another_is_said_again() -> None:
    made, one, other = film(17), paper("manon"), paper("thomas")
    made.lay(one).empty(0.8).take().lay(other).empty(0.8).take().lay(one).empty(0.8)
    assert names(made) == ["MANON", "THOMAS", "MANON"]


def test_the_same_sheet_laid_down_again_is_said_again() -> None:
    made = film(8).lay(paper("manon")).empty(0.8).take().empty(1).lay(paper("manon")).empty(0.8)
    assert names(made) == ["MANON", "MANON"]


def unfocused(made: Film, until: float) -> Iterator[Frame]:
    """A film whose lens is far out of focus at first."""
    for one in frames(made):
        soft = np.asarray(cv2.GaussianBlur(one.pixels, (0, 0), 5), np.uint8)
        yield replace(one, pixels=soft) if one.time < until else one


@pytest.mark.parametrize("seed", [1, 9, 14])
def test_it_waits_for_focus_and_says_so(seed: int) -> None:
    sharp = 2.0
    made = film(seed).lay(paper("manon")).empty(2.5)
    found = list(watch(unfocused(made, sharp), reader().read_grey))
    assert [one.reading.text for look in found for one in look.reported] == ["MANON"]
    assert all(one.time >= sharp for look in found for one in look.reported)
    before = {look.hint for look in found if look.frame and look.frame.time < sharp}
    assert Hint.FOCUS in before
    assert found[-1].hint is Hint.DONE


def test_print_on_the_form_is_not_said() -> None:
    assert names(film(10).lay(paper("manon", printed=True)).empty(1.2)) == ["MANON"]


@pytest.mark.parametrize("seed", [6, 9, 10, 14, 16])
def test_one_name_beside_print_is_seen_once_and_gone_once(seed: int) -> None:
    found = looks(film(seed).lay(paper("manon", printed=True)).empty(1.2).take().empty(1))
    assert [one.reading.text for look in found for one in look.reported] == ["MANON"]
    assert [(one.reading.text, one.track) for look in found for one in look.seen] == [("MANON", 1)]
    assert [(one.reading.text, one.track) for look in found for one in look.gone] == [("MANON", 1)]


def test_words_on_a_screen_are_no_names() -> None:
    rng = np.random.default_rng(4)
    room = np.full((480, 854), 90, np.uint8)
    room[60:420, 150:700] = 235
    words = ("MENU MENU", "JOUR LETTRE", "VILLE MONDE", "DEMAIN", "FENETRE ROUTE", "SILENCE")
    for k, word in enumerate(words):
        cv2.putText(room, word, (190, 110 + 52 * k), 0, 0.9, 40, 2, cv2.LINE_AA)
    noisy = (room + rng.normal(0, 2, room.shape) for _ in range(15))
    shown = [Frame(k / 10, np.asarray(one, np.uint8)) for k, one in enumerate(noisy)]
    found = list(watch(shown, reader().read_grey))
    assert max(len(look.boxes) for look in found) >= len(words)
    assert not any(look.reported or look.seen for look in found)


def test_only_the_region_of_interest_is_read() -> None:
    made = film(11).lay(paper("manon")).empty(1)
    (whole,) = reported(made)
    x, y, width, height = whole.reading.box
    for room in (8, 40):
        around = Area(x - room, y - room, width + 2 * room, height + 2 * room)
        (part,) = reported(made, around)
        assert part.reading.text == "MANON"
        assert np.allclose(part.reading.box, whole.reading.box, atol=8)
    assert reported(made, Area(0, 0, 300, 60)) == []
    assert reported(made, Area(x, y - 8, width // 2, height + 16)) == []  # never half of a name


def test_a_region_outside_the_frame_is_told() -> None:
    with pytest.raises(CameraError, match=r"--roi 0,0,900,10 lies outside the frame of 854x480"):
        looks(film().empty(0.2), Area(0, 0, 900, 10))


def test_a_frame_of_another_size_begins_a_new_scene() -> None:
    small = film(12).lay(paper("manon")).empty(1)
    large = Film(np.random.default_rng(12), (1280, 720), 2.0).lay(paper("thomas")).empty(1)
    end = small.seconds
    both = [*frames(small), *(replace(one, time=end + one.time) for one in frames(large))]
    found = [one for look in watch(both, reader().read_grey) for one in look.reported]
    assert [one.reading.text for one in found] == ["MANON", "THOMAS"]


def test_the_same_film_gives_the_same_events() -> None:
    made = film(13).lay(paper("manon")).empty(0.8)
    shown = list(frames(made))
    first, second = (
        [(s.time, s.reading) for look in watch(shown, reader().read_grey) for s in look.reported]
        for _ in range(2)
    )
    assert first == second != []


def test_where_no_frame_comes_the_camera_is_said_to_be_lost() -> None:
    (look,) = watch([None], reader().read_grey)
    assert (look.frame, look.hint, look.reported) == (None, Hint.LOST, ())


def test_memory_does_not_grow_with_the_frames() -> None:
    shown = list(frames(film(14).lay(paper("manon")).empty(0.6).take().empty(0.8)))
    endless = (replace(shown[k % len(shown)], time=k / FPS) for k in count())
    events, peak = 0, 0
    for seen, look in enumerate(watch(endless, reader().read_grey)):
        events += len(look.reported)
        if seen == 150:
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        if seen == 600:
            break
    assert events >= 8
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 1.1 * peak


def test_noise_and_a_change_of_light_are_no_movement() -> None:
    rng = np.random.default_rng(0)
    scene = cv2.resize(rng.integers(60, 200, (9, 16)).astype(np.uint8), (320, 180))
    still = Stillness()
    for place in range(10):
        noisy = scene + rng.normal(4 * place, 3, scene.shape)
        time = still.update(np.clip(noisy, 0, 255).astype(np.uint8), place / 10)
    assert time == pytest.approx(0.9)


def test_a_slow_movement_is_one() -> None:
    still, times = Stillness(), []
    for place in range(20):
        view = np.full((180, 320), 90, np.uint8)
        cv2.circle(view, (100 + place, 90), 12, 200, -1)
        times.append(still.update(view, place / 15))
    assert 0 < max(times) < 0.6
    assert times.count(0) >= 2


def test_a_line_is_known_by_its_ink() -> None:
    one, other = (ink_of(written(name)) for name in ("manon", "maeva"))
    turned = cv2.warpAffine(
        written("manon"), np.array([[0.97, 0.02, 5], [-0.02, 0.97, 9]]), (700, 110),
        borderValue=255,
    )  # fmt: skip
    assert similarity(one, one) > 0.99
    assert similarity(one, ink_of(np.asarray(turned, np.uint8))) > 0.75
    assert similarity(one, other) < 0.5


def test_long_print_is_told_from_handwriting() -> None:
    printed = np.full((60, 620), 255, np.uint8)
    cv2.putText(printed, "FICHE DINSCRIPTION", (20, 42), 0, 1.0, 30, 2, cv2.LINE_AA)
    is_written = shipped_kinds().is_written
    assert not is_written(printed)
    assert all(is_written(written(name)) for name in ("jean-pierre", "lucie_dubois"))
    assert not is_written(np.full((40, 200), 255, np.uint8))


def test_frames_that_come_twice_and_clocks_that_jump_change_nothing() -> None:
    shown = list(frames(film(18).lay(paper("manon")).empty(1)))
    twice = [one for one in shown for _ in range(2)]
    back = [replace(one, time=one.time - (one.time > 0.7) * 100) for one in twice]
    for one in (twice, back):
        found = [s for look in watch(one, reader().read_grey) for s in look.reported]
        assert [s.reading.text for s in found] == ["MANON"]


def test_images_of_one_colour_give_nothing() -> None:
    plain = [Frame(k / FPS, np.full((480, 640), 30 * k, np.uint8)) for k in range(8)]
    assert not any(look.reported or look.boxes for look in watch(plain, reader().read_grey))
