"""Links for people without an account: one package each, for a while, and no trace of their key."""

import hashlib
import http.client
import logging
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client

from rivya_app.core import clock
from rivya_app.core.sealed import Secret
from rivya_app.handoff import admission, links
from rivya_app.handoff.links import Made, NotDone, WantedLink
from rivya_app.handoff.models import Package, PackageEvent, PackedFile, ShareLink
from rivya_app.handoff.zipping import Zip
from rivya_app.reviews import actions as reviews
from rivya_app.reviews.models import Decision
from rivya_app.workspaces.models import Membership
from tests.handoff.packages import ALT_TEXT, CAPTION, TITLE, make_package, packed
from tests.shop import Shop
from tests.waiting import wait_for

pytestmark = pytest.mark.django_db(transaction=True)

Browser = Callable[[Membership | None], Client]
PASSPHRASE = "three blue mugs"


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    cache.clear()


@pytest.fixture
def package(seller: Membership) -> Package:
    return make_package(seller)


@pytest.fixture
def visitor() -> Client:
    return Client()


def made(member: Membership, package: Package, **fields: Any) -> Made:
    wanted = {"given_to": "Priya at the shop", "days": 14, "passphrase": Secret(""), **fields}
    return links.make_link(member=member, package_id=package.public_id, wanted=WantedLink(**wanted))


def path(link: Made, rest: str = "") -> str:
    return f"/shared/{link.token.reveal()}/{rest}"


def bytes_of(answer: Any) -> bytes:
    got = b"".join(answer.streaming_content) if answer.streaming else answer.content
    answer.close()
    return bytes(got)


def is_closed(answer: Any) -> bool:
    """The one page that says nothing of why."""
    return answer.status_code == 404 and "Nothing opens here" in answer.content.decode()


def events(package: Package) -> list[str]:
    return list(PackageEvent.objects.filter(package=package).values_list("kind", flat=True))


# --- Making ---------------------------------------------------------------------------------------


def test_it_keeps_a_hash_of_the_token_and_of_the_passphrase(
    package: Package, seller: Membership
) -> None:
    link = made(seller, package, passphrase=Secret(PASSPHRASE))
    row, token = ShareLink.objects.get(), link.token.reveal()
    assert len(token) >= 43
    assert row.token_hash == hashlib.sha256(token.encode()).hexdigest()
    kept = " ".join(map(str, ShareLink.objects.values_list().get()))
    facts = str(list(PackageEvent.objects.values_list("facts", flat=True)))
    for secret in (token, PASSPHRASE):
        assert secret not in kept + facts + repr(link)
    assert row.expires_at - row.created_at >= timedelta(days=14) - timedelta(seconds=1)


def test_two_links_are_never_the_same(package: Package, seller: Membership) -> None:
    assert made(seller, package).token != made(seller, package).token


@pytest.mark.parametrize("person", ["researcher", "support"])
def test_who_may_not_let_packages_out_makes_no_link(
    package: Package, person: str, request: pytest.FixtureRequest, client_of: Browser
) -> None:
    browser = client_of(request.getfixturevalue(person))
    fields = {"given_to": "me", "days": "3"}
    assert browser.post(f"/handoff/{package.public_id}/links/", fields).status_code == 403
    assert not ShareLink.objects.exists()


def test_a_stranger_makes_no_link(
    package: Package, stranger: Membership, client_of: Browser
) -> None:
    fields = {"given_to": "me", "days": "3"}
    answer = client_of(stranger).post(f"/handoff/{package.public_id}/links/", fields)
    assert answer.status_code == 404
    assert not ShareLink.objects.exists()


def test_the_link_is_shown_once_and_nowhere_else(
    package: Package, seller: Membership, client_of: Browser
) -> None:
    browser = client_of(seller)
    fields = {"given_to": "Priya", "days": "3", "passphrase": PASSPHRASE}
    answer = browser.post(f"/handoff/{package.public_id}/links/", fields)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    found = re.search(r"/shared/([\w-]{43})/", answer.content.decode())
    assert found
    again = browser.get(f"/handoff/{package.public_id}/").content.decode()
    assert "Priya" in again
    assert found[1] not in again
    assert found[1] not in str(dict(browser.session))


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"given_to": "", "days": "3"}, "given_to"),
        ({"given_to": "Priya", "days": "0"}, "days"),
        ({"given_to": "Priya", "days": "91"}, "days"),
        ({"given_to": "Priya", "days": "3", "passphrase": "short"}, "passphrase"),
    ],
)
def test_wrong_input_is_explained_and_kept(
    package: Package, seller: Membership, client_of: Browser, fields: dict[str, str], wrong: str
) -> None:
    answer = client_of(seller).post(f"/handoff/{package.public_id}/links/", fields)
    assert answer.status_code == 422
    assert wrong in answer.context["form"].errors
    if fields["given_to"]:
        assert 'value="Priya"' in answer.content.decode()
    assert "short" not in re.findall(r'value="([^"]*)"', answer.content.decode())


