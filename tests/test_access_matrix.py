"""Every route of the product against every person of the cast.

A route without a row here fails. Rows about one object use a real object of the workspace, so that
a stranger who knows its address is really told that it does not exist.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse

from rivya_app.briefs.models import Brief
from rivya_app.chat.models import Turn
from rivya_app.core import clock
from rivya_app.core.checks import routes
from rivya_app.credits import expiries, gate, gate_rules
from rivya_app.credits.models import Ask, CreditAccount, CreditExpiry, Difference, Limit
from rivya_app.gateway.models import ApiKey
from rivya_app.gateway.webhook_models import WebhookEndpoint
from rivya_app.generations.models import Generation
from rivya_app.handoff.models import Package, PackedFile
from rivya_app.library.models import StoredFile
from rivya_app.notices import access as notices
from rivya_app.notices.actions import tell
from rivya_app.notices.models import Notice
from rivya_app.notices.unsubscribing import url_of
from rivya_app.reviews import concepts
from rivya_app.reviews.models import Review, VideoConcept
from rivya_app.workspaces.models import Campaign, Invitation, Membership, Role, Workspace
from tests import packing, reviewing
from tests.campaigns.making import made
from tests.chat.talk import Talk
from tests.credits.account import limit
from tests.desk import troubles
from tests.handoff.packages import DESTINATION_ID, Leaving, make_leaving
from tests.shop import Shop, typed
from tests.webhooks import make_endpoint
from tests.workspaces.inviting import invited, token_of

PERSONS = ("anonymous", "seller", "manager", "owner", "researcher", "support", "stranger")
MEMBERS = PERSONS[1:-1]
OPENS, SIGN_IN, FORBIDDEN, MISSING = "opens", "sign in", "forbidden", "missing"
Outcomes = dict[str, str]


@dataclass(frozen=True)
class Things:
    """One of each that has an address, all of the seller's workspace."""

    brief: Brief
    job: Generation
    file: StoredFile
    key: ApiKey
    notice: Notice
    endpoint: WebhookEndpoint
    campaign: Campaign
    review: Review
    film: VideoConcept | None
    failed: Generation
    package: Package
    packed: PackedFile
    leaving: Leaving
    limit: Limit
    difference: Difference
    expiry: CreditExpiry
    person: Membership
    offer: Invitation
    elsewhere: Workspace  # the stranger's
    ask: Ask
    turn: Turn  # the seller's, in a private conversation


@dataclass(frozen=True)
class Row:
    """How a route is asked for, and what becomes of each person who does."""

    outcomes: Outcomes
    method: str = "get"
    arguments: Callable[[Things], list[Any]] = lambda _things: []
    fields: Callable[[Things], dict[str, Any]] | dict[str, Any] = field(default_factory=dict)


def everybody(outcome: str) -> Outcomes:
    return dict.fromkeys(PERSONS, outcome)


def page_of(*roles: str) -> Outcomes:
    """A page each workspace has: the stranger, an owner elsewhere, sees their own."""
    outcomes = {person: OPENS if person in roles else FORBIDDEN for person in MEMBERS}
    stranger = OPENS if "owner" in roles else FORBIDDEN
    return {"anonymous": SIGN_IN, **outcomes, "stranger": stranger}


def thing_of(*roles: str) -> Outcomes:
    """One object of the workspace: for the stranger it does not exist."""
    return {**page_of(*roles), "stranger": MISSING if "owner" in roles else FORBIDDEN}


