"""Rules every template and script keeps."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
LETTERS = ROOT / "templates" / "letters"  # read by mail programs, which know no style sheet of ours
STYLES = sorted((ROOT / "static" / "css").glob("*.css"))


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: str(file.relative_to(ROOT)))
def test_it_holds_nothing_the_content_policy_would_refuse(file):
    text = file.read_text()
    assert not re.search(r"\sstyle=|\son[a-z]+=", text)
    assert file.is_relative_to(LETTERS) or "<style" not in text
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: str(file.relative_to(ROOT)))
def test_it_takes_in_only_templates_that_are_there(file):
    """An include is looked for when its page is shown, which may be never in a test."""
    named = re.findall(r'{%\s*(?:include|extends)\s+"([^"#]+)', file.read_text())
    assert [name for name in named if not (ROOT / "templates" / name).exists()] == []


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: str(file.relative_to(ROOT)))
def test_it_posts_with_a_token(file):
    forms = re.findall(r"<form\b.*?</form>", file.read_text(), flags=re.DOTALL)
    posting = [form for form in forms if 'method="post"' in form]
    if file.name == "shared_passphrase.html":  # asked of people without an account or a session
        assert len(posting) == 1
        return
    assert all("{% csrf_token %}" in form for form in posting)


def test_it_keeps_the_styles_of_every_page_small():
    everywhere = [file for file in STYLES if file.name in ("base.css", "parts.css")]
    assert len(everywhere) == 2
    assert sum(file.stat().st_size for file in everywhere) < 40_000
    assert all(file.stat().st_size < 12_000 for file in STYLES if file not in everywhere)


@pytest.mark.parametrize("file", sorted(LETTERS.glob("*.html")), ids=lambda file: file.name)
def test_a_letter_fetches_nothing(file):
    """No picture, no font, no script: opening it tells nobody that it was opened."""
    assert not re.search(r"<(img|script|link|iframe)|\ssrc=|url\(|@import", file.read_text())
