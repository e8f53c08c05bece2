"""Drafts the text a model is asked with from what a seller typed. Pure text in, text out.

A description is written in English, which the models follow best; the seller's own words are kept
as typed, and the language of any lettering is said. A text that is read aloud is theirs alone.
"""

from rivya_app.briefs.models import Brief
from rivya_app.gateway import kinds

_CHANNELS: dict[str, str] = {
    Brief.Channel.MARKETPLACE: "a marketplace listing: the whole product in view, nothing cropped",
    Brief.Channel.SHOP: "the product page of a small shop",
    Brief.Channel.SOCIAL: "a social media post that stops the thumb",
    Brief.Channel.STORY: "a vertical story, with quiet space above and below the product",
    Brief.Channel.BANNER: "a wide web banner, with quiet space beside the product",
}
_PLACES: dict[str, str] = {
    Brief.Channel.MARKETPLACE: "a marketplace listing",
    Brief.Channel.SHOP: "the product page of a small shop",
    Brief.Channel.SOCIAL: "a social media post",
    Brief.Channel.STORY: "a vertical story",
    Brief.Channel.BANNER: "a web banner",
}
_STYLES: dict[str, str] = {
    Brief.Style.STUDIO: "Clean studio photograph, soft daylight, white to light grey ground.",
    Brief.Style.LIFESTYLE: "Natural photograph of the product in everyday use, window light.",
    Brief.Style.FESTIVE: "Festive scene with warm lamps and marigold tones, the product in front.",
    Brief.Style.MINIMAL: "Minimal composition, one colour ground, generous empty space.",
    Brief.Style.BOLD: "Bold, colourful composition with strong shapes and crisp shadows.",
}
_MOTIONS: dict[str, str] = {
    Brief.Style.STUDIO: "Clean studio, soft daylight; the camera moves slowly around the product.",
    Brief.Style.LIFESTYLE: "In everyday use by a window; a calm hand-held camera comes closer.",
    Brief.Style.FESTIVE: "Festive scene with warm lamps; a slow push in, lights shimmer.",
    Brief.Style.MINIMAL: "One colour ground, generous empty space; a single slow turn.",
    Brief.Style.BOLD: "Bold colours and crisp shadows; quick, confident moves, then a still end.",
}
_LOOKS = {kinds.IMAGE: _STYLES, kinds.VIDEO: _MOTIONS}
# How the text opens, what stands before the points, and how it ends.
_FRAMES = {
    kinds.IMAGE: (
        "Product picture of {product}, for {place}.",
        "Show",
        "Any lettering is in {language}; add no other text or logo.",
    ),
    kinds.VIDEO: (
        "Short product video of {product}, for {place}.",
        "Show",
        "Any lettering or speech is in {language}; add no other text or logo.",
    ),
    kinds.AUDIO: ("Sound for {product}, for {place}.", "Heard", "Any words are in {language}."),
}
_LANGUAGES = {"en": "English", "hi": "Hindi (Devanagari script)"}


def suggest(
    *,
    product: str,
    points: str,
    audience: str,
    channel: str,
    style: str,
    language: str,
    media_kind: str = kinds.IMAGE,
    is_spoken: bool = False,
    limit: int | None = None,
    brand_notes: str = "",
) -> str:
    """The prompt for one draft, in at most `limit` characters. The campaign's `brand_notes` come
    last, so that they are what gives way where the model reads less.

    With `is_spoken` it is read aloud word for word: nothing but what the seller wrote.
    """
    facts = [fact for line in points.splitlines() if (fact := line.strip(" -•\t"))]
    if is_spoken:
        return _shortened(_sentences([product, *facts]), limit)
    opening, shows, ending = _FRAMES.get(media_kind, _FRAMES[kinds.IMAGE])
    places = _CHANNELS if media_kind == kinds.IMAGE else _PLACES
    place = places.get(channel, "a listing")
    sentences = [
        opening.format(product=product.strip() or "the product", place=place),
        f"{shows}: {'; '.join(fact.rstrip(' .;,।') for fact in facts)}." if facts else "",
        f"Made for {audience.strip()}." if audience.strip() else "",
        _LOOKS.get(media_kind, {}).get(style, ""),
        ending.format(language=_LANGUAGES.get(language, "English")),
        _sentences([f"Brand: {notes}"]) if (notes := " ".join(brand_notes.split())) else "",
    ]
    return _shortened(" ".join(sentence for sentence in sentences if sentence), limit)


def _sentences(parts: list[str]) -> str:
    """The seller's own lines, each ended as a sentence."""
    lines = (part.strip() for part in parts)
    return " ".join(line if line[-1] in ".!?।…" else f"{line}." for line in lines if line)


def _shortened(text: str, limit: int | None) -> str:
    """Cut at a word where the model reads less: a text of ours must never be refused for length."""
    if not limit or len(text) <= limit:
        return text
    cut = text[:limit]
    return cut.rsplit(" ", 1)[0] if " " in cut else cut