SIGNED_IN = {**everybody(OPENS), "anonymous": SIGN_IN}
NOT_SET_UP = {**everybody(MISSING), "anonymous": SIGN_IN}
CHANGERS = (Role.MANAGER.value, Role.OWNER.value)
AT_THE_DESK = (Role.SUPPORT.value, Role.OWNER.value)
SUBMITTERS = (Role.SELLER.value, Role.MANAGER.value, Role.OWNER.value)
CHATTERS = BRIEFERS = (Role.RESEARCHER.value, *SUBMITTERS)
OF_THE_SELLER = {**everybody(MISSING), "anonymous": SIGN_IN, "seller": OPENS}
TO_BE_ASKED_BY_THE_SELLER = {**OF_THE_SELLER, "support": FORBIDDEN}
ITS_CONVERSATION = {"arguments": lambda things: [things.turn.conversation.public_id]}
ITS_TURN = {"arguments": lambda things: [things.turn.public_id]}
ITS_JOB = {"arguments": lambda things: [things.job.public_id]}
ITS_BRIEF = {"arguments": lambda things: [things.brief.public_id]}
ITS_FIRST_DRAFT = {"arguments": lambda things: [things.brief.public_id, 1]}
ITS_FILE = {"arguments": lambda things: [things.file.public_id]}
ITS_ENDPOINT = {"arguments": lambda things: [things.endpoint.public_id]}
ITS_KEY = {"arguments": lambda things: [things.key.public_id]}
ITS_WORKFLOW = {"arguments": lambda things: [things.job.workflow.public_id]}
ITS_CAMPAIGN = {"arguments": lambda things: [things.campaign.public_id]}
ITS_PACKAGE = {"arguments": lambda things: [things.package.public_id]}
ITS_PACKED = {"arguments": lambda things: [things.package.public_id, things.packed.public_id]}
ITS_LEAVING = {"arguments": lambda things: [things.leaving.package.public_id]}
ITS_TOKEN = {"arguments": lambda things: [things.leaving.token]}
ITS_DESTINATION = {"arguments": lambda things: [things.leaving.destination.public_id]}
ITS_REVIEW = {"arguments": lambda things: [things.review.public_id]}
ITS_PIN = {"arguments": lambda things: [things.review.public_id, things.key.public_id]}
ITS_DIFFERENCE = {"arguments": lambda things: [things.difference.public_id]}
ITS_EXPIRY = {"arguments": lambda things: [things.expiry.public_id]}
ITS_ASK = {"arguments": lambda things: [things.ask.public_id]}
ITS_RULE = {"arguments": lambda things: [things.ask.rule.public_id]}
ITS_FILM = {"arguments": lambda things: [things.film.public_id]}
ITS_LIMIT = {"arguments": lambda things: [things.limit.public_id]}
ITS_PERSON = {"arguments": lambda things: [things.person.public_id]}
ITS_OFFER = {"arguments": lambda things: [things.offer.public_id]}
ITS_TURN = {"arguments": lambda things: [things.turn.public_id]}
POST = {"method": "post"}
A_FILE = {
    "token": "8d7e0f6e-0b5b-4c8c-9a3e-0d8f5f0b6c1d",
    "file": SimpleUploadedFile("no-picture.png", b"words"),
}

