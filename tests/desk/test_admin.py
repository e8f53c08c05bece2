"""The admin: staff read, nobody changes money, nothing sealed is shown, nobody else comes in."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import NoReverseMatch, reverse

from rivya_app.chat import feed
from rivya_app.core.checks import routes
from rivya_app.core.guard import Who, policy_of
from rivya_app.core.sealed import SealedTextField
from rivya_app.desk.staff import ReadOnly, Users, site
from rivya_app.generations.models import Generation
from rivya_app.workspaces.models import User
from tests.cast import make_member

SAMPLE = "1"


def admin_addresses() -> list[str]:
    """An address of every route of the admin."""
    found = []
    for name, pattern in routes():
        if not name.startswith("admin:") or name == "admin:":
            continue
        for arguments in ([], [SAMPLE], ["credits"], [SAMPLE, SAMPLE]):
            try:
                found.append(reverse(name, args=arguments))
            except NoReverseMatch:
                continue
            break
        else:
            raise AssertionError(f"{name} {pattern.pattern} has no address")
    return found


def staff_of(shop: Any, **fields: Any) -> Any:
    return make_member(
        shop.workspace, "support", email="staff@rivya.example", is_staff=True, **fields
    )


def test_every_route_of_the_admin_is_for_staff_alone():
    named = [(name, pattern) for name, pattern in routes() if name.startswith("admin:")]
    assert len(named) > 100
    for name, pattern in named:
        policy = policy_of(pattern.callback, name)
        assert policy is not None, name
        assert (policy.who, policy.is_confirmed) == (Who.STAFF, True), name
    assert not any(name.endswith((":login", ":logout", "password_change")) for name, _ in named)


def test_nobody_but_staff_comes_in(
    seller, manager, owner, researcher, support, stranger, client_of
):
    addresses = admin_addresses()
    for member in (seller, manager, owner, researcher, support, stranger):
        browser = client_of(member)
        assert {browser.get(url).status_code for url in addresses} == {403}
    anonymous = client_of(None)
    for url in addresses:
        assert anonymous.get(url).url.startswith(reverse("account_login"))


def test_staff_give_their_password_first(shop):
    from django.test import Client

    browser = Client()
    browser.force_login(staff_of(shop).user)
    answer = browser.get(reverse("admin:index"))
    assert answer.url.startswith(reverse("account_reauthenticate"))


def test_staff_read_and_change_nothing(shop, seller, client_of):
    shop.finish(shop.submit(seller))
    browser = client_of(staff_of(shop))
    page = browser.get(reverse("admin:index"))
    assert page.status_code == 200
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert "<script>" not in page.content.decode()
    for model in site._registry:
        prefix = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        listed = browser.get(reverse(f"{prefix}_changelist"))
        assert listed.status_code == 200, model
        row = model.objects.first()
        assert browser.get(reverse(f"{prefix}_add")).status_code == 403
        if row is None:
            continue
        shown = browser.get(reverse(f"{prefix}_change", args=[row.pk]))
        assert shown.status_code == 200, model
        said = shown.content.decode()
        assert 'name="_save"' not in said
        assert "/delete/" not in said
        for act in ("change", "delete"):
            url = reverse(f"{prefix}_{act}", args=[row.pk])
            assert browser.post(url, {"post": "yes"}).status_code == 403, (model, act)


def test_nothing_sealed_is_shown(shop, seller, client_of):
    job = shop.finish(shop.submit(seller))
    browser = client_of(staff_of(shop))
    for model, options in site._registry.items():
        assert isinstance(options, ReadOnly)
        sealed = {f.name for f in model._meta.fields if isinstance(f, SealedTextField)}
        assert not sealed & set(options.get_fields(None)), model
        assert "password" not in options.get_fields(None)
    said = browser.get(reverse("admin:generations_generation_change", args=[job.pk])).content
    assert "A blue mug on a wooden table" not in said.decode()
    key = browser.get(reverse("admin:gateway_apikey_change", args=[shop.key.pk])).content.decode()
    assert shop.key.secret.reveal() not in key


def test_a_superuser_closes_an_account_and_nothing_else(shop, seller, client_of):
    browser = client_of(staff_of(shop, is_superuser=True))
    url = reverse("admin:workspaces_user_change", args=[seller.user_id])
    assert browser.get(url).status_code == 200
    answer = browser.post(
        url, {"is_staff": "", "email": "other@rivya.example", "is_superuser": "on"}
    )
    assert answer.status_code == 302
    person = User.objects.get(pk=seller.user_id)
    assert (person.is_active, person.email, person.is_superuser) == (
        False,
        seller.user.email,
        False,
    )
    assert LogEntry.objects.get().user.email == "staff@rivya.example"
    assert (
        browser.post(reverse("admin:workspaces_user_delete", args=[person.pk])).status_code == 403
    )
    job = reverse("admin:generations_generation_add")
    assert browser.post(job, {"title": "x"}).status_code == 403
    assert not Generation.objects.filter(title="x").exists()


def test_who_is_closed_out_hears_no_more_of_an_open_answer(
    shop, seller, client_of, django_capture_on_commit_callbacks
):
    browser = client_of(staff_of(shop, is_superuser=True))
    url = reverse("admin:workspaces_user_change", args=[seller.user_id])

    def is_shut_out():
        return bool(feed.connection().exists(feed.ended_name(seller.pk)))

    for fields, is_out in (({"is_staff": ""}, True), ({"is_active": "on"}, False)):
        with django_capture_on_commit_callbacks(execute=True):
            assert browser.post(url, fields).status_code == 302
        assert is_shut_out() == is_out


def test_a_model_that_may_change_is_the_user_alone():
    changing = [
        type(options)
        for options in site._registry.values()
        if type(options).has_change_permission is not ReadOnly.has_change_permission
    ]
    assert changing == [Users]


@pytest.mark.parametrize("flag", ["has_add_permission", "has_delete_permission"])
def test_none_may_add_or_delete(flag):
    for options in site._registry.values():
        assert getattr(type(options), flag) is getattr(ReadOnly, flag)
