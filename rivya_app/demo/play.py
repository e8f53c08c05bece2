"""Plays the demo's story: every row comes from the product's acts and the stand-in's answers.

Playing it again finds what is there: forms are known by their token, the key by its purpose.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from rivya_app.briefs.models import Brief
from rivya_app.core import clock
from rivya_app.credits import wallet
from rivya_app.demo import campaigns, photos
from rivya_app.demo.episode import Episode, Turn
from rivya_app.demo.scene import Scene, token_of
from rivya_app.demo.stand_in import StandIn
from rivya_app.demo.story import EPISODES
from rivya_app.gateway import access, catalogue, endpoints, public_address
from rivya_app.gateway.actions import add_key
from rivya_app.gateway.models import ApiKey
from rivya_app.gateway.webhooks import JOB_EVENTS
from rivya_app.notices import actions as notices
from rivya_app.workspaces.access import campaigns as campaigns_of
from rivya_app.workspaces.campaigns import make_campaign
from rivya_app.workspaces.demo import make_people
from rivya_app.workspaces.models import Membership, Workspace

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

Say = Callable[[Iterable[Episode]], Iterable[Episode]]


def workspace() -> Workspace:
    return Workspace.objects.get_or_create(name=WORKSPACE)[0]


def _make_campaigns(manager: Membership) -> None:
    """Before the first brief, as a manager would."""
    known = campaigns.wanted()
    with clock.at(clock.now() - timedelta(days=campaigns.FIRST_DAY)):
        for wanted in known:
            if not campaigns_of(manager).filter(name=wanted.name).exists():
                make_campaign(member=manager, wanted=wanted)


def is_played(home: Workspace) -> bool:
    """Whether the last episode is there."""
    return Brief.objects.filter(workspace=home, form_token=token_of(EPISODES[-1])).exists()


def play(
    stand_in: StandIn, progress: Say, *, episodes: Sequence[Episode] = EPISODES
) -> dict[str, Membership]:
    """Play the story; `progress` wraps the episodes to show how far it is. Returns the people."""
    home = workspace()
    people = make_people(home)
    if is_played(home):
        _stay_reachable(people["owner"])
        return people
    _make_campaigns(people["manager"])
    stand_in.disarm()
    stand_in.set_credits(FIRST_CREDITS)
    key_id = _begin(people["owner"], stand_in, has_history=bool(episodes))
    for episode in progress(episodes):
        if episode.turn is Turn.RUNNING:
            _announce(people["owner"], stand_in)
        Scene(episode, people, stand_in).play()
        if episode.days_ago > 2:
            _read_the_news(people)
    if episodes:
        _happen_meanwhile(people, stand_in)
    stand_in.set_speed(key_id, LIFELIKE)
    wallet.read(home, cause="the end of the story")
    return people


def _begin(owner: Membership, stand_in: StandIn, *, has_history: bool) -> str:
    """The model list and the key, before the first brief; the key's id at the stand-in."""
    start = clock.now() - timedelta(days=EPISODES[0].days_ago, hours=2)
    stand_in.set(**(OLD_LIST if has_history else NEW_LIST))
    with clock.at(start):
        catalogue.refresh()
    return _connect(owner, stand_in, start)


def _read_the_news(people: dict[str, Membership]) -> None:
    """Only the last two days are still unread."""
    for member in people.values():
        notices.mark_all_read(member=member)


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


def _happen_meanwhile(people: dict[str, Membership], stand_in: StandIn) -> None:
    """What no brief is about: the model list changed, and photographs were never used."""
    stand_in.set(**NEW_LIST)
    with clock.at(clock.now() - timedelta(days=LIST_CHANGED_DAYS_AGO)):
        catalogue.refresh()
    catalogue.refresh()
    for days_ago, product, name in UNUSED:
        with clock.at(clock.now() - timedelta(days=days_ago)):
            photos.upload(people["seller"], product, name)


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