ROWS: dict[str, Row] = {
    "healthz": Row(everybody(OPENS)),
    "readyz": Row(everybody(OPENS)),
    "set_language": Row(everybody(OPENS), **POST, fields={"language": "en"}),
    "styleguide": Row({**everybody(FORBIDDEN), "anonymous": SIGN_IN}),
    # Signing in. The demo's button is not there outside the demo.
    "demo-sign-in": Row(everybody(MISSING), **POST, fields={"email": "seller@demo.example"}),
    "account_login": Row(everybody(OPENS)),
    "account_logout": Row(everybody(OPENS)),
    "account_inactive": Row(everybody(OPENS)),
    "account_signup": Row(everybody(MISSING)),
    "account_email": Row(everybody(MISSING)),
    "account_set_password": Row(everybody(MISSING)),
    "account_reauthenticate": Row(SIGNED_IN),
    "account_change_password": Row(SIGNED_IN),
    "account_reset_password": Row(everybody(OPENS)),
    "account_reset_password_done": Row(everybody(OPENS)),
    "account_reset_password_from_key": Row(
        everybody(OPENS), arguments=lambda _things: ["1", "made-up"]
    ),
    "account_reset_password_from_key_done": Row(everybody(OPENS)),
    "mfa_authenticate": Row(SIGNED_IN),  # only in the middle of signing in
    "mfa_reauthenticate": Row(SIGNED_IN),
    "mfa_index": Row(SIGNED_IN),
    "mfa_activate_totp": Row(SIGNED_IN),
    "mfa_deactivate_totp": Row(NOT_SET_UP),
    "mfa_view_recovery_codes": Row(NOT_SET_UP),
    "mfa_generate_recovery_codes": Row(SIGNED_IN),
    "mfa_download_recovery_codes": Row(NOT_SET_UP),
    # A person's own.
    "workspaces:profile": Row(SIGNED_IN),
    "workspaces:switch": Row(
        {**everybody(MISSING), "anonymous": SIGN_IN, "stranger": OPENS},
        **POST,
        fields=lambda things: {"workspace": str(things.elsewhere.public_id)},
    ),
    # The team. Whose invitation opens is said by its link alone; removing comes last.
    "team:index": Row(page_of(*MEMBERS)),
    "team:leave": Row(page_of(*MEMBERS)),
    "team:invite": Row(page_of("owner")),
    "team:settings": Row(page_of("owner")),
    "team:audit": Row(page_of("owner", "support")),
    "team:audit-csv": Row(page_of("owner", "support")),
    "team:change-roles": Row(thing_of("owner"), **ITS_PERSON),
    "team:remove": Row(thing_of("owner"), **ITS_PERSON),
    "invitation-switch": Row(everybody(MISSING), **POST),  # no link was opened yet
    "accept-invitation": Row(everybody(OPENS), arguments=lambda things: [token_of(things.offer)]),
    "invitation": Row(everybody(OPENS)),  # the one whose link was opened a line before
    "team:send-again": Row(thing_of("owner"), **POST, **ITS_OFFER),
    "team:revoke": Row(thing_of("owner"), **POST, **ITS_OFFER),
    "notices:index": Row(page_of(*MEMBERS)),
    "notices:live": Row(page_of(*MEMBERS)),
    "notices:settings": Row(page_of(*MEMBERS)),
    "notices:mark-all-read": Row(page_of(*MEMBERS), **POST),
    # A signed address from a letter: whoever has it may stop that e-mail, and do nothing else.
    "notices:unsubscribe": Row(
        everybody(OPENS),
        arguments=lambda things: [url_of(things.notice.member).rsplit("/", 2)[-2]],
    ),
    "notices:open": Row(
        {**everybody(MISSING), "anonymous": SIGN_IN, "seller": OPENS},
        arguments=lambda things: [things.notice.public_id],
    ),
    # The main job.
    "home": Row(page_of(*MEMBERS)),
    "home-live": Row(page_of(*MEMBERS)),
    "briefs:index": Row(page_of(*MEMBERS)),
    "briefs:new": Row(page_of(*BRIEFERS)),
    "briefs:new-kind": Row(page_of(*BRIEFERS), **POST, fields=typed()),
    "briefs:new-controls": Row(page_of(*BRIEFERS), **POST, fields=typed()),
    "briefs:preview-prompt": Row(page_of(*BRIEFERS), **POST, fields=typed()),
    "briefs:preview-price": Row(page_of(*BRIEFERS), **POST, fields=typed()),
    "briefs:show-brief": Row(thing_of(*MEMBERS), **ITS_BRIEF),
    "briefs:show-live": Row(thing_of(*MEMBERS), **ITS_BRIEF),
    "briefs:of-job": Row(thing_of(*MEMBERS), **ITS_JOB),
    "briefs:resume": Row(thing_of(*BRIEFERS), **POST, **ITS_BRIEF),
    "briefs:attempt-of-job": Row(thing_of(*BRIEFERS), **ITS_JOB),
    "briefs:attempt-controls": Row(
        thing_of(*BRIEFERS), **POST, **ITS_FIRST_DRAFT, fields={"model_id": "z-image"}
    ),
    "briefs:attempt-price": Row(
        thing_of(*BRIEFERS), **POST, **ITS_FIRST_DRAFT, fields={"model_id": "z-image"}
    ),
    "briefs:new-attempt": Row(
        thing_of(*BRIEFERS), **POST, **ITS_FIRST_DRAFT, fields={"attempt": "1"}
    ),
    "generations:show-job": Row(thing_of(*MEMBERS), **ITS_JOB),
    "generations:show-live": Row(thing_of(*MEMBERS), **ITS_JOB),
    "generations:view-results": Row(thing_of(*MEMBERS), **ITS_JOB),
    "generations:look-now": Row(thing_of(*BRIEFERS, "support"), **POST, **ITS_JOB),
    "library:serve-file": Row(thing_of(*MEMBERS), **ITS_FILE),
    "library:serve-thumbnail": Row(thing_of(*MEMBERS), **ITS_FILE),
    "library:serve-derivative": Row(
        thing_of(*MEMBERS), arguments=lambda things: [things.file.public_id, "poster"]
    ),
    "library:retry-copy": Row(thing_of(*MEMBERS), **POST, **ITS_FILE),
    # The assistant. What is private is the seller's alone.
    "chat:index": Row(page_of(*MEMBERS)),
    "chat:own-cap": Row(page_of(*CHATTERS)),
    "chat:export": Row(OF_THE_SELLER, **ITS_CONVERSATION),
    "chat:rename": Row(TO_BE_ASKED_BY_THE_SELLER, **POST, **ITS_CONVERSATION),
    "chat:archive": Row(TO_BE_ASKED_BY_THE_SELLER, **POST, **ITS_CONVERSATION),
    "chat:share": Row(TO_BE_ASKED_BY_THE_SELLER, **POST, **ITS_CONVERSATION),
    "chat:new-conversation": Row(page_of(*CHATTERS)),
    "chat:show-conversation": Row(OF_THE_SELLER, **ITS_CONVERSATION),
    "chat:ask": Row(TO_BE_ASKED_BY_THE_SELLER, **POST, **ITS_CONVERSATION),
    "chat:show-turn": Row(OF_THE_SELLER, **ITS_TURN),
    "chat:stream-ticket": Row(OF_THE_SELLER, **ITS_TURN),
    "chat:ask-again": Row(TO_BE_ASKED_BY_THE_SELLER, **POST, **ITS_TURN),
    "chat:stop-turn": Row(TO_BE_ASKED_BY_THE_SELLER, **POST, **ITS_TURN),
    # Webhooks. What is posted without a signature is refused; nobody is told of an endpoint.
    "rivya-hook": Row(everybody(MISSING), **POST, arguments=lambda things: [things.key.public_id]),
    "webhooks:index": Row(page_of("owner")),
    "webhooks:at-rivya": Row(page_of("owner")),
    "webhooks:remove-foreign": Row(
        thing_of("owner"),
        **POST,
        arguments=lambda things: [things.key.public_id, "whend_somebodys"],
    ),
    "webhooks:finish": Row(thing_of("owner"), **POST, **ITS_ENDPOINT),
    "webhooks:rotate": Row(thing_of("owner"), **POST, **ITS_ENDPOINT),
    "webhooks:test": Row(thing_of("owner"), **POST, **ITS_ENDPOINT),
    "webhooks:pause": Row(thing_of("owner"), **POST, **ITS_ENDPOINT),
    "webhooks:resume": Row(thing_of("owner"), **POST, **ITS_ENDPOINT),
    "webhooks:move": Row(thing_of("owner"), **POST, **ITS_ENDPOINT),
    "webhooks:remove": Row(thing_of("owner"), **POST, **ITS_ENDPOINT),
    "library:upload": Row(page_of(*CHATTERS), **POST, fields=A_FILE),
    "library:index": Row(page_of(*MEMBERS)),
    "library:show-file": Row(thing_of(*MEMBERS), **ITS_FILE),
    "library:remove-file": Row(thing_of(*MEMBERS), **ITS_FILE),  # asking; its POST is tested there
    "library:choose": Row(page_of(*CHATTERS)),
    "library:judge": Row(page_of(*CHATTERS)),
    "library:change-settings": Row(page_of("owner"), **POST, fields={"keep_unused_days": "30"}),
    # The owner's side. Retiring comes last: what was retired cannot be checked.
    "gateway:keys": Row(page_of("owner")),
    "models:index": Row(page_of(*MEMBERS)),
    "models:show-model": Row(page_of(*MEMBERS), arguments=lambda _things: ["z-image"]),
    "models:refresh": Row(page_of("owner"), **POST),
    "models:permit": Row(page_of("owner"), **POST, arguments=lambda _things: ["video"]),
    "models:start-from": Row(
        page_of("owner"),
        **POST,
        arguments=lambda _things: ["image"],
        fields={"model_id": "z-image"},
    ),
    "gateway:check-key": Row(thing_of("owner"), **POST, **ITS_KEY),
    "gateway:add-key": Row(page_of("owner")),
    "gateway:show-key": Row(thing_of("owner"), **ITS_KEY),
    "gateway:rotate-key": Row(thing_of("owner"), **ITS_KEY),
    "gateway:set-expiry": Row(thing_of("owner"), **ITS_KEY),
    "gateway:retire-key": Row(thing_of("owner"), **POST, **ITS_KEY),
    # Credits: the cockpit and the wallet. Removing comes last.
    "credits:cockpit": Row(page_of("owner", "support")),
    "credits:refresh": Row(page_of("owner"), **POST),
    "credits:marks": Row(page_of("owner")),
    "credits:add-expiry": Row(page_of("owner")),
    "credits:wallet": Row(page_of("owner", "support")),
    "credits:name-difference": Row(thing_of("owner"), **ITS_DIFFERENCE),
    "credits:remove-expiry": Row(thing_of("owner"), **POST, **ITS_EXPIRY),
    # Workflows. The main one stays; what is sent to be run is refused with a page.
    "workflows:index": Row(page_of(*MEMBERS)),
    "workflows:new": Row(page_of("owner")),
    "workflows:show": Row(thing_of(*MEMBERS), **ITS_WORKFLOW),
    "workflows:show-live": Row(thing_of(*MEMBERS), **ITS_WORKFLOW),
    "workflows:change": Row(thing_of("owner"), **ITS_WORKFLOW),
    "workflows:archive": Row(thing_of("owner"), **ITS_WORKFLOW),
    "workflows:make-main": Row(thing_of("owner"), **POST, **ITS_WORKFLOW),
    "workflows:dry-run": Row({**thing_of("owner"), "stranger": MISSING}, **ITS_WORKFLOW),
    "workflows:run": Row({**thing_of("owner"), "stranger": MISSING}, **POST, **ITS_WORKFLOW),
    # Campaigns.
    "campaigns:index": Row(page_of(*MEMBERS)),
    "campaigns:new": Row(page_of(*CHANGERS)),
    "campaigns:show-campaign": Row(thing_of(*MEMBERS), **ITS_CAMPAIGN),
    "campaigns:show-cost": Row(thing_of(*MEMBERS), **ITS_CAMPAIGN),
    "campaigns:change": Row(thing_of(*CHANGERS), **ITS_CAMPAIGN),
    "campaigns:archive": Row(thing_of(*CHANGERS), **POST, **ITS_CAMPAIGN),
    # Where the credits went. Everybody sees their own share.
    "credits:where": Row(page_of("owner", "support")),
    "credits:where-csv": Row(page_of("owner", "support")),
    "credits:entries": Row(page_of("owner", "support")),
    "credits:kept": Row(page_of("owner", "support")),
    "credits:statement": Row(page_of("owner")),
    "credits:mine": Row(page_of(*MEMBERS)),
    # Handoff: packages.
    "handoff:index": Row(page_of(*MEMBERS)),
    "handoff:new-package": Row(page_of(*SUBMITTERS)),
    "handoff:show-package": Row(thing_of(*MEMBERS), **ITS_PACKAGE),
    "handoff:show-live": Row(thing_of(*MEMBERS), **ITS_PACKAGE),
    "handoff:try-again": Row(thing_of(*SUBMITTERS), **POST, **ITS_PACKAGE),
    "handoff:change-words": Row(thing_of(*SUBMITTERS), **ITS_PACKAGE),
    "handoff:packed-file": Row(thing_of(*MEMBERS), **ITS_PACKED),
    "handoff:adjust-crop": Row(thing_of(*SUBMITTERS), **ITS_PACKED),
    "handoff:override-check": Row(
        thing_of("manager", "owner"), **POST, **ITS_PACKED, fields={"check": "sides"}
    ),
    # The ways out of a package. Whoever has a link needs no account; removing comes last.
    "handoff:download": Row(thing_of(*MEMBERS), **ITS_LEAVING),
    "handoff:make-link": Row(thing_of(*SUBMITTERS), **ITS_LEAVING),
    "shared-package": Row(everybody(OPENS), **ITS_TOKEN),
    "shared-zip": Row(everybody(OPENS), **ITS_TOKEN),
    "shared-file": Row(
        everybody(OPENS),
        arguments=lambda things: [things.leaving.token, things.leaving.packed.public_id],
    ),
    "handoff:destinations": Row(page_of("owner")),
    "handoff:make-destination": Row(page_of("owner"), **POST),
    "handoff:show-destination": Row(thing_of("owner"), **ITS_DESTINATION),
    "handoff:test-destination": Row(thing_of("owner"), **POST, **ITS_DESTINATION),
    "handoff:pause-destination": Row(thing_of("owner"), **POST, **ITS_DESTINATION),
    "handoff:resume-destination": Row(thing_of("owner"), **POST, **ITS_DESTINATION),
    "handoff:rotate-secret": Row(thing_of("owner"), **POST, **ITS_DESTINATION),
    "handoff:send-package": Row(
        thing_of(*SUBMITTERS), **POST, **ITS_LEAVING, fields={"destination": DESTINATION_ID}
    ),
    "handoff:send-again": Row(
        thing_of(*SUBMITTERS), **POST, arguments=lambda things: [things.leaving.event.public_id]
    ),
    "handoff:revoke-link": Row(
        thing_of(*SUBMITTERS), **POST, arguments=lambda things: [things.leaving.link.public_id]
    ),
    "handoff:remove-destination": Row(thing_of("owner"), **POST, **ITS_DESTINATION),
    # The list of reviews, and what leads into it.
    "reviews:queue": Row(page_of(*MEMBERS)),
    "reviews:approve-many": Row(page_of("manager", "owner")),
    "reviews:ask": Row(thing_of(*SUBMITTERS), fields=lambda things: {"job": things.job.public_id}),
    "reviews:settings": Row(page_of("owner")),
    "reviews:let-through": Row(thing_of("owner"), **POST, **ITS_FILM),
    "reviews:try-video-again": Row(thing_of("manager", "owner"), **POST, **ITS_FILM),
    "reviews:give-up-video": Row(thing_of("manager", "owner"), **POST, **ITS_FILM),
    # Whose review it is not is told so, where they may see it.
    "reviews:withdraw": Row({**thing_of("seller"), "stranger": MISSING}, **POST, **ITS_REVIEW),
    "reviews:show-review": Row(
        {**thing_of(*SUBMITTERS, "support"), "researcher": MISSING}, **ITS_REVIEW
    ),
    # The desk. What support may do there costs nothing; only an owner ends what Rivya may have.
    "desk:index": Row(page_of(*AT_THE_DESK)),
    "desk:several": Row(page_of(*AT_THE_DESK)),
    "desk:handle": Row(
        thing_of(*AT_THE_DESK),
        **POST,
        fields=lambda things: {"kind": "failed", "ref": things.failed.reference},
    ),
    "desk:replay": Row(page_of(*AT_THE_DESK), **POST, fields={"event": "evt_nothing"}),
    "desk:show": Row(thing_of(*AT_THE_DESK), **ITS_JOB),
    "desk:show-live": Row(thing_of(*AT_THE_DESK), **ITS_JOB),
    "desk:write-note": Row(thing_of(*AT_THE_DESK), **POST, **ITS_JOB, fields={"text": ""}),
    "desk:release": Row(thing_of(*AT_THE_DESK), **ITS_JOB),
    "desk:release-unsure": Row(thing_of("owner"), **ITS_JOB),
    "desk:do": Row(
        thing_of(*AT_THE_DESK), **POST, arguments=lambda things: [things.job.public_id, "ask"]
    ),
    "desk:show-turn": Row(thing_of(*AT_THE_DESK), **ITS_TURN),
    "desk:write-turn-note": Row(thing_of(*AT_THE_DESK), **POST, **ITS_TURN, fields={"text": ""}),
    "desk:give-up-turn": Row(thing_of(*AT_THE_DESK), **ITS_TURN),
    "desk:do-turn": Row(
        thing_of(*AT_THE_DESK),
        **POST,
        arguments=lambda things: [things.turn.public_id, "turn_send"],
    ),
    # A brief's chain, and the notes that become its next attempt.
    "briefs:show-chain": Row(thing_of(*MEMBERS), **ITS_BRIEF),
    "briefs:chain-csv": Row(thing_of(*MEMBERS), **ITS_BRIEF),
    "briefs:attempt-wishes": Row(
        thing_of(*BRIEFERS), **POST, **ITS_FIRST_DRAFT, fields={"model_id": "z-image"}
    ),
    "briefs:attempt-text": Row(
        thing_of(*BRIEFERS), **POST, **ITS_FIRST_DRAFT, fields={"model_id": "z-image"}
    ),
    # Limits. What is sent here is refused with the form, but for the end of one.
    "credits:limits": Row(page_of("owner", "support")),
    "credits:new-limit": Row(page_of("owner"), **POST),
    "credits:change-limit": Row(thing_of("owner"), **POST, **ITS_LIMIT),
    "credits:end-limit": Row(thing_of("owner"), **ITS_LIMIT),
    # The page of one review. What is sent here decides nothing: it is refused with a page.
    "reviews:decide": Row(thing_of("manager", "owner"), **POST, **ITS_REVIEW),
    "reviews:take-back": Row(thing_of("manager", "owner"), **POST, **ITS_REVIEW),
    "reviews:reverse": Row(thing_of("manager", "owner"), **POST, **ITS_REVIEW),
    "reviews:video-price": Row(thing_of("manager", "owner"), **POST, **ITS_REVIEW),
    "reviews:put-pin": Row(thing_of("manager", "owner"), **POST, **ITS_REVIEW),
    "reviews:reword-pin": Row(thing_of("manager", "owner"), **POST, **ITS_PIN),
    "reviews:remove-pin": Row(thing_of("manager", "owner"), **POST, **ITS_PIN),
    # The owner's gate. Only who asked takes a question back.
    "credits:gate": Row(page_of("owner")),
    "credits:end-rule": Row(thing_of("owner"), **POST, **ITS_RULE),
    "credits:asks": Row(page_of("owner")),
    "credits:show-ask": Row(thing_of("owner"), **ITS_ASK),
    "credits:answer": Row(thing_of("owner"), **POST, **ITS_ASK, fields={"answer": "no"}),
    "credits:withdraw-ask": Row(
        {
            **thing_of("seller"),
            **dict.fromkeys(("manager", "owner", "researcher"), MISSING),
            "stranger": MISSING,
        },
        **POST,
        **ITS_ASK,
    ),
    # The pause. What is sent here without a reason begins none.
    "pauses:index": Row(page_of("manager", "owner", "support")),
    "pauses:begin": Row(page_of("owner", "support"), **POST),
    "pauses:end": Row(page_of("owner", "support"), **POST),
    "pauses:everywhere": Row({**everybody(FORBIDDEN), "anonymous": SIGN_IN}),
    "pauses:end-everywhere": Row({**everybody(FORBIDDEN), "anonymous": SIGN_IN}, **POST),
}


