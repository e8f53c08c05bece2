"""Writes the assistant's answers: the same question in the same place gets the same words."""

from __future__ import annotations

import hashlib
import re
from random import Random
from typing import Final

_ENGLISH: Final = {
    "open": (
        "Here is a first direction for **{topic}**.",
        "Good question. For **{topic}** I would keep it simple.",
        "Let us work from what a buyer sees first: **{topic}**.",
    ),
    "picture": "I looked at the attached pictures ({count}) and kept their light in mind.",
    "points": (
        "Lead with one clear picture of the whole product on a quiet ground.",
        "Name the material and the size in the first line; buyers look for both.",
        "Show it in use once, at a human scale, with daylight from one side.",
        "Keep the claims to what you can prove, and leave prices out of the picture.",
        "Use one accent colour and repeat it in the caption.",
        "Say who made it and how, in one short sentence.",
        "End with the care instructions, so that nobody has to ask.",
    ),
    "search": "Recent listings of this kind name the material first and the use second.",
    "think": "I compared a plain studio view, a lifestyle view and a close-up; the plain is the "
    "safest first draft, the close-up the best second one.",
    "close": (
        "If you like this, turn it into a brief and ask for two drafts.",
        "Tell me the channel and I will shorten it to fit.",
        "Shall I write the title in Hindi as well?",
    ),
}
_HINDI: Final = {
    "open": (
        "**{topic}** के लिए यह पहली दिशा है।",
        "अच्छा सवाल। **{topic}** के लिए बात सरल रखें।",
    ),
    "picture": "मैंने साथ भेजे {count} चित्र देखे और उनकी रोशनी और रंगों का ध्यान रखा है।",
    "points": (
        "पहला चित्र पूरे उत्पाद का हो, शांत पृष्ठभूमि पर।",
        "पहली पंक्ति में सामग्री और आकार लिखें; ख़रीदार यही खोजते हैं।",
        "एक चित्र में इसे इस्तेमाल होते दिखाएँ, एक ओर से दिन की रोशनी में।",
        "वही दावे करें जो साबित हो सकें, और दाम चित्र में न लिखें।",
        "किसने और कैसे बनाया, एक छोटे वाक्य में बताएँ।",
    ),
    "search": "हाल की ऐसी सूचियों में पहले सामग्री लिखी है, फिर उपयोग।",
    "think": "सादा, जीवनशैली और नज़दीकी दृश्य में से पहले मसौदे के लिए सादा सबसे ठीक है।",
    "close": (
        "पसंद आए तो इसे ब्रीफ़ बनाकर दो मसौदे माँगें।",
        "चैनल बताइए, मैं इसे उसके अनुसार छोटा कर दूँगा।",
    ),
}
_EFFORT_POINTS: Final = {"minimal": 2, "low": 3, "default": 3, "medium": 4, "high": 5, "xhigh": 5}


def answer(message: str, turn: int, pictures: int, effort: str, *, search: bool) -> str:
    """Markdown, in Hindi where the message has Devanagari. ``turn`` counts from 0."""
    words = _HINDI if re.search(r"[\u0900-\u097f]", message) else _ENGLISH
    digest = hashlib.sha256(f"{turn}\n{message}".encode()).digest()
    chance = Random(int.from_bytes(digest[:8], "big"))
    points = chance.sample(words["points"], min(_EFFORT_POINTS[effort], len(words["points"])))
    parts = [chance.choice(words["open"]).format(topic=_topic(message))]
    if pictures:
        parts.append(str(words["picture"]).format(count=pictures))
    if effort in ("high", "xhigh"):
        parts.append(str(words["think"]))
    parts.append("\n".join(f"- {point}" for point in points))
    if search:
        parts.append(str(words["search"]))
    parts.append(chance.choice(words["close"]))
    return "\n\n".join(parts)


def _topic(message: str) -> str:
    first = re.split(r"[.!?।\n]", message.strip(), maxsplit=1)[0]
    words = first.split()[:8]
    return " ".join(words).strip("*_#`") or "…"


def tokens(text: str) -> int:
    """About as many as a model would count: four characters each, two in Devanagari."""
    wide = len(re.findall(r"[\u0900-\u097f]", text))
    return max(1, (len(text) - wide) // 4 + wide // 2)


def pieces(text: str) -> list[str]:
    """The text in the pieces it is streamed in."""
    return re.findall(r"\s*\S+\s*?", text)
