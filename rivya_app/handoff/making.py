"""Decodes, crops, encodes and marks: the process that cutting.py starts, and nothing else.

It knows no settings, no rows and no secrets; beside the decoders it loads only the numbers of the
presets.
"""

import hashlib
import io
import json
import shutil
import sys
from pathlib import Path

from PIL import Image, ImageCms, ImageOps

from rivya_app.handoff import checks, cropping, tagging
from rivya_app.handoff.boxes import WHOLE, Box, Pixels, trimmed
from rivya_app.handoff.cutting import SECONDS, Cut, measured, sniffed
from rivya_app.handoff.presets import PRESETS, Preset
from rivya_app.library import apart, pictures
from rivya_app.library.errors import Trouble
from rivya_app.library.signatures import JPEG, Format

# Tried in this order until the file fits. Full colour at the edges of a product, down to where it
# would cost more than it shows.
QUALITIES = (92, 88, 84, 80, 75, 70, 60)
_LOOK_SIDE = 1024  # pixels of the copy on which a part is chosen, the longer side
_ROOM = 8_192  # bytes for the mark, which is written into the encoded file
_WHITE = (255, 255, 255)
_PLAIN = frozenset({"L", "LA", "RGB", "RGBA", "CMYK"})  # can be resized as they are
_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def made(path: Path, preset: Preset, out: Path, box: Box | None) -> Cut:
    """The finished file at `out`. Raises Trouble, and whatever the decoders raise."""
    found = sniffed(path)
    if preset.is_original:
        return _original(path, found, preset, out)
    picture = _shown(path, found)
    box = _part(picture, preset) if box is None else box
    frame, source_size = _framed(picture, preset, box)
    _encode(frame, preset, out)
    _tag(out)
    return _finished(out, JPEG, preset, box, source_size)


# --- Originals ----------------------------------------------------------------------------------


def _original(path: Path, found: Format, preset: Preset, out: Path) -> Cut:
    """The same picture to the last bit, proved by decoding both files."""
    before = _fingerprint(path, found)
    shutil.copyfile(path, out)
    if found.mime_type in tagging.CAN_CARRY:
        _tag(out)
        if _fingerprint(out, found) != before:
            raise Trouble("tag_not_kept")
    return _finished(out, found, preset, None, None)


def _fingerprint(path: Path, found: Format) -> tuple[object, ...]:
    """What a decoder makes of the file: its pixels, its shape, its colours, its turn."""
    with pictures.opened(path, found) as image:
        image.load()
        profile = image.info.get("icc_profile")
        turn = image.getexif().get(pictures.ORIENTATION)
        pixels = hashlib.sha256(image.tobytes()).digest()
        frame_count = getattr(image, "n_frames", 1)
        return image.mode, image.size, frame_count, profile, turn, pixels


# --- Cuts ---------------------------------------------------------------------------------------


def _shown(path: Path, found: Format) -> Image.Image:
    """The picture as it is shown, in its own colours; anything see-through lies on white."""
    with pictures.opened(path, found) as image:
        image.load()
        profile = image.info.get("icc_profile")
        is_turned = image.getexif().get(pictures.ORIENTATION) not in (None, 1)
        picture = pictures.eight_bit(ImageOps.exif_transpose(image) if is_turned else image)
    if picture.mode not in _PLAIN or "transparency" in picture.info:
        picture = picture.convert("RGBA" if pictures.has_alpha(picture) else "RGB")
    if "A" in picture.getbands():
        picture = _on_white(picture)
    picture.info = {"icc_profile": profile}
    return picture


def _on_white(picture: Image.Image) -> Image.Image:
    """Without its alpha band, in the same mode otherwise."""
    bands = picture.split()
    plain = Image.merge("RGB", bands[:3]) if len(bands) == 4 else bands[0]
    ground = Image.new(plain.mode, plain.size, _WHITE if plain.mode == "RGB" else 255)
    ground.paste(plain, (0, 0), bands[-1])
    return ground


