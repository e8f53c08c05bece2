"""Plays the demo's story: every row comes from the product's acts and the stand-in's answers.

Playing it again finds what is there: forms are known by their token, the key by its purpose.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import NAMESPACE_URL, uuid5

from rivya_app.briefs.models import Brief
from rivya_app.core import clock
from rivya_app.credits import gate_rules, wallet
from rivya_app.demo import (
    campaigns,
    desk,
    limits,
    packing,
    photos,
    purse,
    reviewing,
    talking,
    talks,
)
from rivya_app.demo.episode import Episode, Turn
from rivya_app.demo.packages import Handing
from rivya_app.demo.purse import Moving
from rivya_app.demo.scene import Scene, token_of
from rivya_app.demo.stand_in import StandIn
from rivya_app.demo.steps import Step
from rivya_app.demo.story import EPISODES, HAPPENINGS, Happening
from rivya_app.demo.talks import Talk
from rivya_app.gateway import access, catalogue, endpoints, public_address
from rivya_app.gateway.actions import add_key
from rivya_app.gateway.models import ApiKey
from rivya_app.gateway.webhooks import JOB_EVENTS
from rivya_app.notices import actions as notices
from rivya_app.workspaces import invitations
from rivya_app.workspaces.demo import make_people
from rivya_app.workspaces.models import Membership, Role, Workspace

WORKSPACE = "Asha Home & Craft"
KEY_PURPOSE = "production-image-workflow"
FIRST_CREDITS = 420
FAST, LIFELIKE = 400.0, 1.0
# The model list as it was at first; it became what it is now so many days ago.
OLD_LIST = {"model_prices": "runway=10, kling-2-6=60", "hidden_models": "seedream-5-lite"}
NEW_LIST = {"model_prices": "", "hidden_models": ""}
LIST_CHANGED_DAYS_AGO = 6.5
UNUSED = (
    (25.0, "Canvas tote bag", "tote-from-above.jpg"),
    (9.0, "Cane armchair", "armchair-side.jpg"),
)

INVITED_DAYS_AGO = 1.5
# An address that can be nobody's, and none of the demo's own: nobody signs in with it by a press.
INVITED = invitations.Wanted(
    email="naina@asha.example", roles=(Role.SELLER, Role.RESEARCHER), name="Naina Pillai"
)

UNREAD_DAYS = 2  # what is older was read
RULE_MADE_DAYS_AGO = 1.0
# What a seller may not start without asking.
RULE = gate_rules.WantedRule(
    above=Decimal(40), roles=("seller",), campaign=None, model_ids=(), valid_hours=72
)

Say = Callable[[Sequence[Happening]], Iterable[Happening]]


def workspace() -> Workspace:
    return Workspace.objects.get_or_create(name=WORKSPACE)[0]


def is_played(home: Workspace) -> bool:
    """Whether the last episode is there."""
    return Brief.objects.filter(workspace=home, form_token=token_of(EPISODES[-1])).exists()


def play(
    stand_in: StandIn, progress: Say, *, story: Sequence[Happening] = HAPPENINGS
) -> dict[str, Membership]:
    """Play the story; `progress` wraps it to show how far it is. Returns the people."""
    home = workspace()
    with clock.at(clock.now() - timedelta(days=EPISODES[0].days_ago, hours=3)):
        people = make_people(home)
    if is_played(home):
        _stay_reachable(people["owner"])
        return people
    campaigns.make_all(people)
    stand_in.disarm()
    stand_in.set_credits(FIRST_CREDITS)
    key_id = _begin(people["owner"], stand_in, has_history=bool(story))
    for happening in _with_the_news(progress(story), people, stand_in):
        if isinstance(happening, Step):
            reviewing.play(happening, people)
        elif isinstance(happening, Handing):
            packing.play(happening, people)
        elif isinstance(happening, Moving):
            purse.play(happening, people, stand_in)
        elif isinstance(happening, Talk):
            talking.play(happening, people, stand_in)
        else:
            _play_episode(happening, people, stand_in)
    if story:
        _leave_unused(people["seller"])
        _invite(people["owner"])
        desk.play(people["support"])
    stand_in.set_speed(key_id, LIFELIKE)
    wallet.read(home, cause="the end of the story")
    if story:
        limits.set_all(people)
    return people


def _play_episode(episode: Episode, people: dict[str, Membership], stand_in: StandIn) -> None:
    if episode.turn is Turn.RUNNING:
        _announce(people["owner"], stand_in)
    Scene(episode, people, stand_in).play()


def _begin(owner: Membership, stand_in: StandIn, *, has_history: bool) -> str:
    """The model list and the key, before the first brief; the key's id at the stand-in."""
    start = clock.now() - timedelta(days=EPISODES[0].days_ago, hours=2)
    stand_in.set(**(OLD_LIST if has_history else NEW_LIST))
    with clock.at(start):
        catalogue.refresh()
    return _connect(owner, stand_in, start)


