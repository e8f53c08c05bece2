"""The words for every way a job can end badly or be kept waiting. One entry per code of Rivya's
error table, plus our own; an unknown code gets GENERAL. Facts about credits are not here: they
come from the job's own numbers (`failures.py`)."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


@dataclass(frozen=True, slots=True)
class FailureWords:
    """What a person reads. `page` is the path of Rivya's own page about it."""

    title: Text
    happened: Text
    change: Text
    page: str = "/docs/api-errors-and-limits"


_KEYS = "/docs/api-authentication"
_FAILED = "/docs/failed-tasks-and-refunds"
_WAITING = "/docs/generation-queue-and-waiting"
_MODELS = "/docs/api-models"

GENERAL = FailureWords(
    _("This job could not be finished"),
    _("Rivya reported a problem that this workspace does not know by name yet."),
    _("Try a new attempt. If it happens again, copy the details below for support."),
    page="/docs/troubleshooting",
)

WORDS: dict[str, FailureWords] = {
    "generation_failed": FailureWords(
        _("No result came out of this job"),
        _("Rivya accepted the job but the model could not finish it."),
        _(
            "Make the description shorter and more concrete, or choose another model, "
            "then start a new attempt."
        ),
        page=_FAILED,
    ),
    "insufficient_credits": FailureWords(
        _("Not enough credits"),
        _("The balance at Rivya was too low when this job was sent."),
        _("Ask the account owner to top up. The brief is kept, nothing has to be typed again."),
        page="/settings/credits",
    ),
    "validation_failed": FailureWords(
        _("The settings were not accepted"),
        _("The model did not accept the description or one of its settings."),
        _("Change the description or go back to the usual settings, then start a new attempt."),
        page=_MODELS,
    ),
    "not_found": FailureWords(
        _("Rivya does not know this job any more"),
        _("The model or the job is no longer there under this account."),
        _("Choose another model and start a new attempt."),
        page=_MODELS,
    ),
    "rate_limited": FailureWords(
        _("Rivya is asking us to slow down"),
        _("More requests arrived than the account may send at once."),
        _("Nothing to do: the job keeps its place and is sent again by itself."),
        page=_WAITING,
    ),
    "public_api_disabled": FailureWords(
        _("Rivya is closed for a moment"),
        _("Rivya has switched its interface off for now."),
        _("Nothing to do: the job keeps its place and is sent when Rivya opens again."),
        page=_WAITING,
    ),
    "no_answer": FailureWords(
        _("Rivya cannot be reached"),
        _("The connection to Rivya broke off or gave no usable answer."),
        _("Nothing to do: the same job is sent again by itself and cannot be charged twice."),
        page=_WAITING,
    ),
    "idempotency_conflict": FailureWords(
        _("Checking with Rivya"),
        _("Rivya has seen this job before but does not say yet what became of it."),
        _("Nothing to do: we keep asking about the same job. No second one is started."),
    ),
    "api_key_missing": FailureWords(
        _("The key is not accepted"),
        _("Rivya did not find a key with this request."),
        _("The account owner has been told. The job waits and goes on once the key works."),
        page=_KEYS,
    ),
    "api_key_invalid": FailureWords(
        _("The key is not accepted"),
        _("Rivya does not recognise the key this workspace uses."),
        _("The account owner has been told. The job waits and goes on once the key works."),
        page=_KEYS,
    ),
    "api_key_revoked": FailureWords(
        _("The key was revoked"),
        _("The key this workspace uses was revoked at Rivya."),
        _("The account owner has been told. The job waits and goes on once the key works."),
        page=_KEYS,
    ),
    "api_key_expired": FailureWords(
        _("The key has expired"),
        _("The key this workspace uses is past its end date at Rivya."),
        _("The account owner has been told. The job waits and goes on once the key works."),
        page=_KEYS,
    ),
    "api_scope_denied": FailureWords(
        _("The key may not do this"),
        _("The key lacks the permission to create images."),
        _("The account owner can make a key with all permissions. The job waits for it."),
        page=_KEYS,
    ),
    "webhook_url_rejected": FailureWords(
        _("The address for news was refused"),
        _("Rivya does not send news to this address."),
        _("The account owner can change the address."),
    ),
    "chat_model_not_supported": FailureWords(
        _("This model cannot be used here"),
        _("The model is made for something else."),
        _("Choose another model and start a new attempt."),
        page=_MODELS,
    ),
    "chat_session_conflict": FailureWords(
        _("This conversation cannot go on"),
        _("Rivya does not continue this conversation with this model."),
        _("Start a new conversation."),
    ),
    "chat_attachment_not_supported": FailureWords(
        _("The attachment was refused"),
        _("Rivya did not accept the attached file."),
        _("Attach another picture."),
        page="/docs/safe-upload-guidelines",
    ),
}
