"""Real workers and a real clock, killed and cut off at every step."""
