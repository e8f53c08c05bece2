"""`make smoke`: the whole product headless, one picture from brief to checked file, over HTTP."""

import hashlib
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urljoin

import httpx

from rivya_app.local.console import Console
from rivya_app.local.home import Home
from rivya_app.local.page_forms import read_page
from rivya_app.local.postgres import NOBODY
from rivya_app.local.prepared import ServiceUnavailable, socket_folder
from rivya_app.local.run import Product, people_of, start_workers, started_product
from rivya_app.local.supervisor import PartFailed

SELLER = "seller@demo.example"
GIVE_UP_SECONDS = 60.0
SMALLEST_PICTURE = 5_000  # bytes; less is no picture anyone could sell with
SIGNATURES = {
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff",
    "image/webp": b"RIFF",
}
_GIVEN = ("DATABASE_URL", "REDIS_URL", "RIVYA_BASE_URL", "DEMO")


class SmokeFailed(Exception):
    """What did not hold, in words."""


def smoke() -> int:
    """Start everything in a temporary folder, make one picture, check it, end everything.

    Returns 0, or 1 after saying what failed and where the logs are. Services that the environment
    names are left alone: this run makes rows.
    """
    for name in _GIVEN:
        os.environ.pop(name, None)
        os.environ.pop(f"{name}_FILE", None)
    folder = Path(tempfile.mkdtemp(prefix="rivya-smoke-"))
    home = Home(folder)
    try:
        began = time.monotonic()
        _run(home)
    except (SmokeFailed, PartFailed, ServiceUnavailable, httpx.HTTPError, LookupError) as failure:
        print(f"\nFailed: {failure}\nLogs: {home.logs}", file=sys.stderr)
        return 1
    finally:
        for data in (home.postgres, home.valkey):
            shutil.rmtree(socket_folder(data, owner=NOBODY), ignore_errors=True)
    shutil.rmtree(folder)
    print(f"All held, in {time.monotonic() - began:.1f} s.")
    return 0


def _run(home: Home) -> None:
    console = Console(shows_processes=False)
    with started_product(home, console, wanted_port=0) as product:
        people = people_of(product, with_history=False)
        start_workers(product)
        with httpx.Client(
            base_url=f"http://localhost:{product.port}", timeout=20, trust_env=False
        ) as browser:
            _sign_in(browser, _password(people))
            brief = _submit_brief(browser)
            download = _follow(product, browser, brief)
            _check_picture(browser, download)


def _password(people: list[str]) -> str:
    for line in people:
        if line.startswith("Password"):
            return line.rpartition(":")[2].strip()
    raise SmokeFailed("demo_people names no password")


def _sign_in(browser: httpx.Client, password: str) -> None:
    path = "/accounts/login/"
    form = read_page(browser.get(path).text).form_to(path)
    form.values |= {"login": SELLER, "password": password}
    answer = _send(browser, path, form.values)
    if answer.status_code != 302 or "sessionid" not in browser.cookies:
        raise SmokeFailed(f"signing in as the seller answered {answer.status_code}")
    print("  signed in as the seller")


def _submit_brief(browser: httpx.Client) -> str:
    path = "/briefs/new/"
    form = read_page(browser.get(path).text).form_to(path)
    form.values |= {
        "product": "Blue stoneware mug",
        "points": "hand-thrown\nholds 300 ml",
        "draft_count": "1",
    }
    answer = _send(browser, path, form.values)
    if answer.status_code != 302:
        raise SmokeFailed(f"submitting the brief answered {answer.status_code}")
    print("  submitted a brief")
    return answer.headers["Location"]


def _send(browser: httpx.Client, path: str, values: dict[str, str]) -> httpx.Response:
    headers = {"Referer": str(browser.base_url.join(path))}
    return browser.post(path, data=values, headers=headers)


def _follow(product: Product, browser: httpx.Client, brief: str) -> str:
    """Watch the brief's page, printing each state with its time; returns where the picture is."""
    began = time.monotonic()
    last, downloads = "", list[str]()

    def is_final() -> bool:
        nonlocal last, downloads
        page = read_page(browser.get(brief).text)
        state = next(iter(page.states.values()), "")
        if state and state != last:
            print(f"  {time.monotonic() - began:5.1f} s  {state}", flush=True)
            last = state
        # A page offers other things to take away too, such as its table as CSV.
        downloads = [address for address in page.downloads if "/files/" in address]
        is_late = time.monotonic() - began > GIVE_UP_SECONDS
        return state == "failed" or bool(downloads) or is_late

    product.supervisor.watch(until=is_final)
    if not downloads:
        raise SmokeFailed(f"the job came to {last or 'nothing'} and there is nothing to download")
    return urljoin(brief, downloads[0])


def _check_picture(browser: httpx.Client, address: str) -> None:
    """The bytes are a picture of the announced kind, whole, and those the vault recorded."""
    answer = browser.get(address)
    answer.raise_for_status()
    content, kind = answer.content, answer.headers["Content-Type"]
    signature = SIGNATURES.get(kind)
    if signature is None or not content.startswith(signature):
        raise SmokeFailed(f"the file says {kind} and does not begin like one")
    if len(content) != int(answer.headers["Content-Length"]) or len(content) < SMALLEST_PICTURE:
        raise SmokeFailed(f"the file is {len(content)} bytes long, which cannot be right")
    checksum = hashlib.sha256(content).hexdigest()
    if answer.headers["ETag"] != f'"{checksum}"':
        raise SmokeFailed("the file's checksum is not the one recorded when it was stored")
    print(f"  downloaded {kind}, {len(content):,} bytes, sha256 {checksum[:16]}… as recorded")
