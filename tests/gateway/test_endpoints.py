"""What an owner does with webhook endpoints, on the page, against the stand-in."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from rivya_app.core import clock
from rivya_app.gateway import clients, endpoints, public_address, tasks, webhooks
from rivya_app.gateway.models import ApiKey
from rivya_app.gateway.webhook_models import InboxEvent, WebhookEndpoint
from rivya_app.gateway.webhooks import JOB_EVENTS
from rivya_app.notices.models import Notice
from rivya_app.rivya_api import errors
from rivya_app.workspaces.models import Membership
from tests.gateway.conftest import AddKey
from tests.simulator_process import Simulator
from tests.webhooks import envelope, make_endpoint, tell

pytestmark = pytest.mark.django_db(transaction=True)

PUBLIC = "https://shop.example.com"
SECRET = re.compile(r"whsec_[A-Za-z0-9+/=]+")


@pytest.fixture(autouse=True)
def reachable(settings: Any) -> None:
    settings.PUBLIC_URL = PUBLIC
    settings.ALLOWED_HOSTS = ["testserver", "shop.example.com"]


@pytest.fixture
def key(add_key: AddKey) -> ApiKey:
    return add_key()


@pytest.fixture
def page(client_of: Callable[..., Client], owner: Membership, key: ApiKey) -> Client:
    return client_of(owner)


def typed(key: ApiKey, **changes: Any) -> dict[str, Any]:
    return {
        "public_id": str(uuid4()),
        "name": "Production",
        "event_types": list(JOB_EVENTS),
        "api_key": str(key.public_id),
        **changes,
    }


def refused(code: str, kind: type[errors.ApiError]) -> errors.ApiError:
    return kind(code=code, status=400, message="")


def made(page: Client, key: ApiKey, **changes: Any) -> tuple[WebhookEndpoint, str]:
    """An endpoint made on the page, and the secret it showed."""
    answer = page.post("/webhooks/", typed(key, **changes))
    assert answer.status_code == 200, answer.content.decode()
    return WebhookEndpoint.objects.get(), SECRET.findall(answer.content.decode())[0]


def press(page: Client, endpoint: WebhookEndpoint, act: str) -> str:
    """Press a button and read the page it leads to."""
    answer = page.post(f"/webhooks/{endpoint.public_id}/{act}/", follow=True)
    endpoint.refresh_from_db()
    return answer.content.decode()


def remote(key: ApiKey) -> list[Any]:
    with clients.client_for(key) as rivya:
        return rivya.webhooks.list()


def test_it_makes_an_endpoint_at_an_address_of_ours_and_shows_its_secret_once(
    page: Client, key: ApiKey, caplog: pytest.LogCaptureFixture
) -> None:
    answer = page.post("/webhooks/", typed(key))
    endpoint = WebhookEndpoint.objects.get()
    secret = SECRET.findall(answer.content.decode())[0]
    assert "no-store" in answer["Cache-Control"]
    assert endpoint.secret.reveal() == secret  # type: ignore[attr-defined]
    [there] = remote(key)
    assert (there.url, there.id) == (endpoint.url, endpoint.remote_id)
    assert there.url == f"{PUBLIC}/hooks/rivya/{endpoint.public_id}/"
    assert secret not in page.get("/webhooks/").content.decode()
    assert secret not in str(dict(page.session))
    assert secret not in caplog.text


def test_what_comes_there_is_verified_with_that_secret(page: Client, key: ApiKey) -> None:
    endpoint, secret = made(page, key)
    assert tell(endpoint, envelope(), secret=secret) == 202
    assert tell(endpoint, envelope()) == 401


def test_the_same_form_sent_twice_makes_one(page: Client, key: ApiKey) -> None:
    form = typed(key)
    page.post("/webhooks/", form)
    again = page.post("/webhooks/", form)
    assert again.status_code == 302
    assert len(remote(key)) == WebhookEndpoint.objects.count() == 1


@pytest.mark.parametrize(
    ("url", "broken"),
    [
        ("http://shop.example.com", "https"),
        ("https://user:pass@shop.example.com", "credentials"),
        ("https://shop.example.com#x", "fragment"),
        ("https://localhost", "local_name private"),
        ("https://shop.internal", "local_name"),
        ("https://shop", "local_name"),
        ("https://127.0.0.1", "private"),
        ("https://192.168.1.7", "private"),
        ("https://[::1]", "private"),
        ("https://100.64.0.1", "private"),
        ("https://other.example.com", "answered"),
    ],
)
def test_it_checks_the_rules_before_rivya_is_asked(
    page: Client, key: ApiKey, stand_in: Simulator, settings: Any, url: str, broken: str
) -> None:
    settings.PUBLIC_URL = url
    settings.ALLOWED_HOSTS = [
        "testserver",
        "shop.example.com",
        "localhost",
        "shop.internal",
        "shop",
    ]
    settings.ALLOWED_HOSTS += ["127.0.0.1", "192.168.1.7", "[::1]", "100.64.0.1"]
    assert [rule.code for rule in public_address.rules() if not rule.is_kept] == broken.split()
    before = len(stand_in.requests())
    answer = page.post("/webhooks/", typed(key))
    assert answer.status_code == 422
    assert not WebhookEndpoint.objects.exists()
    assert len(stand_in.requests()) == before
    shown = page.get("/webhooks/").content.decode()
    assert "No webhook is needed" in shown
    assert "Make an endpoint" not in shown


@pytest.mark.parametrize(
    "url",
    [
        "http://192.168.0.5:8000",
        "http://user:pass@127.0.0.1:8000",
        "http://127.0.0.1:8000#x",
        "http://localhost:8000",
    ],
)
def test_a_local_run_may_use_its_own_loopback_address(settings: Any, url: str) -> None:
    settings.PUBLIC_URL = "http://127.0.0.1:8000"
    settings.ALLOWED_HOSTS = ["127.0.0.1", "192.168.0.5"]
    assert not public_address.is_reachable()
    settings.WEBHOOK_ALLOW_LOOPBACK = True
    assert public_address.is_reachable()
    settings.PUBLIC_URL = url
    assert not public_address.is_reachable()


def test_it_says_of_a_local_run_which_rules_it_breaks_and_why_it_may(
    page: Client, key: ApiKey, settings: Any
) -> None:
    settings.PUBLIC_URL = "http://localhost:8000"
    settings.ALLOWED_HOSTS = ["localhost", "testserver"]
    settings.WEBHOOK_ALLOW_LOOPBACK = True
    broken = [rule.code for rule in public_address.rules() if not rule.is_kept]
    assert broken == ["https", "local_name", "private"]
    shown = page.get("/webhooks/").content.decode()
    assert shown.count("not kept") == len(broken)
    assert "may use its own address all the same" in shown
    assert "Make an endpoint" in shown


@pytest.mark.parametrize(
    ("refusal", "words", "is_left"),
    [
        (refused("webhook_url_rejected", errors.WebhookUrlRejected), "address", False),
        (refused("api_scope_denied", errors.ApiScopeDenied), "permission", False),
        (errors.TransportError("cut", maybe_sent=True), "could not be reached", True),
    ],
)
def test_it_says_why_rivya_would_not_and_keeps_only_what_may_exist(
    page: Client,
    key: ApiKey,
    monkeypatch: pytest.MonkeyPatch,
    refusal: Exception,
    words: str,
    is_left: bool,
) -> None:
    from rivya_app.rivya_api.resources import Webhooks

    def refuse(*_args: Any, **_words: Any) -> None:
        raise refusal

    monkeypatch.setattr(Webhooks, "create", refuse)
    answer = page.post("/webhooks/", typed(key))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert WebhookEndpoint.objects.filter(state="making").exists() is is_left


def test_what_was_cut_off_after_rivya_made_it_is_found_and_given_a_new_secret(
    page: Client, key: ApiKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_args: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as cut:
        cut.setattr(endpoints, "_keep", crash)
        with pytest.raises(KeyboardInterrupt):
            page.post("/webhooks/", typed(key))
    endpoint = WebhookEndpoint.objects.get()
    assert (endpoint.state, len(remote(key))) == ("making", 1)
    assert "Being made" in page.get("/webhooks/").content.decode()
    secret = SECRET.findall(press(page, endpoint, "finish"))[0]
    assert (endpoint.state, len(remote(key))) == ("active", 1)
    assert tell(endpoint, envelope(), secret=secret) == 202


def test_what_was_cut_off_before_rivya_made_it_is_made(page: Client, key: ApiKey) -> None:
    public_id = uuid4()
    url = public_address.url_of(public_id)
    endpoint = make_endpoint(
        key=key, public_id=public_id, url=url, state="making", remote_id="", secret=""
    )
    secret = SECRET.findall(press(page, endpoint, "finish"))[0]
    assert (endpoint.state, [each.url for each in remote(key)]) == ("active", [url])
    assert tell(endpoint, envelope(), secret=secret) == 202


def test_rotating_shows_the_new_secret_once_and_takes_both_for_a_set_time(
    page: Client, key: ApiKey, settings: Any
) -> None:
    endpoint, old = made(page, key)
    new = SECRET.findall(press(page, endpoint, "rotate"))[0]
    assert new != old
    assert [tell(endpoint, envelope(), secret=each) for each in (old, new)] == [202, 202]
    shown = page.get("/webhooks/").content.decode()
    assert "the old one" in shown
    assert new not in shown
    with clock.at(clock.now() + timedelta(minutes=settings.WEBHOOK_OLD_SECRET_MINUTES, seconds=1)):
        assert [tell(endpoint, envelope(), secret=each) for each in (old, new)] == [401, 202]
        tasks.clean_inbox()
    endpoint.refresh_from_db()
    assert not endpoint.old_secret


def test_a_rotation_that_was_cut_off_says_that_the_secret_is_lost(
    page: Client, key: ApiKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_args: Any) -> None:
        raise KeyboardInterrupt

    endpoint, _secret = made(page, key)
    with monkeypatch.context() as cut:
        cut.setattr(endpoints, "_end_rotation", crash)
        with pytest.raises(KeyboardInterrupt):
            press(page, endpoint, "rotate")
    assert "Secret lost" in page.get("/webhooks/").content.decode()
    assert "being rotated already" in press(page, endpoint, "rotate")
    with clock.at(clock.now() + endpoints.ROTATION_TAKES):
        assert SECRET.search(press(page, endpoint, "rotate"))
    assert "Secret lost" not in page.get("/webhooks/").content.decode()


def test_a_rotation_rivya_refused_leaves_everything_as_it_was(page: Client, key: ApiKey) -> None:
    endpoint, secret = made(page, key)
    with clients.client_for(key) as rivya:
        rivya.webhooks.delete(endpoint.remote_id)
    assert "no longer has this endpoint" in press(page, endpoint, "rotate")
    assert not endpoint.is_secret_lost
    assert tell(endpoint, envelope(), secret=secret) == 202


def test_pausing_stops_it_here_and_at_rivya_and_resuming_asks_for_proof(
    page: Client, key: ApiKey
) -> None:
    endpoint, secret = made(page, key)
    tell(endpoint, envelope(type="webhook.test"), secret=secret)
    tasks.drain_inbox()
    assert webhooks.announced_key_ids() == {key.pk}
    assert "Paused" in press(page, endpoint, "pause")
    assert (remote(key)[0].status, webhooks.announced_key_ids()) == ("disabled", set())
    tell(endpoint, envelope(), secret=secret)
    tasks.drain_inbox()
    assert InboxEvent.objects.filter(reason="paused").count() == 1
    press(page, endpoint, "resume")
    assert (remote(key)[0].status, webhooks.announced_key_ids()) == ("active", set())


def test_it_is_paused_here_even_where_rivya_will_not(
    page: Client, key: ApiKey, settings: Any
) -> None:
    endpoint, _secret = made(page, key)
    settings.RIVYA_BASE_URL = "http://127.0.0.1:9"
    assert "Rivya did not follow" in press(page, endpoint, "pause")
    assert endpoint.state == "paused"


def test_removing_takes_it_away_here_and_at_rivya(page: Client, key: ApiKey) -> None:
    endpoint, secret = made(page, key)
    press(page, endpoint, "remove")
    assert (endpoint.state, remote(key), bool(endpoint.secret)) == ("removed", [], False)
    assert page.post(f"/webhooks/{endpoint.public_id}/test/").status_code == 404
    with clock.at(clock.now()):
        from rivya_app.gateway import receiver

        receiver._remembered.clear()
        assert tell(endpoint, envelope(), secret=secret) == 404


def test_removing_what_rivya_no_longer_has_is_removing(page: Client, key: ApiKey) -> None:
    endpoint, _secret = made(page, key)
    with clients.client_for(key) as rivya:
        rivya.webhooks.delete(endpoint.remote_id)
    press(page, endpoint, "remove")
    assert endpoint.state == "removed"


def test_it_stays_where_rivya_could_not_be_asked_to_remove_it(
    page: Client, key: ApiKey, settings: Any
) -> None:
    endpoint, _secret = made(page, key)
    settings.RIVYA_BASE_URL = "http://127.0.0.1:9"
    assert "could not be reached" in press(page, endpoint, "remove")
    assert endpoint.state == "active"


def test_where_no_key_may_ask_any_more_it_is_removed_here(
    page: Client, key: ApiKey, stand_in: Simulator
) -> None:
    endpoint, _secret = made(page, key)
    stand_in.change_key(key.purpose, state="revoked")
    assert "No key may remove it" in press(page, endpoint, "remove")
    assert endpoint.state == "removed"


def test_it_tells_rivya_when_this_site_has_moved(page: Client, key: ApiKey, settings: Any) -> None:
    endpoint, _secret = made(page, key)
    settings.PUBLIC_URL = "https://new.example.com"
    settings.ALLOWED_HOSTS = ["testserver", "new.example.com"]
    assert "another address now" in page.get("/webhooks/").content.decode()
    assert "another address now" not in press(page, endpoint, "move")
    assert remote(key)[0].url == endpoint.url
    assert endpoint.url.startswith("https://new.example.com/hooks/")


def test_it_shows_what_was_not_made_here_and_can_take_it_away(page: Client, key: ApiKey) -> None:
    endpoint, _secret = made(page, key)
    with clients.client_for(key) as rivya:
        other = rivya.webhooks.create(
            name="Old app", url="https://old.example.com/hook", event_types=list(JOB_EVENTS)
        )
    shown = page.get("/webhooks/rivya/").content.decode()
    assert "Old app" in shown
    assert "Not ours" in shown
    assert "never come here" in shown
    refused = f"/webhooks/rivya/{key.public_id}/{endpoint.remote_id}/remove/"
    page.post(refused)
    page.post(f"/webhooks/rivya/{key.public_id}/{other.id}/remove/")
    assert [each.id for each in remote(key)] == [endpoint.remote_id]


def test_it_shows_rivyas_deliveries_beside_our_inbox(
    page: Client, key: ApiKey, stand_in: Simulator
) -> None:
    """The public address leads nowhere from here, so every delivery fails at the stand-in."""
    endpoint, secret = made(page, key)
    press(page, endpoint, "test")
    [delivery] = stand_in.deliveries()
    shown = page.get("/webhooks/rivya/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in shown
    assert "never came in" in shown
    tell(endpoint, envelope(id=delivery["event"], type="webhook.test"), secret=secret)
    tasks.drain_inbox()
    shown = page.get("/webhooks/rivya/").content.decode()
    assert "never came in" not in shown
    assert "Ignored" in shown


def test_rivyas_lists_being_away_is_said_and_the_page_stays(
    page: Client, key: ApiKey, settings: Any
) -> None:
    settings.RIVYA_BASE_URL = "http://127.0.0.1:9"
    assert "could not be read" in page.get("/webhooks/rivya/").content.decode()
    assert page.get("/webhooks/").status_code == 200


def test_it_notices_what_rivya_switched_off_or_lost(page: Client, key: ApiKey) -> None:
    endpoint, _secret = made(page, key)
    with clients.client_for(key) as rivya:
        rivya.webhooks.update(endpoint.remote_id, status="disabled")
    tasks.check_endpoints()
    endpoint.refresh_from_db()
    assert endpoint.trouble == "disabled"
    assert Notice.objects.filter(kind="webhook_trouble").count() == 1
    with clients.client_for(key) as rivya:
        rivya.webhooks.update(endpoint.remote_id, status="active")
    tasks.check_endpoints()
    endpoint.refresh_from_db()
    assert endpoint.trouble == ""
    with clients.client_for(key) as rivya:
        rivya.webhooks.delete(endpoint.remote_id)
    tasks.check_endpoints()
    endpoint.refresh_from_db()
    assert endpoint.trouble == "gone"


def test_the_page_shows_events_with_form_state_reason_and_refusals(
    page: Client, key: ApiKey
) -> None:
    endpoint, secret = made(page, key)
    event = envelope({"id": "task_x", "status": "succeeded"}, type="generation.archived")
    for _time in range(2):
        tell(endpoint, event, secret=secret, form="hex")
    tell(endpoint, envelope())
    tasks.sweep_inbox()
    shown = page.get("/webhooks/").content.decode()
    for words in (event["id"], "Timestamped hex", "a kind of event we do not use", "came 1 more"):
        assert words in shown
    assert "signed with another secret" in shown.lower()


def test_another_workspaces_endpoint_does_not_exist(
    page: Client, key: ApiKey, client_of: Callable[..., Client], stranger: Membership
) -> None:
    endpoint, _secret = made(page, key)
    answer = client_of(stranger).post(f"/webhooks/{endpoint.public_id}/rotate/")
    assert answer.status_code == 404


def test_a_form_that_names_another_workspaces_endpoint_makes_and_tells_nothing(
    page: Client, key: ApiKey, stranger: Membership
) -> None:
    theirs = make_endpoint(key=key, workspace=stranger.workspace)
    answer = page.post("/webhooks/", typed(key, public_id=str(theirs.public_id)))
    assert answer.status_code == 422
    assert not SECRET.findall(answer.content.decode())
    assert WebhookEndpoint.objects.count() == 1
