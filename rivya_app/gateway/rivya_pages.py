"""Links to Rivya's own pages, in the reader's language."""

from urllib.parse import urljoin

from django.conf import settings
from django.utils.translation import get_language

TOP_UP = "/settings/credits"
PRICING = "/pricing"


def rivya_page(path: str) -> str:
    """The address of a page of Rivya's site, with the locale prefix its site uses."""
    language = (get_language() or "en").split("-")[0]
    prefix = "" if language == "en" else f"/{language}"
    return urljoin(settings.RIVYA_SITE_URL, prefix + path)
