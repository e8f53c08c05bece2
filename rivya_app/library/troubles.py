"""Why a file could not be copied, uploaded or sent on: the codes, and the words for each."""

from django.utils.translation import gettext_lazy as _

from rivya_app.gateway.refusals import (
    UPLOADS_PAGE,
    FailureWords,
    Step,
    Text,
)
from rivya_app.library.errors import Trouble as Trouble


def _copy(happened: Text, change: Text = "") -> FailureWords:
    return FailureWords(
        _("The result could not be copied here"),
        happened,
        change or _("The job itself succeeded. Copying can be tried again at no cost."),
        page="/history/generations",
    )


_ONLY_AT_RIVYA = _(
    "The job itself succeeded. Rivya's own history still has the result for a while."
)

COPIES: dict[str, FailureWords] = {
    "link_expired": _copy(_("Rivya's link to the result ran out before it could be copied.")),
    "link_refused": _copy(
        _("Rivya's link to the result leads somewhere we do not fetch from."), _ONLY_AT_RIVYA
    ),
    "too_large": _copy(_("The result is larger than this workspace keeps."), _ONLY_AT_RIVYA),
    "too_slow": _copy(_("The result arrived too slowly.")),
    "unreachable": _copy(_("The result could not be reached.")),
    "cut": _copy(_("The connection broke while the result was being copied.")),
    "server_error": _copy(_("Rivya's storage did not hand the result over.")),
    "empty": _copy(_("The result is empty.")),
    "wrong_kind": _copy(_("The result is not the kind of file that was asked for.")),
    "broken_media": _copy(_("The result is damaged and cannot be opened.")),
    "too_many_pixels": _copy(_("The picture has more pixels than this workspace opens.")),
    "no_space": _copy(_("Our own storage did not take the result.")),
    "other_bytes": _copy(
        _("Rivya hands over another file than the one that was here. It was not put in its place."),
        _ONLY_AT_RIVYA,
    ),
}
COPY_FAILED = _copy(_("The result could not be copied."))


def _upload(title: Text, happened: Text, change: Text) -> FailureWords:
    return FailureWords(title, happened, change, page=UPLOADS_PAGE, steps=(Step.FILE,))


UPLOADS: dict[str, FailureWords] = {
    "too_large": _upload(
        _("The file is too large"),
        _("It is larger than the model or this workspace takes."),
        _("Save it smaller and upload it again."),
    ),
    "wrong_kind": _upload(
        _("This kind of file is not taken"),
        _("What is inside the file decides, not its name."),
        _("Upload a JPEG, PNG or WebP picture, or a video or sound the model takes."),
    ),
    "broken_media": _upload(
        _("The file cannot be opened"),
        _("It is damaged or was not saved completely."),
        _("Open it on your device, save it again, and upload the new one."),
    ),
    "too_many_pixels": _upload(
        _("The picture has too many pixels"),
        _("It has more pixels than this workspace opens."),
        _("Make it smaller and upload it again."),
    ),
    "empty": _upload(
        _("The file is empty"),
        _("There is nothing inside it."),
        _("Choose the file again."),
    ),
    "too_many_unused": _upload(
        _("Too many uploads are waiting"),
        _("You have put many files here that nothing uses yet."),
        _("Use some of them or remove them in the library, then upload this one again."),
    ),
    "cut": _upload(
        _("The upload was cut off"),
        _("The connection broke before the whole file was here."),
        _("Press “Try again” beside the file. Nothing else has to be done again."),
    ),
    "no_space": _upload(
        _("The file could not be kept"),
        _("Our own storage did not take it."),
        _("Try again in a while. If it stays so, tell the people who run this workspace."),
    ),
}
UPLOAD_FAILED = _upload(
    _("The upload did not work"),
    _("The file did not arrive here as a whole."),
    _("Try the same file again."),
)

REFERENCES: dict[str, FailureWords] = {
    "reference_refused": FailureWords(
        _("Rivya refused a reference file"),
        _("The file was sent on to Rivya, and Rivya did not take it. The job was not started."),
        _("Use another file. The one you uploaded stays in the library."),
        page="/docs/image-references",
        steps=(Step.FILE, Step.MODEL),
    ),
    "reference_unready": FailureWords(
        _("A reference file could not be sent on"),
        _("It is here, but could not be made ready for Rivya. The job was not started."),
        _("Save the file anew on your device and upload it again, or use another file."),
        page="/docs/image-references",
        steps=(Step.FILE,),
    ),
    "reference_gone": FailureWords(
        _("A reference file is no longer here"),
        _("Somebody removed it before the job could start."),
        _("Upload it again, or use another file."),
        page=UPLOADS_PAGE,
        steps=(Step.FILE,),
    ),
}

# All of them under one name each, as pages ask for them.
WORDS: dict[str, FailureWords] = {
    **{f"copy_{code}": entry for code, entry in COPIES.items()},
    **{f"upload_{code}": entry for code, entry in UPLOADS.items()},
    **REFERENCES,
}


def copy_words(code: str) -> FailureWords:
    """Why a result is not here."""
    return COPIES.get(code, COPY_FAILED)


def upload_words(code: str) -> FailureWords:
    """Why an uploaded file was not taken."""
    return UPLOADS.get(code, UPLOAD_FAILED)
