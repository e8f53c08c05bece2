"""What keeps a file from being kept. Imports nothing, for the process that decodes uses it too."""


class Trouble(Exception):
    """A file failed for the reason `code`. Never carries a link."""

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
