import json

import pytest
from cryptography.fernet import Fernet
from django.core import serializers
from django.db import connection

from rivya_app.core.sealed import SealBroken, Secret, seal, unseal
from rivya_app.library.models import StoredFile

TEXT = "https://media.example/a.png?token=" + "abc123" * 4


def test_a_secret_does_not_show_itself():
    secret = Secret(TEXT)
    assert secret.reveal() == TEXT
    for shown in (repr(secret), str(secret), f"{secret}", f"{secret!s:>40}", "%s" % secret):  # noqa: UP031
        assert TEXT not in shown
    with pytest.raises(TypeError):
        json.dumps({"secret": secret})
    assert not hasattr(secret, "__dict__")


def test_it_opens_what_an_older_key_sealed(settings):
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.FIELD_KEYS = [old]
    sealed = seal(TEXT)
    settings.FIELD_KEYS = [new, old]
    assert unseal(sealed).reveal() == TEXT
    settings.FIELD_KEYS = [new]
    with pytest.raises(SealBroken) as broken:
        unseal(sealed)
    assert TEXT not in str(broken.value)


@pytest.mark.django_db
def test_the_database_never_holds_the_text(workspace):
    row = StoredFile.objects.create(
        workspace=workspace, source="test:1", expected_kind="image", remote_url=TEXT
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT remote_url FROM library_storedfile")
        (stored,) = cursor.fetchone()
    assert TEXT not in stored
    assert stored.startswith("gAAAA")
    row.refresh_from_db()
    assert row.remote_url == Secret(TEXT)
    assert TEXT not in serializers.serialize("json", [row])


@pytest.mark.django_db
def test_an_empty_text_stays_empty(workspace):
    row = StoredFile.objects.create(workspace=workspace, source="test:1", expected_kind="image")
    row.refresh_from_db()
    assert not row.remote_url
