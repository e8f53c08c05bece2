"""The campaign pages: they look at everything below and keep nothing of their own."""
