"""Both languages are whole: the catalogue, its guards, and what a reader really sees."""

import gettext
import os
import re
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po, write_po
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import ngettext, override

from rivya_app.core import catalogues
from rivya_app.core.templatetags.ui import span
from rivya_app.core.text import credit_words
from rivya_app.gateway import param_words
from rivya_app.generations import failure_words
from rivya_app.notices import words as notice_words

HINDI = re.compile(r"[\u0900-\u097f]")
CODE = """
from django.utils.translation import gettext as _, gettext_lazy, ngettext, npgettext, pgettext_lazy

ONE = _("Plain " "words")
LAZY = gettext_lazy("Lazy words")
MANY = ngettext("%(count)s thing", "%(count)s things", 2)
MEANT = pgettext_lazy("a shape", "Square")
BOTH = npgettext("a place", "one square", "squares", 2)
"""
PAGE = """{% load i18n %}{# not said: _("In a remark") #}
    <p>{% translate "On a page" %}</p>
  <p title="{% translate "In a title" context "a tooltip" %}">it's
      {% include "x" with t=_("Handed on") %}</p>
{% blocktranslate trimmed with name=user.name %}
      Hello
      {{ name }}
{% endblocktranslate %}
{% blocktranslate count n=number %}{{ n }} page{% plural %}{{ n }} pages{% endblocktranslate %}
"""
EVERYTHING = {
    ("Plain words", None),
    ("Lazy words", None),
    ("%(count)s thing", None),
    ("Square", "a shape"),
    ("one square", "a place"),
    ("On a page", None),
    ("In a title", "a tooltip"),
    ("Handed on", None),
    ("Hello %(name)s", None),
    ("%(n)s page", None),
}


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small project of its own, whose catalogue is complete."""
    (tmp_path / "rivya_app").mkdir()
    (tmp_path / "rivya_app" / "words.py").write_text(CODE)
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text(PAGE)
    monkeypatch.setattr(catalogues, "ROOT", tmp_path)
    monkeypatch.setattr(catalogues, "LOCALES", tmp_path / "rivya_app" / "locale")
    monkeypatch.setattr(catalogues, "BORROWED", {})
    catalogues.update("hi")
    for key in EVERYTHING:
        answer(key)
    return tmp_path


def answer(key: tuple[str, str | None], string: Any = None, *, flag: str = "") -> None:
    """Put a translation into the catalogue; without one, a stand-in that is right."""
    path = catalogues.catalogue_of("hi")
    with path.open("rb") as file:
        catalogue = read_po(file, locale="hi")
    message = catalogue.get(*key)
    assert message is not None
    kept = " ".join(catalogues.placeholders(key[0])) + "शब्द"
    right = (kept, kept) if message.pluralizable else kept
    message.string = right if string is None else string
    message.flags |= {flag} if flag else set()
    with path.open("wb") as file:
        write_po(file, catalogue, width=0, include_lineno=False)


def test_it_has_every_sentence_of_this_project_in_hindi():
    call_command("translations", "--check", stdout=StringIO())


def test_it_finds_every_way_to_say_something(house):
    said = {catalogues._key(message) for message in catalogues._messages(catalogues.wanted("hi"))}
    assert said == EVERYTHING
    assert catalogues.check("hi") == []


@pytest.mark.parametrize(
    ("key", "string", "flag", "fault"),
    [
        (("Plain words", None), "", "", "untranslated: 'Plain words'"),
        (("Plain words", None), "कुछ शब्द", "fuzzy", "fuzzy: 'Plain words'"),
        (("Plain words", None), "कुछ शब्द ", "", "other white space at the ends: 'Plain words'"),
        (("Hello %(name)s", None), "नमस्ते", "", "other placeholders: 'Hello %(name)s'"),
        (("Hello %(name)s", None), "%(nam)s", "", "other placeholders: 'Hello %(name)s'"),
        (("%(n)s page", None), ("%(n)s पेज", ""), "", "untranslated: '%(n)s page'"),
        (("Square", "a shape"), "", "", "untranslated: 'Square' (a shape)"),
    ],
)
def test_it_refuses_a_translation_that_is_not_whole(house, key, string, flag, fault):
    answer(key, string, flag=flag)
    assert catalogues.check("hi") == [fault]
    with pytest.raises(CommandError, match=re.escape(fault)):
        call_command("translations", "--check")


def test_it_refuses_what_was_never_taken_up_and_what_nobody_says_any_more(house):
    (house / "rivya_app" / "words.py").write_text(CODE.replace("Plain ", "Other "))
    assert catalogues.check("hi") == [
        "not in the catalogue: 'Other words'",
        "no longer in the code: 'Plain words'",
    ]


def test_it_refuses_a_sentence_whose_plural_changed(house):
    (house / "rivya_app" / "words.py").write_text(CODE.replace("s things", "s bits"))
    assert catalogues.check("hi") == [
        "not in the catalogue: '%(count)s thing'",
        "no longer in the code: '%(count)s thing'",
    ]


def test_it_updates_to_the_same_bytes_every_time_and_names_no_place(house):
    catalogues.update("hi")
    text = catalogues.catalogue_of("hi").read_text()
    assert not catalogues.update("hi")
    assert "#: rivya_app/words.py\n" in text
    assert "Date" not in text
    assert str(house) not in text


def test_it_offers_the_nearest_translation_but_marks_it(house):
    answer(("Lazy words", None), "ढीले शब्द")
    (house / "rivya_app" / "words.py").write_text(CODE.replace("Lazy words", "Lazy word"))
    catalogues.update("hi")
    assert catalogues.check("hi") == ["fuzzy: 'Lazy word'"]


def test_it_compiles_what_is_newer_and_only_that(house):
    [made] = catalogues.compile_all(catalogues.LOCALES)
    with made.open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("Plain words") == "शब्द"
    assert catalogues.compile_all(catalogues.LOCALES) == []
    later = made.stat().st_mtime + 1
    os.utime(catalogues.catalogue_of("hi"), (later, later))
    assert catalogues.compile_all(catalogues.LOCALES) == [made]


def test_it_borrows_only_what_a_package_cannot_say_itself():
    said = {key for key, _ in map(catalogues._key, catalogues._messages(catalogues.wanted("hi")))}
    assert "Incorrect password." in said  # allauth has no Hindi
    assert "Enter a list of values." not in said  # Django has it
    assert "This field is required." in said  # Django has it, badly


@pytest.mark.parametrize("code", [*failure_words.WORDS, ""])
def test_it_explains_every_failure_in_hindi(code):
    entry = failure_words.WORDS.get(code, failure_words.GENERAL)
    with override("hi"):
        assert all(HINDI.search(str(t)) for t in (entry.title, entry.happened, entry.change))


@pytest.mark.parametrize("kind", [*notice_words._SENTENCES, "unknown"])
def test_it_tells_every_notice_in_hindi_and_keeps_its_facts(kind):
    with override("en"):
        english = notice_words.sentence(kind, {"title": "Brass lamp", "purpose": "tests"})
    with override("hi"):
        hindi = notice_words.sentence(kind, {"title": "Brass lamp", "purpose": "tests"})
    assert HINDI.search(hindi)
    for fact in ("Brass lamp", "tests"):
        assert (fact in hindi) == (fact in english)


def test_it_names_every_control_of_a_model_in_hindi():
    tables = (param_words.LABELS, param_words.HINTS, param_words.OPTIONS)
    translated = [w for table in tables for w in table.values() if isinstance(w, Promise)]
    assert len(translated) > 30
    with override("hi"):
        assert [str(words) for words in translated if not HINDI.search(str(words))] == []


def test_it_shows_rivyas_english_only_where_there_are_no_words_of_ours():
    described = "Width to height of the picture"
    assert param_words.hint("aspectRatio", described) == ""
    assert param_words.hint("newThing", described) == described


def test_it_counts_in_hindi():
    with override("hi"):
        assert [credit_words(1), credit_words(5)] == ["1 क्रेडिट", "5 क्रेडिट"]
        one, many = "%(number)s key is no longer in use", "%(number)s keys are no longer in use"
        counted = [ngettext(one, many, n) for n in (1, 5)]
    assert counted == ["%(number)s कुंजी अब काम में नहीं है", "%(number)s कुंजियाँ अब काम में नहीं हैं"]


@pytest.mark.parametrize(("language", "length"), [("en", "2 min 5 sec"), ("hi", "2 मिनट 5 सेकंड")])
def test_it_writes_lengths_of_time_as_people_read_them(language, length):
    with override(language):
        assert span(125) == length


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("cookie", "accepted", "shown"),
    [("", "hi-IN,hi;q=0.9", "hi"), ("en", "hi-IN,hi;q=0.9", "en"), ("hi", "en", "hi")],
)
def test_it_reads_a_strangers_language_from_the_cookie_before_the_browser(
    client_of, cookie, accepted, shown
):
    browser = client_of(None)
    if cookie:
        browser.cookies["language"] = cookie
    page = browser.get(reverse("account_login"), headers={"accept-language": accepted})
    assert f'lang="{shown}"' in page.text
    assert ("साइन इन करें" in page.text) == (shown == "hi")


@pytest.mark.django_db
@pytest.mark.parametrize("chosen", ["hi", "en"])
def test_it_follows_the_profile_before_everything(client_of, seller, chosen):
    seller.user.language = chosen
    seller.user.save()
    browser = client_of(seller)
    other = "en" if chosen == "hi" else "hi"
    browser.cookies["language"] = other
    page = browser.get(reverse("home"), headers={"accept-language": other})
    assert f'lang="{chosen}"' in page.text
    assert ("आपके ब्रीफ़" in page.text) == (chosen == "hi")


@pytest.mark.django_db
def test_it_says_what_is_wrong_in_hindi_though_the_package_cannot(client_of):
    browser = client_of(None)
    browser.cookies["language"] = "hi"
    wrong = {"login": "nobody@team.example", "password": "not the right one"}
    page = browser.post(reverse("account_login"), wrong)
    assert "ईमेल पता या पासवर्ड सही नहीं है।" in page.text
    assert "इसे भरना ज़रूरी है।" in browser.post(reverse("account_login"), {}).text
