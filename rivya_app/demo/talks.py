"""What people asked the assistant in the demo. Data alone."""

from dataclasses import dataclass

from rivya_app.credits import gate_rules

MODEL, ASKED_FIRST = "gpt-5-2-chat", "claude-sonnet-4-6-chat"
# The owner wants to be asked before the dearest model is.
RULE_MADE_DAYS_AGO = 0.4
RULE = gate_rules.WantedRule(
    above=None, roles=("researcher",), campaign=None, model_ids=(ASKED_FIRST,), valid_hours=72
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One question. `photo` is one of a product, attached; `fault` is what the stand-in does."""

    text: str
    photo: str = ""
    is_searching: bool = False
    effort: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """One conversation. `days_ago` may be a fraction of a day, of its first question."""

    days_ago: float
    title: str
    questions: tuple[Said, ...]
    by: str = "researcher"
    model_id: str = MODEL
    is_shared: bool = False


VASE = "Words for the sky blue vase"

TALKS: tuple[Talk, ...] = (
    Talk(
        days_ago=0.85,
        title="Copper bottle: what the picture should show",
        questions=(
            Said(
                text="What should the first picture of this bottle show? It is sold to people who "
                "walk to work.",
                photo="Copper water bottle",
                effort="high",
            ),
            Said(text="And what do buyers look for in such a bottle now?", is_searching=True),
        ),
    ),
    Talk(
        days_ago=0.7,
        title="दीवाली के दीये",
        questions=(
            Said(text="मिट्टी के दीयों के लिए छोटा और सच्चा विवरण कैसे लिखें?"),
            Said(text="इसे इंस्टाग्राम के लिए छोटा कर दीजिए।"),
        ),
    ),
    Talk(
        days_ago=0.55,
        title="How we write titles",
        questions=(
            Said(text="Give me a rule of thumb for titles of handmade home goods."),
            Said(text="Which of these matter most in a marketplace?"),
        ),
        by="manager",
        is_shared=True,
    ),
    Talk(
        days_ago=0.34,
        title=VASE,
        questions=(
            Said(
                text="Product: Sky blue flower vase. It is 28 cm high and hand-painted. What "
                "should a kitchen picture of it say?"
            ),
        ),
        by="seller",
    ),
    Talk(
        days_ago=0.15,
        title="Packing a cane armchair",
        questions=(
            Said(text="How is a cane armchair packed so that it arrives whole?", fault="sse_break"),
        ),
    ),
    Talk(
        days_ago=0.05,
        title="A year of campaigns",
        questions=(
            Said(text="Plan a year of small campaigns for a shop of home goods.", effort="high"),
        ),
        model_id=ASKED_FIRST,
    ),
)
