"""A film of 95 MB from a browser into our storage and on to Rivya, beside bare copies of it."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from uuid import uuid4

import av
import httpx

from rivya_app.library.models import RemoteCopy, StoredFile
from rivya_app.local.parts import accepts, free_port, module
from tests.bench.figures import Figure
from tests.bench.peaks import forget_peak, peak
from tests.bench.shop import BenchShop
from tests.bench.stage import say, wait_for

MODEL = "happyhorse-1-0"  # takes the largest films: 95 MB
SIZE = 94_500_000
ROUNDS = 5
MOST_MB = 150
ADDRESS = "/files/"
_FRAME = (640, 360)
_KEPT = ("web", "worker-default", "worker-media")


def measure(shop: BenchShop) -> list[Figure]:
    stage = shop.stage
    film = _film(stage.folder / "film.mp4")
    say(f"a film of {film.stat().st_size / 1e6:.1f} MB")
    raw = _raw_server(shop)
    stage.start(*_KEPT, "beat")
    with shop.browser("seller") as browser:
        browser.get("/briefs/new/").raise_for_status()
        before = {name: forget_peak(shop, name) for name in _KEPT}
        rounds = [_round(shop, browser, raw, film, number) for number in range(ROUNDS)]
    return _figures(shop, rounds, before)


def _round(
    shop: BenchShop, browser: httpx.Client, raw: str, film: Path, number: int
) -> tuple[float, float, float, float]:
    """Seconds: bare copy, our upload, bare upload to Rivya, our reference to Rivya."""
    mine = _other_bytes(film, number)
    bare = _timed(lambda: _post(httpx.Client(timeout=120), raw, mine, {}))
    ours = _timed(lambda: _upload(browser, mine))
    to_rivya = _timed(lambda: _send_bare(shop, mine))
    referenced = _timed(lambda: _send_as_reference(shop, number))
    say(f"{bare:.2f} / {ours:.2f} s in, {to_rivya:.2f} / {referenced:.2f} s out")
    return bare, ours, to_rivya, referenced


def _figures(
    shop: BenchShop, rounds: list[tuple[float, float, float, float]], before: dict[str, float]
) -> list[Figure]:
    bare, ours, to_rivya, referenced = (median(column) for column in zip(*rounds, strict=True))
    figures = [
        Figure("bare copy of the film over the same server", bare, unit="s"),
        Figure("upload into our storage", ours, unit="s"),
        Figure("added by us", ours - bare, unit="s"),
        Figure("bare upload to Rivya", to_rivya, unit="s"),
        Figure("from a brief to Rivya, cleaned and sent", referenced, unit="s"),
        Figure("added by us on the way out", referenced - to_rivya, unit="s"),
    ]
    for name in _KEPT:
        at_rest = before[name]
        figures.append(
            Figure(f"{name}: peak (at rest {at_rest:.0f})", peak(shop, name), MOST_MB, "MB")
        )
    return figures


def _film(path: Path) -> Path:
    """Noise, which no codec makes small, until the file is as large as it may be."""
    size = 0
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=24)
        stream.width, stream.height = _FRAME
        stream.pix_fmt = "yuv420p"
        stream.options = {"preset": "ultrafast", "qp": "2"}
        while size < SIZE - 500_000:
            frame = av.VideoFrame(*_FRAME, "yuv420p")
            for plane in frame.planes:
                plane.update(os.urandom(plane.buffer_size))
            for packet in stream.encode(frame):
                size += packet.size
                container.mux(packet)
        container.mux(stream.encode())
    return path


def _other_bytes(film: Path, number: int) -> Path:
    """The same film as other bytes, so that nothing knows it: a box that players skip."""
    other = film.with_name(f"film-{number}.mp4")
    other.write_bytes(film.read_bytes() + (16).to_bytes(4) + b"free" + number.to_bytes(8))
    return other


def _raw_server(shop: BenchShop) -> str:
    port = free_port("127.0.0.1")
    words = ["tests.bench.raw_copy:application", "--port", str(port), "--lifespan", "off"]
    program = module("raw-copy", dict(os.environ), "uvicorn", *words)
    shop.stage.run(program)
    wait_for(lambda: accepts(port), "the raw server")
    return f"http://127.0.0.1:{port}/"


def _post(
    client: httpx.Client, url: str, film: Path, fields: dict[str, str], **headers: str
) -> httpx.Response:
    with film.open("rb") as file:
        files = {"file": (film.name, file, "video/mp4")}
        answer = client.post(url, data=fields, files=files, headers=headers, timeout=120)
    if answer.is_error:
        raise RuntimeError(f"POST {url} answered {answer.status_code}: {answer.text[:300]}")
    return answer


def _upload(browser: httpx.Client, film: Path) -> httpx.Response:
    fields = {"token": str(uuid4()), "model_id": MODEL}
    token = {"X-CSRFToken": browser.cookies["csrftoken"], "Referer": str(browser.base_url)}
    return _post(browser, ADDRESS, film, fields, **token)


def _send_bare(shop: BenchShop, film: Path) -> httpx.Response:
    secret = shop.key.secret.reveal()
    with httpx.Client(base_url=shop.rivya.base_url, trust_env=False) as client:
        fields = {"kind": "video", "model": MODEL}
        headers = {"Authorization": f"Bearer {secret}"}
        return _post(client, "/api/v1/files", film, fields, **headers)


def _send_as_reference(shop: BenchShop, number: int) -> None:
    """A brief that uses the film, until Rivya has it; no result comes in between."""
    film = StoredFile.objects.get(original_name=f"film-{number}.mp4")
    shop.brief(
        media_kind="video",
        model_id=MODEL,
        params={},
        prompt="[[stuck]] A mug that turns",
        references=(film,),
    )
    ready = RemoteCopy.objects.filter(file=film, state=RemoteCopy.State.READY)
    wait_for(ready.exists, "the film at Rivya", 120)


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began
