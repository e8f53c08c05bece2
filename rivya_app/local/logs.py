"""Log files of the local run, one for each process, rotated by size."""

from datetime import datetime
from pathlib import Path
from typing import BinaryIO

MAX_BYTES = 5_000_000
KEPT = 3


class LogFile:
    """Appends lines with their time; `name.log` becomes `name.log.1`, `.2`, `.3`, then goes."""

    def __init__(self, path: Path, *, max_bytes: int = MAX_BYTES) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._max_bytes = max_bytes
        self._file: BinaryIO = path.open("ab")

    def write_line(self, line: bytes) -> None:
        if self._file.tell() > self._max_bytes:
            self._rotate()
        now = datetime.now().astimezone().strftime("%Y-%m-%d %H:%M:%S ")
        self._file.write(now.encode() + line + b"\n")
        self._file.flush()

    def close(self) -> None:
        self._file.close()

    def _rotate(self) -> None:
        self._file.close()
        for number in range(KEPT, 0, -1):
            older = (
                self.path if number == 1 else self.path.with_name(f"{self.path.name}.{number - 1}")
            )
            if older.exists():
                older.replace(self.path.with_name(f"{self.path.name}.{number}"))
        self._file = self.path.open("ab")
