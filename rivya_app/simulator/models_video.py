"""The video models of the catalogue."""

from typing import Final

from rivya_app.simulator.catalogue import (
    IMAGE_TYPES,
    KindRule,
    Model,
    ReferenceRule,
    images,
    number,
    select,
    switch,
    text,
)

_RATIO = "Width to height of the clip"
_LENGTH = "Length in seconds"
_SOUND = "With sound"
_SIZE = "Lines of the clip"
_SEED = "The same seed and prompt give the same clip"
_MAX_SEED = 2147483647

MODELS: Final = (
    Model(
        "veo3-1-lite",
        "Veo 3.1 Lite",
        "video",
        10,
        5000,
        (
            select("aspectRatio", "16:9", "9:16", "Auto", description=_RATIO),
            text("watermark", "Words set into the corner"),
            number("seeds", 10000, 99999, 1, None, _SEED),
            switch("enableTranslation", on=True, description="Translate the prompt first"),
        ),
        images(2),
    ),
    Model(
        "kling-2-6",
        "Kling 2.6",
        "video",
        55,
        1000,
        (
            select("duration", "5", "10", description=_LENGTH),
            switch("sound", description=_SOUND),
            select("aspect_ratio", "1:1", "16:9", "9:16", description=_RATIO),
        ),
        images(1),
    ),
    Model(
        "kling-3-0",
        "Kling 3.0",
        "video",
        90,
        2000,
        (
            select("mode", "pro", "std", description="Standard is quicker"),
            switch("multi_shots", description="Several shots in one clip"),
            select("duration", *map(str, range(3, 16)), default="5", description=_LENGTH),
            switch("sound", description=_SOUND),
            select("aspect_ratio", "16:9", "9:16", "1:1", description=_RATIO),
        ),
        images(2),
    ),
    Model(
        "kling-v2-1-master",
        "Kling 2.1 Master",
        "video",
        160,
        5000,
        (
            select("duration", "5", "10", description=_LENGTH),
            select("aspect_ratio", "16:9", "9:16", "1:1", description=_RATIO),
            text("negative_prompt", "What must not be in the clip"),
            # ASSUMED step: the page gives the range only.
            number("cfg_scale", 0, 1, 0.1, 0.5, "How closely the prompt is followed"),
        ),
        images(1),
    ),
    Model(
        "wan-2-5-video",
        "Wan 2.5",
        "video",
        60,
        5000,
        (
            select("resolution", "720p", "1080p", description=_SIZE),
            select("duration", "5", "10", description=_LENGTH),
            select("aspect_ratio", "16:9", "9:16", "1:1", description=_RATIO),
            switch("enable_prompt_expansion", description="Let the model enlarge the prompt"),
            number("seed", 0, _MAX_SEED, 1, None, _SEED),
            text("negative_prompt", "What must not be in the clip"),
            switch("nsfw_checker", description="Check the result"),
        ),
        images(1),
    ),
    Model(
        "wan-2-6",
        "Wan 2.6",
        "video",
        70,
        5000,
        (
            select("resolution", "720p", "1080p", description=_SIZE),
            select("duration", "5", "10", "15", description=_LENGTH),
        ),
        ReferenceRule(
            1,
            {
                "image": KindRule(1, 10, IMAGE_TYPES),
                "video": KindRule(1, 10, ("video/mp4", "video/quicktime", "video/x-matroska")),
            },
        ),
    ),
    Model(
        "sora-2",
        "Sora 2",
        "video",
        6,
        10000,
        (
            select("n_frames", "10", "15", description=_LENGTH),
            select("aspect_ratio", "landscape", "portrait", description=_RATIO),
            switch("remove_watermark", description="Without the watermark"),
            select("upload_method", "s3", "oss", description="Where the result is put"),
        ),
        images(1),
    ),
    Model(
        "runway",
        "Runway",
        "video",
        12,
        1800,
        (
            select("duration", "5", "10", description=_LENGTH),
            select("quality", "720p", "1080p", description=_SIZE),
            select("aspectRatio", "16:9", "4:3", "1:1", "3:4", "9:16", description=_RATIO),
            text("waterMark", "Words set into the corner"),
        ),
        images(1),  # ASSUMED
    ),
    Model(
        "grok-imagine-video",
        "Grok Imagine Video",
        "video",
        10,
        5000,
        (
            select("mode", "normal", "fun", "spicy", description="How freely the prompt is read"),
            number("duration", 6, 30, 1, 6, _LENGTH),
            # ASSUMED options: the page was cut here.
            select("resolution", "480p", "720p", description=_SIZE),
        ),
        images(1),  # ASSUMED
    ),
    Model(
        "happyhorse-1-0",
        "HappyHorse 1.0",
        "video",
        28,
        5000,
        (
            select("resolution", "1080p", "720p", description=_SIZE),
            select("aspect_ratio", "16:9", "9:16", "1:1", "4:3", "3:4", description=_RATIO),
            number("duration", 3, 15, 1, 5, _LENGTH),
            select("audio_setting", "auto", "origin", description="New sound, or the reference's"),
            number("seed", 0, _MAX_SEED, 1, 0, _SEED),
        ),
        ReferenceRule(
            10,
            {
                "image": KindRule(9, 10, IMAGE_TYPES),
                "video": KindRule(1, 95, ("video/mp4", "video/quicktime")),
            },
            combinations=({"image": 9}, {"video": 1, "image": 5}),
        ),
    ),
    Model(
        "longtake-1",
        "Longtake 1",
        "video",
        120,
        5000,
        (number("duration", 20, 60, 5, 20, _LENGTH),),
        status="coming_soon",
        notices=("Not open through the API yet.",),
    ),  # ASSUMED: made up, to play a model that cannot be called
)
