"""Invented things for the style guide, in the shapes components take. No row, no app of ours."""

import uuid
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace as Sample
from typing import Any

from django.templatetags.static import static
from django.utils.translation import gettext as _

from rivya_app.core import clock
from rivya_app.core.text import credit_words

LANDSCAPE = (4, 3)


def _ago(**length: float) -> Any:
    return clock.now() - timedelta(**length)


def picture(name: str) -> Sample:
    """A stored file, as the components see one."""
    url = static(f"img/sample-{name}.svg")
    return Sample(
        url=url, thumbnail_url=url, web_url=url, download_url=url, kind="image", state="stored",
        is_stored=True, width=464, height=348, web_width=464, size=34_000, duration=None,
    )  # fmt: skip


def action(label: str, *, method: str = "get", primary: bool = False) -> Sample:
    """Something a person can press; in the guide it leads back to the guide."""
    return Sample(label=label, url="#states", method=method, primary=primary, name="", value="")


def failure(tone: str = "failed") -> Sample:
    """A failure in plain words."""
    return Sample(
        tone=tone,
        title=_("This draft could not be made"),
        happened=_("Rivya started the job and could not finish it."),
        cost=_("No credits were taken."),
        change=_("Try again as it is, or change the prompt."),
        rivya_url="#states",
        rivya_label=_("About failed jobs"),
    )


def job(state: str, word: str, **changes: Any) -> Sample:
    """A job card in one state."""
    card = Sample(
        job=Sample(
            public_id=uuid.uuid4(), title="Terracotta mug", finished_at=None, media_kind="image"
        ),
        state=state, word=word, since=_ago(seconds=18), usual=None, is_late=False,
        is_uncertain=False, needs_look=False, files=[], is_saving=False, ratio=LANDSCAPE,
        failure=None, price_words="", url="#states", view_url="#states",
        again=None, retry=None, alt="", announce="",
    )  # fmt: skip
    card.__dict__.update(changes)
    if state in ("succeeded", "failed"):
        card.job.finished_at = _ago(minutes=2)
    return card


def done_job(name: str, title: str) -> Sample:
    """A finished job with its picture."""
    card = job("succeeded", _("Succeeded"), files=[picture(name)], alt=title)
    card.job.title = title
    card.price_words = _("5 credits")
    card.again = Sample(url="#states", words=_("New attempt, 5 credits"))
    return card


def jobs() -> list[tuple[str, Sample]]:
    """Every state a job can be in, with the name the guide gives it."""
    queued, running = _("Queued"), _("Processing")
    return [
        ("queued", job("queued", queued, since=_ago(seconds=3))),
        ("processing", job("processing", running, usual=(20, 40))),
        ("late", job("processing", running, usual=(20, 40), is_late=True, since=_ago(minutes=2.5))),
        ("uncertain", job("queued", queued, is_uncertain=True, since=_ago(seconds=50))),
        ("needs-a-look", job("processing", _("Needs a look"), needs_look=True)),
        ("saving", job("succeeded", _("Succeeded"), is_saving=True)),
        ("succeeded", done_job("mug", "Terracotta mug, clean studio")),
        ("failed", job("failed", _("Failed"), failure=failure())),
    ]


def briefs() -> list[Sample]:
    """Briefs as tiles, one in each state."""
    rows = [
        ("Terracotta mug", "succeeded", _("Ready"), "mug", 4),
        ("Reading lamp in teal", "processing", _("Processing"), "lamp", 1),
        ("Stoneware vase", "failed", _("Failed"), None, 0),
        ("Cotton tote", "low_credits", _("Waiting for credits"), None, 0),
    ]
    return [_brief(*row) for row in rows]


def _brief(product: str, state: str, word: str, cover: str | None, done: int) -> Sample:
    return Sample(
        brief=Sample(public_id=uuid.uuid4(), product=product, created_at=_ago(hours=3)),
        url="#states", state=state, word=word, cover=picture(cover) if cover else None,
        counts={"total": 4, "succeeded": done}, cost=Decimal(done * 5), by="Asha Verma",
    )  # fmt: skip


def price(*, is_enough: bool) -> Sample:
    """A price before the press."""
    balance = Decimal(240 if is_enough else 12)
    return Sample(
        each_words=credit_words(5), total_words=credit_words(20), count=4, balance=balance,
        after=balance - 20, held=Decimal(10), is_enough=is_enough, words=_("A fixed price."),
        is_within_budget=True, is_within_limit=True,
    )  # fmt: skip


def low_credits(*, is_owner: bool) -> Sample:
    """The one low-credit message, for the owner and for everybody else."""
    return Sample(
        need=Decimal(20), balance=Decimal("12.50"), owners=["Meera Nair"], is_owner=is_owner,
        top_up_url="#states", pricing_url="#states", refused_by="us", is_enough=False,
        starts_itself=True, risen_to=None,
        again=action(_("Try again"), method="get", primary=True),
    )  # fmt: skip


def chain() -> Sample:
    """What happened to a brief, with what it cost."""
    one = Sample(spent=Decimal(5), held=Decimal(0), all=Decimal(5))
    film = Sample(spent=Decimal(0), held=Decimal(55), all=Decimal(55))
    lines = [
        _line("brief", _("Brief submitted"), minutes=9, by="Asha Verma"),
        _line("result", _("Draft 1 is ready"), minutes=8, amounts=one, so_far=5),
        _line("failure", _("Draft 2 failed"), minutes=8, amounts=Sample(spent=0, held=0, all=0)),
        _line("review", _("Draft 1: sent for review"), minutes=7, by="Asha Verma"),
        _line(
            "decision", _("Draft 1: approved"), minutes=2, by="Meera Nair", note=_("The handle!")
        ),
        _line("video", _("Video ordered"), minutes=1, by="Meera Nair", amounts=film, so_far=60),
    ]
    blocks = [Sample(lines=lines, is_folded=False)]
    return Sample(blocks=blocks, amounts=Sample(spent=Decimal(5), held=Decimal(55)))


def _line(kind: str, words: str, *, minutes: int, **more: Any) -> Sample:
    step = Sample(
        at=_ago(minutes=minutes), kind=kind, words=words, by=more.get("by", ""),
        note=more.get("note", ""), lines=(),
    )  # fmt: skip
    return Sample(
        step=step, url="", amounts=more.get("amounts"), so_far=Decimal(more.get("so_far", 0))
    )
