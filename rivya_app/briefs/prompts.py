"""Drafts the text a model is asked with from what a seller typed. Pure text in, text out.

The draft is written in English, which the image models follow best; the seller's own words are
kept as typed, and the language of any lettering is said.
"""

from rivya_app.briefs.models import Brief

_CHANNELS: dict[str, str] = {
    Brief.Channel.MARKETPLACE: "a marketplace listing: the whole product in view, nothing cropped",
    Brief.Channel.SHOP: "the product page of a small shop",
    Brief.Channel.SOCIAL: "a social media post that stops the thumb",
    Brief.Channel.STORY: "a vertical story, with quiet space above and below the product",
    Brief.Channel.BANNER: "a wide web banner, with quiet space beside the product",
}
_STYLES: dict[str, str] = {
    Brief.Style.STUDIO: "Clean studio photograph, soft daylight, white to light grey ground.",
    Brief.Style.LIFESTYLE: "Natural photograph of the product in everyday use, window light.",
    Brief.Style.FESTIVE: "Festive scene with warm lamps and marigold tones, the product in front.",
    Brief.Style.MINIMAL: "Minimal composition, one colour ground, generous empty space.",
    Brief.Style.BOLD: "Bold, colourful composition with strong shapes and crisp shadows.",
}
_LANGUAGES = {"en": "English", "hi": "Hindi (Devanagari script)"}


def suggest(
    *, product: str, points: str, audience: str, channel: str, style: str, language: str
) -> str:
    """The prompt for one product picture."""
    facts = [line.strip(" -•\t") for line in points.splitlines()]
    sentences = [
        f"Product picture of {product.strip()}, for {_CHANNELS.get(channel, 'a listing')}.",
        f"Show: {'; '.join(fact for fact in facts if fact)}." if any(facts) else "",
        f"Made for {audience.strip()}." if audience.strip() else "",
        _STYLES.get(style, ""),
        f"Any lettering is in {_LANGUAGES.get(language, 'English')}; add no other text or logo.",
    ]
    return " ".join(sentence for sentence in sentences if sentence)
