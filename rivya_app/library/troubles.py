"""Why a file could not be copied: one table of codes, and the words for each."""

from django.utils.translation import gettext as _


class Trouble(Exception):
    """A copy failed for the reason `code`. Never carries the link."""

    def __init__(self, code: str, *, is_expired_link: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.is_expired_link = is_expired_link

    @property
    def is_final(self) -> bool:
        """Whether trying again cannot help."""
        return self.code in _FINAL

    @property
    def is_about_content(self) -> bool:
        """Whether the bytes came whole but are not what was asked for."""
        return self.code in _CONTENT


_FINAL = frozenset({"too_large", "link_refused"})
_CONTENT = frozenset({"wrong_kind", "broken_media", "too_many_pixels", "empty"})

_WORDS = {
    "link_expired": lambda: _("Rivya's link to the result ran out before it could be copied."),
    "link_refused": lambda: _("Rivya's link to the result leads somewhere we do not fetch from."),
    "too_large": lambda: _("The result is larger than this workspace keeps."),
    "too_slow": lambda: _("The result arrived too slowly."),
    "unreachable": lambda: _("The result could not be reached."),
    "cut": lambda: _("The connection broke while the result was being copied."),
    "server_error": lambda: _("Rivya's storage did not hand the result over."),
    "empty": lambda: _("The result is empty."),
    "wrong_kind": lambda: _("The result is not the kind of file that was asked for."),
    "broken_media": lambda: _("The result is damaged and cannot be opened."),
    "too_many_pixels": lambda: _("The picture has more pixels than this workspace opens."),
    "no_space": lambda: _("Our own storage did not take the result."),
}


def words(code: str) -> str:
    """What happened, in the reader's language."""
    found = _WORDS.get(code)
    return found() if found else _("The result could not be copied.")
