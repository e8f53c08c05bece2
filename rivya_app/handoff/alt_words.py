"""The words an item starts with, written from its brief; a person may change them."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from rivya_app.briefs.models import Brief

MOST_ALT = 300  # characters, as in PackageItem

_ALT: dict[str, str | Promise] = {
    Brief.Channel.MARKETPLACE: _("%(product)s, for a marketplace listing"),
    Brief.Channel.SHOP: _("%(product)s, for our own shop page"),
    Brief.Channel.SOCIAL: _("%(product)s, for a social post"),
    Brief.Channel.STORY: _("%(product)s, for a story or reel"),
    Brief.Channel.BANNER: _("%(product)s, for a web banner"),
}


def alt_text(brief: Brief) -> str:
    """Product and channel, in the language of the brief."""
    with override(brief.language):
        words = str(_ALT.get(brief.channel, "%(product)s")) % {"product": brief.product}
    return words[:MOST_ALT]


def caption(brief: Brief) -> str:
    """The points of the brief, a line each."""
    lines = (line.strip() for line in brief.points.splitlines())
    return "\n".join(filter(None, lines))
