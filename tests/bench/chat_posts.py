"""The first word from the browser's POST on: the whole page view stands before the publishing."""

import re
import time
from collections.abc import Callable
from contextlib import ExitStack
from uuid import uuid4

import httpx
from django.urls import NoReverseMatch, reverse

from rivya_app.chat.models import Turn
from tests.bench.shop import BenchShop

_TURN = re.compile(r"/assistant/turns/([0-9a-f-]{36})/")


def poster(shop: BenchShop) -> Callable[[], float] | None:
    """Asks in one conversation over real HTTP; None where there is no such page."""
    from tests.bench.chat import Ear, begin, ear_of  # which uses this module

    first = begin(shop, "How do I sell a mug?")
    conversation = first.conversation
    try:
        address = reverse("chat:ask", args=[conversation.public_id])
    except NoReverseMatch:
        return None
    browser = ExitStack().enter_context(shop.browser("researcher"))  # for as long as we measure

    def ask() -> float:
        headers = {
            "HX-Request": "true",
            "X-CSRFToken": browser.cookies["csrftoken"],
            "Referer": str(browser.base_url),
        }
        fields = {"form_token": str(uuid4()), "question": "And in Hindi?"}
        began = time.perf_counter()
        answer = browser.post(address, data=fields, headers=headers)
        answer.raise_for_status()
        turn_id = _turn_of(answer.text)
        cookie = _ticket(turn_id, answer)
        with Ear(shop.stage.port, turn_id, cookie) as ear:
            taken = ear.first_word() - began
            ear.rest()
        return taken

    def _turn_of(page: str) -> str:
        found = _TURN.search(page)
        if found is None:
            newest = Turn.objects.filter(conversation=conversation).latest("number")
            return str(newest.public_id)
        return found[1]

    def _ticket(turn_id: str, answer: httpx.Response) -> str:
        given = answer.cookies.get("ticket")
        if given:
            return given
        address = reverse("chat:stream-ticket", args=[turn_id])
        return str(browser.get(address).cookies["ticket"])

    with ear_of(shop, first) as ear:
        ear.rest()
    return ask
