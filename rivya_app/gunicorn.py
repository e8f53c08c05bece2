"""How gunicorn serves the pages: in threads, because a page mostly waits for the database."""

import os

bind = "0.0.0.0:8000"
worker_class = "gthread"
workers = int(os.environ.get("WEB_PROCESSES", "2"))
threads = int(os.environ.get("WEB_THREADS", "8"))
timeout = 60
graceful_timeout = 20
keepalive = 75  # longer than the proxy keeps its connections, which then ends them first
max_requests = 20_000
max_requests_jitter = 2_000
worker_tmp_dir = "/dev/shm"  # noqa: S108 - a heartbeat on disk can stall
accesslog = None  # the proxy writes one
forwarded_allow_ips = "*"  # only the proxy can reach this port
