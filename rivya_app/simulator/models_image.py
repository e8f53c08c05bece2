"""The image models of the catalogue."""

from typing import Final

from rivya_app.simulator.catalogue import Model, images, select, switch, text

_FORMAT = "File format of the picture"
_RATIO = "Width to height of the picture"
_SIZE = "How many pixels"
_IMAGEN = (
    select("aspect_ratio", "1:1", "16:9", "9:16", "3:4", "4:3", description=_RATIO),
    text("negative_prompt", "What must not be in the picture"),
    text("seed", "The same seed and prompt give the same picture"),
)
_SEEDREAM = (
    select(
        "aspectRatio", "1:1", "4:3", "3:4", "16:9", "9:16", "2:3", "3:2", "21:9", description=_RATIO
    ),
    select("quality", "basic", "high", description="Basic is quicker"),
)

MODELS: Final = (
    Model(
        "z-image",
        "Z-Image",
        "image",
        1,
        1000,
        (select("aspect_ratio", "1:1", "4:3", "3:4", "16:9", "9:16", description=_RATIO),),
    ),
    Model(
        "4o-image",
        "4o Image",
        "image",
        3,
        None,
        (select("size", "1:1", "3:2", "2:3", description=_RATIO),),
    ),
    Model("google-imagen4", "Google Imagen 4", "image", 8, 5000, _IMAGEN),
    Model("google-imagen4-ultra", "Google Imagen 4 Ultra", "image", 12, 5000, _IMAGEN),
    Model(
        "nano-banana",
        "Nano Banana",
        "image",
        3,
        5000,
        (
            select(
                "imageSize",
                *("1:1", "9:16", "16:9", "3:4", "4:3", "3:2", "2:3", "5:4", "4:5", "21:9", "auto"),
                description=_RATIO,
            ),
            select("output_format", "png", "jpeg", description=_FORMAT),
        ),
        images(10),
    ),
    Model(
        "nano-banana-2",
        "Nano Banana 2",
        "image",
        5,
        20000,
        (
            select(
                "aspect_ratio",
                *("auto", "1:1", "16:9", "9:16", "3:2", "2:3", "4:3", "3:4", "5:4", "4:5"),
                *("21:9", "4:1", "1:4", "8:1", "1:8"),
                description=_RATIO,
            ),
            select("resolution", "1K", "2K", "4K", description=_SIZE),
            select("output_format", "jpg", "png", description=_FORMAT),
            switch("google_search", description="Look things up before drawing"),
        ),
        images(14, 30),
    ),
    Model(
        "nano-banana-pro",
        "Nano Banana Pro",
        "image",
        8,
        10000,
        (
            select(
                "aspect_ratio",
                *("1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9", "auto"),
                description=_RATIO,
            ),
            select("resolution", "1K", "2K", "4K", description=_SIZE),
            select("output_format", "png", "jpg", description=_FORMAT),
        ),
        images(8, 30),
    ),
    Model(
        "seedream-4-0",
        "Seedream 4.0",
        "image",
        6,
        5000,
        (
            select(
                "image_size",
                *("square_hd", "square", "portrait_4_3", "portrait_3_2", "portrait_16_9"),
                *("landscape_4_3", "landscape_3_2", "landscape_16_9", "landscape_21_9"),
                description=_RATIO,
            ),
            # ASSUMED options: the page was cut here.
            select("image_resolution", "1K", "2K", "4K", description=_SIZE),
        ),
        images(10),  # ASSUMED
    ),
    Model("seedream-4-5", "Seedream 4.5", "image", 7, 3000, _SEEDREAM, images(10)),  # ASSUMED refs
    Model(
        "seedream-5-lite", "Seedream 5 Lite", "image", 6, 3000, _SEEDREAM, images(10)
    ),  # ASSUMED refs
    # ASSUMED: the list shows models that cannot be called; these two are made up to play them.
    Model(
        "stillroom-preview",
        "Stillroom (preview)",
        "image",
        4,
        2000,
        (select("aspect_ratio", "1:1", "16:9", description=_RATIO),),
        status="coming_soon",
        notices=("Not open through the API yet.",),
    ),
    Model(
        "studio-relight",
        "Studio Relight",
        "image",
        5,
        500,
        (),
        images(1),
        status="studio_only",
        notices=("Only in Rivya Studio.",),
    ),
)
