"""What each process holds while much work goes through it: it must come to rest."""

from pathlib import Path

from rivya_app.generations.models import Generation
from rivya_app.library.models import StoredFile
from tests.bench.figures import Figure
from tests.bench.shop import BenchShop, post_form
from tests.bench.stage import wait_for
from tests.bench.submitting import NEW, TYPED

BRIEFS = 480  # eight a minute for an hour
QUARTERS = 4
MAY_GROW = 1.05
LOOKS = 4  # at each brief's page and its live part, while it is made
PROCESSES = ("web", "worker-default", "worker-media", "beat", "stand-in")


def measure(shop: BenchShop) -> list[Figure]:
    shop.stage.start("web", "worker-default", "worker-media", "beat")
    held = []
    for _quarter in range(QUARTERS):
        _work(shop, BRIEFS // QUARTERS)
        held.append({name: _resident(shop, name) for name in PROCESSES})
    figures = []
    for name in PROCESSES:
        early, late = held[1][name], held[-1][name]
        figures.append(Figure(f"{name}: resident after half the work", early, unit="MB"))
        figures.append(Figure(f"{name}: after all of it, against half", late / early, MAY_GROW))
    return figures


def _work(shop: BenchShop, count: int) -> None:
    with shop.browser("seller") as browser:
        for _brief in range(count):
            page = post_form(browser, NEW, TYPED | {"draft_count": "2"}).headers["Location"]
            for _look in range(LOOKS):
                browser.get(page).raise_for_status()
                browser.get(f"{page}live/", params={"v": "old"}).raise_for_status()
            browser.get("/").raise_for_status()
            browser.get("/briefs/").raise_for_status()
    wait_for(lambda: not Generation.objects.filter(finished_at=None).exists(), "the jobs", 300)
    wait_for(lambda: not StoredFile.objects.filter(state="pending").exists(), "the files", 300)


def _resident(shop: BenchShop, name: str) -> float:
    """Megabytes of memory of a process."""
    status = Path(f"/proc/{shop.stage.processes[name].pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024