def test_there_is_no_link_to_what_may_not_leave(
    package: Package, seller: Membership, manager: Membership
) -> None:
    withdraw(package, manager)
    with pytest.raises(NotDone, match="not_ready"):
        made(seller, package)


def test_links_are_bounded(
    package: Package, seller: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "MOST_OPEN", 2)
    first, _second = made(seller, package), made(seller, package)
    with pytest.raises(NotDone, match="too_many_links"):
        made(seller, package)
    links.revoke_link(member=seller, public_id=first.link.public_id)
    assert made(seller, package)


# --- Opening --------------------------------------------------------------------------------------


def test_it_shows_the_package_to_anybody_who_has_it(
    shop: Shop, seller: Membership, manager: Membership, visitor: Client
) -> None:
    package = packed(shop, seller, manager)
    link = made(seller, package)
    answer = visitor.get(path(link))
    page = answer.content.decode()
    assert answer.status_code == 200
    for words in (TITLE, ALT_TEXT, CAPTION, "artificial intelligence", "trainedAlgorithmicMedia"):
        assert words in page
    for row in PackedFile.objects.filter(item__package=package):
        assert row.name in page
        assert f"files/{row.public_id}/" in page
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert not answer.cookies
    assert 'class="rail' not in page
    assert link.token.reveal() not in page


def test_it_speaks_the_readers_language(
    package: Package, seller: Membership, visitor: Client
) -> None:
    link = made(seller, package)
    hindi = visitor.get(path(link), headers={"Accept-Language": "hi"})
    assert '<html lang="hi"' in hindi.content.decode()
    assert "कृत्रिम बुद्धिमत्ता" in hindi.content.decode()
    closed = visitor.get("/shared/nothing/", headers={"Accept-Language": "hi"})
    assert "Nothing opens here" not in closed.content.decode()
    assert closed.status_code == 404


def test_it_gives_each_file_and_the_whole(
    shop: Shop, seller: Membership, manager: Membership, visitor: Client
) -> None:
    package = packed(shop, seller, manager)
    link = made(seller, package)
    for row in PackedFile.objects.filter(item__package=package):
        answer = visitor.get(path(link, f"files/{row.public_id}/"))
        assert hashlib.sha256(bytes_of(answer)).hexdigest() == row.sha256
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    answer = visitor.get(path(link, "package.zip"))
    assert bytes_of(answer) == b"".join(Zip(package).chunks())
    assert answer.headers["Cache-Control"] == "no-store"


def test_looks_and_downloads_are_counted(
    package: Package, seller: Membership, visitor: Client
) -> None:
    link = made(seller, package)
    visitor.head(path(link))
    for _look in range(3):
        visitor.get(path(link))
    head = visitor.get(path(link, "package.zip"), headers={"Range": "bytes=0-99"})
    bytes_of(head)
    bytes_of(visitor.get(path(link, "package.zip"), headers={"Range": "bytes=100-"}))
    row = ShareLink.objects.get()
    assert (row.view_count, row.download_count) == (3, 1)
    assert row.seen_at is not None
    assert events(package)[-3:] == ["shared", "opened", "taken"]


def test_it_opens_its_own_package_and_no_other(
    package: Package, seller: Membership, stranger: Membership, visitor: Client
) -> None:
    link = made(seller, package)
    for other in (make_package(seller, title="Another"), make_package(stranger, title="Elsewhere")):
        inside = PackedFile.objects.filter(item__package=other).earliest("pk")
        assert is_closed(visitor.get(path(link, f"files/{inside.public_id}/")))
    assert is_closed(visitor.get(path(link, f"files/{uuid4()}/")))


