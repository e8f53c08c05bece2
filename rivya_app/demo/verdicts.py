"""What became of the demo's results: decided weeks ago, in the last days, and what waits now."""

from rivya_app.demo.steps import (
    SECOND,
    Answered,
    Asked,
    Decided,
    Reversed,
    Step,
    TakenBack,
    Withdrawn,
)

_MUG, _TOTE, _CANDLE = "Blue stoneware mug", "Canvas tote bag", "Jasmine soy candle"
_LUNCH, _PLANT, _BOWL = "Steel lunch box", "Indoor money plant", "Walnut serving bowl"
_OIL, _VASE, _CUP = "Rose face oil bottle", "Sky blue flower vase", "हरा चाय का कप"

DECIDED: tuple[Step, ...] = (
    Asked(
        days_ago=26.0,
        product=_MUG,
        drafts=(1, 2, 3),
        note="The first is my favourite: the glaze is right.",
        due=-24,
    ),
    Decided(days_ago=25.7, product=_MUG, draft=1, note="Lovely. Take this one."),
    Decided(
        days_ago=25.69, product=_MUG, draft=2, kind="rejected", note="Too close to the first one."
    ),
    Decided(
        days_ago=25.68,
        product=_MUG,
        draft=3,
        kind="rejected",
        note="The handle looks broken; a buyer would ask.",
    ),
    Asked(days_ago=24.9, product="Brass table lamp"),
    Decided(days_ago=24.6, product="Brass table lamp"),
    Asked(days_ago=24.2, product="Mug at breakfast", note="Made from the photograph.", due=-22),
    Decided(days_ago=24.0, product="Mug at breakfast", note="The mug is ours, as photographed."),
    Asked(days_ago=23.4, product=_TOTE, due=-21),
    Decided(
        days_ago=23.0,
        product=_TOTE,
        kind="changes_wanted",
        note="Show that a laptop fits in, and let the cotton look less grey.",
        pins=((38, 30, "These handles should fall to the side"), (62, 71, "Warmer cotton here")),
    ),
    Answered(
        days_ago=22.8,
        product=_TOTE,
        attempt=2,
        prompt="A natural cotton tote bag with long handles that fall to the side, a laptop "
        "looking out of it. Warm, undyed cotton. Minimal set, soft light, square picture.",
    ),
    Asked(days_ago=22.7, product=_TOTE, attempt=2, note="With a laptop, and warmer.", due=-21),
    Decided(days_ago=22.5, product=_TOTE, attempt=2, note="That is it."),
    Asked(days_ago=20.8, product=_CANDLE, drafts=(1, 2), due=-19),
    Decided(
        days_ago=20.5,
        product=_CANDLE,
        film="The flame of the candle moves a little, the light breathes on the wall behind it. "
        "The camera comes closer, slowly. No text.",
    ),
    Decided(days_ago=20.49, product=_CANDLE, draft=2, kind="rejected", note="The jar is cut off."),
    Decided(days_ago=20.2, product=_CANDLE, draft=3, note="Calm and warm. Use it for the story."),
    Asked(days_ago=19.2, product="टेराकोटा गमला", note="नीचे का छेद दिखना चाहिए था, यहाँ दिख रहा है।"),
    Decided(days_ago=18.9, product="टेराकोटा गमला", note="बहुत अच्छा। रंग बिल्कुल सही है।"),
    Asked(days_ago=17.8, product="Cane armchair"),
    Decided(
        days_ago=17.5,
        product="Cane armchair",
        kind="rejected",
        note="This is not our weave: ours has six sides.",
    ),
    Asked(days_ago=15.4, product=_LUNCH, drafts=(1, 2), due=-14),
    Decided(days_ago=15.2, product=_LUNCH),
    Reversed(
        days_ago=14.6,
        product=_LUNCH,
        by="owner",
        reason="It shows the old lid. We have not sold that one since the summer.",
    ),
    Decided(days_ago=14.5, product=_LUNCH, kind="rejected", note="The old lid, as Vikram says."),
    Decided(days_ago=14.4, product=_LUNCH, draft=2, note="The new lid. Good."),
    Asked(days_ago=14.0, product="Silver wrist watch", by="manager"),
    Withdrawn(days_ago=13.9, product="Silver wrist watch", by="manager"),
    Asked(days_ago=12.6, product=_PLANT),
    Decided(days_ago=12.3, product=_PLANT),
    TakenBack(days_ago=12.3 - 6 * SECOND, product=_PLANT),
    Decided(
        days_ago=12.3 - 60 * SECOND,
        product=_PLANT,
        kind="changes_wanted",
        note="I pressed too early: the pot should be white.",
        pins=((50, 78, "White, not cream"),),
    ),
    Answered(
        days_ago=12.1,
        product=_PLANT,
        attempt=2,
        prompt="A money plant in a plain white pot on a window sill, morning light, everyday room. "
        "The pot is pure white. Upright picture.",
    ),
    Asked(days_ago=12.0, product=_PLANT, attempt=2),
    Decided(days_ago=11.8, product=_PLANT, attempt=2),
    Asked(days_ago=10.0, product=_CUP, drafts=(1, 2)),
    Decided(days_ago=9.7, product=_CUP),
    Decided(
        days_ago=9.69,
        product=_CUP,
        draft=2,
        kind="rejected",
        note="चमक बहुत तेज़ है, कप नकली लगता है।",
    ),
    Asked(days_ago=8.7, product="Marigold print cushion"),
    Decided(days_ago=8.4, product="Marigold print cushion", note="Print and piping are right."),
)

RECENT: tuple[Step, ...] = (
    Asked(days_ago=3.2, product=_BOWL, drafts=(1, 2), due=-2),
    Decided(
        days_ago=2.6,
        product=_BOWL,
        film="The bowl turns slowly on a linen cloth, light runs along the grain. "
        "A hand lays an apple into it. No text.",
    ),
    Decided(
        days_ago=1.9,
        product=_BOWL,
        draft=2,
        kind="rejected",
        note="The first one is better, and one is enough.",
    ),
    Asked(days_ago=6.0, product=_OIL, drafts=(1, 2), due=-4),
    Decided(days_ago=5.8, product=_OIL, note="Clear and calm."),
    Decided(
        days_ago=1.6,
        product=_OIL,
        draft=2,
        kind="changes_wanted",
        note="Good light. The label must stay readable.",
        pins=((48, 52, "The label is blurred"), (70, 20, "A drop at the dropper would be nice")),
    ),
    Asked(days_ago=4.8, product="Oak reading lamp", note="For the story, if there is room."),
    Asked(
        days_ago=3.4,
        product="Travel shoe bag",
        drafts=(2, 3),
        note="The shop wants one of them this week.",
        due=-1,
    ),
    Asked(days_ago=2.1, product="Rose gold wrist watch", by="manager", due=1),
    Asked(
        days_ago=0.7,
        product="Bottle by the window",
        drafts=(1, 2, 3),
        note="Please look at the lid: it must be ours, as in the photograph.",
        due=0,
    ),
    Asked(days_ago=0.5, product="Lamp at dusk", drafts=(1,), due=2),
    Asked(
        days_ago=0.28,
        product=_VASE,
        drafts=(1, 2, 3, 4),
        note="Any of these for the listing; the fourth could move.",
        due=0,
    ),
    Decided(
        days_ago=0.2,
        product=_VASE,
        draft=4,
        note="This one, and let it move.",
        film="Wind moves the flowers in the vase, daylight from the left. The vase stands still. "
        "No text.",
    ),
)

STEPS = (*DECIDED, *RECENT)
