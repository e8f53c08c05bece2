"""The least an upload can cost: an application that writes what it is sent to the disk."""

import tempfile
from typing import Any


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Runs under the product's HTTP server; 204 once the last byte is written."""
    if scope["type"] != "http":
        return
    with tempfile.TemporaryFile() as file:
        while True:
            message = await receive()
            file.write(message.get("body", b""))
            if not message.get("more_body"):
                break
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})