def _part(picture: Image.Image, preset: Preset) -> Box:
    """Chosen on a small copy in the colours that people see."""
    if preset.ratio is None:
        return WHOLE
    scale = min(1.0, _LOOK_SIDE / max(picture.size))
    width, height = (max(1, round(side * scale)) for side in picture.size)
    small = _standard(picture.resize((width, height), reducing_gap=2), _profile(picture))
    if preset.ground is not None and preset.fill_aimed is not None:
        return cropping.framed(small, preset.ratio, fill=preset.fill_aimed)
    return cropping.suggest(small, preset.ratio)


def _framed(picture: Image.Image, preset: Preset, box: Box) -> tuple[Image.Image, tuple[int, int]]:
    """The part in the size of the preset, and how many pixels of the picture the frame spans.

    Where the preset has a ground, the whole part is shown and the rest is filled up with white: a
    shop that wants white turns down a product that is cut off, never one with more white beside
    it. Elsewhere bars would show, so the part is trimmed to the ratio instead.
    """
    if preset.ratio is None or preset.size is None:
        raise ValueError(f"{preset.code} has no size")
    if preset.ground is None:
        part = trimmed(box.pixels(*picture.size), preset.ratio)
        return _resized(picture, part, preset.size), (part[2] - part[0], part[3] - part[1])
    width, height = preset.size
    part = box.pixels(*picture.size)
    across, down = part[2] - part[0], part[3] - part[1]
    scale = min(width / across, height / down)
    size = min(width, max(1, round(across * scale))), min(height, max(1, round(down * scale)))
    frame = Image.new("RGB", (width, height), _WHITE)
    place = (width - size[0]) // 2, (height - size[1]) // 2
    frame.paste(_resized(picture, part, size), place)
    return frame, (round(width / scale), round(height / scale))


def _resized(picture: Image.Image, part: Pixels, size: tuple[int, int]) -> Image.Image:
    """That part in that size, in sRGB. Resized first: then fewer pixels change their colours."""
    return _standard(picture.resize(size, Image.Resampling.LANCZOS, part), _profile(picture))


def _profile(picture: Image.Image) -> bytes | None:
    found = picture.info.get("icc_profile")
    return found if isinstance(found, bytes) and found else None


def _standard(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """In sRGB; where its profile is none, or one of another kind of picture, as the numbers are."""
    if profile is not None:
        try:
            own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            standard = ImageCms.profileToProfile(picture, own, _SRGB, outputMode="RGB")
        except (ImageCms.PyCMSError, OSError):
            standard = None
        if standard is not None:
            return standard
    return picture.convert("RGB")


def _encode(picture: Image.Image, preset: Preset, out: Path) -> None:
    """As JPEG, as good as the preset's bytes allow. Where even the last quality is too large, the
    check says so."""
    for quality in QUALITIES:
        picture.save(
            out,
            JPEG.decoder,
            quality=quality,
            subsampling=0,
            optimize=True,
            icc_profile=_SRGB.tobytes(),
        )
        if preset.most_bytes is None or out.stat().st_size + _ROOM <= preset.most_bytes:
            return


# --- The mark, and the last look ----------------------------------------------------------------


def _tag(out: Path) -> None:
    tagging.write(out)
    if not tagging.read(out):
        raise Trouble("tag_not_kept")


def _finished(
    out: Path,
    found: Format,
    preset: Preset,
    box: Box | None,
    source_size: tuple[int, int] | None,
) -> Cut:
    """Everything that is said of the file is read from the file."""
    shown = _shown(out, found)
    picture = _standard(shown, _profile(shown))
    size, sha256 = measured(out)
    findings = checks.check(
        picture, preset, size, mime_type=found.mime_type, source_size=source_size
    )
    is_tagged = found.mime_type in tagging.CAN_CARRY
    findings.append(checks.origin_tag(is_tagged=is_tagged, mime_type=found.mime_type))
    return Cut(
        *picture.size,
        found.mime_type,
        size,
        sha256,
        box,
        is_tagged=is_tagged,
        findings=tuple(findings),
    )


# --- The process --------------------------------------------------------------------------------


def _run(path: Path, code: str, out: Path, asked: str) -> str:
    box = json.loads(asked)
    return json.dumps(made(path, PRESETS[code], out, Box.of(box) if box else None).as_data())


def main(path: str, code: str, out: str, box: str) -> int:
    """The exit code; the answer, or the code of the trouble, is on the standard output."""
    return apart.tell(lambda: _run(Path(path), code, Path(out), box), seconds=SECONDS)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
