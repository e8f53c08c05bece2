"""What is said of webhook endpoints, events and refusals: one table of words for each."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from rivya_app.gateway.webhook_models import WebhookEndpoint
from rivya_app.gateway.webhooks import JOB_EVENTS

_State, _Trouble = WebhookEndpoint.State, WebhookEndpoint.Trouble

EVENT_LABELS = {
    "generation.succeeded": _("A job succeeded"),
    "generation.failed": _("A job failed"),
}

# Why something was not done (endpoints.NotDone).
NOT_DONE = {
    "address": _("Rivya cannot reach this address. See the rules."),
    "url_rejected": _("Rivya does not take this address. See the rules."),
    "scope": _("The key may not manage webhooks. Make a key with that permission in Rivya."),
    "key": _("Rivya does not accept the key of this endpoint. Put a working one in its place."),
    "gone": _("Rivya no longer has this endpoint. Remove it here and make a new one."),
    "refused": _("Rivya did not accept this. Change the name or the events and try again."),
    "unreachable": _("Rivya could not be reached. Try again in a moment."),
    "no_secret": _("Rivya gave no new secret. Rotate it again."),
    "not_in_use": _("This endpoint is not in use."),
    "rotating": _("The secret is being rotated already. Wait a minute."),
    "only_here": _("Changed here. Rivya did not follow; what it still sends is recorded here."),
    "left_at_rivya": _("Removed here. No key may remove it at Rivya, so remove it there too."),
    "ours": _("This endpoint is one of ours."),
}

RULES = {
    "https": _("It starts with https://."),
    "credentials": _("It holds no user name and no password."),
    "fragment": _("It has no part after a #."),
    "local_name": _("Its name is known on the open Internet, unlike localhost."),
    "private": _("It is no private, loopback or reserved address."),
    "answered": _("This site answers to that name."),
}

REASONS = {
    "": "",
    "looked_at_all": _("named no job, so all open jobs were looked at"),
    "fetched": _("the job was read from Rivya"),
    "closed": _("the job had ended already"),
    "paused": _("the endpoint was paused"),
    "test": _("a test: nothing to do"),
    "unknown_type": _("a kind of event we do not use"),
    "unreadable": _("its text could not be read"),
    "early": _("the job’s own answer is still on its way"),
    "not_ours": _("a job that was not made here"),
    "still_running": _("Rivya says that the job still runs"),
    "could_not_ask": _("Rivya could not be asked about the job"),
    "trouble": _("it could not be applied; tried again"),
}

REFUSALS = {
    "no_secret": _("we hold no secret"),
    "no_signature": _("no signature"),
    "malformed": _("the signature cannot be read"),
    "stale": _("signed more than 5 minutes ago"),
    "future": _("signed in the future"),
    "mismatch": _("signed with another secret"),
    "too_large": _("too large"),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """How far an endpoint can be relied on: `tone` is a state of the pages, `words` what to do."""

    tone: str
    title: Any
    words: Any


STANDINGS = {
    "making": Standing(
        "queued",
        _("Being made"),
        _("Rivya’s answer was not stored. Finish making it, or remove it."),
    ),
    "lost": Standing(
        "low_credits",
        _("Secret lost"),
        _("Its secret did not reach us, so no signature can be checked. Rotate it."),
    ),
    "paused": Standing(
        "retired", _("Paused"), _("Jobs are asked about at the usual pace. What comes is ignored.")
    ),
    "quiet": Standing(
        "failed",
        _("Events stay away"),
        _("Jobs ended without a word from Rivya. Jobs are asked about more often meanwhile."),
    ),
    "refused": Standing(
        "failed",
        _("Signatures do not hold"),
        _("Posts came that are not signed with this secret. Rotate it if they are Rivya’s."),
    ),
    "disabled": Standing(
        "failed",
        _("Switched off at Rivya"),
        _("Rivya sends nothing any more. Pause and resume it, or make a new one."),
    ),
    "gone": Standing(
        "failed",
        _("No longer at Rivya"),
        _("Rivya’s list does not have it any more. Remove it and make a new one."),
    ),
    "unproven": Standing(
        "queued",
        _("Not proven yet"),
        _("No event has come. Send a test; until then jobs are asked about at the usual pace."),
    ),
    "partial": Standing(
        "processing",
        _("Tells of some ends"),
        _("It does not hear of both ends of a job, so jobs are asked about at the usual pace."),
    ),
    "healthy": Standing(
        "succeeded",
        _("Announces jobs"),
        _("Rivya tells when a job ends. Jobs are asked about only rarely."),
    ),
}


def standing(endpoint: WebhookEndpoint) -> Standing:
    """The row of STANDINGS that holds for an endpoint now."""
    return STANDINGS[standing_code(endpoint)]


def standing_code(endpoint: WebhookEndpoint) -> str:
    """Which row of STANDINGS holds for an endpoint now."""
    if endpoint.state in (_State.MAKING, _State.PAUSED):
        return str(endpoint.state)
    if endpoint.is_secret_lost:
        return "lost"
    if endpoint.trouble:
        return str(endpoint.trouble)
    if endpoint.verified_at is None:
        return "unproven"
    return "healthy" if set(JOB_EVENTS) <= set(endpoint.event_types) else "partial"
