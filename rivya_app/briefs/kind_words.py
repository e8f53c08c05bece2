"""What the brief's form says for each kind of media. Data only."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from rivya_app.gateway import kinds
from rivya_app.gateway.param_words import Words


@dataclass(frozen=True, slots=True)
class KindWords:
    """The chip of a kind with its icon, and the labels that differ with it."""

    name: Words
    icon: str
    section: Words
    points: Words
    points_help: Words
    channel: Words
    language: Words


WORDS: dict[str, KindWords] = {
    kinds.IMAGE: KindWords(
        name=pgettext_lazy("what to make", "Picture"),
        icon="image",
        section=_("The picture"),
        points=_("What should the picture show?"),
        points_help=_("One point a line: material, colour, size, what matters to buyers."),
        channel=_("Where will it be shown?"),
        language=_("Language of any lettering"),
    ),
    kinds.VIDEO: KindWords(
        name=pgettext_lazy("what to make", "Video"),
        icon="video",
        section=_("The video"),
        points=_("What should the video show?"),
        points_help=_("One point a line: what happens, what is seen close up, how it ends."),
        channel=_("Where will it be shown?"),
        language=_("Language of any lettering or speech"),
    ),
    kinds.AUDIO: KindWords(
        name=pgettext_lazy("what to make", "Sound"),
        icon="volume-2",
        section=_("The sound"),
        points=_("What should be said or heard?"),
        points_help=_("One point a line: what is said, or the mood and the instruments."),
        channel=_("Where will it be heard?"),
        language=_("Language of the words"),
    ),
}
CHOICES = [(kind, words.name) for kind, words in WORDS.items()]
