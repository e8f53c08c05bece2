"""Makes the bytes of a result when somebody first asks for them, once, and keeps them on disk."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from rivya_app.simulator.media.render import Scene, render
from rivya_app.simulator.records import Task

MIME_TYPES: Final = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "webp": "image/webp",
    "mp4": "video/mp4",
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "ogg": "audio/ogg",
}
_THREADS: Final = 2


class Renders:
    """A cache of rendered results; an open task costs nothing here."""

    def __init__(self, folder: Path, scene_of: Callable[[Task, int], Scene]) -> None:
        self._folder = folder
        self._scene_of = scene_of
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="render")
        self._running: dict[Path, asyncio.Future[None]] = {}
        folder.mkdir(parents=True, exist_ok=True)

    async def file(self, task: Task, number: int) -> Path:
        """The result on disk; many readers of a new result wait for one rendering."""
        path = self._folder / f"{task.id}-{number}.{task.outputs[number]}"
        if not path.exists():
            await asyncio.shield(self._rendering(path, task, number))
        return path

    def _rendering(self, path: Path, task: Task, number: int) -> asyncio.Future[None]:
        running = self._running.get(path)
        if running is None:
            scene = self._scene_of(task, number)
            loop = asyncio.get_running_loop()
            running = loop.run_in_executor(self._pool, _make, scene, path)
            self._running[path] = running
            running.add_done_callback(lambda _: self._running.pop(path, None))
        return running

    def clear(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True, exist_ok=True)

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)


def _make(scene: Scene, path: Path) -> None:
    """Write beside and rename, so that half a file is never served."""
    unfinished = path.with_suffix(f".{os.urandom(4).hex()}.part")
    unfinished.write_bytes(render(scene, path.suffix[1:]))
    unfinished.replace(path)
