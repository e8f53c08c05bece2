"""What bytes are, whatever they say they are."""

import io
from pathlib import Path
from typing import Any

import av
import pytest
from av.stream import Disposition
from PIL import Image

from rivya_app.library import media, pictures, recordings
from rivya_app.library.media import Facts
from rivya_app.library.signatures import WEBM, format_of
from rivya_app.library.troubles import Trouble
from tests.library import recorded
from tests.library.conftest import bomb, film, picture, sound


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "bytes"


def look(path: Path, content: bytes, kind: str = "image") -> Facts:
    path.write_bytes(content)
    return media.examine(path, expected_kind=kind)


def trouble(path: Path, content: bytes, kind: str = "image") -> str:
    with pytest.raises(Trouble) as refused:
        look(path, content, kind)
    return refused.value.code


@pytest.mark.parametrize(
    ("form", "mime_type"),
    [
        ("PNG", "image/png"),
        ("JPEG", "image/jpeg"),
        ("WEBP", "image/webp"),
        ("GIF", "image/gif"),
        ("AVIF", "image/avif"),
    ],
)
def test_it_knows_pictures_and_makes_a_thumbnail(path: Path, form: str, mime_type: str) -> None:
    facts = look(path, picture(1000, 500, form))
    assert (facts.kind, facts.mime_type) == ("image", mime_type)
    assert (facts.width, facts.height) == (1000, 500)
    assert facts.thumbnail is not None
    with Image.open(io.BytesIO(facts.thumbnail)) as small:
        assert (small.format, small.size) == ("WEBP", (640, 320))


def test_it_does_not_enlarge_a_small_picture(path: Path) -> None:
    facts = look(path, picture(80, 60))
    with Image.open(io.BytesIO(facts.thumbnail or b"")) as small:
        assert small.size == (80, 60)


