"""Makes the virtual environment and installs the pinned packages. Standard library only.

Runs under the system's Python, before anything is installed; a second run with the same lock
does nothing and needs no network.
"""

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
ENVIRONMENT = CHECKOUT / ".venv"
WAITS_SECONDS = (0, 5, 20)


class InstallFailed(Exception):
    """The message says what the person can do."""


def main(words: list[str]) -> int:
    """`install.py` for what running needs, `install.py dev` for testing and checking as well."""
    lock = CHECKOUT / ("requirements-dev.txt" if "dev" in words else "requirements.txt")
    try:
        install(lock)
    except InstallFailed as failure:
        print(f"{failure}", file=sys.stderr)
        return 1
    return 0


def install(lock: Path) -> None:
    """Bring the environment to what `lock` says, unless it is there already."""
    if sys.version_info < (3, 11):  # noqa: UP036 - whatever Python the machine has runs this
        raise InstallFailed("Python 3.11 or newer is needed; name it: make run PYTHON=python3.12")
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        _say("Making the virtual environment")
        _make_environment()
    stamp = ENVIRONMENT / f".installed-{lock.stem}"
    wanted = _fingerprint(lock)
    if stamp.exists() and stamp.read_text(encoding="ascii") == wanted:
        return
    began = time.monotonic()
    _say(f"Installing the packages of {lock.name} (once; about a minute)")
    _install_patiently(python, lock)
    _put_checkout_on_path(python)
    stamp.write_text(wanted, encoding="ascii")
    _say(f"Installed in {time.monotonic() - began:.0f} s")


def _fingerprint(lock: Path) -> str:
    version = (ENVIRONMENT / "pyvenv.cfg").read_bytes()
    return hashlib.sha256(lock.read_bytes() + version).hexdigest()


def _make_environment() -> None:
    made = _run([sys.executable, "-m", "venv", str(ENVIRONMENT)], quiet=True)
    if made != 0:  # some systems ship venv without ensurepip; then the system's pip installs
        made = _run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(ENVIRONMENT)])
    if made != 0:
        raise InstallFailed("No virtual environment could be made (on Debian: python3-venv).")


def _install_patiently(python: Path, lock: Path) -> None:
    command = [*_pip(python), "install", "--only-binary", ":all:", "--require-hashes"]
    command += ["--retries", "5", "--disable-pip-version-check", "--no-input"]
    command += ["--quiet", "--progress-bar", "on" if sys.stdout.isatty() else "off"]
    for wait in WAITS_SECONDS:
        if wait:
            _say(f"The packages could not be fetched; trying again in {wait} s")
            time.sleep(wait)
        if _run([*command, "-r", str(lock)]) == 0:
            return
    raise InstallFailed("The packages could not be installed; pip's own words are above.")


def _pip(python: Path) -> list[str]:
    if _run([str(python), "-m", "pip", "--version"], quiet=True) == 0:
        return [str(python), "-m", "pip"]
    return [sys.executable, "-m", "pip", "--python", str(python)]


def _put_checkout_on_path(python: Path) -> None:
    """So that `pytest`, `celery` and the rest find the project from any folder."""
    question = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = subprocess.run(
        [python, "-c", question], capture_output=True, text=True, check=True
    ).stdout.strip()
    (Path(packages) / "rivya_checkout.pth").write_text(f"{CHECKOUT}\n", encoding="utf-8")


def _run(command: list[str], *, quiet: bool = False) -> int:
    where = subprocess.DEVNULL if quiet else None
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    return subprocess.run(
        command, stdout=where, stderr=where, env=environment, check=False
    ).returncode


def _say(text: str) -> None:
    print(f"  {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
