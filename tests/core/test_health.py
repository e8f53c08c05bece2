import json

import pytest

from rivya_app.core import health

pytestmark = pytest.mark.django_db


def test_it_is_alive_without_asking_anything(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/healthz").content == b"ok\n"


def test_it_is_ready_when_every_part_answers(client):
    answer = client.get("/readyz")
    assert answer.status_code == 200, answer.content
    assert answer.json() == {
        "ready": True,
        "database": "ok",
        "broker": "ok",
        "migrations": "ok",
        "storage": "ok",
    }


@pytest.mark.parametrize("part", list(health.PROBES))
def test_it_names_the_part_that_does_not_answer_and_nothing_else(client, monkeypatch, part):
    def out_of_order() -> str:
        raise OSError("postgresql://rivya:hunter2hunter2@db.example/ is down")

    monkeypatch.setitem(health.PROBES, part, out_of_order)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() | {"ready": False, part: "unreachable"} == answer.json()
    assert "hunter2" not in json.dumps(answer.json())


def test_it_is_not_ready_while_migrations_wait(client):
    from django.db.migrations.recorder import MigrationRecorder

    MigrationRecorder.Migration.objects.filter(app="notices").delete()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["migrations"] == "waiting"


def test_it_is_not_ready_when_the_vault_cannot_be_written(client, monkeypatch):
    from django.core.files.storage import default_storage

    def full(*_args: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(default_storage, "save", full)
    assert client.get("/readyz").json()["storage"] == "unreachable"
