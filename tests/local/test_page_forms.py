"""What a page's form sends when nobody touches it."""

import pytest

from rivya_app.local.page_forms import read_page

PAGE = """
<form action="/other/"><input name="q" value="x"></form>
<form action="/briefs/new/" method="post">
  <input type="hidden" name="token" value="t&amp;1"><input type="submit" name="go" value="1">
  <input type="radio" name="count" value="1"><input type="radio" name="count" value="2" checked>
  <input type="checkbox" name="agree" checked><input name="off" value="1" disabled>
  <select name="style"><option value="a">A</option><option value="b" selected>B</option></select>
  <select name="channel"><option value="first">F</option><option value="second">S</option></select>
  <textarea name="text">
one &lt;two&gt;</textarea>
</form>
<article id="job-1" data-state="processing"></article>
<a href="/files/1/?download=1" download>Download</a>
"""


def test_it_sends_what_a_browser_would():
    form = read_page(PAGE).form_to("/briefs/new/")

    assert form.values == {
        "token": "t&1",
        "count": "2",
        "agree": "on",
        "style": "b",
        "channel": "first",
        "text": "one <two>",
    }


def test_it_finds_states_and_downloads():
    page = read_page(PAGE)

    assert page.states == {"job-1": "processing"}
    assert page.downloads == ["/files/1/?download=1"]


def test_it_says_that_a_form_is_missing():
    with pytest.raises(LookupError, match="/gone/"):
        read_page(PAGE).form_to("/gone/")
