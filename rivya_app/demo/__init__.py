"""Fills an empty workspace with a believable past through the product's acts; above all apps."""
