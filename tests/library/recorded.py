"""Films and sounds of every format the library takes, and what can be wrong with them."""

import io
import math
import struct
import tempfile
from array import array
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from PIL import Image

# Format: what PyAV calls the container, its codecs.
FILMS = {
    "video/mp4": ("mp4", "libx264"),
    "video/quicktime": ("mov", "libx264"),
    "video/webm": ("webm", "libvpx"),
}
SOUNDS = {
    "audio/mpeg": ("mp3", "libmp3lame", 44100),
    "audio/ogg": ("ogg", "libopus", 48000),
    "audio/aac": ("adts", "aac", 44100),
    "audio/flac": ("flac", "flac", 44100),
    "audio/mp4": ("ipod", "aac", 44100),
    "audio/webm": ("webm", "libopus", 48000),
    "audio/wav": ("wav", "pcm_s16le", 44100),
}
RATE = 12  # frames a second


def film(
    seconds: float = 1.0,
    size: tuple[int, int] = (128, 72),
    mime_type: str = "video/mp4",
    *,
    dark: float = 0.0,
    **options: str,
) -> bytes:
    """A picture of two colours that moves; black for the first `dark` seconds."""
    form, codec = FILMS[mime_type]
    # A file, not a buffer: an index is moved to the front by reading it again.
    with (
        tempfile.NamedTemporaryFile() as out,
        av.open(out.name, "w", format=form, options=options) as container,
    ):
        stream: Any = container.add_stream(codec, rate=RATE)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for number in range(round(seconds * RATE)):
            still = Image.new("RGB", size, "black" if number < dark * RATE else "teal")
            if number >= dark * RATE:
                still.paste((250, 240, 200), (number, 0, number + size[0] // 2, size[1]))
            container.mux(stream.encode(av.VideoFrame.from_image(still)))
        container.mux(stream.encode())
        container.close()
        return Path(out.name).read_bytes()


def growing_film(small: tuple[int, int], large: tuple[int, int]) -> bytes:
    """A film that says it is small, and is from its second frame on large."""
    with (
        tempfile.NamedTemporaryFile() as out,
        av.open(out.name, "w", format="webm") as container,
    ):
        stream: Any = container.add_stream("libvpx", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = *small, "yuv420p"
        for number, size in enumerate((small, large)):
            encoder: Any = av.CodecContext.create("libvpx", "w")
            encoder.width, encoder.height, encoder.pix_fmt = *size, "yuv420p"
            encoder.time_base = Fraction(1, RATE)
            frame = av.VideoFrame.from_image(Image.new("RGB", size, "black"))
            for packet in [*encoder.encode(frame), *encoder.encode()]:
                packet.stream, packet.time_base = stream, Fraction(1, 1000)
                packet.pts = packet.dts = number * 1000 // RATE
                container.mux(packet)
        container.close()
        return Path(out.name).read_bytes()


def sound(seconds: float = 1.0, mime_type: str = "audio/wav", *, loud: float = 1.0) -> bytes:
    """A tone that is quiet in its first half and `loud` (0 to 1) in its second."""
    form, codec, rate = SOUNDS[mime_type]
    out = io.BytesIO()
    with av.open(out, "w", format=form) as container:
        stream: Any = container.add_stream(codec, rate=rate)
        count = int(seconds * rate)
        for start in range(0, count, 960):
            samples = array(
                "h",
                (
                    round(math.sin(n / 20) * 32000 * loud * (0.1 if n < count / 2 else 1))
                    for n in range(start, min(start + 960, count))
                ),
            )
            container.mux(stream.encode(_frame(samples, rate, start)))
        container.mux(stream.encode())
    return out.getvalue()


def _frame(samples: "array[int]", rate: int, start: int) -> Any:
    frame: Any = av.AudioFrame(format="s16", layout="mono", samples=len(samples))
    frame.planes[0].update(samples.tobytes().ljust(frame.planes[0].buffer_size, b"\0"))
    frame.sample_rate, frame.pts = rate, start
    return frame


def turned(content: bytes) -> bytes:
    """An MP4 that asks to be shown turned by 90 degrees clockwise, as phones write them."""
    at = (
        content.index(b"tkhd") + 4 + 4 + 20 + 16
    )  # version and flags, times and ids, layer to volume
    matrix = struct.pack(">9i", 0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000)
    return content[:at] + matrix + content[at + len(matrix) :]


def boasting(content: bytes, hours: int = 20) -> bytes:
    """A WebM whose header says that it lasts `hours`. (An MP4's is read from its index.)"""
    at = content.index(b"\x44\x89\x88") + 3
    return content[:at] + struct.pack(">d", hours * 3_600_000) + content[at + 8 :]


def without_length(content: bytes) -> bytes:
    """A WebM as a browser's recorder writes it: its length is not told."""
    at = content.index(b"\x44\x89")  # Duration; as Void it is passed over
    size = content[at + 2] & 0x7F
    return (
        content[:at]
        + b"\xec"
        + bytes([0x80 | (size + 1)])
        + b"\0" * (size + 1)
        + content[at + 3 + size :]
    )
