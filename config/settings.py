"""Every setting, from the environment. The table of variables is in docs/operations.md."""

import tomllib
from datetime import timedelta
from pathlib import Path

from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config import environment

BASE_DIR = Path(__file__).resolve().parent.parent
VERSION = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())["project"]["version"]
DATA_DIR = environment.folder("TAKEDOWN_DATA", BASE_DIR / "var")

# -- The site -----------------------------------------------------------------------------------------------
SECRET_KEY = environment.text("SECRET_KEY")
SECRET_KEY_FALLBACKS = environment.names("SECRET_KEY_FALLBACKS")
DEBUG = environment.flag("DEBUG")
ALLOWED_HOSTS = environment.names("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = environment.names("CSRF_TRUSTED_ORIGINS")
SITE_URL = environment.text("SITE_URL", "http://127.0.0.1:8000")
HTTPS = environment.flag("HTTPS")
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "csp",
    "pgtrigger",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "accounts",
    "platforms",
    "casework",
    "notices",
    "reports",
    "config",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "config.second_origin.SecondOrigin",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.KeptNowhere",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.middleware.StorableText",
    "config.middleware.RefusedTransitions",
]

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
                "csp.context_processors.nonce",
                "config.navigation.navigation",
            ],
        },
    },
]
FORM_RENDERER = "config.forms.DeskRenderer"

# -- Database: the web role's URL; migrations run with the owner's ----------------------------------------------
DATABASES = {"default": environment.database(environment.text("DATABASE_URL"))}
DATABASE_WEB_ROLE = environment.text("DATABASE_WEB_ROLE", "takedown_web")

# -- People -------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "accounts:sign_in"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
for validator in AUTH_PASSWORD_VALIDATORS:
    if validator["NAME"].endswith("MinimumLengthValidator"):
        validator["OPTIONS"] = {"min_length": 12}  # type: ignore[assignment]

SESSION_COOKIE_AGE = int(timedelta(hours=12).total_seconds())
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if environment.flag("BEHIND_PROXY") else None
SECURE_REFERRER_POLICY = "same-origin"  # with none at all, browsers post forms from the origin “null”
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# -- Language and time: stored and computed in UTC, shown in Europe/London ----------------------------------------
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_TZ = True
USE_I18N = False

# -- Files --------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_COMPRESSED = environment.flag("STATIC_COMPRESSED", default=True)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if STATIC_COMPRESSED
        else "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
    },
}
EVIDENCE_DIR = environment.folder("EVIDENCE_DIR", DATA_DIR / "evidence")
EXPORT_DIR = environment.folder("EXPORT_DIR", DATA_DIR / "exports")
# Whoever owns the database must be able to write neither.
SEAL_KEY_FILE = environment.folder("SEAL_KEY_FILE", DATA_DIR / "seal_key")
LIST_KEY_FILE = environment.folder("LIST_KEY_FILE", DATA_DIR / "list_key")
SEAL_ANCHOR_FILE = environment.folder("SEAL_ANCHOR_FILE", DATA_DIR / "seals.jsonl")
OUTBOX_LEDGER_FILE = environment.folder("OUTBOX_LEDGER_FILE", DATA_DIR / "outbox.jsonl")
# Where originals are handed out: another host name than the pages', to which no cookie is ever sent; empty: the same.
EVIDENCE_ORIGIN = environment.text("EVIDENCE_ORIGIN", "").rstrip("/")
# The authority that confirms when exhibits were there (RFC 3161), and the certificates that it is believed by.
TIMESTAMP_URL = environment.text("TIMESTAMP_URL", "")
TIMESTAMP_ROOTS_FILE = environment.text("TIMESTAMP_ROOTS_FILE", "")
TIMESTAMP_TIMEOUT = environment.number("TIMESTAMP_TIMEOUT", 15)
EVIDENCE_MAX_BYTES = environment.number("EVIDENCE_MAX_BYTES", 50 * 1024 * 1024)
DATA_UPLOAD_MAX_MEMORY_SIZE = environment.number("UPLOAD_MAX_BYTES", 20 * 1024 * 1024)
DATA_UPLOAD_MAX_NUMBER_FIELDS = 60_000  # a paste of 5,000 lines with a dozen fields each
IMPORT_MAX_BYTES = environment.number("IMPORT_MAX_BYTES", 200 * 1024 * 1024)

# -- Mail ---------------------------------------------------------------------------------------------------
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = environment.text("EMAIL_HOST", "127.0.0.1")
EMAIL_PORT = environment.number("EMAIL_PORT", 25)
EMAIL_HOST_USER = environment.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = environment.text("EMAIL_HOST_PASSWORD", "")
EMAIL_TLS = environment.choice(
    "EMAIL_TLS",
    ("off", "if_offered", "required", "implicit"),
    default="required" if environment.flag("EMAIL_USE_TLS") else "off",
)
EMAIL_USE_TLS, EMAIL_USE_SSL = EMAIL_TLS == "required", EMAIL_TLS == "implicit"
if EMAIL_TLS == "if_offered" and EMAIL_HOST_USER:
    raise ImproperlyConfigured(
        "EMAIL_TLS=if_offered could send EMAIL_HOST_PASSWORD in the clear: write required."
    )
