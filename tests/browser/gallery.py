"""Takes pictures of every page of a running demo: two sizes, two themes, two languages.

python -m tests.browser.gallery http://127.0.0.1:8000 [words that are in the wanted names…]
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.chromium import DESKTOP, PHONE, launch_options

FOLDER = Path(".local/gallery")  # pytest empties test-results
ALL_PICTURES = """() => Promise.all([...document.images].map(image => {
  image.loading = 'eager';
  return image.decode().catch(() => null);
}))"""
LANGUAGES = ("en", "hi")
SIZES = {"desktop": DESKTOP, "phone": PHONE}


@dataclass(frozen=True)
class Shot:
    """A page: whose it is (a demo person's role, or nobody), and where."""

    name: str
    who: str
    path: str
    links: tuple[str, ...] = ()  # CSS of the links that lead from `path` to the page, in turn


REVIEW = "main a.queue-main"
CAMPAIGN = "main a.campaign-name"
PACKAGE = "main a.handoff-package"
TALK = "main a.talk-title"
ASK = "main table a:has-text('assistant'), main table a:has-text('असिस्टेंट')"

SHOTS = (
    Shot("sign-in", "", "/accounts/login/"),
    Shot("new-password", "", "/accounts/password/reset/"),
    Shot("home-seller", "seller", "/"),
    Shot("home-manager", "manager", "/"),
    Shot("home-owner", "owner", "/"),
    Shot("home-researcher", "researcher", "/"),
    Shot("home-support", "support", "/"),
    Shot("new-brief", "seller", "/briefs/new/"),
    Shot("new-brief-video", "seller", "/briefs/new/?model_id=happyhorse-1-0"),
    Shot("new-brief-audio", "seller", "/briefs/new/?model_id=elevenlabs-dialogue-v3"),
    Shot("briefs", "seller", "/briefs/"),
    Shot("briefs-none", "seller", "/briefs/?q=no-such-product"),
    Shot("brief-done", "seller", "/briefs/?state=succeeded", ("main a.tile",)),
    Shot("brief-failed", "seller", "/briefs/?state=failed", ("main a.tile",)),
    Shot("brief-video", "seller", "/briefs/?q=turning", ("main a.tile",)),
    Shot("brief-audio", "seller", "/briefs/?q=offer", ("main a.tile",)),
    Shot("brief-reference", "seller", "/briefs/?q=breakfast", ("main a.tile",)),
    Shot("brief-reference-refused", "seller", "/briefs/?q=desk", ("main a.tile",)),
    Shot("brief-overdue", "seller", "/briefs/?q=bowl+being", ("main a.tile",)),
    Shot("brief-low", "seller", "/briefs/?state=low_credits", ("main a.tile",)),
    Shot("brief-asks", "seller", "/briefs/?state=needs_yes", ("main a.tile",)),
    Shot("brief-asks-owner", "owner", "/briefs/?state=needs_yes", ("main a.tile",)),
    Shot("assistant", "researcher", "/assistant/"),
    Shot("assistant-shared", "seller", "/assistant/?show=shared"),
    Shot("assistant-new", "researcher", "/assistant/new/"),
    Shot("assistant-cap", "researcher", "/assistant/cap/"),
    Shot("conversation", "researcher", "/assistant/?q=copper", (TALK,)),
    Shot("conversation-hindi", "researcher", "/assistant/?q=दीये", (TALK,)),
    Shot("conversation-waits", "researcher", "/assistant/?q=campaigns", (TALK,)),
    Shot("conversation-shared", "seller", "/assistant/?show=shared", (TALK,)),
    Shot("brief-from-talk", "seller", "/briefs/?q=sky+blue", ("main a.tile",)),
    Shot("desk-questions", "support", "/desk/?kind=questions"),
    Shot("desk-question", "support", "/desk/?kind=questions", (REVIEW,)),
    Shot("ask-question", "owner", "/credits/asks/?state=pending", (ASK,)),
    Shot("own-credits", "researcher", "/credits/mine/"),
    Shot("gate", "owner", "/credits/gate/"),
    Shot("asks", "owner", "/credits/asks/"),
    Shot("ask", "owner", "/credits/asks/?state=pending", ("main table a",)),
    Shot("ask-answered", "owner", "/credits/asks/?state=refused", ("main table a",)),
    Shot("pause", "support", "/pause/"),
    Shot("brief-low-owner", "owner", "/briefs/?state=low_credits", ("main a.tile",)),
    Shot("brief-open", "seller", "/briefs/?state=open", ("main a.tile",)),
    Shot("job", "owner", "/", ("main .job-title",)),
    Shot("job-failed", "support", "/", ("main .job-title",)),
    Shot("job-video", "seller", "/briefs/?q=turning", ("main a.tile", ".job-title")),
    Shot("job-audio", "seller", "/briefs/?q=offer", ("main a.tile", ".job-title")),
    Shot("job-several", "seller", "/briefs/?q=candle+set", ("main a.tile", ".job-title")),
    Shot(
        "viewer",
        "seller",
        "/briefs/?q=candle+set",
        ("main a.tile", ".job-title", "a[href*='/view/']"),
    ),
    Shot("attempt", "seller", "/briefs/?q=turning", ("main a.tile", "a[href$='/attempts/']")),
    Shot("chain", "manager", "/briefs/?q=serving", ("main a.tile", "a[href$='/chain/']")),
    Shot(
        "next-attempt", "seller", "/briefs/?q=rose+face", ("main a.tile", "a[href$='/attempts/']")
    ),
    Shot("queue", "manager", "/reviews/"),
    Shot("queue-pictures", "manager", "/reviews/?look=grid"),
    Shot("queue-decided", "manager", "/reviews/?state=decided"),
    Shot("queue-none", "manager", "/reviews/?q=no-such-product"),
    Shot("queue-seller", "seller", "/reviews/"),
    Shot("review-settings", "owner", "/reviews/settings/"),
    Shot("review", "manager", "/reviews/?q=bottle", (REVIEW,)),
    Shot("review-seller", "seller", "/reviews/?q=bottle", (REVIEW,)),
    Shot("review-own-work", "manager", "/reviews/?q=rose+gold", (REVIEW,)),
    Shot("review-film", "manager", "/reviews/?kind=video", (REVIEW,)),
    Shot("review-decided", "manager", "/reviews/?state=decided&q=tote", (REVIEW,)),
    Shot(
        "review-reversed", "manager", "/reviews/?state=decided&q=lunch&verdict=rejected", (REVIEW,)
    ),
    Shot("review-video-waits", "owner", "/reviews/?state=decided&q=vase", (REVIEW,)),
    Shot("campaigns", "manager", "/campaigns/"),
    Shot("campaign", "manager", "/campaigns/", (CAMPAIGN,)),
    Shot("campaign-nearly-used", "owner", "/campaigns/?q=kitchen", (CAMPAIGN,)),
    Shot("campaign-cost", "owner", "/campaigns/?q=kitchen", (CAMPAIGN, "a[href$='/cost/']")),
    Shot("campaign-form", "manager", "/campaigns/?q=kitchen", (CAMPAIGN, "a[href$='/change/']")),
    Shot("campaign-new", "manager", "/campaigns/new/"),
    Shot("handoff", "seller", "/handoff/"),
    Shot("package", "manager", "/handoff/", (f"{PACKAGE}:has-text('Mug')",)),
    Shot("package-fresh", "seller", "/handoff/", (PACKAGE,)),
    Shot("package-crop", "seller", "/handoff/", (PACKAGE, "a[href$='/crop/']")),
    Shot("package-words", "seller", "/handoff/", (PACKAGE, "a[href$='/words/']")),
    Shot("destinations", "owner", "/handoff/destinations/"),
    Shot("library", "seller", "/library/"),
    Shot("library-owner", "owner", "/library/"),
    Shot("file", "seller", "/library/", ("main a[href^='/library/']:not([href*='?'])",)),
    Shot("models", "owner", "/models/"),
    Shot("model", "seller", "/models/happyhorse-1-0/"),
    Shot("workflows", "owner", "/workflows/"),
    Shot("workflow", "owner", "/workflows/", ("main h2 a",)),
    Shot("workflow-new", "owner", "/workflows/new/"),
    Shot("workflow-trial", "owner", "/workflows/", ("main h2 a", "a[href$='/dry-run/']")),
    Shot("webhooks", "owner", "/webhooks/"),
    Shot("webhooks-at-rivya", "owner", "/webhooks/rivya/"),
    Shot("notifications", "seller", "/notifications/"),
    Shot("notification-settings", "owner", "/notifications/settings/"),
    Shot("profile", "seller", "/profile/"),
    Shot("password", "seller", "/accounts/password/change/"),
    Shot("two-step", "seller", "/accounts/2fa/"),
    Shot("keys", "owner", "/keys/"),
    Shot("refused", "seller", "/keys/"),
    Shot("not-here", "seller", "/nowhere/"),
    Shot("styleguide", "seller", "/styleguide/"),
)


def people_at(browser: Browser, site: str) -> dict[str, str]:
    """The demo's people by the first part of their address."""
    page = browser.new_page()
    page.goto(urljoin(site, "/accounts/login/"))
    emails = [str(field.get_attribute("value")) for field in page.locator("[name=email]").all()]
    page.close()
    return {email.split("@")[0]: email for email in emails}


def pages_of(browser: Browser, site: str, email: str, size: str, theme: str, language: str) -> Page:
    """A page in a fresh context, signed in as `email` where one is given."""
    context = browser.new_context(viewport=SIZES[size], color_scheme=theme)  # type: ignore[arg-type]
    context.add_cookies([{"name": "language", "value": language, "url": site}])
    page = context.new_page()
    if email:
        page.goto(urljoin(site, "/accounts/login/"))
        page.locator(f"form:has([value='{email}']) button").click()
    return page


def variants() -> Iterator[tuple[str, str, str]]:
    for language in LANGUAGES:
        for size in SIZES:
            for theme in ("light", "dark"):
                yield size, theme, language


def take(page: Page, site: str, shot: Shot, file: Path) -> None:
    """Go to the page and keep its picture; says when the page scrolls sideways or is not there."""
    page.goto(urljoin(site, shot.path))
    for step in shot.links:
        link = page.locator(step).first
        if not link.count():
            sys.stderr.write(f"{file.name}: there is no such page in this demo\n")
            return
        page.goto(urljoin(page.url, str(link.get_attribute("href"))))
    page.evaluate(ALL_PICTURES)
    wide, seen = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    if wide > seen:
        sys.stderr.write(f"{file.name}: {wide} px wide on a screen of {seen} px\n")
    file.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=file, full_page=True)


def shots_of(variant: str, words: list[str]) -> dict[str, list[tuple[Shot, Path]]]:
    """What to take in this variant, by person; `words` choose by the name of the picture."""
    chosen: dict[str, list[tuple[Shot, Path]]] = {}
    for shot in SHOTS:
        file = FOLDER / f"{shot.name}-{variant}.png"
        if all(word in file.name for word in words):
            chosen.setdefault(shot.who, []).append((shot, file))
    return chosen


def main(site: str, words: list[str]) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        people = people_at(browser, site)
        for size, theme, language in variants():
            for who, shots in shots_of(f"{size}-{theme}-{language}", words).items():
                page = pages_of(browser, site, people.get(who, ""), size, theme, language)
                for shot, file in shots:
                    take(page, site, shot, file)
                page.context.close()
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
