"""What is stuck or failed, and what can be done about it."""
