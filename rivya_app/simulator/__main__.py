"""Starts the stand-in: ``python -m rivya_app.simulator --port 0 --state DIR``."""

from __future__ import annotations

import argparse
import ctypes
import gc
import os
import signal
import socket
import sys
from pathlib import Path

import uvicorn

from rivya_app.simulator.app import Options, StandIn
from rivya_app.simulator.store import StateInUse

_PR_SET_PDEATHSIG = 1


class Server(uvicorn.Server):
    """Says once that it listens, on the one line this process writes to its output."""

    def __init__(self, config: uvicorn.Config, address: str) -> None:
        super().__init__(config)
        self._address = address

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        # What is loaded by now stays; to look through it again and again would make words late.
        gc.freeze()
        sys.stdout.write(f"ready {self._address}\n")
        sys.stdout.flush()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="rivya_app.simulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0: a free one")
    parser.add_argument("--state", type=Path, required=True, help="folder that keeps everything")
    parser.add_argument("--speed", type=float, default=1.0, help="divides task times")
    parser.add_argument("--public-url", default="", help="address put into links")
    parser.add_argument("--control-token", default="", help="asked for by /_sim/ when given")
    parser.add_argument("--control-token-file", type=Path, help="file that holds it")
    parser.add_argument("--allow-local-webhooks", action="store_true", help="http to loopback")
    parser.add_argument("--parent-death", action="store_true", help="die with the parent")
    return parser.parse_args()


def _die_with_parent() -> None:
    """Ask the kernel for SIGTERM when the parent dies; Linux only, silently nothing elsewhere."""
    if not sys.platform.startswith("linux"):
        return
    parent = os.getppid()
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it died before we asked
        sys.exit(1)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    return listener


def _options(arguments: argparse.Namespace, address: str) -> Options:
    token = arguments.control_token
    if arguments.control_token_file:
        token = arguments.control_token_file.read_text().strip()
    return Options(
        state=arguments.state,
        public_url=(arguments.public_url or address).rstrip("/"),
        control_token=token,
        allow_local_webhooks=arguments.allow_local_webhooks,
        settings={"speed": arguments.speed},
    )


def main() -> None:
    arguments = _arguments()
    if arguments.parent_death:
        _die_with_parent()
    listener = _listen(arguments.host, arguments.port)
    host = f"[{arguments.host}]" if ":" in arguments.host else arguments.host
    address = f"http://{host}:{listener.getsockname()[1]}"
    try:
        stand_in = StandIn(_options(arguments, address))
    except StateInUse as error:
        sys.exit(f"The state folder {error} is used by another process.")
    config = uvicorn.Config(
        stand_in,
        http=stand_in.connections.protocol(),
        ws="none",
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=1,
        timeout_keep_alive=30,
    )
    Server(config, address).run(sockets=[listener])


if __name__ == "__main__":
    main()
