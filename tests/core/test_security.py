import pytest
from asgiref.sync import async_to_sync

pytestmark = pytest.mark.django_db


def test_it_lets_a_page_load_only_from_ourselves(client):
    answer = client.get("/healthz")
    rules = dict(
        rule.split(" ", 1) for rule in answer.headers["Content-Security-Policy"].split("; ")
    )
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["form-action"] == "'self'"
    assert rules["frame-ancestors"] == "'none'"
    assert rules["img-src"] == "'self' data:"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in answer.headers["Permissions-Policy"]


def test_it_allows_media_from_the_object_store_alone(client, settings):
    settings.VAULT_ORIGINS = ["https://vault.example"]
    policy = client.get("/healthz").headers["Content-Security-Policy"]
    assert "media-src 'self' https://vault.example;" in policy
    assert "script-src 'self';" in policy


def test_it_does_the_same_under_asgi(async_client):
    answer = async_to_sync(async_client.get)("/healthz")
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
