"""A stand-in for Rivya's public API, in a process of its own, over real HTTP.

It knows nothing of the product: no module outside this package is imported here.
"""