def test_it_turns_a_picture_as_its_camera_was_held(path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    facts = look(path, picture(1000, 500, "JPEG", exif=exif))
    assert (facts.width, facts.height) == (500, 1000)
    with Image.open(io.BytesIO(facts.thumbnail or b"")) as small:
        assert small.size == (320, 640)


def test_it_keeps_what_shows_through(path: Path) -> None:
    out = io.BytesIO()
    Image.new("RGBA", (50, 50), (255, 0, 0, 0)).save(out, "PNG")
    facts = look(path, out.getvalue())
    with Image.open(io.BytesIO(facts.thumbnail or b"")) as small:
        assert small.mode == "RGBA"


def test_it_knows_films_and_makes_a_poster(path: Path) -> None:
    facts = look(path, film(1.0, 320, 180), "video")
    assert (facts.kind, facts.mime_type) == ("video", "video/mp4")
    assert (facts.width, facts.height) == (320, 180)
    assert facts.duration == pytest.approx(1.0, abs=0.15)
    assert facts.thumbnail is not None


def test_it_knows_sound(path: Path) -> None:
    facts = look(path, sound(1.5), "audio")
    assert (facts.kind, facts.mime_type) == ("audio", "audio/wav")
    assert facts.duration == pytest.approx(1.5, abs=0.05)
    assert facts.thumbnail is None


@pytest.mark.parametrize(
    "content",
    [
        b"<!doctype html><script>alert(1)</script>",
        b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        b"%PDF-1.7",
        b"PK\x03\x04",
        b"#EXTM3U\nfile:///etc/passwd",
        b"\x00",
        b'{"error": "gone"}',
    ],
)
def test_it_refuses_what_is_no_medium(path: Path, content: bytes) -> None:
    assert trouble(path, content) == "wrong_kind"


def test_it_refuses_another_kind_than_was_asked_for(path: Path) -> None:
    assert trouble(path, film(), "image") == "wrong_kind"
    assert trouble(path, picture(), "video") == "wrong_kind"
    assert trouble(path, sound(), "video") == "wrong_kind"


@pytest.mark.parametrize("kind", ["image", "video", "audio"])
def test_it_refuses_damaged_media(path: Path, kind: str) -> None:
    whole = {"image": picture(400, 400), "video": film(), "audio": b"OggS" + sound()}[kind]
    assert trouble(path, whole[: len(whole) // 3], kind) == "broken_media"


def test_it_refuses_a_right_beginning_with_nonsense_behind(path: Path) -> None:
    assert trouble(path, b"\x89PNG\r\n\x1a\n" + b"\xff" * 500) == "broken_media"
    assert trouble(path, b"\x00\x00\x00\x18ftypisom" + b"\xff" * 500, "video") == "broken_media"


def test_it_refuses_a_decompression_bomb_without_opening_it(path: Path) -> None:
    assert trouble(path, bomb()) == "too_many_pixels"


def test_it_never_decodes_a_frame_that_is_larger_than_may_be(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.write_bytes(recorded.growing_film((64, 64), (640, 360)))

    def widths() -> list[int]:
        with recordings.opened(path, WEBM, seconds=60) as container:
            stream = recordings.film_of(container)
            return [frame.width for frame in recordings.frames(container, stream)]

    assert widths() == [64, 640]
    monkeypatch.setattr(pictures, "MOST_PIXELS", 64 * 64)
    assert widths() == [64]


def test_it_opens_a_picture_with_the_decoder_of_its_signature_alone(path: Path) -> None:
    assert format_of(b"RIFF\x00\x00\x00\x00WAVE") != format_of(b"RIFF\x00\x00\x00\x00WEBP")
    assert trouble(path, b"RIFF\x00\x00\x00\x00WEBP" + picture()) == "broken_media"


@pytest.mark.parametrize("mime_type", recorded.FILMS)
def test_it_knows_films_of_every_format(path: Path, mime_type: str) -> None:
    facts = look(path, recorded.film(1.5, (320, 180), mime_type), "video")
    assert (facts.kind, facts.mime_type, facts.width, facts.height) == (
        "video", mime_type, 320, 180,
    )  # fmt: skip
    assert facts.duration == pytest.approx(1.5, abs=0.15)
    assert facts.thumbnail is not None


@pytest.mark.parametrize("mime_type", recorded.SOUNDS)
def test_it_knows_sounds_of_every_format(path: Path, mime_type: str) -> None:
    facts = look(path, recorded.sound(1.5, mime_type), "audio")
    assert (facts.kind, facts.mime_type) == ("audio", mime_type)
    assert facts.duration == pytest.approx(1.5, abs=0.15)


def test_it_does_not_begin_a_film_in_the_dark(path: Path) -> None:
    facts = look(path, recorded.film(2, (160, 90), dark=1.0), "video")
    assert brightness(facts) > 60
    assert brightness(look(path, recorded.film(2, (160, 90), dark=2.0), "video")) < 5


def brightness(facts: Facts) -> int:
    with Image.open(io.BytesIO(facts.thumbnail or b"")) as small:
        levels = small.convert("L").tobytes()
    return sum(levels) // len(levels)


def test_it_turns_a_film_as_its_camera_was_held(path: Path) -> None:
    facts = look(path, recorded.turned(recorded.film(1, (160, 90))), "video")
    assert (facts.width, facts.height) == (90, 160)
    with Image.open(io.BytesIO(facts.thumbnail or b"")) as small:
        assert small.size == (90, 160)
        # Clockwise: what was on the left is on top.
        top, bottom = small.convert("L").getpixel((45, 10)), small.convert("L").getpixel((45, 150))
    assert top > bottom


def test_it_believes_the_packets_and_not_the_header_of_their_length(path: Path) -> None:
    facts = look(path, recorded.boasting(recorded.film(1, mime_type="video/webm")), "video")
    assert facts.duration == pytest.approx(1.0, abs=0.15)


def test_it_finds_a_length_nobody_tells(path: Path) -> None:
    content = recorded.without_length(recorded.film(1.5, mime_type="video/webm"))
    assert look(path, content, "video").duration == pytest.approx(1.5, abs=0.15)


def test_it_gives_a_cut_film_the_length_that_is_left(path: Path) -> None:
    whole = recorded.film(4, (320, 180), movflags="+faststart")
    facts = look(path, whole[: len(whole) * 2 // 3], "video")
    assert facts.duration is not None
    assert 0.5 < facts.duration < 3.9


def test_it_refuses_a_film_without_a_picture(path: Path) -> None:
    whole = recorded.film(1, movflags="+faststart")
    assert trouble(path, whole[: whole.index(b"mdat") + 4], "video") == "broken_media"


def test_it_takes_a_song_with_a_cover_for_a_song(path: Path) -> None:
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as container:
        song = container.add_stream("aac", rate=44100)
        cover: Any = container.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = 64, 64, "yuvj420p"
        cover.disposition = Disposition.attached_pic
        still = av.VideoFrame.from_image(Image.new("RGB", (64, 64), "teal"))
        container.mux(cover.encode(still.reformat(format="yuvj420p")))
        for start in range(0, 44100, 1024):
            frame: Any = av.AudioFrame(format="s16", layout="mono", samples=1024)
            frame.planes[0].update(b"\0" * frame.planes[0].buffer_size)
            frame.sample_rate, frame.pts = 44100, start
            container.mux(song.encode(frame))
        container.mux(song.encode())
        container.mux(cover.encode())
    assert look(path, out.getvalue(), "audio").mime_type == "audio/mp4"


@pytest.mark.parametrize("kind", ["video", "audio"])
def test_it_follows_no_list_that_calls_itself_a_recording(
    path: Path, kind: str, tmp_path: Path
) -> None:
    real = tmp_path / "real.mp4"
    real.write_bytes(recorded.film(1))
    for head in (b"\0\0\0\x18ftypisom", b"ID3\x04", b"OggS", b"\x1a\x45\xdf\xa3", b""):
        for lines in (f"#EXTM3U\n#EXTINF:1,\n{real}\n", f"ffconcat version 1.0\nfile {real}\n"):
            assert trouble(path, head + lines.encode() * 20, kind) in ("broken_media", "wrong_kind")


def test_it_stops_reading_what_takes_too_long(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "_SECONDS", 0.0)
    assert trouble(path, recorded.film(1), "video") == "broken_media"
