"""The client a worker holds: one namespace per noun, and the one loop that repeats a call."""

import time
from collections.abc import Callable
from functools import cached_property
from types import TracebackType
from typing import Self, TypeVar

import httpx

from rivya_app.rivya_api import resources, retry
from rivya_app.rivya_api.errors import BadResponse, RateBudgetExceeded, RivyaError
from rivya_app.rivya_api.pool import Deadline, Timeouts, open_pool
from rivya_app.rivya_api.wire import Answer, Call, Wire

MAX_BODY = 2_000_000
USER_AGENT = "rivya-workspace/1"

T = TypeVar("T")


class RivyaClient:
    """Typed access to Rivya's public API v1 with one key; safe to use from several threads.

    `http` is a pool from `open_pool()`, shared by many clients and not closed here. `before_send`
    runs before every send and may raise `RateBudgetExceeded`. `max_body` is in bytes.
    """

    def __init__(
        self,
        api_key: str | None = None,
        *,
        base_url: str = "https://rivya.ai",
        transport: httpx.BaseTransport | None = None,
        http: httpx.Client | None = None,
        before_send: Callable[[], None] | None = None,
        timeout: Timeouts | None = None,
        quick_retries: int = 2,
        max_body: int = MAX_BODY,
        user_agent: str = USER_AGENT,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.base_url = _checked_base_url(base_url)
        self._key_tail = api_key[-4:] if api_key and len(api_key) >= 16 else ""
        self._owns_http = http is None
        timeouts = timeout or Timeouts()
        self._http = http or _open_own(transport, timeouts)
        self._wire = Wire(
            self._http,
            root=self.base_url,
            api_key=api_key,
            timeouts=timeouts,
            max_body=max_body,
            user_agent=user_agent,
        )
        self._before_send = before_send
        self._quick_retries = quick_retries
        self._sleep = sleep

    def __repr__(self) -> str:
        return f"<RivyaClient {self.base_url} key …{self._key_tail}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections, unless the pool is shared."""
        if self._owns_http:
            self._http.close()

    @cached_property
    def models(self) -> resources.Models:
        """The public model list."""
        return resources.Models(self)

    @cached_property
    def openapi(self) -> resources.OpenApi:
        """The public machine-readable contract."""
        return resources.OpenApi(self)

    @cached_property
    def generations(self) -> resources.Generations:
        """Image, video and audio jobs."""
        return resources.Generations(self)

    @cached_property
    def files(self) -> resources.Files:
        """Reference files."""
        return resources.Files(self)

    @cached_property
    def credits(self) -> resources.Credits:
        """The wallet."""
        return resources.Credits(self)

    @cached_property
    def chat(self) -> resources.Chat:
        """The assistant: complete answers, streams, sessions."""
        return resources.Chat(self)

    @cached_property
    def webhooks(self) -> resources.Webhooks:
        """Webhook endpoints and their deliveries."""
        return resources.Webhooks(self)

    @cached_property
    def webhook_events(self) -> resources.WebhookEvents:
        """Webhook events."""
        return resources.WebhookEvents(self)

    def ask(self, call: Call, read: Callable[[Answer], T]) -> T:
        """Send `call`, repeat it where that is safe, and read the 2xx.

        Raises `ApiError`, `TransportError`, `BadResponse` or `RateBudgetExceeded`. For anything
        but a read, a 2xx that `read` cannot understand is uncertain (`maybe_sent`).
        """
        answer = self._repeating(call, self._wire.ask)
        try:
            return read(answer)
        except BadResponse as error:
            reason = f"{call.method} {call.path}: {error.reason}"
        raise BadResponse(
            reason,
            status=answer.status,
            request_id=answer.request_id,
            maybe_sent=not call.is_read,
        )

    def open(self, call: Call) -> tuple[httpx.Response, Deadline]:
        """Send `call` and return the open 2xx, its body unread; the caller closes it."""
        return self._repeating(call, self._wire.open)

    def _repeating(self, call: Call, send: Callable[[Call], T]) -> T:
        failure: RivyaError | None = None
        for retry_number in range(1, self._quick_retries + 2):
            self._clear_with_budget(failure)
            try:
                return send(call)
            except RivyaError as error:
                _remember_doubt(error, failure)
                failure = error
            wait = self._wait_before(retry_number, call, failure)
            if wait is None:
                break
            self._sleep(wait)
        assert failure is not None  # noqa: S101  the loop runs at least once
        # The frames below hold the answer, and with it temporary links, for any error reporter.
        raise failure.with_traceback(None)

    def _clear_with_budget(self, failure: RivyaError | None) -> None:
        if self._before_send is None:
            return
        try:
            self._before_send()
        except RateBudgetExceeded:
            # What the first send met says more than that a repeat has to wait.
            if failure is None:
                raise
        else:
            return
        raise failure.with_traceback(None)

    def _wait_before(self, number: int, call: Call, failure: RivyaError) -> float | None:
        may_repeat = number <= self._quick_retries and retry.is_worth_a_quick_retry(
            failure, is_safe=call.is_safe, is_read=call.is_read
        )
        return retry.wait_before(number, failure) if may_repeat else None


def _remember_doubt(error: RivyaError, earlier: RivyaError | None) -> None:
    """Keep `maybe_sent` over a repeat that got no verdict; a verdict on the same key ends it."""
    if earlier is None or not (earlier.maybe_sent or earlier.follows_doubt):
        return
    error.follows_doubt = True
    if error.is_retryable:
        error.maybe_sent = True


def _open_own(transport: httpx.BaseTransport | None, timeouts: Timeouts) -> httpx.Client:
    if transport is not None:
        return httpx.Client(transport=transport, follow_redirects=False)
    return open_pool(timeouts=timeouts)


def _checked_base_url(base_url: str) -> str:
    url = httpx.URL(base_url)
    if url.scheme not in ("http", "https") or not url.host or url.userinfo or url.query:
        raise ValueError("the base URL must be http(s)://host, without credentials or query")
    return str(url).rstrip("/")
