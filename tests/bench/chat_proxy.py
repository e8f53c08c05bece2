"""The LiteLLM proxy from PyPI before the same words, in an environment of its own."""

import os
import subprocess
import sys
import time
from pathlib import Path

import httpx

from rivya_app.local.parts import accepts, free_port
from rivya_app.local.processes import Program
from tests.bench.shop import BenchShop
from tests.bench.stage import say, wait_for

VERSION = "1.106.12"  # not the newest: 1.107.0 was taken back as tampered with
KEY = "sk-only-for-benchmarks-" + "0" * 24  # it wants one; made up
_QUESTION = {
    "model": "mug",
    "messages": [{"role": "user", "content": "How do I sell a mug?"}],
    "stream": True,
}


class Proxy:
    """A running proxy, and the same question asked with and without it."""

    def __init__(self, shop: BenchShop, port: int) -> None:
        self._shop = shop
        self._http = httpx.Client(trust_env=False, timeout=30)
        self._direct = f"{shop.rivya.base_url}/v1/chat/completions"
        self._through = f"http://127.0.0.1:{port}/v1/chat/completions"

    def direct(self) -> float:
        return self._first_word(self._direct)

    def through(self) -> float:
        return self._first_word(self._through)

    def _first_word(self, address: str) -> float:
        began, first, heard = time.perf_counter(), 0.0, b""
        key = {"Authorization": f"Bearer {KEY}"}
        with self._http.stream("POST", address, json=_QUESTION, headers=key) as answer:
            answer.raise_for_status()
            for part in answer.iter_bytes():
                heard += part
                if not first and b'"content":"' in heard.replace(b'"content":""', b""):
                    first = time.perf_counter() - began
        if not first:
            raise RuntimeError(heard[:300].decode(errors="replace"))
        return first

    def close(self) -> float:
        """End it; returns the megabytes it held."""
        pid = self._shop.stage.processes["litellm"].pid
        status = Path(f"/proc/{pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        self._http.close()
        self._shop.stage.end("litellm")
        return int(line.split()[1]) / 1024


def proxy(shop: BenchShop) -> Proxy | None:
    """None where it was not asked for."""
    wanted = os.environ.get("BENCH_LITELLM")
    if not wanted:
        return None
    venv = Path(wanted).absolute()
    if not (venv / "bin/litellm").exists():
        _install(venv)
    shop.rivya.set(openai_door=True)
    port = free_port("127.0.0.1")
    settings = shop.stage.folder / "litellm.yaml"
    settings.write_text(
        "model_list:\n- model_name: mug\n  litellm_params:\n"
        f"    model: openai/mug\n    api_base: {shop.rivya.base_url}/v1\n    api_key: made-up\n"
        "litellm_settings:\n  telemetry: false\n"
    )
    words = ["--config", str(settings), "--host", "127.0.0.1", "--port", str(port)]
    environment = {
        "PATH": f"{venv}/bin:/usr/bin:/bin",
        "HOME": str(shop.stage.folder),
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # nothing is fetched from elsewhere
        "LITELLM_LOG": "ERROR",
        "LITELLM_MASTER_KEY": KEY,
    }
    shop.stage.run(Program("litellm", (str(venv / "bin/litellm"), *words), environment))
    wait_for(lambda: accepts(port), "an answer of LiteLLM", 90)
    return Proxy(shop, port)


def _install(venv: Path) -> None:
    say(f"LiteLLM {VERSION} is installed into {venv}")
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True, timeout=120)
    subprocess.run(
        [venv / "bin/pip", "install", "--quiet", f"litellm[proxy]=={VERSION}"],
        check=True,
        timeout=900,
    )
