"""The shapes a picture leaves in, by channel, and what each one asks of it. All of it is data.

The numbers are ours. They follow what the large places ask for or are known to turn down, set so
that a file which passes here needs no second save there; what a place itself says today decides.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

IMAGE = "image"
_MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Least:
    """A share from 0 to 1: passes from `asked` on, fails below `bearable`, a warning between."""

    asked: float
    bearable: float


@dataclass(frozen=True, slots=True)
class Preset:
    """One way out. Sides in pixels; None: whatever the approved file has."""

    code: str
    words: Promise
    ratio: tuple[int, int] | None = None
    width: int | None = None
    height: int | None = None
    format: str | None = None  # "jpeg", or None: as it is
    most_bytes: int | None = None
    least_side: int | None = None  # of real pixels, not of enlarged ones
    ground: str | None = None  # "white": what the cut does not cover is filled up with it
    white_from: int = 255  # of 255, in each colour
    white_edge: Least | None = None  # share of the outermost band that is white
    white_ground: Least | None = None  # share of all that is not the product
    fill: Least | None = None  # the product's longer side as a share of the frame's
    fill_aimed: float | None = None  # by a cut that is made around a product

    @property
    def is_original(self) -> bool:
        return self.code == ORIGINAL

    @property
    def size(self) -> tuple[int, int] | None:
        """Width and height in pixels, or None for the original."""
        return None if self.width is None or self.height is None else (self.width, self.height)


ORIGINAL = "original"

_ALL = (
    Preset(ORIGINAL, _("Original")),
    Preset(
        "square",
        _("Square, 1080 × 1080"),
        (1, 1),
        1080,
        1080,
        "jpeg",
        most_bytes=8 * _MB,
        least_side=600,
    ),
    Preset(
        "portrait",
        _("Portrait 4:5, 1080 × 1350"),
        (4, 5),
        1080,
        1350,
        "jpeg",
        most_bytes=8 * _MB,
        least_side=600,
    ),
    Preset(
        "story",
        _("Story 9:16, 1080 × 1920"),
        (9, 16),
        1080,
        1920,
        "jpeg",
        most_bytes=8 * _MB,
        least_side=600,
    ),
    Preset(
        "landscape",
        _("Landscape 16:9, 1920 × 1080"),
        (16, 9),
        1920,
        1080,
        "jpeg",
        most_bytes=8 * _MB,
        least_side=600,
    ),
    # The main picture of a listing: large shops want it on pure white, filled by the product to
    # 85 %, and offer to zoom in from 1000 pixels. JPEG does not keep 255 exactly beside an edge,
    # hence 253. Their own measure of the fill is not known to the percent: 80 to 85 is a warning.
    Preset(
        "marketplace",
        _("Marketplace, 2000 × 2000 on white"),
        (1, 1),
        2000,
        2000,
        "jpeg",
        most_bytes=10 * _MB,
        least_side=1000,
        ground="white",
        white_from=253,
        white_edge=Least(0.98, 0.98),
        white_ground=Least(0.98, 0.98),
        fill=Least(0.85, 0.80),
        fill_aimed=0.90,
    ),
)

PRESETS: dict[str, Preset] = {preset.code: preset for preset in _ALL}

_USUAL: dict[str, tuple[str, ...]] = {
    "marketplace": ("marketplace",),
    "shop": ("square", "landscape"),
    "social": ("square", "portrait"),
    "story": ("story",),
    "banner": ("landscape",),
}


def usual_for(channel: str) -> tuple[str, ...]:
    """The codes that are ticked at first for a brief's channel. The original is always among them,
    and alone for a channel we do not know."""
    return (ORIGINAL, *_USUAL.get(channel, ()))


def fits(preset: Preset, media_kind: str) -> bool:
    """Whether files of this kind can leave so: films and sounds leave only as originals."""
    return preset.is_original or media_kind == IMAGE
