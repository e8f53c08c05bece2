"""The mark that a model made it: written, read back by others, and nothing else is touched."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from rivya_app.handoff import tagging
from rivya_app.library.errors import Trouble
from tests.handoff import drawn

FORMS: list[tuple[str, dict[str, Any]]] = [
    ("JPEG", {"quality": 90}),
    ("JPEG", {"progressive": True, "subsampling": 2}),
    ("PNG", {}),
    ("WEBP", {"quality": 80}),
    ("WEBP", {"lossless": True}),
]
MARK = re.compile(
    rb"DigitalSourceType[=>\"']+http://cv\.iptc\.org/newscodes/digitalsourcetype/"
    rb"trainedAlgorithmicMedia[\"<]"
)
OTHER_XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
    b'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    b'xmlns:dc="http://purl.org/dc/elements/1.1/" dc:source="a tray of brass"/>'
    b"</rdf:RDF></x:xmpmeta>"
)


def noted(picture: Image.Image, path: Path, form: str, **options: Any) -> Path:
    """With a camera's EXIF, a colour profile and XMP of somebody else."""
    exif = Image.Exif()
    exif[0x0110] = "Pocket Camera 9"
    exif[0x0112] = 6
    if form == "PNG":
        notes = PngImagePlugin.PngInfo()
        notes.add_itxt("XML:com.adobe.xmp", OTHER_XMP.decode())
        notes.add_text("Title", "A brass lamp")
        options["pnginfo"] = notes
    else:
        options["xmp"] = OTHER_XMP
    return drawn.saved(picture, path, form, exif=exif, icc_profile=drawn.SRGB, **options)


def with_xmp(path: Path, xmp: bytes) -> Path:
    return drawn.saved(drawn.scene((60, 40)), path, "JPEG", xmp=xmp)


@pytest.mark.parametrize(("form", "options"), FORMS)
def test_it_marks_a_picture_and_touches_nothing_else(tmp_path, form, options):
    path = noted(drawn.scene((120, 90)), tmp_path / "picture", form, **options)
    with Image.open(path) as before:
        pixels, size = before.tobytes(), before.size
    assert not tagging.read(path)
    tagging.write(path)
    assert tagging.read(path)
    with Image.open(path) as after:
        assert after.format == form
        assert (after.tobytes(), after.size) == (pixels, size)
        assert after.info["icc_profile"] == drawn.SRGB
        assert after.getexif()[0x0110] == "Pocket Camera 9"
        assert after.getexif()[0x0112] == 6
        assert MARK.search(after.info["xmp"])
        assert b"a tray of brass" in after.info["xmp"]
        if form == "PNG":
            assert after.info["Title"] == "A brass lamp"


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "1", "I;16"])
def test_it_marks_a_png_of_every_depth(tmp_path, mode):
    picture = Image.linear_gradient("L").resize((64, 48)).convert(mode)
    path = drawn.saved(picture, tmp_path / "picture", "PNG")
    with Image.open(path) as before:
        pixels = before.tobytes()
    tagging.write(path)
    with Image.open(path) as after:
        assert (after.mode, after.tobytes()) == (picture.mode, pixels)
        assert MARK.search(after.info["xmp"])


def test_it_marks_a_cmyk_jpeg(tmp_path):
    path = drawn.saved(drawn.scene((64, 48)).convert("CMYK"), tmp_path / "picture", "JPEG")
    with Image.open(path) as before:
        pixels = before.tobytes()
    tagging.write(path)
    with Image.open(path) as after:
        assert (after.mode, after.tobytes()) == ("CMYK", pixels)
        assert MARK.search(after.info["xmp"])


def test_it_marks_once_however_often_it_is_asked(tmp_path):
    path = drawn.saved(drawn.scene((60, 40)), tmp_path / "picture", "JPEG")
    tagging.write(path)
    once = path.read_bytes()
    tagging.write(path)
    assert path.read_bytes() == once


def test_it_replaces_a_mark_that_says_something_else(tmp_path):
    other = OTHER_XMP.replace(
        b'dc:source="a tray of brass"',
        b'xmlns:e="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" e:DigitalSourceType='
        b'"http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"',
    )
    path = with_xmp(tmp_path / "picture", other)
    assert not tagging.read(path)
    tagging.write(path)
    assert tagging.read(path)
    assert b"digitalCapture" not in path.read_bytes()


@pytest.mark.parametrize(
    "xmp",
    [
        b"&&& no xmp at all",
        b"<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'>]><x>&b;</x>",
        b"<a>" * 15_000,
        b"\xff\xfe" * 500,
        OTHER_XMP[:150],
    ],
    ids=["noise", "entities", "deep", "halves", "cut"],
)
def test_it_marks_a_picture_whose_notes_were_made_to_hurt(tmp_path, xmp):
    path = with_xmp(tmp_path / "picture", xmp)
    with Image.open(path) as before:
        pixels = before.tobytes()
    tagging.write(path)
    assert tagging.read(path)
    with Image.open(path) as after:
        assert after.tobytes() == pixels


@pytest.mark.parametrize("form", ["GIF", "AVIF"])
def test_it_says_so_where_a_format_cannot_carry_the_mark(tmp_path, form):
    path = drawn.saved(drawn.scene((60, 40)), tmp_path / "picture", form)
    before = path.read_bytes()
    assert Image.MIME[form] not in tagging.CAN_CARRY
    with pytest.raises(Trouble) as refused:
        tagging.write(path)
    assert refused.value.code == "tag_not_kept"
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"<html>", b"\xff\xd8\xff" + b"\0" * 80, b"\x89PNG"])
def test_it_refuses_what_is_no_picture(tmp_path, content):
    path = tmp_path / "picture"
    path.write_bytes(content)
    for act in (tagging.write, tagging.read):
        with pytest.raises(Trouble) as refused:
            act(path)
        assert refused.value.code == "tag_not_kept"


def test_it_is_never_loaded_where_requests_and_tasks_run():
    program = (
        "import sys, rivya_app.handoff.cutting, rivya_app.handoff.check_words;"
        "sys.exit(bool({'exiv2', 'numpy', 'smartcrop', 'rivya_app.handoff.making'}"
        " & set(sys.modules)))"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", program], cwd=root, env={}, check=False)
    assert done.returncode == 0
