"""A workspace that is ready to work, and a browser for each of its people."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from django.test import Client

from rivya_app.briefs.models import Brief
from rivya_app.gateway.models import ApiKey
from rivya_app.local.page_forms import read_page
from rivya_app.workspaces.models import Membership, Workspace
from tests.bench.stage import PASSWORD, Stage
from tests.shop import Shop


class BenchShop(Shop):
    """The shop of the tests on the stage of a benchmark; `cast` maps a role to its member."""

    def __init__(
        self, stage: Stage, home: Workspace, cast: dict[str, Membership], key: ApiKey
    ) -> None:
        super().__init__(home, key, stage.rivya)
        self.stage = stage
        self.cast = cast

    def brief(self, role: str = "seller", **fields: Any) -> Brief:
        return self.submit(self.cast[role], **fields)

    def client(self, role: str) -> Client:
        """A browser without a network, signed in."""
        browser = Client()
        browser.force_login(self.cast[role].user)
        return browser

    @contextmanager
    def browser(self, role: str) -> Iterator[httpx.Client]:
        """A browser over real HTTP, signed in through the form; the stage's web must run."""
        address = f"http://localhost:{self.stage.port}"
        with httpx.Client(base_url=address, timeout=30, trust_env=False) as browser:
            email = self.cast[role].user.email
            post_form(browser, "/accounts/login/", {"login": email, "password": PASSWORD})
            if "sessionid" not in browser.cookies:
                raise RuntimeError(f"{role} could not sign in")
            yield browser


def filled_form(browser: httpx.Client, path: str, values: dict[str, str]) -> dict[str, str]:
    """What the form at `path` would send with `values` typed in."""
    form = read_page(browser.get(path).text).form_to(path)
    return {**form.values, **values}


def post_form(browser: httpx.Client, path: str, values: dict[str, str]) -> httpx.Response:
    return send(browser, path, filled_form(browser, path, values))


def send(browser: httpx.Client, path: str, values: dict[str, str]) -> httpx.Response:
    headers = {"Referer": str(browser.base_url.join(path))}
    answer = browser.post(path, data=values, headers=headers)
    if answer.status_code != 302:
        raise RuntimeError(f"POST {path} answered {answer.status_code}")
    return answer
