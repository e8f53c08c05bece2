"""The finished file: the right part, the right size, the right colours, marked, and safely made."""

import errno
import hashlib
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from rivya_app.handoff import cutting, making, tagging
from rivya_app.handoff.boxes import WHOLE, Box
from rivya_app.handoff.cutting import Cut, cut
from rivya_app.handoff.presets import PRESETS
from rivya_app.library import apart, pictures
from rivya_app.library.errors import Trouble
from tests.handoff import drawn
from tests.library.conftest import bomb, film, sound

ORIGINAL, SQUARE, STORY, LANDSCAPE, MARKETPLACE = (
    PRESETS[code] for code in ("original", "square", "story", "landscape", "marketplace")
)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def png(tmp_path: Path) -> Path:
    return drawn.saved(drawn.product(), tmp_path / "picture.png", "PNG")


def put(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "file"
    path.write_bytes(content)
    return path


def results(done: Cut) -> dict[str, str]:
    return {finding.code: finding.result for finding in done.findings}


def looked_at(path: Path) -> Image.Image:
    with Image.open(path) as picture:
        picture.load()
    return picture


# --- Originals ----------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_it_lets_an_original_leave_with_every_pixel_and_the_mark(tmp_path, out, form):
    path = drawn.saved(drawn.scene(), tmp_path / "picture", form, icc_profile=drawn.SRGB)
    kept = path.read_bytes()
    done = cut(path, ORIGINAL, out)
    assert (done.width, done.height, done.mime_type) == (800, 600, Image.MIME[form])
    assert (done.is_tagged, done.box) == (True, None)
    assert (done.size, done.sha256) == (
        out.stat().st_size,
        hashlib.sha256(out.read_bytes()).hexdigest(),
    )
    assert looked_at(out).tobytes() == looked_at(path).tobytes()
    assert looked_at(out).info["icc_profile"] == drawn.SRGB
    assert b"trainedAlgorithmicMedia" in looked_at(out).info["xmp"]
    assert path.read_bytes() == kept
    assert results(done) == {"text_areas": "pass", "origin_tag": "pass"}


@pytest.mark.parametrize("form", ["GIF", "AVIF"])
def test_it_says_that_a_format_cannot_carry_the_mark(tmp_path, out, form):
    path = drawn.saved(drawn.scene(), tmp_path / "picture", form)
    done = cut(path, ORIGINAL, out)
    assert out.read_bytes() == path.read_bytes()
    assert not done.is_tagged
    assert results(done)["origin_tag"] == "warn"
    assert cut(path, SQUARE, out).is_tagged


@pytest.mark.parametrize("content", [film(), sound()], ids=["film", "sound"])
def test_it_copies_films_and_sounds_untouched(tmp_path, out, content, monkeypatch):
    monkeypatch.setattr(apart, "answer", None)  # nothing is opened, so no process is needed
    done = cut(put(tmp_path, content), ORIGINAL, out)
    assert out.read_bytes() == content
    assert done.sha256 == hashlib.sha256(content).hexdigest()
    assert (done.size, done.is_tagged, done.findings) == (len(content), False, ())
    assert (done.width, done.height, done.box) == (None, None, None)


@pytest.mark.parametrize("content", [film(), sound()], ids=["film", "sound"])
def test_it_cuts_no_films_and_no_sounds(tmp_path, out, content):
    path = put(tmp_path, content)
    with pytest.raises(Trouble) as refused:
        cut(path, SQUARE, out)
    assert refused.value.code == "wrong_kind"
    assert not out.exists()


def test_it_shows_the_size_of_an_original_as_it_is_held(tmp_path, out):
    exif = Image.Exif()
    exif[0x0112] = 6
    path = drawn.saved(drawn.scene(), tmp_path / "picture", "JPEG", exif=exif)
    done = cut(path, ORIGINAL, out)
    assert (done.width, done.height) == (600, 800)
    assert looked_at(out).size == (800, 600)


# --- Cuts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("preset", [p for p in PRESETS.values() if not p.is_original])
def test_it_cuts_to_the_size_and_format_of_the_channel(png, out, preset):
    done = cut(png, preset, out)
    picture = looked_at(out)
    assert picture.size == preset.size == (done.width, done.height)
    assert (picture.format, picture.mode, done.mime_type) == ("JPEG", "RGB", "image/jpeg")
    assert done.size == out.stat().st_size <= preset.most_bytes
    assert done.sha256 == hashlib.sha256(out.read_bytes()).hexdigest()
    assert done.is_tagged
    assert b"trainedAlgorithmicMedia" in picture.info["xmp"]
    assert done.box is not None
    assert {"format", "file_size", "sides", "upscaled"} < set(results(done))


def test_it_shows_the_part_that_was_chosen(tmp_path, out):
    picture = drawn.product((900, 600), (0, 0, 450, 600), ground=drawn.BLUE, colour=drawn.RED)
    path = drawn.saved(picture, tmp_path / "picture", "PNG")
    done = cut(path, SQUARE, out, Box(0.5, 0.1, 1.0, 0.85))
    assert done.box == Box(0.5, 0.1, 1.0, 0.85)
    made = looked_at(out)
    assert all(drawn.is_near(made.getpixel(at), drawn.BLUE) for at in [(4, 4), (1075, 1075)])


def test_it_trims_a_part_of_another_ratio_where_bars_would_show(png, out):
    cut(png, STORY, out, WHOLE)
    corners = [(2, 2), (1077, 2), (2, 1917), (1077, 1917)]
    assert all(drawn.is_near(looked_at(out).getpixel(at), (255,) * 3) for at in corners)
    # All 600 pixels of height are shown, so 200 of width are 640 now: nothing is squeezed.
    reds = [x for x in range(1080) if drawn.is_near(looked_at(out).getpixel((x, 960)), drawn.RED)]
    assert len(reds) == pytest.approx(640, abs=16)


def test_it_brings_a_listing_to_the_fill_the_shops_want(tmp_path, out):
    small = drawn.product((3000, 2400), (700, 500, 1300, 1700))
    done = cut(drawn.saved(small, tmp_path / "picture", "PNG"), MARKETPLACE, out)
    found = {finding.code: finding for finding in done.findings}
    assert found["product_fill"].value == pytest.approx(0.9, abs=0.01)
    assert {code for code, result in results(done).items() if result != "pass"} == {"upscaled"}
    assert found["upscaled"].value == pytest.approx(2000 / (1200 / 0.9), abs=0.02)


def test_it_fills_up_with_white_rather_than_cut_a_product_off(tmp_path, out):
    """Wider than high, from side to side: a square of this picture cannot hold it."""
    wide = drawn.product((1600, 600), (60, 200, 1540, 400))
    path = drawn.saved(wide, tmp_path / "picture", "PNG")
    done = cut(path, MARKETPLACE, out)
    made = looked_at(out)
    reds = [x for x in range(2000) if drawn.is_near(made.getpixel((x, 1000)), drawn.RED)]
    assert reds[0] > 0
    assert reds[-1] < 1999
    assert len(reds) == pytest.approx(2000 * 1480 / 1600, abs=6)
    assert made.getpixel((1000, 20)) == (255, 255, 255)
    assert results(done)["white_edge"] == results(done)["product_fill"] == "pass"
    square = cut(path, SQUARE, out)
    assert square.box.pixels(1600, 600) == (500, 0, 1100, 600)  # elsewhere nothing is filled up


def test_it_counts_the_pixels_of_the_frame_and_not_of_the_white_around(tmp_path, out):
    path = drawn.saved(drawn.product((700, 500)), tmp_path / "picture", "PNG")
    found = {f.code: f for f in cut(path, MARKETPLACE, out, WHOLE).findings}
    assert (found["sides"].result, found["sides"].value) == ("fail", 700)
    assert (found["upscaled"].result, found["upscaled"].value) == ("warn", 2.86)


# --- Every kind of picture ----------------------------------------------------------------------


def test_it_turns_a_picture_as_its_camera_was_held(tmp_path, out):
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter turn clockwise makes it upright
    lying = drawn.product((800, 400), (0, 0, 400, 400), ground=drawn.BLUE)
    path = drawn.saved(lying, tmp_path / "picture", "JPEG", exif=exif, quality=95)
    done = cut(path, SQUARE, out, Box(0.0, 0.0, 1.0, 0.5))  # the upper half, as people see it
    made = looked_at(out)
    assert all(drawn.is_near(made.getpixel(at), drawn.RED) for at in [(9, 9), (1070, 1070)])
    assert 0x0112 not in made.getexif()
    assert done.width == 1080


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_it_lays_what_is_see_through_on_white(tmp_path, out, mode):
    picture = Image.new("RGBA", (600, 600), (0, 0, 0, 0))
    picture.paste((*drawn.RED, 255), (150, 150, 450, 450))
    options: dict[str, Any] = {}
    if mode == "P":
        picture = drawn.product((600, 600), (150, 150, 450, 450), ground=drawn.GREEN).quantize(8)
        options["transparency"] = picture.getpixel((2, 2))
    path = drawn.saved(picture.convert(mode), tmp_path / "picture", "PNG", **options)
    done = cut(path, MARKETPLACE, out)
    assert looked_at(out).getpixel((5, 5)) == (255, 255, 255)
    assert max(looked_at(out).getpixel((1000, 1000))[1:]) < 120
    assert results(done)["white_edge"] == results(done)["product_fill"] == "pass"


def test_it_reads_a_print_shops_jpeg(tmp_path, out):
    path = drawn.saved(drawn.product().convert("CMYK"), tmp_path / "picture", "JPEG", quality=95)
    cut(path, SQUARE, out, Box(0.375, 0.2, 0.6, 0.5))
    assert drawn.is_near(looked_at(out).getpixel((540, 540)), drawn.RED, by=20)


def test_it_reads_sixteen_bits_of_grey(tmp_path, out):
    half = Image.new("I;16", (200, 200), 0x8000)
    cut(drawn.saved(half, tmp_path / "picture", "PNG"), SQUARE, out)
    assert drawn.is_near(looked_at(out).getpixel((540, 540)), (128, 128, 128), by=2)


def test_it_shows_the_colours_a_profile_means(tmp_path, out):
    path = tmp_path / "picture"
    drawn.saved(drawn.product(), path, "PNG", icc_profile=drawn.SWAPPED)
    cut(path, MARKETPLACE, out)
    red, green, _blue = looked_at(out).getpixel((1000, 1000))
    assert green > 150 > 60 > red


@pytest.mark.parametrize("profile", [b"no profile", drawn.SRGB[:200], b"\0" * 4000])
def test_it_lets_no_broken_profile_keep_a_picture_back(tmp_path, out, profile):
    path = drawn.saved(drawn.product(), tmp_path / "picture", "PNG", icc_profile=profile)
    cut(path, MARKETPLACE, out)
    assert drawn.is_near(looked_at(out).getpixel((1000, 1000)), drawn.RED)


def test_it_carries_no_notes_of_the_picture_into_a_cut(tmp_path, out):
    exif = Image.Exif()
    exif[0x0110] = "Pocket Camera 9"
    path = tmp_path / "picture"
    drawn.saved(drawn.product(), path, "JPEG", exif=exif, comment=b"secret place")
    cut(path, SQUARE, out)
    assert not dict(looked_at(out).getexif())
    assert b"secret place" not in out.read_bytes()
    assert b"Pocket Camera" not in out.read_bytes()


def test_it_saves_plainer_until_the_file_fits_and_says_so_where_it_never_does(tmp_path):
    noise = Image.effect_noise((1080, 1080), 90).convert("RGB")
    sizes = []
    for most_bytes in (None, 700_000, 400_000, 1):
        path = tmp_path / f"{most_bytes}"
        making._encode(noise, replace(SQUARE, most_bytes=most_bytes), path)
        sizes.append(path.stat().st_size)
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[1] <= 700_000 < sizes[0]
    assert sizes[3] > 1


# --- What is wrong with a file ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (bomb(), "too_many_pixels"),
        (b"", "wrong_kind"),
        (b"<html><body>sorry</body></html>", "wrong_kind"),
        (drawn.content(drawn.scene(), "TIFF"), "wrong_kind"),
        (drawn.content(drawn.scene(), "PNG")[:9000], "broken_media"),
        (drawn.content(drawn.scene(), "JPEG")[:3000], "broken_media"),
        (b"\x89PNG\r\n\x1a\n" + drawn.content(drawn.scene(), "JPEG"), "broken_media"),
        (b"\xff\xd8\xff" + drawn.content(drawn.scene(), "PNG"), "broken_media"),
    ],
    ids=["bomb", "empty", "page", "tiff", "cut png", "cut jpeg", "no png", "no jpeg"],
)
@pytest.mark.parametrize("preset", [ORIGINAL, SQUARE], ids=["original", "square"])
def test_it_names_what_is_wrong_with_a_file(tmp_path, out, content, code, preset):
    with pytest.raises(Trouble) as refused:
        cut(put(tmp_path, content), preset, out)
    assert refused.value.code == code


