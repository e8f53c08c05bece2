"""A new secret under the same purpose: what runs ends with the old one, the rest goes with it."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from rivya_app.core import clock
from rivya_app.core.sealed import Secret
from rivya_app.credits import limits
from rivya_app.credits.models import CreditAccount
from rivya_app.gateway import actions, rotation, telling
from rivya_app.gateway.models import ApiKey, Workflow
from rivya_app.generations import jobs
from rivya_app.generations.models import Generation
from rivya_app.notices.models import Notice
from rivya_app.workspaces.models import AuditEntry
from tests.credits.account import limit

pytestmark = pytest.mark.django_db(transaction=True)

FIRST = "production-image-workflow"


@pytest.fixture
def visitor(client_of, owner, shop):
    return client_of(owner)


def rotate(visitor, key: ApiKey, secret: str):
    return visitor.post(reverse("gateway:rotate-key", args=[key.public_id]), {"secret": secret})


class Calls:
    """What the stand-in was asked from now on, by the names its keys have there."""

    def __init__(self, shop) -> None:
        self._rivya = shop.rivya
        self._before = len(self._rivya.requests())

    def _since(self, is_wanted) -> list[str]:
        names = {key["id"]: key["name"] for key in list(self._rivya.keys())}
        calls = self._rivya.requests()[self._before :]
        return [names[call["key"]] for call in calls if is_wanted(call)]

    def looks_at(self, job: Generation) -> set[str]:
        return set(self._since(lambda call: call["path"].endswith(job.task_id)))

    def creates(self) -> list[str]:
        return self._since(
            lambda call: "probe" not in (call["idempotency_key"] or "probe"),
        )


def sent(shop, seller) -> Generation:
    job = shop.job(shop.submit(seller))
    jobs.submit(job.public_id)
    job.refresh_from_db()
    assert job.task_id
    return job


def test_it_puts_the_new_secret_where_the_old_one_was(visitor, shop):
    secret = shop.rivya.new_key("second")
    assert rotate(visitor, shop.key, secret).status_code == 302
    old = ApiKey.objects.get(pk=shop.key.pk)
    new = ApiKey.objects.get(state="active")
    assert (old.state, old.replaced_by) == ("replaced", new)
    assert (new.purpose, new.environment) == (old.purpose, old.environment)
    assert new.secret == Secret(secret)
    assert set(Workflow.objects.values_list("api_key", flat=True)) == {new.pk}
    act = AuditEntry.objects.get(act="key.rotated")
    assert act.facts == {"before": old.shown, "after": new.shown}
    assert secret not in str(act.facts)


def test_running_jobs_end_with_the_old_secret_and_new_ones_use_the_new(visitor, shop, seller):
    running, waiting = sent(shop, seller), shop.job(shop.submit(seller))
    rotate(visitor, shop.key, shop.rivya.new_key("second"))
    calls = Calls(shop)
    done = shop.finish(running.draft.brief)
    assert calls.looks_at(running) == {FIRST}
    assert done.status == "succeeded"
    assert shop.finish(waiting.draft.brief).status == "succeeded"
    assert set(calls.creates()) == {"second"}


def test_a_send_without_an_answer_goes_again_with_the_secret_it_went_with(visitor, shop, seller):
    job = shop.job(shop.submit(seller))
    Generation.objects.update(is_uncertain=True)
    rotate(visitor, shop.key, shop.rivya.new_key("second"))
    calls = Calls(shop)
    jobs.submit(job.public_id)
    assert calls.creates() == [FIRST]


def test_the_old_secret_is_wiped_when_its_last_job_has_ended(visitor, shop, seller):
    job = sent(shop, seller)
    rotate(visitor, shop.key, shop.rivya.new_key("second"))
    with clock.at(clock.now() + timedelta(minutes=10)):
        assert rotation.forget_replaced() == 0
    shop.finish(job.draft.brief)
    assert rotation.forget_replaced() == 0  # a call may still be on its way
    with clock.at(clock.now() + timedelta(minutes=10)):
        assert rotation.forget_replaced() == 1
        assert rotation.forget_replaced() == 0
    old = ApiKey.objects.get(pk=shop.key.pk)
    assert old.secret == Secret("")
    assert old.forgotten_at


def test_an_old_secret_revoked_at_rivya_at_once_stops_nothing(visitor, shop, seller):
    job = sent(shop, seller)
    rotate(visitor, shop.key, shop.rivya.new_key("second"))
    shop.rivya.change_key("production-image-workflow", state="revoked")
    assert shop.finish(job.draft.brief).status == "succeeded"
    assert ApiKey.objects.get(pk=shop.key.pk).forgotten_at
    assert not Notice.objects.filter(kind="key_trouble").exists()


def test_a_refused_key_makes_its_work_wait_and_a_rotation_lets_it_go_on(visitor, shop, seller):
    actions.add_key(
        member=shop.key.created_by,
        purpose="another-use",
        environment="production",
        secret=shop.rivya.new_key("another"),
    )
    shop.rivya.change_key("production-image-workflow", state="revoked")
    first, second = (shop.job(shop.submit(seller)) for _number in range(2))
    for job in (first, second):
        jobs.submit(job.public_id)
    calls = Calls(shop)
    jobs.submit(second.public_id)
    assert not calls.creates()  # nobody else's key is taken, and the refused one is not tried
    assert Notice.objects.filter(kind="key_trouble").count() == 1
    rotate(visitor, shop.key, shop.rivya.new_key("second"))
    due = Generation.objects.filter(status="queued", next_check_at__lte=clock.now())
    assert due.count() == 2
    for job in (first, second):
        assert shop.finish(job.draft.brief).status == "succeeded"
    assert calls.creates() == ["second", "second"]


@pytest.mark.parametrize("state", ["revoked", "expired"])
def test_it_refuses_a_secret_rivya_refuses_and_changes_nothing(visitor, shop, state):
    secret = shop.rivya.new_key("second", state=state)
    answer = rotate(visitor, shop.key, secret)
    assert answer.status_code == 422
    assert secret not in answer.content.decode()
    assert ApiKey.objects.get().state == "active"


def test_it_refuses_a_secret_of_another_account(visitor, shop, seller):
    sent(shop, seller)
    secret = shop.rivya.new_key("second", account="elsewhere")
    answer = rotate(visitor, shop.key, secret)
    assert answer.status_code == 422
    assert "another Rivya account" in answer.content.decode()
    assert ApiKey.objects.get().state == "active"


def test_of_two_rotations_at_once_one_holds(visitor, shop, monkeypatch):
    other = shop.rivya.new_key("third")
    ask = actions.ask_rivya

    def somebody_is_quicker(secret):
        monkeypatch.setattr(actions, "ask_rivya", ask)
        rotate(visitor, shop.key, other)
        return ask(secret)

    monkeypatch.setattr(actions, "ask_rivya", somebody_is_quicker)
    answer = rotate(visitor, shop.key, shop.rivya.new_key("second"))
    assert answer.status_code == 422
    assert "meanwhile" in answer.content.decode()
    assert ApiKey.objects.get(state="active").last_four == other[-4:]


def test_a_long_ago_sign_in_is_asked_for_the_password_and_nothing_typed_is_kept(
    shop, client, owner
):
    client.force_login(owner.user)
    secret = shop.rivya.new_key("second")
    answer = rotate(client, shop.key, secret)
    assert answer.status_code == 302
    assert answer.url.startswith(reverse("account_reauthenticate"))
    assert secret not in str(dict(client.session))
    assert ApiKey.objects.get().state == "active"


def test_a_key_that_ends_is_told_of_once_at_each_distance(visitor, shop, owner):
    address = reverse("gateway:set-expiry", args=[shop.key.public_id])
    day = clock.now().date() + timedelta(days=14)
    assert visitor.post(address, {"ends_on": "tomorrow"}).status_code == 422
    visitor.post(address, {"ends_on": day.isoformat()})
    assert "14 days" in visitor.get(reverse("gateway:keys")).content.decode()
    for days in (0, 1, 11, 12, 13):
        with clock.at(clock.now() + timedelta(days=days)):
            telling.keys_ending()
    assert Notice.objects.filter(member=owner, kind="key_ends").count() == 3


def test_its_page_says_what_uses_it_and_what_was_done(visitor, shop, seller):
    job = sent(shop, seller)
    page = visitor.get(reverse("gateway:show-key", args=[shop.key.public_id])).content.decode()
    assert job.title in page
    assert "Added a key" in page
    assert shop.key.secret.reveal() not in page


def test_field_keys_rotate_while_everything_stays_readable(shop, settings, capsys):
    settings.FIELD_KEYS = ["Zm9yLXRlc3RzLW9ubHktbm90LWEtcmVhbC1rZXktISE=", *settings.FIELD_KEYS]
    with pytest.raises(CommandError, match="older key"):
        call_command("rotate_field_keys", check=True)
    call_command("rotate_field_keys")
    call_command("rotate_field_keys", check=True)
    settings.FIELD_KEYS = settings.FIELD_KEYS[:1]
    assert ApiKey.objects.get().secret == shop.key.secret
    call_command("rotate_field_keys")
    assert "Sealed anew: 0" in capsys.readouterr().out.splitlines()[-1]


def test_a_new_secret_is_no_new_budget(visitor, shop, seller):
    account = CreditAccount.objects.get(workspace=shop.workspace)
    mine = limit(account, 2, scope="key", api_key=shop.key)
    done = shop.finish(shop.submit(seller))
    running = sent(shop, seller)
    rotate(visitor, shop.key, shop.rivya.new_key("second"))
    mine.refresh_from_db()
    assert mine.api_key == ApiKey.objects.get(state="active")
    assert [state.use.used for state in limits.states_of(account, [mine])] == [2]
    assert shop.submit(seller).state == "needs_budget"
    shop.finish(running.draft.brief)
    assert done.final_credits + running.reserved_credits == 2
    assert [state.left for state in limits.states_of(account, [mine])] == [0]
    assert shop.submit(seller).state == "needs_budget"
