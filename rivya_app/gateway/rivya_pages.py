"""Links to Rivya's own pages, in the reader's language."""

from urllib.parse import quote, urljoin

from django.conf import settings
from django.utils.translation import get_language

TOP_UP = "/settings/credits"
PRICING = "/pricing"


def rivya_page(path: str) -> str:
    """The address of a page of Rivya's site, with the locale prefix its site uses."""
    language = (get_language() or "en").split("-")[0]
    prefix = "" if language == "en" else f"/{language}"
    return urljoin(settings.RIVYA_SITE_URL, prefix + path)


def model_page(model_id: str) -> str:
    """Rivya's reference page of one model."""
    return rivya_page(f"/docs/api/models/{quote(model_id, safe='')}")


def studio_page(media_kind: str, model_id: str) -> str:
    """Where to try a model by hand; "" for kinds that have no Studio page we know of."""
    if media_kind not in ("image", "video"):
        return ""
    return rivya_page(f"/studio/{media_kind}/{quote(model_id, safe='')}")
