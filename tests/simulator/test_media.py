"""The bytes: they decode, in the asked format, size, length and language."""

from __future__ import annotations

import io
from typing import Any

import av
import pytest
from PIL import Image, ImageChops, ImageStat

from rivya_app.simulator.media import caption, speech
from rivya_app.simulator.media.still import THINGS, draw_still
from rivya_app.simulator.media.words import read
from tests.simulator.conftest import Api
from tests.simulator.test_files import item, picture, refs, upload


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def difference(first: Image.Image, second: Image.Image) -> float:
    """0 for the same picture; about 10 and more for another one."""
    both = ImageChops.difference(first.convert("RGB"), second.convert("RGB"))
    return sum(ImageStat.Stat(both).mean) / 3


@pytest.mark.parametrize(
    ("model", "params", "kind", "size"),
    [
        ("z-image", {}, "PNG", (1024, 1024)),
        ("z-image", {"aspect_ratio": "16:9"}, "PNG", (1368, 768)),
        ("4o-image", {"size": "2:3"}, "PNG", (840, 1256)),
        ("nano-banana", {"imageSize": "4:5", "output_format": "jpeg"}, "JPEG", (912, 1144)),
        ("nano-banana-2", {"aspect_ratio": "9:16"}, "JPEG", (768, 1368)),
        ("nano-banana-2", {"resolution": "2K", "output_format": "png"}, "PNG", (2048, 2048)),
        ("nano-banana-pro", {"resolution": "4K", "output_format": "jpg"}, "JPEG", (4096, 4096)),
        ("seedream-4-0", {"image_size": "portrait_4_3"}, "JPEG", (888, 1184)),
        ("seedream-4-5", {"aspectRatio": "21:9"}, "PNG", (1568, 672)),
        ("seedream-5-lite", {}, "WEBP", (1024, 1024)),
    ],
)
def test_pictures_have_the_asked_format_and_size(
    api: Api, model: str, params: dict[str, Any], kind: str, size: tuple[int, int]
) -> None:
    answer = api.result(model=model, params=params)
    image = opened(answer.content)
    assert (image.format, image.size) == (kind, size)
    assert answer.headers["content-type"] == f"image/{kind.lower()}"


def test_drafts_of_one_prompt_differ_and_a_seed_repeats(api: Api) -> None:
    one, two = (opened(api.result().content) for _ in range(2))
    assert difference(one, two) > 1
    first, again = (
        api.result(model="google-imagen4", params={"seed": "7"}).content for _ in range(2)
    )
    assert first == again


def test_it_draws_the_thing_in_its_colour() -> None:
    for word, channel in (("red", 0), ("blue", 2)):
        image = draw_still(f"a {word} mug on a white background", 3, (400, 400), None)
        pixel = image.getpixel((200, 260))
        assert isinstance(pixel, tuple)
        assert max(pixel) == pixel[channel]


@pytest.mark.parametrize("thing", sorted(THINGS))
@pytest.mark.parametrize("size", [(300, 300), (420, 180), (64, 512)])
def test_it_draws_every_thing_at_every_shape(thing: str, size: tuple[int, int]) -> None:
    image = draw_still(f"a {thing}", 5, size, None)
    assert image.size == size
    assert max(ImageStat.Stat(image).stddev) > 5


@pytest.mark.parametrize(
    ("prompt", "title", "thing", "mood"),
    [
        (
            "Product picture of Blue pottery mug, for a shop. Festive scene with warm lamps.",
            "Blue pottery mug",
            "mug",
            "festive",
        ),
        ("हाथ से बुना लाल दुपट्टा, त्योहार के लिए", "हाथ से बुना लाल दुपट्टा", "textile", "festive"),
        ("A photo of a leather watch on wood", "leather watch", "watch", ""),
        ("शहद का जार", "शहद का जार", "jar", ""),
        ("something else entirely", "something else entirely", "vase", ""),
        ("", "", "vase", ""),
    ],
)
def test_it_reads_a_prompt(prompt: str, title: str, thing: str, mood: str) -> None:
    reading = read(prompt)
    assert (reading.title, reading.thing, reading.mood) == (title, thing, mood)


def test_a_white_ground_is_white_to_its_edges() -> None:
    image = draw_still("red bag, pure white background", 1, (500, 500), None)
    edges = [(0, 0), (499, 0), (0, 499), (499, 499), (250, 0)]
    assert {image.getpixel(edge) for edge in edges} == {(255, 255, 255)}


def test_devanagari_is_written_and_shaped() -> None:
    def written(title: str) -> Image.Image:
        plain = Image.new("RGB", (600, 600), "white")
        caption.write(plain, title, (0, 0, 0))
        return plain

    blank = Image.new("RGB", (600, 600), "white")
    assert difference(written("मिट्टी"), blank) > 0.01
    joined, apart = written("क्ष"), written("क\u200cष")
    assert difference(joined, apart) > 0.001
    assert caption.in_visual_order("मिट्टी कि") == "िमट्टी िक"
    assert caption.in_visual_order("स्थिति") == "िस्थित"


def test_a_caption_always_fits() -> None:
    image = Image.new("RGB", (300, 300), "white")
    caption.write(image, "W" * 200, (0, 0, 0))
    assert difference(image.crop((285, 0, 300, 300)), Image.new("RGB", (15, 300), "white")) == 0


