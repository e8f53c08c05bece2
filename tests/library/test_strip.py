"""What leaves for Rivya: no place, no camera, upright, and otherwise the same picture or sound."""

import io
import struct
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image, ImageCms, PngImagePlugin

from rivya_app.library import strip
from rivya_app.library.errors import Trouble
from tests.library.conftest import film, sound

PLACE = b"Bengaluru-12.97N"
CAMERA = "Pocket Camera 9"
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
RED, BLUE = (200, 20, 20), (20, 20, 200)


def photo(
    form: str = "JPEG", *, turn: int | None = None, noted: bool = True, **options: Any
) -> bytes:
    """Left half red, right half blue, 64 by 32, with the notes a phone would write."""
    image = Image.new("RGB", (64, 32), RED)
    image.paste(BLUE, (32, 0, 64, 32))
    exif = Image.Exif()
    if noted:
        exif[0x0110] = CAMERA
        exif.get_ifd(0x8825)[29] = PLACE.decode()
    if turn:
        exif[0x0112] = turn
    out = io.BytesIO()
    if len(exif):
        options["exif"] = exif
    image.save(out, form, icc_profile=PROFILE, **options)
    return out.getvalue()


def png_with_text() -> bytes:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Location", PLACE.decode())
    notes.add_itxt("XML:com.adobe.xmp", f"<xmp>{CAMERA}</xmp>")
    return photo("PNG", pnginfo=notes)


def jpeg_with_everything() -> bytes:
    """EXIF, XMP, IPTC, a comment, and a film behind the end, as phones write moving photos."""

    def segment(marker: int, content: bytes) -> bytes:
        return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content

    plain = photo("JPEG", quality=90)
    extra = (
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x>" + PLACE + b"</x>")
        + segment(0xED, b"Photoshop 3.0\0" + PLACE)
        + segment(0xFE, PLACE)
        + segment(0xEB, b"JP\0\0" + PLACE)
    )
    return plain[:2] + extra + plain[2:] + b"....ftypmp42" + PLACE


NOTED = {
    "a JPEG with EXIF": ("image/jpeg", photo("JPEG", quality=90)),
    "a progressive JPEG": ("image/jpeg", photo("JPEG", progressive=True)),
    "a JPEG with every kind of note": ("image/jpeg", jpeg_with_everything()),
    "a PNG with text and EXIF": ("image/png", png_with_text()),
    "a WebP": ("image/webp", photo("WEBP", quality=80)),
    "a lossless WebP": ("image/webp", photo("WEBP", lossless=True)),
}


def cleaned(tmp_path: Path, content: bytes, mime_type: str, **limits: Any) -> bytes:
    path = tmp_path / "original"
    path.write_bytes(content)
    return strip.cleaned(path, tmp_path, mime_type=mime_type, **limits).read_bytes()


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


@pytest.mark.parametrize("name", NOTED)
def test_it_takes_the_notes_out_and_leaves_every_pixel(tmp_path: Path, name: str) -> None:
    mime_type, content = NOTED[name]
    assert PLACE in content or CAMERA.encode() in content
    left = cleaned(tmp_path, content, mime_type)
    assert PLACE not in left
    assert CAMERA.encode() not in left
    image, before = opened(left), opened(content)
    assert not image.getexif()
    assert image.tobytes() == before.tobytes()
    assert image.info["icc_profile"] == PROFILE


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_it_sends_a_picture_without_notes_byte_for_byte(tmp_path: Path, form: str) -> None:
    content = photo(form, noted=False)
    assert cleaned(tmp_path, content, f"image/{form.lower()}") == content


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("turn", [3, 6, 8])
def test_it_turns_a_picture_upright(tmp_path: Path, form: str, turn: int) -> None:
    left = cleaned(tmp_path, photo(form, turn=turn), f"image/{form.lower()}")
    image = opened(left)
    assert image.size == ((64, 32) if turn == 3 else (32, 64))
    assert 0x0112 not in image.getexif()
    assert PLACE not in left
    assert image.info["icc_profile"] == PROFILE
    places = {3: ((48, 16), (16, 16)), 6: ((16, 16), (16, 48)), 8: ((16, 48), (16, 16))}
    for place, colour in zip(places[turn], (RED, BLUE), strict=True):
        assert _is_like(image.convert("RGB").getpixel(place), colour)


def _is_like(found: Any, wanted: tuple[int, int, int]) -> bool:
    return all(abs(a - b) < 16 for a, b in zip(found, wanted, strict=True))


def test_it_turns_a_lossless_picture_without_loss(tmp_path: Path) -> None:
    for form, options in (("PNG", {}), ("WEBP", {"lossless": True})):
        content = photo(form, turn=6, **options)
        image = opened(cleaned(tmp_path, content, f"image/{form.lower()}"))
        assert image.convert("RGB").getpixel((16, 16)) == RED
        assert image.convert("RGB").getpixel((16, 48)) == BLUE


