"""Pages under the compressing server."""

import asyncio

import httpx
from starlette.middleware.gzip import GZipMiddleware

from rivya_app.asgi import names_in_lower_case


async def long_page(_scope, _receive, send):
    body = b"word " * 1000
    headers = [(b"Content-Type", b"text/html"), (b"Content-Length", b"5000")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def test_it_sends_one_length_for_a_compressed_page():
    async def fetch() -> httpx.Response:
        transport = httpx.ASGITransport(GZipMiddleware(names_in_lower_case(long_page)))
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
            return await client.get("/", headers={"Accept-Encoding": "gzip"})

    answer = asyncio.run(fetch())

    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.headers.get_list("Content-Length")) == 1
