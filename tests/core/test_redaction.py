import io
import json
import logging
from typing import Any

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

from rivya_app.core.redaction import HIDDEN, RedactionFilter, redact

letters = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=24)
KEY = "rvya" + "_sk_test_" + "a1B2" * 6


@st.composite
def secrets(draw) -> str:
    """A made-up secret, in every shape the product meets."""
    body = draw(letters)
    return draw(
        st.sampled_from(
            [
                f"rvya_sk_{body}",
                f"rvya_sk_test_{body}-{body}",
                f"whsec_{body}/+==",
                Fernet(Fernet.generate_key()).encrypt(body.encode()).decode(),
            ]
        )
    )


@given(before=st.text(), after=st.text(), secret=secrets())
def test_it_hides_a_secret_in_any_text(before, after, secret):
    for text in (f"{before} {secret} {after}", f"{before}'{secret}'{after}", f"({secret})"):
        assert secret not in redact(text)


@given(letters)
def test_it_hides_what_an_authorization_header_carries(body):
    assert body not in redact(f"Authorization: Bearer {body}")
    assert body not in redact(f"{{'authorization': 'bearer {body}'}}")


@given(
    letters,
    st.sampled_from(
        ["signature", "token", "expires", "X-Amz-Signature", "sig", "Key-Pair-Id", "x-goog-date"]
    ),
)
def test_it_hides_the_query_of_a_signed_link(body, parameter):
    link = f"https://media.example/results/1.png?size=2&{parameter}={body}&x={body}"
    assert body not in redact(f"copying {link} failed")
    assert redact(link).startswith("https://media.example/results/1.png?")
    assert body not in redact(f"GET /results/1.png?{parameter}={body} HTTP/1.1")


@given(letters)
def test_it_hides_values_whose_name_speaks_of_a_secret(body):
    for text in (f"password={body}", f"'secret': '{body}'", f'{{"api_key": "{body}"}}'):
        assert body not in redact(text)
    assert body not in redact(f"postgresql://rivya:{body}@db.example/rivya")


@given(st.text())
def test_it_changes_nothing_a_second_time(text):
    once = redact(f"{text} {KEY} https://a.example/x?token={text}abcd")
    assert redact(once) == once


@pytest.mark.parametrize(
    "text",
    [
        "GET /briefs/?q=bearer+bags&page=2 200",
        "https://rivya.ai/docs/api-credits?lang=hi",
        "generation 6f1c0f1e-0000-4000-8000-000000000000 moved to succeeded",
        "12 credits held, 240 left",
    ],
)
def test_it_leaves_ordinary_lines_alone(text):
    assert redact(text) == text


@pytest.fixture(params=["plain", "json"])
def lines(settings, request):
    """Write through the project's own logging configuration; `lines()` is what came out."""
    from logging.config import dictConfig

    out = io.StringIO()
    configuration: dict[str, Any] = json.loads(json.dumps(settings.LOGGING))
    configuration["handlers"]["console"] |= {"stream": out, "formatter": request.param}
    configuration["root"]["level"] = "DEBUG"
    dictConfig(configuration)
    yield out.getvalue
    dictConfig(settings.LOGGING)


def test_every_handler_of_the_project_redacts(settings):
    assert all("redact" in handler["filters"] for handler in settings.LOGGING["handlers"].values())


def test_it_redacts_messages_arguments_and_extra_fields(lines):
    log = logging.getLogger("tests.redaction")
    log.info("plain " + KEY)  # noqa: G003
    log.info("argument %s", KEY)
    log.info("object %r", {"headers": {"Authorization": f"Bearer {KEY}"}})
    log.info("broken %s %s", KEY)
    assert KEY not in lines()
    assert lines().count(HIDDEN) >= 4


def test_it_redacts_tracebacks_and_stacks(lines):
    log = logging.getLogger("tests.redaction")
    try:
        raise RuntimeError(f"refused {KEY}")
    except RuntimeError:
        log.exception("it failed", stack_info=True)
    assert "RuntimeError: refused [hidden]" in lines()
    assert KEY not in lines()


def test_it_redacts_fields_a_json_log_would_print():
    record = logging.makeLogRecord(
        {"msg": "x", "facts": {"key": [KEY, 3, None, (KEY,)]}, "thing": Exception(KEY)}
    )
    RedactionFilter().filter(record)
    assert KEY not in str(record.__dict__)
    assert record.__dict__["facts"]["key"][1:3] == [3, None]
