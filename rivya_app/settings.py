"""Every setting of the project, read from the environment once (see .env.example)."""

from pathlib import Path

import dj_database_url
from django.utils.translation import gettext_lazy as _

from rivya_app import beat, env

BASE_DIR = Path(__file__).resolve().parent.parent

# --- What kind of run this is -------------------------------------------------------------------

DEBUG = env.flag("DEBUG", False)
DEMO = env.flag("DEMO", False)  # sign-in buttons for the demo's people, and the style guide
SITE_URL = env.text("SITE_URL", "http://localhost:8000").rstrip("/")
SECRET_KEY = env.secret("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.secrets("SECRET_KEY_FALLBACKS", "")  # former ones
FIELD_KEYS = env.secrets("FIELD_KEYS")  # Fernet keys, newest first
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS", SITE_URL)
INTERNAL_HTTPS = SITE_URL.startswith("https://")

# --- Rivya --------------------------------------------------------------------------------------

RIVYA_BASE_URL = env.text("RIVYA_BASE_URL", "https://rivya.ai").rstrip("/")
RIVYA_SITE_URL = env.text("RIVYA_SITE_URL", "https://rivya.ai").rstrip("/")  # for people
RIVYA_REQUESTS_PER_SECOND = env.whole("RIVYA_REQUESTS_PER_SECOND", 5)  # per key; 0: no limit
# Answers a chat worker writes at a time. Each holds a connection to Rivya while it is written.
CHAT_THREADS = env.whole("CHAT_THREADS", 64)
RIVYA_CONNECTIONS = max(100, CHAT_THREADS + 36)  # a process opens at most so many
RIVYA_ALLOW_PRIVATE_RESULTS = env.flag("RIVYA_ALLOW_PRIVATE_RESULTS", DEMO or DEBUG)
HANDOFF_ALLOW_PRIVATE_DESTINATIONS = env.flag("HANDOFF_ALLOW_PRIVATE_DESTINATIONS", DEMO or DEBUG)
RESULT_MAX_BYTES = env.whole("RESULT_MAX_MB", 512) * 1024 * 1024
UPLOAD_MAX_BYTES = env.whole("UPLOAD_MAX_MB", 100) * 1_000_000  # one file; no model takes more
# Where Rivya reaches this site from the open Internet. A local run with a stand-in may use its own
# loopback address; anywhere else that rule is Rivya's to make.
PUBLIC_URL = env.text("PUBLIC_URL", SITE_URL).rstrip("/")
WEBHOOK_ALLOW_LOOPBACK = env.flag("WEBHOOK_ALLOW_LOOPBACK", False)
WEBHOOK_HEX_HEADER = env.text("WEBHOOK_HEX_HEADER", "Rivya-Signature")  # of one of the two forms
WEBHOOK_MAX_BYTES = 256 * 1024
WEBHOOK_OLD_SECRET_MINUTES = env.whole("WEBHOOK_OLD_SECRET_MINUTES", 60)  # accepted after rotating
INBOX_KEPT_DAYS = env.whole("INBOX_KEPT_DAYS", 30)
POLL_BATCH = env.whole("POLL_BATCH", 500)  # open jobs one sweep claims
POLL_THREADS = env.whole("POLL_THREADS", 16)

# --- Applications -------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.admin.apps.SimpleAdminConfig",  # nothing but what desk/staff.py registers
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "lucide",
    "template_partials",
    "rivya_app.core",
    "rivya_app.workspaces",
    "rivya_app.notices",
    "rivya_app.gateway",
    "rivya_app.credits",
    "rivya_app.library",
    "rivya_app.generations",
    "rivya_app.chat",
    "rivya_app.briefs",
    "rivya_app.reviews",
    "rivya_app.handoff",
    "rivya_app.campaigns",
    "rivya_app.workflows",
    "rivya_app.desk",
    "rivya_app.demo",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "rivya_app.core.security.content_security_policy",
    "rivya_app.core.machines.MachinesFirst",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "rivya_app.workspaces.middleware.PersonalPreferences",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "rivya_app.workspaces.middleware.CurrentMember",
    "rivya_app.core.guard.AccessGuard",
]

ROOT_URLCONF = "rivya_app.urls"
WSGI_APPLICATION = "rivya_app.wsgi.application"
ASGI_APPLICATION = "rivya_app.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "rivya_app.core.context.page",
                "rivya_app.workspaces.context.membership",
                "rivya_app.workspaces.context.pause",
                "rivya_app.notices.context.unread",
            ],
        },
    }
]
FORM_RENDERER = "rivya_app.core.form_renderer.QuickRenderer"

# --- Data ---------------------------------------------------------------------------------------