def withdraw(package: Package, manager: Membership) -> None:
    """The approval of its picture is reversed."""
    review = package.items.get().review
    reviews.reverse_decision(
        member=manager, public_id=review.public_id, reason="The claim is not true."
    )


@pytest.mark.parametrize("way", ["unknown", "over", "revoked", "withdrawn"])
def test_whatever_does_not_open_says_the_same(
    package: Package, seller: Membership, manager: Membership, visitor: Client, way: str
) -> None:
    link = made(seller, package, passphrase=Secret(PASSPHRASE))
    row = PackedFile.objects.filter(item__package=package).earliest("pk")
    moment, token = clock.now(), link.token.reveal()
    assert visitor.post(path(link), {"passphrase": PASSPHRASE}).status_code == 302
    if way == "unknown":
        token = token[:-1] + ("A" if token[-1] != "A" else "B")
    elif way == "over":
        moment += timedelta(days=14, seconds=1)
    elif way == "revoked":
        links.revoke_link(member=manager, public_id=link.link.public_id)
    else:
        withdraw(package, manager)
    never = visitor.get("/shared/never-was/").content
    with clock.at(moment):
        for rest in ("", f"files/{row.public_id}/", "package.zip"):
            answer = visitor.get(f"/shared/{token}/{rest}")
            assert is_closed(answer)
            assert answer.content == never
            assert answer.headers["Cache-Control"] == "no-store"
        assert is_closed(visitor.post(f"/shared/{token}/", {"passphrase": PASSPHRASE}))


def test_whoever_handles_packages_takes_a_link_back(
    package: Package,
    seller: Membership,
    stranger: Membership,
    researcher: Membership,
    visitor: Client,
    client_of: Browser,
) -> None:
    link = made(seller, package)
    address = f"/handoff/links/{link.link.public_id}/revoke/"
    assert client_of(stranger).post(address).status_code == 404
    assert client_of(researcher).post(address).status_code == 403
    assert visitor.get(path(link)).status_code == 200
    for _press in range(2):
        assert client_of(seller).post(address).status_code == 302
    assert is_closed(visitor.get(path(link)))
    assert events(package).count("revoked") == 1


def test_odd_tokens_open_nothing(visitor: Client) -> None:
    for token in ("%00", "a" * 3000, "%F0%9F%92%A5", "..%2f", "\u0939"):
        assert visitor.get(f"/shared/{token}/").status_code == 404


# --- The passphrase -------------------------------------------------------------------------------


def test_a_passphrase_stands_before_everything(
    package: Package, seller: Membership, visitor: Client
) -> None:
    link = made(seller, package, passphrase=Secret(PASSPHRASE))
    row = PackedFile.objects.filter(item__package=package).earliest("pk")
    asked = visitor.get(path(link))
    assert asked.status_code == 200
    assert TITLE not in asked.content.decode()
    for rest in (f"files/{row.public_id}/", "package.zip"):
        assert is_closed(visitor.get(path(link, rest)))
    wrong = visitor.post(path(link), {"passphrase": "three red mugs"})
    assert wrong.status_code == 422
    assert ShareLink.objects.get().view_count == 0
    right = visitor.post(path(link), {"passphrase": PASSPHRASE})
    assert right.status_code == 302
    cookie = next(iter(right.cookies.values()))
    assert cookie["httponly"]
    assert cookie["path"] == path(link)
    assert cookie["samesite"] == "Lax"
    assert TITLE in visitor.get(path(link)).content.decode()
    assert visitor.get(path(link, "package.zip")).status_code == 200


def test_the_cookie_ends_and_opens_no_other_link(
    package: Package, seller: Membership, visitor: Client
) -> None:
    link = made(seller, package, passphrase=Secret(PASSPHRASE))
    other = made(seller, package, passphrase=Secret(PASSPHRASE))
    visitor.post(path(link), {"passphrase": PASSPHRASE})
    (name, value), *_rest = visitor.cookies.items()
    forged = Client()
    forged.cookies[admission._cookie(other.link)] = value.value
    assert TITLE not in forged.get(path(other)).content.decode()
    forged.cookies[name] = value.value + "x"
    assert TITLE not in forged.get(path(link)).content.decode()
    with clock.at(clock.now() + admission.ADMITTED_FOR + timedelta(seconds=1)):
        assert TITLE not in visitor.get(path(link)).content.decode()


