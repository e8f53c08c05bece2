"""Fills an empty workspace with a believable past, through the product's own acts. Above all other apps."""
