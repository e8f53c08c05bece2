"""A typed client of Rivya's public API v1. Imports nothing else of this project, and no Django."""

from rivya_app.rivya_api import errors, types
from rivya_app.rivya_api.client import RivyaClient
from rivya_app.rivya_api.pool import Timeouts, open_pool
from rivya_app.rivya_api.resources import encode_body

__all__ = ["RivyaClient", "Timeouts", "encode_body", "errors", "open_pool", "types"]
