"""Many browsers in one process: each listens to the live stream of one turn.

`python -m tests.bench.chat_readers PORT SECONDS RESULT` takes lines of a turn's id and a ticket,
and writes what each heard to RESULT as JSON. Words that are times tell how late they came.
"""

import asyncio
import gc
import json
import re
import sys
import time
from pathlib import Path

import uvloop

_TIME = re.compile(rb"\d{10}\.\d{4}")


class Browser:
    """One open stream; keeps when each word was written and how late it was here."""

    def __init__(self, turn_id: str, ticket: str) -> None:
        self.turn_id, self.ticket = turn_id, ticket
        self.words: list[tuple[float, float]] = []
        self.has_ended = False
        self.kinds: set[str] = set()

    async def listen(self, port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            f"GET /stream/turns/{self.turn_id}/ HTTP/1.1\r\nHost: localhost\r\n"
            f"Cookie: ticket={self.ticket}\r\n\r\n".encode()
        )
        try:
            await reader.readuntil(b"\r\n\r\n")
            while event := await reader.readuntil(b"\n\n"):
                self._hear(event, time.time())
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()

    def _hear(self, event: bytes, now: float) -> None:
        kind = event.partition(b"event: ")[2].partition(b"\n")[0].decode()
        if not kind:
            return
        self.kinds.add(kind)
        if kind == "text":
            for word in _TIME.findall(event):
                self.words.append((float(word), now - float(word)))
        self.has_ended = self.has_ended or kind == "end"


async def listen_all(browsers: list[Browser], port: int, seconds: float) -> None:
    listening = [asyncio.create_task(browser.listen(port)) for browser in browsers]
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    _done, late = await asyncio.wait(listening, timeout=seconds)
    for task in late:
        task.cancel()
    await asyncio.gather(*listening, return_exceptions=True)


def main() -> None:
    port, seconds, result = int(sys.argv[1]), float(sys.argv[2]), Path(sys.argv[3])
    browsers = [Browser(*line.split()) for line in sys.stdin.read().splitlines()]
    gc.disable()  # what it keeps grows, and looking through it would count as lateness
    uvloop.run(listen_all(browsers, port, seconds))
    heard = [
        {"ended": each.has_ended, "words": each.words, "kinds": sorted(each.kinds)}
        for each in browsers
    ]
    result.write_text(json.dumps(heard))


if __name__ == "__main__":
    main()
