from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from rivya_app.workspaces import demo
from rivya_app.workspaces.models import Workspace

pytestmark = pytest.mark.django_db


def say(*command: str) -> str:
    out = StringIO()
    call_command(*command, stdout=out)
    return out.getvalue()


def create(email: str) -> str:
    return say(
        "create_workspace", "--name=New House", f"--owner-email={email}", "--owner-name=Nila"
    )


def test_it_makes_a_workspace_and_says_where_the_owner_sets_a_password(client, settings):
    said = create("nila@house.example")
    path = said.strip().splitlines()[-1].removeprefix(settings.SITE_URL)
    assert client.get(path).status_code == 302
    (workspace,) = Workspace.objects.all()
    assert workspace.members.get().roles == ["owner"]


def test_it_gives_no_such_link_for_a_person_who_has_a_password(owner):
    assert "password/reset" not in create(owner.user.email)


def test_it_refuses_what_is_no_address():
    with pytest.raises(CommandError):
        create("nila")
    assert not Workspace.objects.exists()


def test_it_says_who_can_sign_in_to_the_demo(workspace, settings):
    demo.make_people(workspace)
    assert say("demo_people") == ""
    settings.DEMO = True
    assert f"seller@{demo.DOMAIN}" in say("demo_people")
