"""Made-up models that play what no model of Rivya's pages does. ASSUMED throughout."""

from typing import Final

from rivya_app.simulator.catalogue import (
    IMAGE_TYPES,
    KindRule,
    Model,
    Param,
    ReferenceRule,
    number,
    select,
    switch,
    text,
)

_EACH: Final = 15


def _controls() -> tuple[Param, ...]:
    """Sixty parameters: fifteen of each kind."""
    return tuple(
        control
        for n in range(1, _EACH + 1)
        for control in (
            select(f"choice_{n}", *"abcdefghijkl", description=f"The choice number {n}"),
            number(f"amount_{n}", 0, 100, 0.5, 50, f"The amount number {n}"),
            text(f"words_{n}", f"The words number {n}"),
            switch(f"switch_{n}", description=f"The switch number {n}"),
        )
    )


MODELS: Final = (
    Model("many-controls", "Many Controls", "image", 2, 5000, _controls(), is_extra=True),
    Model(
        "needs-a-picture",
        "Needs a Picture",
        "image",
        4,
        2000,
        (select("aspect_ratio", "1:1", "4:3", "16:9", description="Width to height"),),
        ReferenceRule(3, {"image": KindRule(3, 5, IMAGE_TYPES)}, required=True),
        is_extra=True,
    ),
)