def test_tries_are_counted_for_each_link_and_address(
    package: Package, seller: Membership, visitor: Client
) -> None:
    link = made(seller, package, passphrase=Secret(PASSPHRASE))
    other = made(seller, package, passphrase=Secret(PASSPHRASE))
    for _try in range(admission.MOST_TRIES):
        assert visitor.post(path(link), {"passphrase": "wrong"}).status_code == 422
    locked = visitor.post(path(link), {"passphrase": PASSPHRASE})
    assert locked.status_code == 429
    assert "Wait an hour" in locked.content.decode()
    assert visitor.post(path(other), {"passphrase": PASSPHRASE}).status_code == 302
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    assert elsewhere.post(path(link), {"passphrase": PASSPHRASE}).status_code == 302


def test_it_could_be_guessed_on_without_the_count(
    package: Package, seller: Membership, visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = made(seller, package, passphrase=Secret(PASSPHRASE))
    monkeypatch.setattr(admission, "may_try", lambda *_: True)
    for _try in range(admission.MOST_TRIES + 1):
        visitor.post(path(link), {"passphrase": "wrong"})
    assert visitor.post(path(link), {"passphrase": PASSPHRASE}).status_code == 302


def test_without_the_counter_nobody_tries(
    package: Package, seller: Membership, visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from redis.exceptions import ConnectionError as Away

    def away(*_: Any) -> None:
        raise Away

    link = made(seller, package, passphrase=Secret(PASSPHRASE))
    monkeypatch.setattr(admission.cache, "add", away)
    assert visitor.post(path(link), {"passphrase": PASSPHRASE}).status_code == 429


# --- No trace of the key --------------------------------------------------------------------------


def test_no_log_of_ours_says_a_token(visitor: Client) -> None:
    from rivya_app.core.redaction import RedactionFilter, redact

    token = "Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6"
    for text in (
        f"Not Found: /shared/{token}/",
        f'127.0.0.1:9 - "GET /shared/{token}/package.zip?x=1 HTTP/1.1" 200',
        f"Error handling request https://a.example/shared/{token}/files/1/",
        f"<WSGIRequest: GET '/shared/{token}/'>",
    ):
        assert token not in redact(text)
        assert "/shared/[hidden]" in redact(text)
    record = logging.makeLogRecord({"msg": "GET %s", "args": (f"/shared/{token}/",)})
    RedactionFilter().filter(record)
    assert token not in record.getMessage()


def test_the_logs_of_the_server_itself_hide_the_token(served: Any) -> None:
    """A real server process with its access log on; its log is read from the disk."""
    token = "c2VjcmV0LXRva2VuLXNlY3JldC10b2tlbi1zZWNyZXQt"
    for rest in ("", "package.zip", "files/8d7e0f6e-0b5b-4c8c-9a3e-0d8f5f0b6c1d/?download=1"):
        line = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
        line.request("GET", f"/shared/{token}/{rest}", headers={"Referer": f"/shared/{token}/"})
        assert line.getresponse().status == 404
        line.close()
    wait_for(lambda: served.log().count("/shared/[hidden]/") >= 3, what="the third line")
    assert '"GET /shared/[hidden]/package.zip' in served.log()
    assert token not in served.log()


def test_the_proxy_is_told_to_hide_the_token() -> None:
    from pathlib import Path

    text = Path("deploy/nginx.conf.template").read_text(encoding="utf-8")
    logs = re.findall(r"access_log\s+(\S+)\s*(\S*);", text)
    assert {name for path, name in logs if path != "off"} == {"without_tokens"}
    servers = re.split(r"\nserver \{", text)[1:]
    assert all("access_log" in each or "ssl_reject_handshake" in each for each in servers)
    written = re.search(r"log_format without_tokens (.+?);", text, re.DOTALL)
    assert written
    assert not {"$request ", "$request_uri", "$uri", "$http_referer"} & set(
        re.findall(r"\$\w+ ?", written[1])
    )
    assert re.search(r"location /shared/ \{[^}]*error_log /dev/null", text)


def test_a_decision_is_what_withdraws(package: Package, manager: Membership) -> None:
    """The step the tests above rest on."""
    withdraw(package, manager)
    assert Decision.objects.filter(kind="reversed").count() == 1
