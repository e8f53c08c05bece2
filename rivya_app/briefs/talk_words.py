"""What answers call the parts of a brief, in both languages. Data alone, and how it is compared."""

import re
import unicodedata

from rivya_app.briefs.models import Brief

PRODUCT, POINTS, AUDIENCE, CHANNEL = "product", "points", "audience", "channel"
STYLE, LANGUAGE, PROMPT = "style", "language", "prompt"

_LABELS = {
    PRODUCT: (
        "product, product name, product title, title, name, listing title, item, "
        "शीर्षक, उत्पाद, उत्पाद का नाम, प्रोडक्ट, प्रोडक्ट का नाम, प्रॉडक्ट, प्रॉडक्ट का नाम, नाम, टाइटल"
    ),
    POINTS: (
        "points, key points, main points, selling points, key selling points, features, "
        "key features, product features, highlights, benefits, key benefits, bullet points, "
        "bullets, details, key details, product details, what matters, "
        "बातें, मुख्य बातें, ख़ास बातें, ख़ूबियाँ, मुख्य ख़ूबियाँ, ख़ासियत, ख़ासियतें, विशेषताएँ, विशेषताएं, "
        "मुख्य विशेषताएँ, मुख्य विशेषताएं, फ़ायदे, मुख्य फ़ायदे, बिंदु, मुख्य बिंदु, विवरण"
    ),
    AUDIENCE: (
        "audience, target audience, who is it for, who it is for, for whom, customers, "
        "target customers, target customer, buyers, "
        "किसके लिए, ग्राहक, लक्षित ग्राहक, लक्षित दर्शक, दर्शक, ख़रीदार"
    ),
    CHANNEL: "channel, platform, where it is used, चैनल, प्लेटफ़ॉर्म",
    STYLE: (
        "style, visual style, picture style, image style, look, mood, "
        "शैली, स्टाइल, अंदाज़, तस्वीर की शैली"
    ),
    LANGUAGE: "language, भाषा",
    PROMPT: (
        "prompt, image prompt, picture prompt, video prompt, suggested prompt, final prompt, "
        "the prompt, text for the model, prompt for the image, prompt for the model, "
        "प्रॉम्प्ट, प्रोम्प्ट, प्रांप्ट, इमेज प्रॉम्प्ट, तस्वीर का प्रॉम्प्ट, "
        "तस्वीर के लिए प्रॉम्प्ट, वीडियो का प्रॉम्प्ट, मॉडल के लिए टेक्स्ट"
    ),
}
# A word of the answer that says one choice. More than one choice named is none.
_CHOICES: dict[str, dict[str, str]] = {
    CHANNEL: {
        Brief.Channel.MARKETPLACE: (
            "marketplace, amazon, flipkart, meesho, myntra, etsy, मार्केटप्लेस, अमेज़न, फ़्लिपकार्ट, मीशो"
        ),
        Brief.Channel.SHOP: (
            "own shop, own website, website, web shop, online shop, वेबसाइट, अपनी दुकान"
        ),
        Brief.Channel.SOCIAL: "social, social media, post, posts, सोशल, सोशल मीडिया, पोस्ट",
        Brief.Channel.STORY: "story, stories, reel, reels, shorts, स्टोरी, रील",
        Brief.Channel.BANNER: "banner, banners, बैनर",
    },
    STYLE: {
        Brief.Style.STUDIO: "studio, white background, plain background, स्टूडियो, सफ़ेद पृष्ठभूमि",
        Brief.Style.LIFESTYLE: "lifestyle, everyday use, in use, रोज़मर्रा, लाइफ़स्टाइल",
        Brief.Style.FESTIVE: "festive, festival, diwali, holi, त्योहार, त्योहारी, दिवाली",
        Brief.Style.MINIMAL: "minimal, minimalist, minimalistic, मिनिमल, सादा",
        Brief.Style.BOLD: "bold, colourful, colorful, vibrant, रंगीन, चटख",
    },
    LANGUAGE: {
        "en": "english, अंग्रेज़ी, इंग्लिश",
        "hi": "hindi, हिन्दी, हिंदी",
    },
}
# "Title: Blue mug", "2. **Prompt** – …"; the mark of the label is one of these.
_LABELLED = re.compile(
    r"^\s*(?P<label>[^:：\n]{1,60}?)\s*(?:[:：]|\s[–—-]\s)\s*(?P<rest>.*)$", re.S
)
_DROPPED = re.compile(r"[^\w\s]|\d|_")


def label_of(text: str) -> str:
    """Which part of a brief a heading names; "" where it names none."""
    return _BY_LABEL.get(_folded(text), "")


def split_label(text: str) -> tuple[str, str]:
    """The part that a line names, and what stands behind it; ("", text) for any other line."""
    found = _LABELLED.match(text)
    label = label_of(found["label"]) if found else ""
    if found and label:
        return label, found["rest"].strip()
    return "", text


def choice_in(part: str, text: str) -> str:
    """The one choice of CHANNEL, STYLE or LANGUAGE that a text names; "" where that is not
    clear."""
    said = f" {_folded(text)} "
    named = {
        choice
        for choice, words in _BY_CHOICE[part].items()
        if any(f" {word} " in said for word in words)
    }
    return named.pop() if len(named) == 1 else ""


def _folded(text: str) -> str:
    """As it is compared: no case, no signs or numbers, no nukta, no hidden joiners, and the two
    signs of a nasal as one."""
    letters = unicodedata.normalize("NFD", text.casefold()).replace("\u0901", "\u0902")
    kept = "".join(letter for letter in letters if letter not in "\u093c\u200c\u200d\ufe0f")
    # Signs of a vowel are marks to `\w`, which would tear Hindi words apart.
    words = "".join(
        letter if unicodedata.category(letter).startswith("M") else _DROPPED.sub(" ", letter)
        for letter in kept
    )
    return " ".join(words.split())


def _words(listed: str) -> list[str]:
    return [_folded(word) for word in listed.split(",")]


_BY_LABEL = {word: part for part, listed in _LABELS.items() for word in _words(listed)}
_BY_CHOICE = {
    part: {choice: _words(listed) for choice, listed in choices.items()}
    for part, choices in _CHOICES.items()
}
