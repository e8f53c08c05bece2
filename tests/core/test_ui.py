"""What the template tags write."""

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.template import Context, Template
from django.utils import timezone, translation

from rivya_app.core import clock


def shown(source: str, **context: object) -> str:
    return Template("{% load ui %}" + source).render(Context(context))


@pytest.mark.parametrize(
    ("amount", "english", "hindi"),
    [
        (Decimal("5.00"), "5", "5"),
        (Decimal("5.50"), "5.50", "5.50"),
        (Decimal(1234567), "1,234,567", "12,34,567"),
        (None, "–", "–"),
    ],
)
def test_it_writes_credits_as_the_reader_counts(amount, english, hindi):
    assert shown("{{ n|credits }}", n=amount) == english
    with translation.override("hi"):
        assert shown("{{ n|credits }}", n=amount) == hindi


def test_it_gives_credits_their_noun():
    words = [shown("{{ n|credit_words }}", n=Decimal(n)) for n in ("1", "1.50", "2", "0")]
    assert words == ["1 credit", "1.50 credits", "2 credits", "0 credits"]


def test_it_says_how_long_ago_and_keeps_the_exact_time_in_the_readers_zone():
    with clock.at(clock.now()), timezone.override("Asia/Kolkata"):
        moment = clock.now().replace(microsecond=0) - timedelta(minutes=2)
        html = shown("{% when at %}", at=moment)
        assert ">2 min. ago</time>" in html
        assert f'datetime="{moment.isoformat()}"' in html
        assert f"{timezone.localtime(moment):%H:%M}" in html
    assert shown("{% when at %}", at=None) == "–"


@pytest.mark.parametrize(
    ("seconds", "words"), [(42, "42 sec"), (125, "2 min 5 sec"), (3780, "1 hr 3 min")]
)
def test_it_writes_a_length_of_time_with_its_two_largest_units(seconds, words):
    assert shown("{{ s|span }}", s=seconds) == words


def test_it_draws_icons_that_screen_readers_pass_over_and_the_policy_allows():
    html = shown('{% icon "house" %}')
    assert html.startswith("<svg")
    assert 'aria-hidden="true"' in html
    assert "style" not in html


@pytest.mark.parametrize(
    ("name", "letters"), [("Asha Rao", "AR"), ("Meera", "M"), ("", ""), ("A b C", "AC")]
)
def test_it_shortens_a_name_to_its_letters(name, letters):
    assert shown("{{ n|initials }}", n=name) == letters


def stored(**changes):
    file = {
        "url": "/f", "web_url": "/w", "thumbnail_url": "/t", "poster_url": "/p", "kind": "image",
        "width": 2048, "height": 1024, "web_width": 1600, "peaks": [], "duration": 2.5,
        "public_id": "x",
    }  # fmt: skip
    return SimpleNamespace(**{**file, **changes})


def test_it_reserves_a_pictures_place_and_offers_the_thumbnail_first():
    html = shown("{% picture file alt=alt %}", file=stored(), alt='A "mug"')
    assert 'width="2048" height="1024"' in html
    assert 'srcset="/t 640w, /w 1600w"' in html
    assert "A &quot;mug&quot;" in html


def test_it_shows_the_file_itself_where_there_is_no_thumbnail():
    file = stored(thumbnail_url="", web_url="/f")
    assert 'src="/f"' in shown("{% picture file %}", file=file)


def test_it_plays_a_film_where_it_stands_and_loads_nothing_of_it_before():
    html = shown("{% picture file alt='A mug' %}", file=stored(kind="video"))
    assert 'preload="none" poster="/p" width="2048" height="1024" aria-label="A mug"' in html
    assert "autoplay" not in html
    assert 'preload="metadata"' in shown("{% picture file full=True %}", file=stored(kind="video"))


@pytest.mark.parametrize("kind", ["video", "audio"])
def test_it_shows_what_stands_for_a_recording_where_nothing_may_be_pressed(kind):
    html = shown("{% picture file still=True %}", file=stored(kind=kind))
    assert 'src="/t"' in html
    assert "controls" not in html


def test_it_draws_a_sound_and_leaves_the_browser_its_own_controls():
    html = shown("{% picture file alt='A song' %}", file=stored(kind="audio", peaks=[0, 100]))
    assert 'd="M2 31v2M6 2v60"' in html
    assert '<audio src="/f" controls preload="metadata" aria-label="A song">' in html
    assert "<sound-wave" not in shown("{% picture file %}", file=stored(kind="audio"))