SMIME_CERTIFICATE_FILE = environment.text("SMIME_CERTIFICATE_FILE", "")
SMIME_KEY_FILE = environment.text("SMIME_KEY_FILE", SMIME_CERTIFICATE_FILE)
SMIME_KEY_PASSWORD = environment.text("SMIME_KEY_PASSWORD", "")
OPENPGP_KEY_FILE = environment.text("OPENPGP_KEY_FILE", "")
OPENPGP_KEY_PASSWORD = environment.text("OPENPGP_KEY_PASSWORD", "")
if OPENPGP_KEY_FILE and SMIME_CERTIFICATE_FILE:
    raise ImproperlyConfigured("A letter has one signature: set SMIME_CERTIFICATE_FILE or OPENPGP_KEY_FILE.")
EMAIL_TIMEOUT = environment.number("EMAIL_TIMEOUT", 30)
SENDER_ORGANISATION = environment.text("SENDER_ORGANISATION", "Online Content Referral Centre")
SENDER_NAME = environment.text("SENDER_NAME", "Referral desk")
SENDER_EMAIL = environment.text("SENDER_EMAIL", "referrals@desk.example")
LETTER_MARKING = environment.text("LETTER_MARKING", "")
LETTER_HANDLING = environment.text("LETTER_HANDLING", "")
WEBHOOK_TIMEOUT = environment.number("WEBHOOK_TIMEOUT", 30)
# Endpoints of this very machine, as host:port, that a trial may send to; everything else must be public.
WEBHOOK_LOCAL_ENDPOINTS = environment.names("WEBHOOK_LOCAL_ENDPOINTS")
# What comes in by mail: replies and reports to addresses of this domain; empty where no mail is taken.
REPLY_DOMAIN = environment.text("REPLY_DOMAIN", "")
MAIL_AUTHSERV_ID = environment.text("MAIL_AUTHSERV_ID", "")  # as which our own mail server signs its findings
INCOMING_MAX_BYTES = environment.number("INCOMING_MAX_BYTES", 25 * 1024 * 1024)
MAIL_FOLDER = DATA_DIR / "mail"  # where the embedded run's mail sink keeps what it was handed

# -- What the public sees ------------------------------------------------------------------------------------
PUBLIC_TRANSPARENCY = environment.flag("PUBLIC_TRANSPARENCY")
INDEPENDENCE_STATEMENT = environment.text("INDEPENDENCE_STATEMENT", "")

# -- Background work: the database is the queue, Celery the clock (docs/adr) ------------------------------------
CELERY_BROKER_URL = environment.text("CELERY_BROKER_URL", "memory://")
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {
        "visibility_timeout": 900,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "health_check_interval": 10,
        "socket_timeout": 30,
    }
    if CELERY_BROKER_URL.startswith("redis")
    else {}
)
CELERY_TASK_ACKS_LATE = CELERY_TASK_REJECT_ON_WORKER_LOST = CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY = False
if CELERY_BROKER_URL.startswith("amqp"):
    CELERY_TASK_DEFAULT_QUEUE_TYPE = "quorum"
SEND_LEASE = timedelta(seconds=environment.number("SEND_LEASE_SECONDS", 60))
# The checker: how long a job is somebody's, how often a host may be asked, over how long looks of one moment spread.
CHECK_LEASE = timedelta(seconds=environment.number("CHECK_LEASE_SECONDS", 300))
CHECKS_PER_HOST_AND_MINUTE = environment.number("CHECKS_PER_HOST_AND_MINUTE", 30)
CHECK_SPREAD_SECONDS = max(1, environment.number("CHECK_SPREAD_SECONDS", 600))
CHECK_PAUSE_SECONDS = environment.number("CHECK_PAUSE_SECONDS", 30)

# -- API ----------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "accounts.parsing.BoundedJSONParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_METADATA_CLASS": None,  # no OPTIONS: the schema says what there is
    "DEFAULT_PAGINATION_CLASS": "accounts.paging.CreatedCursor",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "config.problems.handle",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Takedown Desk",
    "VERSION": VERSION,
    "DESCRIPTION": "Items, notices, answers, checks and takedown statistics.",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "config.openapi.describe",
    ],
    "ENUM_NAME_OVERRIDES": {
        "CaseStatus": "casework.models.CaseStatus",
        "ItemStatus": "casework.models.ItemStatus",
        "ImportStatus": "casework.models.ImportStatus",
        "NoticeStatus": "notices.models.NoticeStatus",
        "ItemKind": "casework.models.Kind",
        "EvidenceKind": "casework.models.EvidenceKind",
        "LinkPage": "notices.models.link.Page",
        "NoticeKind": "notices.models.NoticeKind",
        "MailKind": "notices.models.MailKind",
        "AttemptOutcome": "notices.models.AttemptOutcome",
        "DeliveryKind": "notices.models.DeliveryKind",
        "ChannelKind": "platforms.models.ChannelKind",
        "Revision": "reports.models.Revision",
        "EditionStatus": "reports.models.EditionStatus",
        "JobStatus": "reports.models.JobStatus",
        "JobKind": "reports.models.JobKind",
        "Claim": "casework.models.Claim",
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": environment.text("LOG_LEVEL", "INFO")},
}
