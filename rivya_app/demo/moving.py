"""The part of the demo's story that moves or sounds, and what was made from photographs."""

from typing import Any

from rivya_app.briefs.models import Brief
from rivya_app.demo.campaigns import DIWALI, KITCHEN
from rivya_app.demo.episode import Episode, Turn

_MUG, _LAMP, _BOTTLE = "Blue stoneware mug", "Brass table lamp", "Copper water bottle"


def _said(*lines: tuple[str, str]) -> dict[str, Any]:
    return {"dialogue": [{"voice": voice, "text": text} for voice, text in lines]}


MOVING: tuple[Episode, ...] = (
    Episode(
        24.4,
        "Mug at breakfast",
        "the same mug\nmorning table",
        model_id="nano-banana-2",
        ratio="4:3",
        params={"resolution": "2K"},
        photos=(_MUG,),
        style=Brief.Style.LIFESTYLE,
        campaign=KITCHEN,
    ),
    Episode(
        21.7,
        "Mug turning in the light",
        "steam rises\nslow turn",
        Turn.CHANGED,
        drafts=1,
        kind="video",
        model_id="grok-imagine-video",
        ratio="",
        params={"duration": 6, "resolution": "480p"},
        photos=(_MUG,),
        campaign=KITCHEN,
        by="manager",
        change={"prompt": "A slow turn of the mug, steam rising, the camera comes closer."},
    ),
    Episode(
        17.3,
        "Lamp review by two friends",
        "a short, friendly conversation",
        drafts=1,
        kind="audio",
        ratio="",
        model_id="elevenlabs-dialogue-v3",
        prompt="",
        params=_said(
            ("Sarah", "Is that the new brass lamp?"),
            ("Adam", "Yes. The shade is hammered by hand, and the light is so warm."),
        ),
    ),
    Episode(
        13.5,
        "Diwali offer, spoken",
        "three voices\nwarm and quick",
        drafts=1,
        kind="audio",
        ratio="",
        model_id="elevenlabs-dialogue-v3",
        prompt="",
        params=_said(
            ("Lily", "Diwali is two weeks away. Have you chosen your gifts?"),
            ("Charlie", "Candles, lamps and brass, each made by hand in our workshop."),
            ("Lily", "Order before Friday, and we wrap each of them in marigold paper for you."),
            ("Will", "Happy Diwali from all of us at Asha."),
        ),
        campaign=DIWALI,
        channel=Brief.Channel.SOCIAL,
    ),
    Episode(
        12.1,
        "तांबे की बोतल, आवाज़ में",
        "दो वाक्य",
        drafts=1,
        kind="audio",
        ratio="",
        language="hi",
        model_id="elevenlabs-dialogue-v3",
        prompt="",
        params=_said(("Alice", "शुद्ध तांबा, एक लीटर। पूरे दिन ठंडा पानी।")),
    ),
    Episode(
        10.6,
        "Lamp being lit",
        "the light comes on\nevening room",
        drafts=1,
        kind="video",
        model_id="veo3-1-lite",
        ratio="",
        params={"aspectRatio": "9:16"},
        photos=(_LAMP,),
        channel=Brief.Channel.STORY,
        campaign=DIWALI,
    ),
    Episode(
        9.4,
        "Shop door bell",
        "a small brass bell\nonce",
        kind="audio",
        ratio="",
        model_id="elevenlabs-sound-effect-v2",
        params={"duration_seconds": 4},
    ),
    Episode(
        8.2,
        "Candle set, three ways",
        "jasmine, rose, sandal",
        Turn.SEVERAL,
        drafts=1,
        model_id="nano-banana",
        style=Brief.Style.FESTIVE,
        campaign=DIWALI,
    ),
    Episode(
        5.7,
        "Music for the Diwali film",
        "calm, festive, no voice",
        drafts=1,
        kind="audio",
        ratio="",
        model_id="suno-music",
        params={"instrumental": "true"},
        campaign=DIWALI,
    ),
    Episode(
        4.0,
        "Bottle on a desk",
        "the same bottle\noffice light",
        Turn.REFERENCE_REFUSED,
        drafts=1,
        model_id="nano-banana-2",
        photos=(_BOTTLE,),
        campaign=KITCHEN,
    ),
    Episode(
        0.15,
        "Bowl being turned",
        "hands and wood\nclose up",
        Turn.OVERDUE,
        drafts=1,
        kind="video",
        model_id="runway",
        ratio="16:9",
        params={"duration": "5", "quality": "720p"},
        campaign=KITCHEN,
    ),
)
