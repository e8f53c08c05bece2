"""Words for what stands between us and Rivya: keys, limits, the connection, models, webhooks."""

from django.utils.translation import gettext_lazy as _

from rivya_app.gateway.refusals import (
    KEYS_PAGE,
    MODELS_PAGE,
    TROUBLE_PAGE,
    WAITING_PAGE,
    FailureWords,
    Step,
    Text,
)

_TOLD = _("The account owner has been told. The job waits and goes on once the key works.")
_OWNER_CAN = _("The account owner can put a working key in its place. The job waits for it.")


def _key(title: Text, happened: Text, change: Text = _TOLD) -> FailureWords:
    return FailureWords(
        title,
        happened,
        change,
        page=KEYS_PAGE,
        steps=(Step.KEYS,),
        is_waiting=True,
        asks_owner=True,
    )


def _waits(title: Text, happened: Text, change: Text) -> FailureWords:
    return FailureWords(title, happened, change, page=WAITING_PAGE, is_waiting=True)


_KEYS = {
    "api_key_missing": _key(
        _("The key is not accepted"),
        _("Rivya did not find a key with this request."),
        _OWNER_CAN,
    ),
    "api_key_invalid": _key(
        _("The key is not accepted"), _("Rivya does not recognise the key this workspace uses.")
    ),
    "api_key_revoked": _key(
        _("The key was revoked"), _("The key this workspace uses was revoked at Rivya.")
    ),
    "api_key_expired": _key(
        _("The key has expired"), _("The key this workspace uses is past its end date at Rivya.")
    ),
    "api_scope_denied": FailureWords(
        _("The key may not do this"),
        _("The key this workspace uses lacks a permission that is needed here."),
        _("The account owner can make a key with all permissions. The job waits for it."),
        page=KEYS_PAGE,
        steps=(Step.KEYS,),
        is_waiting=True,
        asks_owner=True,
    ),
    "no_key": FailureWords(
        _("No key is set up yet"),
        _("This workspace has no key for work of this kind."),
        _("The account owner can add one. Nothing you typed is lost."),
        page=KEYS_PAGE,
        steps=(Step.KEYS,),
        asks_owner=True,
    ),
}

_LIMITS = {
    "rate_limited": _waits(
        _("Rivya is asking us to slow down"),
        _("More requests arrived than the account may send at once."),
        _("Nothing to do: the job keeps its place and is sent again by itself."),
    ),
    "rate_budget": _waits(
        _("Waiting for a turn"),
        _("This workspace sends its requests one after the other, so that Rivya takes them all."),
        _("Nothing to do: the job keeps its place and is sent by itself."),
    ),
    "prompt_too_long": FailureWords(
        _("The description is too long"),
        _("This model takes fewer characters than the description has."),
        _("Shorten it, or choose a model that takes more."),
        page=MODELS_PAGE,
        steps=(Step.MODELS,),
    ),
    "too_many_references": FailureWords(
        _("Too many reference files"),
        _("This model does not take so many files, or not these kinds together."),
        _("Take some of them away, or choose another model."),
        page="/docs/image-references",
        steps=(Step.FILE, Step.MODELS),
    ),
    "reference_missing": FailureWords(
        _("A reference file is needed"),
        _("This model makes nothing from words alone."),
        _("Add a file, or choose another model."),
        page="/docs/image-references",
        steps=(Step.FILE, Step.MODELS),
    ),
}

_CONNECTION = {
    "public_api_disabled": _waits(
        _("Rivya is closed for a moment"),
        _("Rivya has switched its interface off for now."),
        _("Nothing to do: the job keeps its place and is sent when Rivya opens again."),
    ),
    "no_answer": _waits(
        _("Rivya cannot be reached"),
        _("The connection to Rivya broke off or gave no usable answer."),
        _("Nothing to do: the same job is sent again by itself and cannot be charged twice."),
    ),
    "bad_answer": _waits(
        _("Rivya's answer could not be read"),
        _("Something came back, but not what Rivya has promised to send."),
        _("Nothing to do: the same job is asked about again and cannot be charged twice."),
    ),
    "internal_error": _waits(
        _("Something went wrong at Rivya"),
        _("Rivya reported a fault of its own."),
        _("Nothing to do: the same job is asked about again and cannot be charged twice."),
    ),
    "uncertain": _waits(
        _("Checking with Rivya"),
        _("The connection broke before Rivya could say whether it has the job."),
        _("Nothing to do: we keep asking about the same job. No second one is started."),
    ),
    "idempotency_conflict": _waits(
        _("Checking with Rivya"),
        _("Rivya has seen this job before but does not say yet what became of it."),
        _("Nothing to do: we keep asking about the same job. No second one is started."),
    ),
}

_MODELS = {
    "model_gone": FailureWords(
        _("This model cannot be used any more"),
        _("Rivya does not offer it now, or the account owner does not permit it here."),
        _("Choose another model. Everything you typed is kept."),
        page=MODELS_PAGE,
        steps=(Step.MODEL, Step.MODELS),
    ),
    "not_permitted": FailureWords(
        _("This model is not permitted here"),
        _("The account owner has chosen which models this workspace uses."),
        _("Choose another model, or ask the owner to permit it."),
        page=MODELS_PAGE,
        steps=(Step.MODEL, Step.MODELS),
        asks_owner=True,
    ),
}

_WEBHOOKS = {
    "webhook_url_rejected": FailureWords(
        _("The address for news was refused"),
        _("Rivya does not send news to this address."),
        _("The account owner can give a public address that begins with https://."),
        page="/docs/api-webhooks",
        asks_owner=True,
    ),
}

_CHAT = {
    "chat_model_not_supported": FailureWords(
        _("This model cannot be used here"),
        _("The model is made for something else."),
        _("Choose another model."),
        page=MODELS_PAGE,
        steps=(Step.MODEL, Step.MODELS),
    ),
    "chat_session_conflict": FailureWords(
        _("This conversation cannot go on"),
        _("Rivya does not continue this conversation with this model."),
        _("Start a new conversation. The old one stays to be read."),
        page="/docs/api-chat",
    ),
    "chat_attachment_not_supported": FailureWords(
        _("The attachment was refused"),
        _("Rivya did not accept the attached file."),
        _("Attach a picture as a JPEG, PNG or WebP file."),
        page="/docs/safe-upload-guidelines",
    ),
}

WORDS: dict[str, FailureWords] = {
    **_KEYS,
    **_LIMITS,
    **_CONNECTION,
    **_MODELS,
    **_WEBHOOKS,
    **_CHAT,
}

SERVER_FAULT = WORDS["internal_error"]
REFUSED_WITHOUT_A_WORD = FailureWords(
    _("Rivya refused without a reason"),
    _("Something between us and Rivya said no, without saying why."),
    _("Try again in a while. If it happens again, copy the details below for support."),
    page=TROUBLE_PAGE,
)
