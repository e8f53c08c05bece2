"""The most memory a process of the stage ever held, in MB."""

from pathlib import Path

from tests.bench.shop import BenchShop


def forget_peak(shop: BenchShop, name: str) -> float:
    """What it holds now; from here on the peak counts anew (signing in took 100 MB)."""
    Path(f"/proc/{shop.stage.processes[name].pid}/clear_refs").write_text("5")
    return peak(shop, name)


def peak(shop: BenchShop, name: str) -> float:
    """The most it held since."""
    status = Path(f"/proc/{shop.stage.processes[name].pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024