def test_it_goes_by_what_a_file_is_and_not_by_its_name(tmp_path, out):
    path = drawn.saved(drawn.scene(), tmp_path / "picture.png", "JPEG")
    assert cut(path, ORIGINAL, out).mime_type == "image/jpeg"


def test_it_marks_a_picture_whose_xmp_was_made_to_hurt(tmp_path, out):
    path = drawn.saved(drawn.scene(), tmp_path / "picture", "JPEG", xmp=b"<a>" * 20_000)
    assert cut(path, ORIGINAL, out).is_tagged


def test_it_refuses_a_file_in_which_the_mark_did_not_stay(tmp_path, png, out, monkeypatch):
    monkeypatch.setattr(tagging, "write", lambda path: None)
    for preset in (ORIGINAL, SQUARE):
        with pytest.raises(Trouble) as refused:
            making.made(png, preset, out, None)
        assert refused.value.code == "tag_not_kept"


def test_it_refuses_an_original_whose_pixels_changed_with_the_mark(png, out, monkeypatch):
    real = tagging.write

    def spoil(path: Path) -> None:
        picture = looked_at(path)
        picture.putpixel((3, 3), (254, 255, 255))
        picture.save(path, "PNG")
        real(path)

    monkeypatch.setattr(tagging, "write", spoil)
    with pytest.raises(Trouble) as refused:
        making.made(png, ORIGINAL, out, None)
    assert refused.value.code == "tag_not_kept"