@pytest.fixture
def things(
    shop: Shop, seller: Any, manager: Any, owner: Any, stranger: Any, settings: Any
) -> Things:
    brief = shop.submit(seller)
    job = shop.finish(brief)
    with transaction.atomic():
        tell([seller], kind="job_failed", facts={}, link="/", event_key="matrix")
    file = StoredFile.objects.get(source=job.reference)
    file.derivatives.create(kind="poster", state="made", storage_name=file.thumbnail_name)
    notice = notices.notices_of(seller).earliest("id")
    approved = reviewing.asked(shop, seller)
    order = reviewing.video_order(approved)
    film = concepts.of_decision(reviewing.decided(manager, approved, video=order))
    package = packing.built(packing.asked_for(seller, approved))
    endpoint = make_endpoint(shop)
    settings.HANDOFF_ALLOW_PRIVATE_DESTINATIONS = True
    return Things(
        brief=brief,
        job=job,
        file=file,
        key=shop.key,
        notice=notice,
        endpoint=endpoint,
        campaign=made(manager),
        review=reviewing.asked(shop, seller, brief=brief),
        film=film,
        failed=troubles.failed(shop, seller),
        package=package,
        packed=packing.only(package, "square"),
        leaving=make_leaving(seller, owner),
        limit=limit(CreditAccount.objects.get(workspace=shop.workspace), 10_000),
        difference=Difference.objects.latest("id"),
        expiry=expiries.add(
            member=owner,
            wanted=expiries.WantedExpiry("pack", "Pack", None, clock.now().date()),
        ),
        person=seller,
        offer=invited(owner),
        elsewhere=stranger.workspace,
        ask=_ask(seller, owner),
        turn=Talk(shop).begin(seller),
    )


