"""What is said of links, destinations and deliveries: one table of words for each."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rivya_app.gateway.webhook_words import RULES

Text = str | Promise

# Why something was not done (links.NotDone, destinations.NotDone).
NOT_DONE: dict[str, Text] = {
    "not_ready": _("This package may not leave yet. See what stands against it."),
    "too_many_links": _("Fifty links open this package already. Take one back first."),
    "too_many": _("Ten other systems are the most. Remove one first."),
    "same_url": _("This address is in the list already."),
    "not_in_use": _("This destination is not in use."),
    "rotating": _("The secret was changed a moment ago. Reload the page."),
    "link_over": _("Its link no longer opens the package. Send the package anew."),
    "not_given_up": _("This event is delivered, or still on its way."),
    # Rules for an address, beside those of gateway/webhook_words.py.
    "address": _("This is not a web address."),
    "unknown_name": _("No such name is known on the Internet."),
    **{code: RULES[code] for code in ("https", "credentials", "fragment", "local_name", "private")},
}

# Why a try did not deliver (outgoing_models.DeliveryTry.trouble).
TROUBLES: dict[str, Text] = {
    "address": _("The name leads to an address of a private network."),
    "unreachable": _("There was no connection."),
    "too_slow": _("It took too long to answer."),
    "cut": _("The connection broke before there was an answer."),
    "redirect": _("It pointed to another address. Events are not sent on."),
    "refused": _("It answered, but did not take the event."),
    "gone": _("It said that nobody takes events there any more."),
}


def trouble_words(code: str) -> Text:
    """Plain words for a try that failed; a new code stays readable."""
    return TROUBLES.get(code, _("It did not work."))