def noisy(turn: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = turn
    out = io.BytesIO()
    Image.effect_noise((256, 256), 80).convert("RGB").save(out, "JPEG", quality=88, exif=exif)
    return out.getvalue()


def test_it_saves_a_turned_photo_smaller_until_it_fits(tmp_path: Path) -> None:
    content = noisy(turn=6)
    limit = len(content)
    best = cleaned(tmp_path, content, "image/jpeg")
    assert len(best) > limit
    assert len(cleaned(tmp_path, content, "image/jpeg", most_bytes=limit)) <= limit


def test_it_says_so_where_nothing_fits(tmp_path: Path) -> None:
    with pytest.raises(Trouble) as caught:
        cleaned(tmp_path, noisy(turn=6), "image/jpeg", most_bytes=1000)
    assert caught.value.code == "too_large"


@pytest.mark.parametrize("mime_type", ["image/jpeg", "image/png", "image/webp"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_it_lets_nothing_go_that_it_cannot_read(
    tmp_path: Path, mime_type: str, share: float
) -> None:
    content = photo(mime_type.removeprefix("image/").upper())
    with pytest.raises(Trouble) as caught:
        cleaned(tmp_path, content[: int(len(content) * share)], mime_type)
    assert caught.value.code == "not_cleaned"


# --- Films and sounds ---------------------------------------------------------------------------

_TURN_MATRIX = struct.pack(">9i", 0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000)


def film_of_a_phone(form: str = "mp4", turned: bool = True) -> bytes:
    """A film with place, time, camera, title and a chapter track, filmed upright."""
    out = io.BytesIO()
    with av.open(out, "w", format=form, options={"movflags": "use_metadata_tags"}) as container:
        container.metadata["location"] = "+12.9700+077.5900/"
        container.metadata["com.apple.quicktime.location.ISO6709"] = PLACE.decode()
        container.metadata["com.apple.quicktime.model"] = CAMERA
        container.metadata["title"] = CAMERA
        container.metadata["creation_time"] = "2026-05-01T10:00:00Z"
        stream = container.add_stream("h264", rate=12)
        stream.width, stream.height, stream.pix_fmt = 64, 32, "yuv420p"
        stream.metadata["handler_name"] = CAMERA
        still = Image.new("RGB", (64, 32), "teal")
        for _number in range(12):
            container.mux(stream.encode(av.VideoFrame.from_image(still)))
        container.mux(stream.encode())
    content = out.getvalue()
    if not turned:
        return content
    at = content.find(b"tkhd") + 44
    return content[:at] + _TURN_MATRIX + content[at + 36 :]


def frames_of(content: bytes) -> list[tuple[bytes, int]]:
    with av.open(io.BytesIO(content)) as container:
        return [(bytes(f.planes[0]), f.rotation) for f in container.decode(video=0)]


@pytest.mark.parametrize(("form", "mime_type"), [("mp4", "video/mp4"), ("mov", "video/quicktime")])
def test_it_packs_a_film_anew_without_its_notes(tmp_path: Path, form: str, mime_type: str) -> None:
    content = film_of_a_phone(form)
    assert PLACE in content
    left = cleaned(tmp_path, content, mime_type)
    for note in (PLACE, CAMERA.encode(), b"+12.97"):
        assert note not in left
    assert frames_of(left) == frames_of(content)
    assert frames_of(left)[0][1] != 0
    with av.open(io.BytesIO(left)) as container:
        assert "creation_time" not in container.metadata
        assert container.duration == 1_000_000


def sound_of(form: str, codec: str, rate: int = 44100) -> bytes:
    out = io.BytesIO()
    with av.open(out, "w", format=form) as container:
        container.metadata["title"] = CAMERA
        container.metadata["comment"] = PLACE.decode()
        stream = container.add_stream(codec, rate=rate)
        frame = av.AudioFrame(format="s16", layout="mono", samples=rate // 2)
        frame.planes[0].update(bytes(frame.planes[0].buffer_size))
        frame.sample_rate = rate
        resampled = av.AudioResampler(format=stream.format, layout="mono", rate=rate)
        for part in resampled.resample(frame):
            container.mux(stream.encode(part))
        container.mux(stream.encode())
    return out.getvalue()


SOUNDS: dict[str, tuple[Any, ...]] = {
    "audio/mpeg": ("mp3", "mp3"),
    "audio/mp4": ("ipod", "aac"),
    "audio/wav": ("wav", "pcm_s16le"),
    "audio/ogg": ("ogg", "libopus", 48000),
    "audio/flac": ("flac", "flac"),
}


@pytest.mark.parametrize("mime_type", SOUNDS)
def test_it_packs_a_sound_anew_without_its_notes(tmp_path: Path, mime_type: str) -> None:
    content = sound_of(*SOUNDS[mime_type])
    assert PLACE in content
    left = cleaned(tmp_path, content, mime_type)
    assert PLACE not in left
    assert CAMERA.encode() not in left
    with av.open(io.BytesIO(left)) as now, av.open(io.BytesIO(content)) as before:
        assert now.format.name == before.format.name
        assert abs((now.duration or 0) - (before.duration or 0)) < 60_000


def test_it_keeps_the_type_of_what_it_packs(tmp_path: Path) -> None:
    from rivya_app.library.signatures import format_of

    for content, mime_type in ((film(), "video/mp4"), (sound(), "audio/wav")):
        found = format_of(cleaned(tmp_path, content, mime_type)[:64])
        assert found is not None
        assert found.mime_type == mime_type


def test_it_lets_no_broken_film_go(tmp_path: Path) -> None:
    content = film()
    with pytest.raises(Trouble) as caught:
        cleaned(tmp_path, content[:200], "video/mp4")
    assert caught.value.code == "not_cleaned"
