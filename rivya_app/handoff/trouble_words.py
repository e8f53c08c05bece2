"""Why a package could not be made: the words for each code of trouble."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


@dataclass(frozen=True, slots=True)
class TroubleWords:
    """What happened, and what to do. `may_help`: whether trying again can."""

    happened: Text
    change: Text
    may_help: bool = True


_WORDS: dict[str, TroubleWords] = {
    "bytes_changed": TroubleWords(
        _("The stored file is not the one that was approved: its checksum is another."),
        _(
            "Nothing leaves. Tell the people who run this workspace. Once the approved file is "
            "back in its place, try again."
        ),
    ),
    "bytes_gone": TroubleWords(
        _("The approved file is no longer here."),
        _("Pack the other files in a new package, or have the picture made and approved again."),
        may_help=False,
    ),
    "broken_media": TroubleWords(
        _("The file cannot be opened to be cut."),
        _("Pack the other files in a new package, or have the picture made again."),
    ),
    "too_many_pixels": TroubleWords(
        _("The picture has more pixels than this workspace opens."),
        _("Pack the other files in a new package."),
        may_help=False,
    ),
    "no_space": TroubleWords(
        _("Our own storage did not take the packed files."),
        _("Try again in a while. If it stays so, tell the people who run this workspace."),
    ),
    "gave_up": TroubleWords(
        _("The packing was cut off several times."),
        _("Try again. If it stays so, tell the people who run this workspace."),
    ),
}
_OTHER = TroubleWords(
    _("A file could not be cut for its channel."),
    _("Try again. If it stays so, pack the other files in a new package."),
)


def words_of(code: str) -> TroubleWords:
    """An unknown code is explained in general."""
    return _WORDS.get(code, _OTHER)
