"""Pictures, clips and sound, made locally from a prompt. Nothing here knows of HTTP or accounts."""
