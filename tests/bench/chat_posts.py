"""The first word from the browser's POST on: the whole page view stands before the publishing."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

import httpx
from django.urls import reverse

from tests.bench.shop import BenchShop

_GIVEN = re.compile(r"ticket=\"?(?P<ticket>[^;\"]+).*?Path=/stream/turns/(?P<turn>[0-9a-f-]{36})/")


@contextmanager
def posting(shop: BenchShop) -> Iterator[Callable[[], float]]:
    """Asks again and again in one conversation, over real HTTP, as the page's script does."""
    from tests.bench.chat import begin, ear_of  # which uses this module

    first = begin(shop, "How do I sell a mug?")
    with ear_of(shop, first) as ear:
        ear.rest()
    with shop.browser("researcher") as browser:
        yield lambda: _asked(shop, browser, first.conversation.public_id)


def _asked(shop: BenchShop, browser: httpx.Client, conversation: UUID) -> float:
    """Seconds from the POST to the first word on its stream."""
    from tests.bench.chat import Ear

    headers = {
        "HX-Request": "true",
        "X-CSRFToken": browser.cookies["csrftoken"],
        "Referer": str(browser.base_url),
    }
    fields = {"form_token": str(uuid4()), "question": "And in Hindi?"}
    address = reverse("chat:ask", args=[conversation])
    began = time.perf_counter()
    answer = browser.post(address, data=fields, headers=headers).raise_for_status()
    given = _GIVEN.search(answer.headers.get("set-cookie", ""))
    if given is None:
        raise RuntimeError("the answer brings no ticket")
    with Ear(shop.stage.port, given["turn"], given["ticket"]) as ear:
        taken = ear.first_word() - began
        ear.rest()
    return taken
