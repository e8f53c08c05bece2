import logging

import pytest
from django.test import Client

KEY = "rvya" + "_sk_test_" + "c3D4" * 6
LOST = "not-shaped-like-any-key-of-ours"

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.urls")]


@pytest.mark.parametrize("is_debug", [True, False])
def test_it_keeps_posted_secrets_out_of_error_reports(settings, is_debug, caplog):
    settings.DEBUG = is_debug
    browser = Client(raise_request_exception=False)
    with caplog.at_level(logging.DEBUG):
        answer = browser.post(f"/t/broken/?token={LOST}", {"secret": KEY, "password": LOST})
    assert answer.status_code == 500
    page = answer.content.decode()
    assert KEY not in page
    if is_debug:
        assert "could not use [hidden]" in page

        assert LOST not in page


def test_it_makes_the_same_of_the_text_report(rf):
    import sys

    from django.views.debug import get_exception_reporter_class

    request = rf.post("/x/", {"secret": KEY, "note": f"see {KEY}"})
    try:
        raise RuntimeError(KEY)
    except RuntimeError:
        reporter = get_exception_reporter_class(request)(request, *sys.exc_info())
    for report in (reporter.get_traceback_text(), reporter.get_traceback_html()):
        assert KEY not in report
        assert "RuntimeError" in report