@pytest.mark.parametrize(
    ("model", "params", "size", "seconds", "has_sound"),
    [
        ("kling-2-6", {}, (960, 960), 5, False),
        ("kling-3-0", {"duration": "3", "sound": "true"}, (960, 540), 3, True),
        ("grok-imagine-video", {"resolution": "480p"}, (640, 360), 6, False),
        ("veo3-1-lite", {"aspectRatio": "9:16"}, (540, 960), 5, True),
        ("happyhorse-1-0", {"duration": 3, "aspect_ratio": "4:3"}, (1280, 960), 3, True),
    ],
)
def test_clips_have_the_asked_shape_length_and_sound(
    api: Api,
    model: str,
    params: dict[str, Any],
    size: tuple[int, int],
    seconds: int,
    has_sound: bool,
) -> None:
    answer = api.result(model=model, params=params)
    assert answer.headers["content-type"] == "video/mp4"
    with av.open(io.BytesIO(answer.content), "r") as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert (stream.width, stream.height, float(stream.average_rate or 0)) == (*size, 24)
        assert float((container.duration or 0) / 1_000_000) == pytest.approx(seconds, abs=0.2)
        assert bool(container.streams.audio) == has_sound
        frames = [frame.to_image() for frame in container.decode(video=0)]
    assert len(frames) == seconds * 24
    assert difference(frames[0], frames[-1]) > 1


def test_a_clip_films_its_reference(api: Api) -> None:
    file = upload(api, picture(size=(640, 640))).json()
    answer = api.result(model="kling-2-6", params=refs(item(file), duration="5"))
    with av.open(io.BytesIO(answer.content), "r") as container:
        frame = next(container.decode(video=0)).to_image()
    red, green, blue = ImageStat.Stat(frame).mean
    assert red > 150
    assert max(green, blue) < 80


@pytest.mark.parametrize(
    ("output_format", "codec", "rate", "mime_type"),
    [
        ("mp3_44100_128", "mp3float", 44100, "audio/mpeg"),
        ("mp3_22050_32", "mp3float", 22050, "audio/mpeg"),
        ("pcm_16000", "pcm_s16le", 16000, "audio/wav"),
        ("pcm_48000", "pcm_s16le", 48000, "audio/wav"),
        ("ulaw_8000", "pcm_mulaw", 8000, "audio/wav"),
        ("alaw_8000", "pcm_alaw", 8000, "audio/wav"),
        ("opus_48000_64", "opus", 48000, "audio/ogg"),
    ],
)
def test_sounds_have_the_asked_format_and_are_heard(
    api: Api, output_format: str, codec: str, rate: int, mime_type: str
) -> None:
    params = {"output_format": output_format, "duration_seconds": 2}
    answer = api.result(model="elevenlabs-sound-effect-v2", params=params)
    assert answer.headers["content-type"] == mime_type
    with av.open(io.BytesIO(answer.content), "r") as container:
        stream = container.streams.audio[0]
        assert stream.codec_context.name.startswith(codec.removesuffix("float"))
        assert stream.rate == rate
        frames = list(container.decode(audio=0))
    samples = sum(frame.samples for frame in frames)
    assert samples / rate == pytest.approx(2, abs=0.2)
    assert len(set(b"".join(bytes(frame.planes[0]) for frame in frames))) > 20


def test_music_comes_as_two_tracks_and_speech_by_its_words(api: Api) -> None:
    task = api.final(api.made(model="suno-music")["id"])
    assert [url.rsplit(".", 1)[1] for url in task["result"]["urls"]] == ["mp3", "mp3"]
    voice = {"voice": "TX3LPaxmHKxFdv7VOQHJ"}
    lengths = []
    for words in (8, 24):
        spoken = api.result("word " * words, model="elevenlabs-turbo-2-5", params=voice)
        with av.open(io.BytesIO(spoken.content), "r") as container:
            lengths.append(container.duration or 0)
    assert lengths[1] > lengths[0] * 2


def test_a_dialogue_is_heard_line_by_line_in_different_voices() -> None:
    voices = [speech.pitch_of(voice) for voice in ("Adam", "Alice", "Sarah")]
    assert len({round(pitch) for pitch in voices}) == 3
    one = speech.spoken([("Adam", "Good morning."), ("Alice", "Good morning.")], 1, 4.0)
    two = speech.spoken([("Adam", "Good morning."), ("Adam", "Good morning.")], 1, 4.0)
    apart = [abs(a - b) for a, b in zip(one, two, strict=True)]
    half = len(apart) // 2
    assert max(apart[: half // 2]) < 0.05
    assert max(apart[half:]) > 0.3


@pytest.mark.parametrize(
    ("word", "vowels"), [("morning", "oi"), ("नमस्ते", "e"), ("दीया", "ia"), ("hmm", "a")]
)
def test_speech_has_the_vowels_of_its_words(word: str, vowels: str) -> None:
    assert speech.vowels_of(word) == vowels


def test_a_file_can_be_asked_for_in_parts(api: Api) -> None:
    import httpx

    url = api.final(api.made()["id"])["result"]["primary_url"]
    part = httpx.get(url, headers={"range": "bytes=0-7"})
    assert (part.status_code, part.content) == (206, b"\x89PNG\r\n\x1a\n")
