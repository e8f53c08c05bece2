"""A real Chromium before the real pages; the workers' part is played by the test, step by step."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from playwright.sync_api import BrowserContext, Page

from rivya_app.workspaces.models import Membership
from tests.browser.chromium import DESKTOP, launch_options
from tests.shop import Shop


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in str(item.path).replace(os.sep, "/"):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session", autouse=True)
def allow_rows_beside_playwright() -> Iterator[None]:
    """Playwright keeps an event loop in this thread, where Django would refuse its ORM."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    yield
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    return launch_options()


@pytest.fixture(scope="session")
def browser_context_args() -> dict[str, Any]:
    return {"viewport": DESKTOP}


@pytest.fixture
def site(live_server: Any, shop: Shop, settings: Any) -> str:
    """The address of the running product, ready to work against the stand-in."""
    settings.DEMO = False
    return str(live_server.url)


@pytest.fixture
def sign_in(site: str) -> Callable[[BrowserContext, Membership], None]:
    """Hand a browser the session of a member."""

    def sign_in_as(context: BrowserContext, member: Membership) -> None:
        client = Client()
        client.force_login(member.user)
        session = client.cookies[django_settings.SESSION_COOKIE_NAME].value
        name = django_settings.SESSION_COOKIE_NAME
        context.add_cookies([{"name": name, "value": session, "url": site}])

    return sign_in_as


@pytest.fixture
def complaints(page: Page) -> Iterator[list[str]]:
    """What the page's console and its scripts complained about; a test ends with none."""
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
    # A refused form that a script sent is an answer, which the browser's console calls an error.
    refused = "status of 422"
    yield said
    # htmx complains of questions that were cut because the page was left: that is no fault.
    faults = [line for line in said if not line.startswith("htmx:") and refused not in line]
    assert faults == []


@pytest.fixture
def as_seller(page: Page, seller: Membership, sign_in: Any, complaints: list[str]) -> Page:
    """A page of the seller's browser; any complaint of its console fails the test."""
    page.set_default_timeout(10_000)
    page.set_default_navigation_timeout(30_000)  # the first page of a process loads its modules
    sign_in(page.context, seller)
    return page
