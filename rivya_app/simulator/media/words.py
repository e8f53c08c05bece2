"""Reads a prompt the way a set designer would: the thing, its colours, the mood, the title."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from typing import Final

from rivya_app.simulator.media.colours import NAMED, USUAL, Colour

_THINGS: Final[dict[str, str]] = {
    "mug": "mug cup tumbler teacup कप मग प्याला कुल्हड़ kulhad chai",
    "bottle": "bottle flask perfume oil serum shampoo lotion बोतल इत्र attar",
    "vase": "vase pot urn pitcher jug फूलदान घड़ा सुराही matka pottery",
    "jar": "jar honey pickle jam cream balm spice masala अचार शहद डिब्बा tin container",
    "bowl": "bowl plate dish katori thali कटोरा कटोरी थाली platter",
    "lamp": "lamp lampshade lantern light लैंप लालटेन",
    "candle": "candle candles मोमबत्ती wax",
    "diya": "diya diyas deepak दीया दीये दीपक",
    "plant": "plant planter succulent bonsai fern पौधा गमला",
    "bag": "bag tote handbag purse backpack satchel sling थैला बैग झोला clutch potli",
    "shoe": "shoe shoes sneaker sneakers jutti mojari boots sandals जूता जूते जूती चप्पल",
    "watch": "watch wristwatch smartwatch घड़ी",
    "chair": "chair stool armchair कुर्सी seat",
    "box": "box gift hamper package carton डिब्बी chocolate sweets mithai soap साबुन",
    "book": "book notebook journal diary planner किताब डायरी कॉपी",
    "textile": "saree sari dupatta shawl stole towel blanket quilt fabric kurta shirt t-shirt "
    "scarf dress साड़ी दुपट्टा शॉल कुर्ता कंबल चादर bedsheet rug throw napkin",
    "cushion": "cushion pillow cushions तकिया गद्दी",
    "earrings": "earring earrings jhumka jhumkas jewellery jewelry necklace झुमका झुमके बाली आभूषण",
}
_THING_OF: Final = {word: thing for thing, words in _THINGS.items() for word in words.split()}
_MOODS: Final[dict[str, str]] = {
    "festive": "festive diwali marigold festival दिवाली दीवाली त्योहार celebration",
    "minimal": "minimal minimalist minimalistic",
    "bold": "bold colourful colorful vibrant pop",
    "lifestyle": "lifestyle everyday window kitchen cosy cozy home",
    "studio": "studio catalogue catalog ecommerce listing marketplace",
}
_MOOD_OF: Final = {word: mood for mood, words in _MOODS.items() for word in words.split()}
_LEAD: Final = re.compile(
    r"^\s*(?:an?\s+|the\s+)?(?:\w+\s+){0,2}?(?:picture|photo|photograph|image|shot|video|clip|still)"
    r"\s+(?:of|for)\s+(?:an?\s+|the\s+)?",
    re.IGNORECASE,
)
_WHITE: Final = re.compile(r"(pure|plain) white|white (back)?ground|सफ़?ेद पृष्ठ", re.IGNORECASE)
# What is said of the ground is not the colour of the thing.
_GROUND: Final = re.compile(r"((pure|plain|on)\s+)*\w+(\s+to\s+\w+\s+\w+)?\s+(back)?ground", re.I)
_TITLE_END: Final = re.compile(
    r"[,.;:!?।\n]|\s(?:with|for|on|in|at|against|standing|to be)\s", re.I
)
_TITLE_WORDS: Final = 6


@dataclass(frozen=True)
class Reading:
    """What a prompt asks to see."""

    title: str
    thing: str
    colour: Colour
    trim: Colour
    mood: str
    """Empty: anything goes."""
    white_ground: bool


def read(prompt: str) -> Reading:
    """Read a prompt in English or Hindi."""
    text = _LEAD.sub("", prompt.strip())
    white_ground = bool(_WHITE.search(text))
    title_text = _TITLE_END.split(text, maxsplit=1)[0].strip()
    title = " ".join(title_text.split()[:_TITLE_WORDS])
    text = _GROUND.sub(" ", text)
    colours = _colours(_GROUND.sub(" ", title_text)) or _colours(_plain_facts(text))
    usual = USUAL[zlib.crc32(title.lower().encode()) % len(USUAL)]
    return Reading(
        title=title,
        thing=_last(title_text) or _first(text) or "vase",
        colour=colours[0] if colours else usual,
        trim=colours[1] if len(colours) > 1 else (206, 168, 96),
        mood=next((_MOOD_OF[word] for word in _words(_style_part(text)) if word in _MOOD_OF), ""),
        white_ground=white_ground,
    )


def _words(text: str) -> list[str]:
    return [word.strip("-'\"()।") for word in re.split(r"[\s,.;:!?/]+", text.lower())]


def _plain_facts(text: str) -> str:
    """The part that tells of the product, not of the style around it."""
    return text.split("Made for", maxsplit=1)[0][:300]


def _style_part(text: str) -> str:
    """Style is said last: read the sentences from the end."""
    sentences = [part for part in re.split(r"(?<=[.।])\s", text) if part]
    return " ".join(reversed(sentences))


def _colours(text: str) -> list[Colour]:
    found = [NAMED[word] for word in _words(text) if word in NAMED]
    return list(dict.fromkeys(found))


def _last(text: str) -> str:
    """The thing named last: in English the head of the phrase."""
    found = [_thing(word) for word in _words(text) if _thing(word)]
    return found[-1] if found else ""


def _first(text: str) -> str:
    return next((_thing(word) for word in _words(text) if _thing(word)), "")


def _thing(word: str) -> str:
    return _THING_OF.get(word) or _THING_OF.get(word.removesuffix("s"), "")
