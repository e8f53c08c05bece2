"""Faults of a task's life and of its result's bytes."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from tests.simulator.conftest import Api, until

LINK_FAULT = "http://169.254.169.254/"


@pytest.mark.parametrize("stage", ["queued", "processing"])
def test_it_stays_where_it_is_for_ever(api: Api, stage: str) -> None:
    task_id = api.made(f"[[stuck:{stage}]] x")["id"]
    assert until(lambda: api.task(task_id), lambda t: t["status"] == stage)
    other = api.made()["id"]
    api.final(other)
    assert api.task(task_id)["status"] == stage


def test_it_ends_a_stuck_task_when_told(api: Api) -> None:
    task_id = api.made("[[stuck]] x")["id"]
    api.stand_in.finish(task_id)
    assert api.task(task_id)["status"] == "succeeded"
    failed = api.made("[[stuck]] x", model="kling-2-6")["id"]
    api.stand_in.finish(failed, "failed", code="content_refused")
    assert api.task(failed)["error"]["code"] == "content_refused"
    assert api.credits() == 999


@pytest.mark.parametrize("stage", ["queued", "processing"])
def test_it_fails_at_a_stage(api: Api, stage: str) -> None:
    api.stand_in.fault("fail", stage=stage, code="content_refused")
    task = api.made()
    seen = set()

    def look() -> dict[str, Any]:
        state = api.task(task["id"])
        seen.add(state["status"])
        return state

    final = until(look, lambda t: t["status"] == "failed")
    assert final["error"]["code"] == "content_refused"
    assert final["result"] is None
    assert "processing" not in seen or stage == "processing"


def test_it_shows_a_status_nobody_documented(api: Api) -> None:
    task_id = api.made("[[unknown_status:moderating]] [[slow:0.5]] x")["id"]
    until(lambda: api.task(task_id), lambda t: t["status"] == "moderating")
    assert api.final(task_id)["status"] == "succeeded"


def test_it_shows_it_for_ever_when_told(api: Api) -> None:
    api.stand_in.fault("unknown_status", for_ever=True)
    task_id = api.made()["id"]
    assert until(lambda: api.task(task_id), lambda t: t["status"] == "moderating")["result"] is None


def test_it_is_done_at_once_when_told(api: Api) -> None:
    assert api.task(api.made("[[instant]] x")["id"])["status"] == "succeeded"


def test_it_succeeds_with_no_result(api: Api) -> None:
    task = api.final(api.made("[[no_result]] x")["id"])
    assert (task["status"], task["result"]) == ("succeeded", None)


def test_it_gives_several_results(api: Api) -> None:
    urls = api.final(api.made("[[many:3]] x")["id"])["result"]["urls"]
    bodies = {httpx.get(url).content for url in urls}
    assert len(bodies) == 3


def test_links_expire_and_a_fresh_look_gives_fresh_ones(api: Api) -> None:
    api.stand_in.set(link_life_seconds=1)
    task_id = api.made()["id"]
    url = api.final(task_id)["result"]["primary_url"]
    assert httpx.get(url).status_code == 200
    until(lambda: httpx.get(url).status_code, lambda status: status == 403, 4)
    fresh = api.task(task_id)["result"]["primary_url"]
    assert fresh != url
    assert httpx.get(fresh).status_code == 200


def test_links_cannot_be_guessed(api: Api) -> None:
    url = api.final(api.made()["id"])["result"]["primary_url"]
    head, token, name = url.rsplit("/", 2)
    later = f"{int(time.time()) + 9999:x}-{token.partition('-')[2]}"
    for forged in (f"{head}/{later}/{name}", f"{head}/0-x/{name}", f"{url}x", f"{head}/x/{name}"):
        assert httpx.get(forged).status_code == 403


@pytest.mark.parametrize(
    ("fault", "options", "status"),
    [
        ("expired_link", {}, 403),
        ("missing_result", {}, 404),
        ("result_error", {"status": 503}, 503),
        ("redirect_result", {"url": LINK_FAULT}, 302),
    ],
)
def test_it_withholds_the_bytes(api: Api, fault: str, options: dict[str, Any], status: int) -> None:
    url = api.final(api.made()["id"])["result"]["primary_url"]
    api.stand_in.fault(fault, times=1, **options)
    assert httpx.get(url).status_code == status
    assert httpx.get(url).status_code == 200


@pytest.mark.parametrize("kind", ["html", "svg", "gif", "exe", "empty"])
def test_it_gives_bytes_of_another_type(api: Api, kind: str) -> None:
    api.stand_in.fault("wrong_media", kind=kind)
    answer = api.result()
    assert answer.headers["content-type"] == "image/png"
    assert not answer.content.startswith(b"\x89PNG")


def test_it_gives_a_file_that_stops_in_its_middle(api: Api) -> None:
    url = api.final(api.made("[[broken_result]] x")["id"])["result"]["primary_url"]
    broken = httpx.get(url).content
    assert broken.startswith(b"\x89PNG")
    assert not broken.endswith(b"IEND\xaeB`\x82")


def test_it_cuts_the_connection_within_a_file(api: Api) -> None:
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        api.result("[[cut_result]] x")


@pytest.mark.parametrize("honest", [True, False])
def test_it_gives_far_too_many_bytes(api: Api, honest: bool) -> None:
    url = api.final(api.made()["id"])["result"]["primary_url"]
    api.stand_in.fault("huge_result", mb=20, honest=honest)
    with httpx.stream("GET", url) as answer:
        assert ("content-length" in answer.headers) == honest
        assert sum(len(chunk) for chunk in answer.iter_raw()) == 20 * 1024 * 1024


def test_it_gives_the_bytes_slowly(api: Api) -> None:
    began = time.monotonic()
    assert api.result("[[slow_result:0.5]] x").status_code == 200
    assert time.monotonic() - began > 0.5


def test_it_links_to_where_nobody_should_go(api: Api) -> None:
    task = api.final(api.made(f"[[hostile_link:{LINK_FAULT}]] x")["id"])
    assert task["result"]["primary_url"] == LINK_FAULT
