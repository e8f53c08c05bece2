"""How Chromium is started here, for the tests and for the gallery."""

import os
import shutil
from typing import Any

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1440, "height": 900}


def launch_options() -> dict[str, Any]:
    """Options of `BrowserType.launch`. CHROMIUM names another binary than the system's."""
    binary = (
        os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    )
    if binary is None:
        raise RuntimeError(
            "No Chromium was found: install the package `chromium`, or set CHROMIUM."
        )
    # Containers run as root and with a small /dev/shm.
    return {"executable_path": binary, "args": ["--no-sandbox", "--disable-dev-shm-usage"]}
