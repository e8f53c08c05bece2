"""Whether a package may leave."""

from rivya_app.handoff.models import Package


def may_leave(package: Package) -> bool:
    return package.state == Package.State.READY
