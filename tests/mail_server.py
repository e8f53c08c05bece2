"""A mail server on this machine that takes letters, or refuses them as it is told."""

import socketserver
import threading
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest


class MailServer:
    """What came, and how it answers. `says` maps a verb or an address to the answer it gets instead
    of a 250; `silent` takes the call and never says a word; `hangs_up_after` is a verb."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.raw: list[bytes] = []
        self.recipients: list[str] = []
        self.calls = 0
        self.says: dict[str, str] = {}
        self.is_silent = False
        self.ends_after: str = ""
        self.let_go = threading.Event()


class _Talk(socketserver.StreamRequestHandler):
    @property
    def server_of(self) -> MailServer:
        return self.server.mail  # type: ignore[attr-defined]

    def handle(self) -> None:
        mail = self.server_of
        mail.calls += 1
        if mail.is_silent:
            mail.let_go.wait(20)
            return
        self._say("220 stand-in")
        while line := self.rfile.readline():
            words = line.decode().strip()
            verb = words.split(" ")[0].upper()
            if verb == "QUIT":
                self._say("221 bye")
                return
            self._answer(verb, words)
            if mail.ends_after == verb:
                return

    def _answer(self, verb: str, words: str) -> None:
        mail = self.server_of
        address = words.partition("<")[2].partition(">")[0]
        told = mail.says.get(address if verb == "RCPT" else verb) or mail.says.get(verb)
        if told:
            self._say(told)
        elif verb == "DATA":
            self._say("354 go on")
            mail.letters.append(self._read())
            self._say(mail.says.get("END") or "250 taken")
        else:
            if verb == "RCPT":
                mail.recipients.append(address)
            self._say("250 fine")

    def _read(self) -> EmailMessage:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        self.server_of.raw.append(b"".join(lines))
        found: Any = message_from_bytes(b"".join(lines), policy=policy.default)
        return found

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@pytest.fixture
def mail_server(settings: Any) -> Iterator[MailServer]:
    """Running, and named in the settings."""
    mail = MailServer()
    with _Server(("127.0.0.1", 0), _Talk) as server:
        server.mail = mail  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address[:2]
        settings.EMAIL_USE_TLS, settings.EMAIL_TIMEOUT = False, 1
        yield mail
        mail.let_go.set()
        server.shutdown()
        thread.join()
