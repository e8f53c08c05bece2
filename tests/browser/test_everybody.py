"""Every page, for every eye and hand: accessibility, small screens, keyboard, small transfer."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from rivya_app.briefs.models import Brief
from rivya_app.credits import wallet
from rivya_app.library import derivatives
from rivya_app.library.models import Derivative, StoredFile
from rivya_app.workspaces.models import Membership
from tests.browser.chromium import DESKTOP, PHONE
from tests.browser.work import work_of
from tests.chat.talk import Talk
from tests.credits.test_gate import asked, rule
from tests.library.conftest import picture

SMALLEST = {"width": 360, "height": 740}


@pytest.fixture
def paths(shop, seller, manager, owner, settings, media) -> list[str]:
    """Pages in every state a brief, a job, a review and a package can be in."""
    settings.DEMO = True
    talks = _paths_of_talks(Talk(shop), owner)
    work = work_of(shop, seller, manager)
    done = shop.submit(seller, product="Blue mug", draft_count=2)
    shop.finish(done)
    shop.rivya.fault("fail", times=1)
    failed = shop.submit(seller, product="Red mug")
    shop.finish(failed)
    still = shop.submit(seller, product="Green mug")
    rule(owner, above=None, model_ids=["nano-banana"])
    asks = shop.submit(seller, product="Silver mug", model_id="nano-banana", params={})
    question = f"/credits/asks/{asked(asks).public_id}/"
    shop.rivya.set_credits(0)
    wallet.read(shop.workspace, cause="test")
    poor = shop.submit(seller, product="Golden mug", draft_count=4)
    briefs = [f"/briefs/{brief.public_id}/" for brief in (done, failed, still, asks, poor)]
    jobs = [f"/jobs/{shop.job(brief).public_id}/" for brief in (done, failed, still)]
    return [*PLAIN_PATHS, *work.paths, *_paths_of_media(media), *briefs, *jobs, *talks, question]


@pytest.fixture
def media(shop, seller) -> list[Brief]:
    """A film made from a photograph, and a voice."""
    photograph = shop.upload(seller, picture(300, 200), "mug.png")
    film = shop.submit(
        seller,
        product="Turning mug",
        media_kind="video",
        model_id="grok-imagine-video",
        params={"resolution": "480p"},
        references=(photograph,),
    )
    lines = [{"voice": "Adam", "text": "A blue mug."}]
    voice = shop.submit(
        seller,
        product="Spoken mug",
        media_kind="audio",
        model_id="elevenlabs-dialogue-v3",
        params={"dialogue": lines},
        prompt="",
    )
    for brief in (film, voice):
        shop.finish(brief)
    for row in Derivative.objects.filter(state="pending"):
        derivatives.make(row.pk)
    return [film, voice]


def _paths_of_talks(talk: Talk, owner: Membership) -> list[str]:
    """Conversations that were answered, broke off and are to be answered, and the desk's pages of
    them."""
    answered = talk.answer(talk.begin(owner, "How do I sell a mug?"))
    broken = talk.answer(talk.begin(owner, "Why clay? [[sse_break]]"))
    queued = talk.begin(owner, "And in Hindi?")
    desk = f"/desk/turns/{broken.public_id}/"
    pages = [f"/assistant/{turn.conversation.public_id}/" for turn in (answered, broken, queued)]
    return [*TALK_PATHS, *pages, desk, f"{desk}give-up/"]


def _paths_of_media(briefs: list[Brief]) -> list[str]:
    """The pages of what moves and sounds, of the files behind it, and of what asks again."""
    pages = []
    for brief in briefs:
        job = f"/jobs/{brief.drafts.get().generation.public_id}/"
        pages += [f"/briefs/{brief.public_id}/", f"{job}view/", job]
        pages.append(f"/briefs/{brief.public_id}/drafts/1/attempts/")
    upload = StoredFile.objects.get(source__startswith="upload:")
    return [f"{upload.page_url}", f"{upload.page_url}remove/", *pages]


TALK_PATHS = (
    "/assistant/",
    "/assistant/?q=nothing-like-it",
    "/assistant/?show=shared",
    "/assistant/?show=archived",
    "/assistant/new/",
    "/assistant/cap/",
    "/desk/?kind=questions",
    "/desk/?kind=answers",
)
PLAIN_PATHS = (
    "/",
    "/briefs/",
    "/briefs/?q=nothing-like-it",
    "/briefs/new/",
    "/briefs/new/?model_id=happyhorse-1-0",
    "/briefs/new/?model_id=elevenlabs-dialogue-v3",
    "/library/",
    "/library/?kind=video",
    "/models/",
    "/models/happyhorse-1-0/",
    "/workflows/",
    "/workflows/new/",
    "/webhooks/",
    "/webhooks/rivya/",
    "/notifications/",
    "/notifications/settings/",
    "/profile/",
    "/accounts/password/change/",
    "/accounts/2fa/",
    "/keys/",
    "/credits/where/?zone=UTC&period=all",
    "/credits/where/?zone=Mars/Base&period=own&from=2026-13-99&person=nobody",
    "/credits/entries/?zone=UTC&period=all&costless=1",
    "/credits/kept/",
    "/credits/statement/",
    "/credits/mine/",
    "/credits/gate/",
    "/credits/asks/",
    "/pause/",
    "/nowhere/",
    "/styleguide/",
)
SIGNED_OUT_PATHS = (
    "/accounts/login/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
)


def wrongs(page: Page) -> list[str]:
    """What axe finds, in a line each."""
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{page.url} {rule['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:160]}"
        for rule in found
        for node in rule["nodes"]
    ]


def open_page(browser: Browser, site: str, *, language: str = "en", **options: object) -> Page:
    context = browser.new_context(**options)  # type: ignore[arg-type]
    context.add_cookies([{"name": "language", "value": language, "url": site}])
    return context.new_page()


@pytest.fixture
def owner_page(browser: Browser, site: str, owner: Membership, sign_in) -> Iterator[object]:
    """Makes pages of the owner, who sees the most."""
    made: list[Page] = []

    def make(**options: object) -> Page:
        page = open_page(browser, site, **options)
        sign_in(page.context, owner)
        made.append(page)
        return page

    yield make
    for page in made:
        page.context.close()


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("hi", "dark")])
def test_it_breaks_no_rule_of_accessibility(owner_page, site, paths, theme, language):
    page = owner_page(language=language, color_scheme=theme, viewport=DESKTOP)
    found: list[str] = []
    for path in paths:
        page.goto(site + path)
        expect(page.locator("html")).to_have_attribute("lang", language)
        found += wrongs(page)
    assert found == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_breaks_no_rule_before_signing_in(browser, site, settings, theme):
    settings.DEMO = True
    page = open_page(browser, site, color_scheme=theme)
    found: list[str] = []
    for path in SIGNED_OUT_PATHS:
        page.goto(site + path)
        found += wrongs(page)
    page.context.close()
    assert found == []


@pytest.mark.parametrize("size", [SMALLEST, PHONE, {"width": 768, "height": 1024}])
def test_it_never_scrolls_sideways(owner_page, site, paths, size):
    page = owner_page(viewport=size)
    wide = []
    for path in [*paths, *SIGNED_OUT_PATHS]:
        page.goto(site + path)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(path)
    assert wide == []


def test_it_sends_less_than_a_hundred_kilobytes_for_a_page(owner_page, site, paths):
    """Uncompressed here; a proxy compresses further. Pictures do not count."""
    page = owner_page()
    sizes: dict[str, int] = {}
    page.on("response", lambda answer: sizes.__setitem__(answer.url, len(answer.body())))
    for path in ["/", "/briefs/", paths[-1]]:
        sizes.clear()
        page.goto(site + path, wait_until="networkidle")
        ours = {url: size for url, size in sizes.items() if "/files/" not in url}
        assert sum(ours.values()) < 100_000, ours


def test_it_moves_nothing_while_a_page_loads(owner_page, site, paths):
    page = owner_page(viewport=PHONE)
    moved = {}
    for path in ["/", "/briefs/", "/briefs/new/", *paths[-7:]]:
        page.goto(site + path, wait_until="networkidle")
        moved[path] = page.evaluate(SHIFTS)
    assert {path: sum_ for path, sum_ in moved.items() if sum_ > 0.02} == {}


SHIFTS = """() => new Promise(resolve => {
  let sum = 0;
  new PerformanceObserver(list => list.getEntries().forEach(entry => { sum += entry.value; }))
    .observe({ type: 'layout-shift', buffered: true });
  setTimeout(() => resolve(sum), 100);
})"""


def test_it_reaches_the_brief_by_keyboard_alone(as_seller, site):
    as_seller.goto(site)
    as_seller.keyboard.press("Tab")
    expect(as_seller.get_by_role("link", name="Skip to the content")).to_be_focused()
    as_seller.keyboard.press("Enter")
    assert as_seller.evaluate("document.activeElement.id") == "main"
    as_seller.keyboard.press("Tab")
    expect(as_seller.get_by_role("link", name="Submit your first brief")).to_be_focused()
    as_seller.keyboard.press("Enter")
    as_seller.get_by_label("What do you sell?").focus()
    as_seller.keyboard.type("Blue mug")
    as_seller.keyboard.press("Tab")
    as_seller.keyboard.type("glazed stoneware")
    as_seller.keyboard.press("Tab")
    as_seller.keyboard.press("Tab")
    expect(as_seller.get_by_role("radio", name="Marketplace listing")).to_be_focused()
    as_seller.keyboard.press("ArrowRight")
    expect(as_seller.get_by_role("radio", name="Own shop page")).to_be_checked()
    as_seller.get_by_role("button", name="Create the drafts").focus()
    as_seller.keyboard.press("Enter")
    expect(as_seller.get_by_role("heading", name="Blue mug", level=1)).to_be_visible()


def test_it_opens_and_closes_the_persons_menu_by_keyboard(as_seller, site):
    as_seller.goto(site)
    menu = as_seller.locator("details[data-menu]")
    menu.locator("summary").focus()
    as_seller.keyboard.press("Enter")
    expect(as_seller.get_by_role("button", name="Sign out")).to_be_visible()
    as_seller.keyboard.press("Escape")
    expect(as_seller.get_by_role("button", name="Sign out")).to_be_hidden()
    expect(menu.locator("summary")).to_be_focused()


def test_it_follows_the_theme_a_person_chose(as_seller, site, seller):
    seller.user.theme = "dark"
    seller.user.save()
    as_seller.emulate_media(color_scheme="light")
    as_seller.goto(site)
    background = as_seller.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == "rgb(16, 16, 18)"