def test_it_does_not_call_a_file_broken_because_the_disk_is_full(tmp_path, out, png, monkeypatch):
    def full(*_paths: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(cutting.shutil, "copyfile", full)
    with pytest.raises(Trouble) as refused:
        cut(put(tmp_path, sound()), ORIGINAL, out)
    assert refused.value.code == "no_space"
    with pytest.raises(Trouble) as refused, pictures.decoding():
        making.made(png, ORIGINAL, out, None)
    assert refused.value.code == "no_space"


# --- The process that does it -------------------------------------------------------------------


def child(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """Let `program` run where the maker would."""
    real = subprocess.run

    def run(command: list[str], **options: Any) -> Any:
        return real([sys.executable, "-c", program, *command[3:]], **options)

    monkeypatch.setattr(apart.subprocess, "run", run)


@pytest.mark.parametrize(
    ("ending", "code"),
    [
        (signal.SIGSEGV, "broken_media"),
        (signal.SIGKILL, "out_of_memory"),
        (signal.SIGXCPU, "timed_out"),
        (signal.SIGALRM, "timed_out"),
    ],
)
def test_it_outlives_a_decoder_that_dies(png, out, monkeypatch, ending, code):
    child(monkeypatch, f"import os; os.kill(os.getpid(), {int(ending)})")
    with pytest.raises(Trouble) as refused:
        cut(png, SQUARE, out)
    assert refused.value.code == code


def test_it_ends_a_maker_that_takes_too_long(png, out, monkeypatch):
    monkeypatch.setattr(cutting, "SECONDS", 1)
    child(monkeypatch, "while True: pass")
    with pytest.raises(Trouble) as refused:
        cut(png, SQUARE, out)
    assert refused.value.code == "timed_out"


def test_it_bounds_the_makers_memory(png, out, monkeypatch):
    child(
        monkeypatch,
        "import sys; from rivya_app.handoff import making as m; "
        "m._run = lambda *what: bytearray(m.apart.MOST_MEMORY); sys.exit(m.main(*sys.argv[1:]))",
    )
    with pytest.raises(Trouble) as refused:
        cut(png, SQUARE, out)
    assert refused.value.code == "out_of_memory"


def test_it_hands_the_maker_no_secret(png, out, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "very-secret")
    known = {"PATH", "LC_CTYPE", "LD_LIBRARY_PATH", "OPENBLAS_NUM_THREADS"}
    child(monkeypatch, f"import os, sys; sys.exit(5 if set(os.environ) - {known!r} else 3)")
    with pytest.raises(Trouble) as refused:
        cut(png, SQUARE, out)
    assert refused.value.code == ""  # it ran to its own end, and said nothing


def test_it_finds_its_files_from_wherever_the_worker_stands(png, out, monkeypatch):
    monkeypatch.chdir(png.parent)
    assert cut(Path(png.name), SQUARE, Path(out.name)).is_tagged
    assert out.exists()


def test_it_says_in_plain_data_what_it_made(png, out):
    done = cut(png, MARKETPLACE, out)
    assert Cut.of(done.as_data()) == done