def _ask(seller: Any, owner: Any) -> Ask:
    """One question to the owners; its rule has ended, so that it holds back nothing else."""
    wanted = gate_rules.WantedRule(None, ["researcher"], None, [], 72)
    rule = gate_rules.add_rule(member=owner, wanted=wanted)
    brief = Brief.objects.filter(created_by=seller).earliest("id")
    spend = gate.Spend(seller, Decimal(5), brief.reference, "A mug", "/briefs/")
    with transaction.atomic():
        return gate.ask(spend, rule)


def outcome(response: Any) -> str:
    """What an answer means to the person who asked."""
    if response.status_code == 403:
        return FORBIDDEN
    if response.status_code == 404:
        return MISSING
    if response.status_code == 302 and response.url.startswith(reverse("account_login")):
        return SIGN_IN
    # 422: past the guard, and something in the form is wrong.
    assert response.status_code < 400 or response.status_code == 422, response.status_code
    return OPENS


def ask(browser: Client, name: str, row: Row, things: Things) -> str:
    address = reverse(name, args=row.arguments(things))
    fields = row.fields(things) if callable(row.fields) else row.fields
    response = getattr(browser, row.method)(address, fields)
    response.getvalue()  # a file is open until it is read to its end
    return outcome(response)


def test_every_route_has_a_row() -> None:
    """The admin's are too many to list: tests/desk/test_admin.py asks each as each person."""
    named = {name for name, _pattern in routes() if not name.startswith("admin:")}
    assert named == set(ROWS)


def test_every_row_says_what_becomes_of_every_person() -> None:
    assert all(set(row.outcomes) == set(PERSONS) for row in ROWS.values())


@pytest.mark.parametrize("person", PERSONS)
def test_each_person_reaches_what_is_theirs_and_nothing_else(
    person: str, things: Things, client_of: Callable[..., Client], request: pytest.FixtureRequest
) -> None:
    member = None if person == "anonymous" else request.getfixturevalue(person)
    browser = client_of(member)
    found = {name: ask(browser, name, row, things) for name, row in ROWS.items()}
    assert found == {name: row.outcomes[person] for name, row in ROWS.items()}


def test_a_stranger_is_told_of_a_real_thing_what_they_are_told_of_none(
    things: Things, stranger: Any, client_of: Callable[..., Client]
) -> None:
    """The page says the same whether the object exists elsewhere or nowhere."""
    real = client_of(stranger).get(reverse("briefs:show-brief", args=[things.brief.public_id]))
    none = client_of(stranger).get(reverse("briefs:show-brief", args=[stranger.public_id]))
    assert (real.status_code, none.status_code) == (404, 404)
    assert things.brief.product not in real.content.decode()
