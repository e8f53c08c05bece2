"""The audio models of the catalogue."""

from typing import Final

from rivya_app.simulator.catalogue import Model, Param, number, select, switch, text

VOICES: Final = (
    *("Adam", "Alice", "Bill", "Brian", "Callum", "Charlie", "Chris", "Daniel", "Eric", "George"),
    *("Harry", "Jessica", "Laura", "Liam", "Lily", "Matilda", "River", "Roger", "Sarah", "Will"),
)
_TURBO_VOICES = (
    "TX3LPaxmHKxFdv7VOQHJ",
    "cgSgspJ2msm6clMCkdW9",
    "pNInz6obpgDQGcFmaJgB",
    "BIvP0GN1cAtSRTxNHnWS",
    "aMSt68OGf4xUZAnLpTU8",
)
_FORMATS = (
    *("mp3_44100_128", "mp3_22050_32", "mp3_44100_32", "mp3_44100_64", "mp3_44100_96"),
    *("mp3_44100_192", "pcm_8000", "pcm_16000", "pcm_22050", "pcm_24000", "pcm_44100"),
    *("pcm_48000", "ulaw_8000", "alaw_8000", "opus_48000_32", "opus_48000_64"),
    *("opus_48000_96", "opus_48000_128", "opus_48000_192"),
)

MODELS: Final = (
    Model(
        "suno-music",
        "Suno Music",
        "audio",
        12,
        500,
        (
            select(
                "model",
                *("V4_5", "V4", "V4_5PLUS", "V4_5ALL", "V5", "V5_5"),
                description="Version of the music model",
            ),
            switch("instrumental", description="Without a voice"),
        ),
    ),
    Model(
        "elevenlabs-turbo-2-5",
        "ElevenLabs Turbo 2.5",
        "audio",
        6,
        5000,
        (
            Param("voice", "select", _TURBO_VOICES[0], _TURBO_VOICES, required=True),
            number("stability", 0, 1, 0.05, 0.5, "Higher is calmer"),
            # ASSUMED steps of similarity_boost, style and speed.
            number("similarity_boost", 0, 1, 0.05, 0.75, "How close to the voice"),
            number("style", 0, 1, 0.05, 0, "How much acting"),
            number("speed", 0.7, 1.2, 0.01, 1, "How fast it is spoken"),
            switch("timestamps", description="With the time of each word"),
            text("previous_text", "What was said before"),
            text("next_text", "What is said after"),
            text("language_code", "Two-letter language"),
        ),
        billing="METERED",
    ),
    Model(
        "elevenlabs-dialogue-v3",
        "ElevenLabs Dialogue v3",
        "audio",
        14,
        5000,
        (
            Param("dialogue", "text", required=True, description="List of {voice, text} lines"),
            select("default_voice", *VOICES, description="For lines that name none"),
            select("stability", "0", "0.5", "1", default="0.5", description="Higher is calmer"),
            text("language_code", "Two-letter language"),
        ),
        billing="METERED",
        prompt_required=False,
    ),
    Model(
        "elevenlabs-sound-effect-v2",
        "ElevenLabs Sound Effect v2",
        "audio",
        3,
        5000,
        (
            switch("loop", description="The end runs into the beginning"),
            number("duration_seconds", 0.5, 22, 0.5, 3, "Length in seconds"),
            number("prompt_influence", 0, 1, 0.05, 0.3, "How closely the prompt is followed"),
            select("output_format", *_FORMATS, description="Codec, sampling rate, kbit/s"),
        ),
        billing="METERED",
    ),
)
