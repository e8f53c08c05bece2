"""What happened in the demo's workspace, in order of time.

Stills are here, what moves or sounds in `moving`, what became of the results in `verdicts`
and `packages`, what moved the credits beside the jobs in `purse`.
"""

from rivya_app.briefs.models import Brief
from rivya_app.demo.campaigns import DIWALI, KITCHEN, MONSOON
from rivya_app.demo.episode import Episode, Turn
from rivya_app.demo.moving import MOVING
from rivya_app.demo.packages import HANDINGS, Handing
from rivya_app.demo.purse import MOVINGS, Moving
from rivya_app.demo.steps import Step
from rivya_app.demo.talks import TALKS, VASE, Talk
from rivya_app.demo.verdicts import STEPS

_SOCIAL, _SHOP, _STORY = Brief.Channel.SOCIAL, Brief.Channel.SHOP, Brief.Channel.STORY
_LIFE, _FEST = Brief.Style.LIFESTYLE, Brief.Style.FESTIVE
_MINIMAL, _BOLD = Brief.Style.MINIMAL, Brief.Style.BOLD

STILLS: tuple[Episode, ...] = (
    Episode(26.2, "Blue stoneware mug", "hand-thrown\nholds 300 ml\nmatt blue glaze", drafts=4),
    Episode(25.1, "Brass table lamp", "warm light\nhammered shade", style=_LIFE, ratio="4:3"),
    Episode(
        23.6,
        "Canvas tote bag",
        "natural cotton\nlong handles\nroom for a laptop",
        drafts=3,
        style=_MINIMAL,
    ),
    Episode(22.3, "Copper water bottle", "one litre\nleak-proof lid", Turn.ONE_FAILED, ratio="3:4"),
    Episode(
        20.9,
        "Jasmine soy candle",
        "burns forty hours\nglass jar\nhandmade",
        campaign=DIWALI,
        style=_FEST,
        channel=_SOCIAL,
    ),
    Episode(
        19.4,
        "टेराकोटा गमला",
        "हाथ से बना\nनीचे जल निकासी\nतीन आकार",
        language="hi",
        campaign=MONSOON,
        style=_LIFE,
    ),
    Episode(18.0, "Cane armchair", "teak frame\nhand-woven seat", model_id="nano-banana"),
    Episode(
        16.7,
        "Leather walking shoes",
        "tan leather\nstitched sole",
        Turn.TRIED_AGAIN,
        model_id="nano-banana",
        style=_BOLD,
    ),
    Episode(15.5, "Steel lunch box", "three tiers\nfits a backpack", campaign=KITCHEN),
    Episode(
        14.2,
        "Silver wrist watch",
        "slim dial\nleather strap",
        model_id="google-imagen4",
        by="manager",
        ratio="4:3",
    ),
    Episode(
        12.8,
        "Indoor money plant",
        "white pot\neasy to keep",
        campaign=MONSOON,
        channel=_SHOP,
        style=_LIFE,
        ratio="3:4",
    ),
    Episode(
        11.5,
        "Festive gift box",
        "red and gold\nsatin ribbon",
        Turn.REFUSED_BY_RIVYA,
        campaign=DIWALI,
        style=_FEST,
    ),
    Episode(
        10.1,
        "हरा चाय का कप",
        "चमकदार मिट्टी\n200 मिली",
        language="hi",
        drafts=3,
        campaign=KITCHEN,
    ),
    Episode(
        8.9,
        "Marigold print cushion",
        "block print\npure cotton",
        campaign=DIWALI,
        style=_FEST,
        model_id="4o-image",
        ratio="3:2",
        channel=_SHOP,
    ),
    Episode(7.4, "Walnut serving bowl", "oiled walnut\nhand-turned", campaign=KITCHEN),
    Episode(
        6.2,
        "Rose face oil bottle",
        "amber glass\n30 ml dropper",
        drafts=3,
        style=_MINIMAL,
        model_id="nano-banana",
    ),
    Episode(
        5.0,
        "Oak reading lamp",
        "bendable arm\nlinen shade",
        style=_LIFE,
        channel=_STORY,
        ratio="9:16",
    ),
    Episode(4.3, "Brass diya set", "set of four\nhand-polished", Turn.ONE_FAILED, drafts=1),
    Episode(3.6, "Travel shoe bag", "dust-proof\ntwo pockets", Turn.ONE_FAILED, drafts=3),
    Episode(
        2.3,
        "Rose gold wrist watch",
        "slim case\nwarm white dial",
        model_id="google-imagen4",
        drafts=4,
        by="manager",
    ),
    Episode(
        1.1,
        "Diwali lantern set",
        "set of six\npaper and bamboo",
        Turn.REFUSED_BY_US,
        drafts=4,
        campaign=DIWALI,
        style=_FEST,
        model_id="google-imagen4",
    ),
    Episode(
        0.9,
        "Festive hamper",
        "wicker basket\nsweets and a diya",
        Turn.OWNER_SAID_NO,
        drafts=4,
        campaign=DIWALI,
        style=_FEST,
        model_id="google-imagen4-ultra",
    ),
    Episode(
        0.8,
        "Bottle by the window",
        "the same bottle\nmorning light",
        drafts=3,
        model_id="nano-banana-2",
        ratio="3:4",
        photos=("Copper water bottle",),
        style=_LIFE,
        channel=_SHOP,
    ),
    Episode(
        0.6,
        "Lamp at dusk",
        "the same lamp\nbeside a book",
        model_id="nano-banana-2",
        ratio="4:3",
        photos=("Brass table lamp",),
        style=_LIFE,
        campaign=DIWALI,
        channel=_SOCIAL,
    ),
    Episode(
        0.3,
        "Sky blue flower vase",
        "28 cm high\nhand-painted",
        drafts=4,
        campaign=KITCHEN,
        style=_LIFE,
        from_talk=VASE,
    ),
    Episode(
        0.0,
        "Clay planter trio",
        "three sizes\nsand, rust and sage",
        Turn.RUNNING,
        campaign=MONSOON,
        style=_MINIMAL,
    ),
)

Happening = Episode | Step | Handing | Moving | Talk
EPISODES = tuple(sorted((*STILLS, *MOVING), key=lambda one: -one.days_ago))
HAPPENINGS: tuple[Happening, ...] = tuple(
    sorted((*EPISODES, *STEPS, *HANDINGS, *MOVINGS, *TALKS), key=lambda one: -one.days_ago)
)
