"""Takes sent files off the wire onto the disk, within a limit; nothing of them stays in memory."""

from django.conf import settings
from django.core.files.uploadhandler import TemporaryFileUploadHandler


class LimitedUploadHandler(TemporaryFileUploadHandler):
    """Writes each file to the disk as it comes, and keeps nothing of one that grows too large.

    Such a file still arrives, empty but with its true `size`, and the rest of the form is read on:
    whoever looks at it can say the rule, and nothing else that was typed is lost.
    """

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start + len(raw_data) <= settings.UPLOAD_MAX_BYTES:
            super().receive_data_chunk(raw_data, start)
        elif self.file.tell():
            self.file.seek(0)
            self.file.truncate()