DATABASE_POOL = env.whole("DATABASE_POOL", 20)
# So many of a worker's answers may begin or end at a time, however many are open: each needs a
# connection for that, and the processor for most of it.
CHAT_AT_THE_BOOKS = max(1, DATABASE_POOL // 4)
DATABASES = {"default": dj_database_url.parse(env.secret("DATABASE_URL"))}
# A pool, because under ASGI every request runs in a thread of its own.
DATABASES["default"] |= {
    "CONN_HEALTH_CHECKS": True,
    "OPTIONS": {
        **DATABASES["default"].get("OPTIONS", {}),
        "pool": {
            "min_size": 1,
            "max_size": DATABASE_POOL,
            "timeout": 10,
        },
    },
}
REDIS_URL = env.secret("REDIS_URL")

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "rivya:cache",
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"

VAULT_DIR = Path(env.text("VAULT_DIR", str(BASE_DIR / "var" / "vault")))
_VAULT_ON_S3 = {
    "BACKEND": "storages.backends.s3.S3Storage",
    "OPTIONS": {
        "bucket_name": env.text("VAULT_S3_BUCKET", ""),
        "endpoint_url": env.text("VAULT_S3_ENDPOINT", "") or None,
        "region_name": env.text("VAULT_S3_REGION", "") or None,
        "access_key": env.secret("VAULT_S3_ACCESS_KEY", "") or None,
        "secret_key": env.secret("VAULT_S3_SECRET_KEY", "") or None,
        "default_acl": None,
        "file_overwrite": True,
        "querystring_expire": 300,
    },
}
_VAULT_ON_DISK = {
    "BACKEND": "django.core.files.storage.FileSystemStorage",
    "OPTIONS": {"location": VAULT_DIR, "base_url": None, "file_permissions_mode": 0o600},
}
STORAGES = {
    "default": _VAULT_ON_S3 if env.text("VAULT_S3_BUCKET", "") else _VAULT_ON_DISK,
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
        if env.flag("STATIC_MANIFEST", not DEBUG)
        else "django.contrib.staticfiles.storage.StaticFilesStorage",
    },
}
# What is sent to us goes to the disk as it comes, whatever its size.
FILE_UPLOAD_HANDLERS = ["rivya_app.library.receiving.LimitedUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024  # of a request's body, before it is on the disk too
REQUEST_MAX_BYTES = 220 * 1024 * 1024  # a form with several files; the proxy says the same

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]

# --- People -------------------------------------------------------------------------------------

AUTH_USER_MODEL = "workspaces.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_ADAPTER = "rivya_app.workspaces.sign_in.AccountAdapter"  # closes public sign-up
ACCOUNT_EMAIL_VERIFICATION = "none"  # accounts are made by an owner, for an address they know
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # strangers' addresses get no mail from us
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if env.flag("BEHIND_PROXY", False) else 0  # for throttling
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if INTERNAL_HTTPS else "http"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Rivya workspace"

# --- Safety -------------------------------------------------------------------------------------

STRICT_GUARD = env.flag("STRICT_GUARD", DEBUG)  # a view without a policy raises instead of 403
# Where media come from by redirect
VAULT_ORIGINS = env.words("VAULT_S3_ORIGINS", env.text("VAULT_S3_ENDPOINT", ""))
DEFAULT_EXCEPTION_REPORTER = "rivya_app.core.error_reports.RedactedReporter"
DEFAULT_EXCEPTION_REPORTER_FILTER = "rivya_app.core.error_reports.SecretFilter"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = INTERNAL_HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", INTERNAL_HTTPS)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = env.whole("SECURE_HSTS_SECONDS", 31_536_000 if INTERNAL_HTTPS else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = bool(SECURE_HSTS_SECONDS)
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.flag("BEHIND_PROXY", False) else None
)
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# --- Languages ----------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("hi", _("Hindi"))]
LOCALE_PATHS = [BASE_DIR / "rivya_app" / "locale"]
LANGUAGE_COOKIE_NAME = "language"
TIME_ZONE = "UTC"
USE_I18N = USE_TZ = True

# --- Mail ---------------------------------------------------------------------------------------

EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if env.text("EMAIL_HOST", "")
    else "django.core.mail.backends.console.EmailBackend"
)
EMAIL_HOST = env.text("EMAIL_HOST", "")
EMAIL_PORT = env.whole("EMAIL_PORT", 587)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.secret("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", True)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "workspace@localhost")
LETTERS_KEPT_DAYS = env.whole("LETTERS_KEPT_DAYS", 90)  # that one was sent; its words go at once
NOTICES_KEPT_DAYS = env.whole("NOTICES_KEPT_DAYS", 180)  # what was read

# --- Tasks --------------------------------------------------------------------------------------


def _broker_url(url: str) -> str:
    """kombu wants its own spelling of a Redis socket URL."""
    return url.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=", 1)


CELERY_BROKER_URL = _broker_url(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_CREATE_MISSING_QUEUES = True
CELERY_TASK_ROUTES = {
    "library.copy_file": {"queue": "media"},
    "library.make_derivative": {"queue": "media"},
    "library.send_reference": {"queue": "media"},
    "handoff.deliver": {"queue": "media"},  # a slow receiver must not hold up a submit
    "handoff.build_package": {"queue": "media"},
    "chat.answer": {"queue": "chat"},
}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_TIME_LIMIT = 300
# A run must end before its message is handed out again. An answer may take longer, so its message
# is acknowledged when it begins (chat/tasks.py).
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_timeout": 15,
    "socket_connect_timeout": 5,
    "max_retries": 2,
}
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0.1}
CELERY_BEAT_SCHEDULE_FILENAME = env.text("BEAT_SCHEDULE", str(BASE_DIR / "var" / "beat-schedule"))
CELERY_BEAT_SCHEDULE = beat.SCHEDULE

# --- Logs ---------------------------------------------------------------------------------------

LOG_LEVEL = env.text("LOG_LEVEL", "INFO").upper()
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"redact": {"()": "rivya_app.core.redaction.RedactionFilter"}},
    "formatters": {
        "plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        },
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "filters": ["redact"],
            "formatter": "json" if env.flag("LOG_JSON", False) else "plain",
        }
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
        # The servers' own handlers know no redaction, and an address may be a key (`/shared/…`).
        "uvicorn": {"handlers": [], "propagate": True},
        "uvicorn.error": {"handlers": [], "propagate": True},
        "uvicorn.access": {"handlers": [], "propagate": True},
        "gunicorn.error": {"handlers": [], "propagate": True},
        # The libraries below print whole URLs or headers at these levels.
        "httpx": {"level": "WARNING"},
        "httpcore": {"level": "INFO"},
        # One line for each run of each task, every second from the sweep alone.
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
        "celery.beat": {"level": "WARNING"},
        "PIL": {"level": "INFO"},
        "botocore": {"level": "INFO"},
    },
}
