"""The page that shows every component in every state, with invented content."""