def _with_the_news(
    story: Iterable[Happening], people: dict[str, Membership], stand_in: StandIn
) -> Iterator[Happening]:
    """The same story; on its way the model list changes, everybody reads what is older than the
    last days, and the owner wants to be asked first."""
    ahead = [
        (LIST_CHANGED_DAYS_AGO, lambda: _change_list(stand_in)),
        (UNREAD_DAYS, lambda: _read_all(people)),
        (RULE_MADE_DAYS_AGO, lambda: _make_rule(people["owner"], RULE, RULE_MADE_DAYS_AGO)),
        (
            talks.RULE_MADE_DAYS_AGO,
            lambda: _make_rule(people["owner"], talks.RULE, talks.RULE_MADE_DAYS_AGO),
        ),
    ]
    for happening in story:
        while ahead and happening.days_ago <= ahead[0][0]:
            ahead.pop(0)[1]()
        yield happening


def _change_list(stand_in: StandIn) -> None:
    stand_in.set(**NEW_LIST)
    with clock.at(clock.now() - timedelta(days=LIST_CHANGED_DAYS_AGO)):
        catalogue.refresh()


def _read_all(people: dict[str, Membership]) -> None:
    for member in people.values():
        notices.mark_all_read(member=member)


def _make_rule(owner: Membership, wanted: gate_rules.WantedRule, days_ago: float) -> None:
    with clock.at(clock.now() - timedelta(days=days_ago)):
        gate_rules.add_rule(member=owner, wanted=wanted)


def _connect(owner: Membership, stand_in: StandIn, moment: datetime) -> str:
    """The workspace's key, as the owner would paste it."""
    known = stand_in.key_ids(KEY_PURPOSE)
    if known and ApiKey.objects.filter(workspace=owner.workspace, purpose=KEY_PURPOSE).exists():
        return known[0]
    key_id, secret = stand_in.new_key(KEY_PURPOSE, speed=FAST)
    with clock.at(moment):
        add_key(
            member=owner,
            purpose=KEY_PURPOSE,
            environment=ApiKey.Environment.PRODUCTION,
            secret=secret,
        )
        wallet.read(owner.workspace, cause="the first reading")
    return key_id


def _leave_unused(seller: Membership) -> None:
    """Photographs that were never used; the model list is read as of now."""
    catalogue.refresh()
    for days_ago, product, name in UNUSED:
        with clock.at(clock.now() - timedelta(days=days_ago)):
            photos.upload(seller, product, name)


def _invite(owner: Membership) -> None:
    """Somebody who has not answered yet."""
    with clock.at(clock.now() - timedelta(days=INVITED_DAYS_AGO)):
        invitations.invite(member=owner, wanted=INVITED)


def _announce(owner: Membership, stand_in: StandIn) -> None:
    """The owner has Rivya tell of finished jobs, where this site can be reached by the stand-in."""
    stand_in.set(local_webhooks=True)
    if not public_address.is_reachable():
        return
    made = endpoints.create(
        member=owner,
        wanted=endpoints.Wanted(
            public_id=uuid5(NAMESPACE_URL, "demo:webhook"),
            name="Production webhook",
            event_types=JOB_EVENTS,
            api_key=access.webhook_keys(owner)[0],
        ),
    )
    endpoints.test(member=owner, public_id=made.endpoint.public_id)


def _stay_reachable(owner: Membership) -> None:
    """The stand-in learns where this site is now: a local run may have another port each time."""
    for endpoint in access.webhook_endpoints(owner):
        is_elsewhere = endpoint.url != public_address.url_of(endpoint.public_id)
        if is_elsewhere and endpoint.remote_id and public_address.is_reachable():
            endpoints.move(member=owner, public_id=endpoint.public_id)
