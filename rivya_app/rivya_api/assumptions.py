"""What Rivya's public pages leave open, as this client assumes it: tables only, no behaviour.

Change a line here when the truth is known. Two tables live beside their code instead:
the chat stream's dialects in `sse.py` and the webhook signature forms in `webhooks.py`.
"""

from collections.abc import Mapping

# ASSUMED: where a request id may stand, besides `error.requestId`, which is documented.
REQUEST_ID_KEYS = ("requestId", "request_id")
REQUEST_ID_HEADERS = ("x-request-id", "request-id")

# ASSUMED: seconds or an HTTP date in Retry-After, else seconds or a unix time in the others.
RETRY_AFTER_HEADER = "retry-after"
RATE_RESET_HEADERS = ("x-ratelimit-reset", "ratelimit-reset")

# ASSUMED: where a webhook envelope holds the generation, and where at least its id.
JOB_PLACES: tuple[tuple[str, ...], ...] = (
    ("data", "object"),
    ("data", "generation"),
    ("data",),
    ("generation",),
    ("object",),
)
JOB_ID_KEYS = ("generation_id", "task_id", "generationId", "taskId")

# ASSUMED: list envelopes; which cursor key of an answer goes into which query parameter.
HAS_MORE_KEY = "has_more"
CURSOR_PARAMETERS: Mapping[str, str] = {"next_cursor": "cursor", "after": "after"}
MAX_PAGES = 20

# ASSUMED: names of the file object's fields (only `url` and `duration_token` are documented).
FILE_ID_KEYS = ("id", "file_id")
FILE_MIME_KEYS = ("mime_type", "mimeType", "content_type")
FILE_NAME_KEYS = ("name", "filename", "file_name")
FILE_SIZE_KEYS = ("size_bytes", "size", "bytes")
FILE_DURATION_KEYS = ("duration_seconds", "durationSeconds")

# ASSUMED: the shape of one `params[]` entry of a model. Camel case is folded before the look-up.
PARAM_KEY_KEYS = ("key", "name", "id")
PARAM_REQUIRED_KEYS = ("required", "is_required")
PARAM_MINIMUM_KEYS = ("min", "minimum")
PARAM_MAXIMUM_KEYS = ("max", "maximum")
PARAM_STEP_KEYS = ("step", "multiple_of")
PARAM_OPTIONS_KEYS = ("options", "enum", "values", "choices")
PARAM_RANGE_KEY = "range"
OPTION_VALUE_KEYS = ("value", "id", "key")

# ASSUMED: whether a model needs a prompt is stated nowhere in the list. The schema leaves it
# optional, the pages require it of every media model but one: the server builds the prompt of
# elevenlabs-dialogue-v3 from `params.dialogue`. So a model with such a parameter needs none, and a
# statement under one of these keys, should it ever come, decides instead.
PROMPT_MAKING_PARAMS = ("dialogue",)
PROMPT_REQUIRED_KEYS = ("prompt_required", "requires_prompt")

# ASSUMED: other words for the categories that the pages label Image, Video, Audio and Chat.
CATEGORY_KINDS: Mapping[str, str] = {
    "picture": "image",
    "music": "audio",
    "speech": "audio",
    "sound": "audio",
    "voice": "audio",
    "llm": "chat",
}

# ASSUMED: the shape of a non-null `reference_media`. Camel case is folded before the look-up.
REFERENCE_LIST_KEYS = ("rules", "items", "kinds", "media")
REFERENCE_KIND_KEYS = ("kind", "type", "media_kind")
REFERENCE_KINDS_KEYS = ("kinds", "file_kinds", "types", "accepted_kinds", "supported_kinds")
REFERENCE_COUNT_KEYS = ("max_count", "max_items", "max_files", "count", "limit", "max")
REFERENCE_MINIMUM_KEYS = ("min_count", "min_items", "min_files", "min")
REFERENCE_BYTES_KEYS = ("max_bytes", "max_size_bytes", "max_file_bytes", "max_size")
REFERENCE_MEGABYTES_KEYS = ("max_size_mb", "max_mb", "max_file_size_mb", "size_mb")
REFERENCE_MIME_KEYS = ("mime_types", "allowed_mime_types", "accepted_mime_types", "formats")
REFERENCE_REQUIRED_KEYS = ("required", "is_required")
REFERENCE_COMBINATION_KEYS = ("combinations", "allowed_combinations", "sets")
MEGABYTE = 1_000_000  # ASSUMED: the smaller of the two meanings, so that nothing is refused later

# ASSUMED: names in chat sessions and messages (no session answer was ever shown).
SESSION_MESSAGES_KEYS = ("messages", "turns", "items")
SESSION_TITLE_KEYS = ("title", "name")
MESSAGE_TEXT_KEYS = ("content", "text", "message")

# ASSUMED: names in a chat model's capabilities (only null was ever shown).
CHAT_SEARCH_KEYS = ("web_search", "enable_web_search", "supports_web_search")
CHAT_EFFORT_KEYS = ("reasoning_efforts", "reasoning_effort", "supported_reasoning_efforts")
CHAT_ATTACHMENTS_KEYS = ("attachments", "supports_attachments", "file_input")
CHAT_MAX_ATTACHMENTS_KEYS = ("max_attachments", "attachment_limit")
CHAT_ATTACHMENT_KINDS_KEYS = ("attachment_kinds", "file_kinds")
# ASSUMED: what an address says that does not stream, or not for this model.
NOT_STREAMED_STATUSES = (404, 405, 406, 501)

# ASSUMED: names in webhook deliveries, events and secret answers.
ENDPOINT_ON, ENDPOINT_OFF = "active", "disabled"  # only the first was ever shown
SECRET_KEYS = ("signing_secret", "secret")
DELIVERY_EVENT_ID_KEYS = ("event_id", "webhook_event_id")
DELIVERY_EVENT_TYPE_KEYS = ("event_type", "type")
DELIVERY_STATUS_CODE_KEYS = ("response_status", "status_code", "http_status", "response_code")
DELIVERY_ATTEMPT_KEYS = ("attempt", "attempt_count", "attempts")
