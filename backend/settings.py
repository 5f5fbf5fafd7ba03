"""All settings, one file. Values that differ between installations come from the environment."""

import base64
from datetime import timedelta
from pathlib import Path
from typing import Any

import django_stubs_ext
from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

from backend import env, geo_libraries
from backend.photo_stores import photo_stores

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
ENVIRONMENT = env.one_of("ANLIEGEN_ENVIRONMENT", ("production", "demo", "test"), "production")
PRODUCTION = ENVIRONMENT == "production"
DEBUG = env.flag("ANLIEGEN_DEBUG", default=False)
HTTPS = env.flag("ANLIEGEN_HTTPS", default=PRODUCTION)
RELEASE = "0.1.0"

# `app` may change rows; `owner` may change tables and is used for `manage.py migrate` only;
# `public` is the reader: what is public to read, with no other connection and no key of ours.
DB_ROLE = env.one_of("ANLIEGEN_DB_ROLE", ("app", "owner", "public"), "app")
READER = DB_ROLE == "public"
_key = env.throw_away if READER else env.secret

# Keys. Each has one purpose, so that each can be changed on its own.
SECRET_KEY = _key("ANLIEGEN_SECRET_KEY").decode()
RECEIPT_KEY = _key("ANLIEGEN_RECEIPT_KEY")


def _seal_keys() -> dict[str, bytes]:
    """Keys that seal original photos: `id:base64url,…`; the first one seals, all unseal."""
    if READER:
        return {}
    keys = {}
    for word in env.secret("ANLIEGEN_SEAL_KEY").decode().split(","):
        key_id, _sep, value = word.rpartition(":")
        try:
            key = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
        except ValueError:
            key = b""
        if len(key) != 32:
            raise env.BadSetting("ANLIEGEN_SEAL_KEY must hold 32 bytes as base64url")
        keys[key_id or "k1"] = key
    return keys


SEAL_KEYS = _seal_keys()

BASE_URL = env.text("ANLIEGEN_BASE_URL", "http://127.0.0.1:8000").rstrip("/")
ALLOWED_HOSTS = env.words("ANLIEGEN_ALLOWED_HOSTS", "127.0.0.1,localhost")
CSRF_TRUSTED_ORIGINS = env.words("ANLIEGEN_TRUSTED_ORIGINS")
TRUSTED_PROXIES = env.number("ANLIEGEN_TRUSTED_PROXIES", 0)

geo_libraries.point_proj_to_its_data()
GDAL_LIBRARY_PATH = geo_libraries.gdal_library()
GEOS_LIBRARY_PATH = geo_libraries.geos_library()

INSTALLED_APPS = [
    "accounts.admin_config.DeskAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.gis",
    "django.contrib.postgres",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "csp",
    "leaflet",
    "rest_framework",
    "drf_spectacular",
    "leases",
    "accounts",
    "routing",
    "notifications",
    "places",
    "sensors",
    "suggestion",
    "reports",
    "figures",
    "design",
    "mobile_api",
    "postbox",
    "staff_desk",
    "public_web",
    "opendata",
    "open311",
    "leakcheck",
    "demo",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    # Before whatever may answer by itself: static files and errors carry these headers too.
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "backend.security_headers.SecurityHeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "accounts.towns.TownMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "accounts.flood_gate.FloodGateMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
READER_LEAVES_OUT = {
    "django.contrib.sessions.middleware.SessionMiddleware",
    "accounts.flood_gate.FloodGateMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
}

if READER:  # nobody signs in here, so nothing asks for a session
    MIDDLEWARE = [name for name in MIDDLEWARE if name not in READER_LEAVES_OUT]
    MIDDLEWARE.insert(3, "backend.reader.PublicReadingMiddleware")

ROOT_URLCONF = "backend.urls"
TOWN_URLCONF = "backend.town_urls"
WSGI_APPLICATION = "backend.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "backend" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "accounts.towns.town_context",
            ],
        },
    },
]


def _database(user: str, *, search_path: str, statement_timeout_ms: int) -> dict[str, Any]:
    timeouts = (
        f"-c search_path={search_path} -c statement_timeout={statement_timeout_ms} "
        "-c lock_timeout=2000 -c idle_in_transaction_session_timeout=10000 -c jit=off"
        # Joins are written in the order they are to be made, from a case to what it names; trying
        # every other order took 59 ms for a case of fifteen tables that is then read in 2 ms.
        " -c join_collapse_limit=4"
    )
    if DB_ROLE == "owner":
        timeouts = "-c search_path=public -c lock_timeout=2000"
    return {
        "ENGINE": "django.contrib.gis.db.backends.postgis",
        "HOST": env.text("ANLIEGEN_DB_HOST"),
        "PORT": env.text("ANLIEGEN_DB_PORT", "5432"),
        "NAME": env.text("ANLIEGEN_DB_NAME", "anliegen"),
        "USER": user,
        "PASSWORD": env.text("ANLIEGEN_DB_PASSWORD", " ").strip(),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": False,
        "OPTIONS": {
            "connect_timeout": 3,
            "tcp_user_timeout": 5000,
            "application_name": "anliegen",
            "options": timeouts,
        },
    }


DB_USERS = {
    "owner": env.text("ANLIEGEN_DB_OWNER_USER", "anliegen_owner"),
    "app": env.text("ANLIEGEN_DB_APP_USER", "anliegen_app"),
    "public": env.text("ANLIEGEN_DB_PUBLIC_USER", "anliegen_public"),
}
DATABASES: dict[str, dict[str, Any]] = {
    "default": {"ENGINE": "django.db.backends.dummy"}
    if READER
    else _database(DB_USERS[DB_ROLE], search_path="public", statement_timeout_ms=30_000),
    "public": _database(
        DB_USERS["public"], search_path="open_data,public", statement_timeout_ms=2_000
    ),
}
DATABASES["public"]["PASSWORD"] = env.text("ANLIEGEN_DB_PUBLIC_PASSWORD", " ").strip()
DATABASE_ROUTERS = ["backend.database_routers.PublishedViewsRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Sessions, limits and idempotency live in PostgreSQL: Redis may be flushed at any second.
SESSION_ENGINE = "django.contrib.sessions.backends.db"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "staff_desk:login"
LOGIN_REDIRECT_URL = "staff_desk:queue"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
if ENVIRONMENT == "test":
    # Tests log in a thousand times; the strength of the hash is not what they test.
    PASSWORD_HASHERS.insert(0, "django.contrib.auth.hashers.MD5PasswordHasher")
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 15},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# Roles that must show a second factor. A city asks it of everybody; the demo of its admins.
_ROLES = ("clerk", "dispatcher", "moderator", "manager", "privacy", "admin")
SECOND_FACTOR_ROLES = env.some_of(
    "ANLIEGEN_SECOND_FACTOR_ROLES", _ROLES, ",".join(_ROLES) if PRODUCTION else "admin,privacy"
)
OTP_TOTP_ISSUER = "Anliegen"

# Cookies: __Host- names over HTTPS; the plain-HTTP demo on loopback goes without.
_prefix = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{_prefix}sitzung"
CSRF_COOKIE_NAME = f"{_prefix}csrf"
LANGUAGE_COOKIE_NAME = f"{_prefix}sprache"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = int(timedelta(hours=10).total_seconds())
DESK_IDLE_SECONDS = 30 * 60
RECEIPT_COOKIE_NAME = f"{_prefix}quittung"
RECEIPT_COOKIE_SECONDS = int(timedelta(days=180).total_seconds())
# For bodies and firms outside the town hall that opened their link.
OUTSIDE_COOKIE_NAME = f"{_prefix}extern"
OUTSIDE_COOKIE_SECONDS = int(timedelta(days=30).total_seconds())
DEVICE_COOKIE_NAME = f"{_prefix}geraet"
DEVICE_COOKIE_SECONDS = int(timedelta(days=365).total_seconds())
SECURE_SSL_REDIRECT = HTTPS and env.flag("ANLIEGEN_SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^healthz", r"^readyz"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
# Preloading binds a city's whole domain for years: its own decision, not ours.
SILENCED_SYSTEM_CHECKS = ["security.W021"]
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Wake-ups are sent by a thread; tests want them sent when the commit returns.
WAKE_IN_BACKGROUND = env.flag("ANLIEGEN_WAKE_IN_BACKGROUND", default=ENVIRONMENT != "test")
# For how long a process remembers towns, categories and questions before it asks again.
REMEMBER_SECONDS = env.number("ANLIEGEN_REMEMBER_SECONDS", 0 if ENVIRONMENT == "test" else 2)
FORCE_SCRIPT_NAME = ""  # we lie at the root; a header SCRIPT_NAME moves no link
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "public_web.errors.form_expired"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:", "blob:"],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

LANGUAGE_CODE = "de"
LANGUAGES = [("de", _("Deutsch")), ("en", _("Englisch"))]
LOCALE_PATHS = [BASE_DIR / "backend" / "locale"]
FORMAT_MODULE_PATH = "backend.formats"
USE_I18N = USE_TZ = True
TIME_ZONE = "Europe/Berlin"

STATIC_URL = "/static/"
# Tests make a thousand handlers, each of which would look at every file first.
WHITENOISE_AUTOREFRESH = ENVIRONMENT == "test"
WHITENOISE_ALLOW_ALL_ORIGINS = False  # pages of other sites read the API and the feeds only
STATIC_ROOT = Path(env.text("ANLIEGEN_STATIC_ROOT", str(BASE_DIR / "var" / "static")))
MEDIA_ROOT = Path(env.text("ANLIEGEN_MEDIA_ROOT", str(BASE_DIR / "var" / "media")))
# The electronic file (eAkte): where hand-overs are put (efile/targets.py); empty: nowhere.
EFILE_TARGET = env.text("ANLIEGEN_EFILE_TARGET", "")
EFILE_USER = env.text("ANLIEGEN_EFILE_USER", "")
EFILE_PASSWORD = env.text("ANLIEGEN_EFILE_PASSWORD", "")
EFILE_RECEIVER = env.text("ANLIEGEN_EFILE_RECEIVER", "eAkte")
# Where the other side puts its acknowledgements (xdomea 0402, 0403); empty: only by hand.
EFILE_ACKNOWLEDGEMENTS = env.text("ANLIEGEN_EFILE_ACKNOWLEDGEMENTS", "")
# What was erased on request, as keyed hashes; belongs on a volume that no restore overwrites.
ERASURE_LIST = env.text("ANLIEGEN_ERASURE_LIST", str(BASE_DIR / "var" / "erasures.jsonl"))
SEALED_ROOT = Path(env.text("ANLIEGEN_SEALED_ROOT", str(BASE_DIR / "var" / "sealed")))
_durable = "reports.photo_storage.DurableFileSystemStorage"
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": _durable, "OPTIONS": {"location": str(MEDIA_ROOT / "other")}},
    **photo_stores(MEDIA_ROOT, SEALED_ROOT, public_only=READER),
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if ENVIRONMENT != "test"
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
# What looks for faces and plates in photos (detection/registry.py); "none" for nothing.
DETECTORS = [
    name
    for name in env.words("ANLIEGEN_DETECTORS", "centerface,plate_cascade,plate_lines")
    if name != "none"
]
# Detectors of personal data in texts beside the rules of textguard: `package.module:Class`.
TEXT_DETECTORS = env.words("ANLIEGEN_TEXT_DETECTORS")
# Off: browsers on iPhones hand over JPEG by themselves, and the decoder of HEIC is young.
HEIC = env.flag("ANLIEGEN_HEIC", default=False)
TILE_CACHE_ROOT = Path(env.text("ANLIEGEN_TILE_CACHE_ROOT", str(MEDIA_ROOT / "tiles")))
# Servers of subscribers are entered by staff; into our own network they may lead only with this.
WEBHOOKS_TO_PRIVATE_NETWORK = env.flag("ANLIEGEN_WEBHOOKS_TO_PRIVATE_NETWORK", default=False)
# Daily copies of the open data: kept for so many days, the first of a month for so many months.
SNAPSHOT_DAYS = env.number("ANLIEGEN_SNAPSHOT_DAYS", 35)
SNAPSHOT_MONTHS = env.number("ANLIEGEN_SNAPSHOT_MONTHS", 24)
# Who is told of a leak besides the privacy officers, and log files the weekly search reads.
OPERATOR_EMAIL = env.text("ANLIEGEN_OPERATOR_EMAIL", "")
LEAK_CHECK_LOGS = env.words("ANLIEGEN_LEAK_CHECK_LOGS")
# Files of open data that lie ready until the data changes.
OPEN_DATA_ROOT = Path(env.text("ANLIEGEN_OPEN_DATA_ROOT", str(MEDIA_ROOT / "opendata")))
# A town's administration names the tile server; it must not reach into our own network by that.
TILES_FROM_PRIVATE_NETWORK = env.flag("ANLIEGEN_TILES_FROM_PRIVATE_NETWORK", default=False)
# The same for photos that partner systems keep; which servers at all, says each partner's key.
MEDIA_FROM_PRIVATE_NETWORK = env.flag("ANLIEGEN_MEDIA_FROM_PRIVATE_NETWORK", default=False)
# The gazetteer answers by itself. A geocoder of others is asked only where one is named here:
# photon, nominatim or bkg; {key} in its address is replaced by the key.
GEOCODER = env.one_of("ANLIEGEN_GEOCODER", ("", "photon", "nominatim", "bkg"), "")
GEOCODER_URL = env.text("ANLIEGEN_GEOCODER_URL", " ").strip()
GEOCODER_KEY = env.text("ANLIEGEN_GEOCODER_KEY", " ").strip()
GEOCODER_PRIVATE_HOSTS = frozenset(env.words("ANLIEGEN_GEOCODER_PRIVATE_HOSTS"))
# Searches for places of one peer in ten minutes: one with every letter, for a whole office.
PLACE_SEARCHES = env.number("ANLIEGEN_PLACE_SEARCHES", 1_500)

# How often one of the suggested categories must be the right one, else nothing is suggested.
SUGGESTION_PRECISION = env.number("ANLIEGEN_SUGGESTION_PRECISION", 90) / 100
if not 0.5 <= SUGGESTION_PRECISION < 1:
    raise env.BadSetting("ANLIEGEN_SUGGESTION_PRECISION must be 50 to 99 (percent)")
# Suggestions asked for by one peer in ten minutes: one for each pause while typing, for an office.
SUGGESTIONS = env.number("ANLIEGEN_SUGGESTIONS", 1_500)

# Uploads: bytes are spilled to disk early, counts and sizes are bounded before parsing.
PHOTO_LIMIT = 5  # in one request
PHOTO_TOTAL_LIMIT = 10  # of one report, later additions included
REQUEST_LIMIT_BYTES = 80 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
DATA_UPLOAD_MAX_NUMBER_FILES = 6
FILE_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
# Photos sent ahead of their report wait a day. Whoever shares an address shares these limits.
UPLOADS_OF_ONE = env.number("ANLIEGEN_UPLOADS_OF_ONE", 60 if PRODUCTION else 2_000)
UPLOAD_BYTES_OF_ONE = UPLOADS_OF_ONE * 10 * 1024 * 1024
UPLOAD_BYTES_OF_ALL = env.number("ANLIEGEN_UPLOAD_MEGABYTES", 20_000) * 1024 * 1024
# With less than this left on the disk no photo is taken any more; texts still are.
PHOTO_DISK_RESERVE = env.number("ANLIEGEN_PHOTO_DISK_RESERVE_MEGABYTES", 500) * 1024 * 1024

EMAIL_HOST = env.text("ANLIEGEN_SMTP_HOST", "127.0.0.1")
EMAIL_PORT = env.number("ANLIEGEN_SMTP_PORT", 25)
SMTP_TIMEOUT_SECONDS = 20
SMTP_DATA_TIMEOUT_SECONDS = env.number("ANLIEGEN_SMTP_DATA_TIMEOUT", 60)
MAIL_UNCERTAIN_RETRY_SECONDS = env.number("ANLIEGEN_MAIL_UNCERTAIN_RETRY", 900)
# Signs messages to devices (VAPID, RFC 8292): 32 bytes as base64url; without it there is no push.
VAPID_KEY = env.optional_secret("ANLIEGEN_VAPID_KEY")
PUSH_TIMEOUT_SECONDS = 10
# Push services of the browsers' makers. A subscription naming any other server is refused.
PUSH_HOSTS = env.words(
    "ANLIEGEN_PUSH_HOSTS",
    "fcm.googleapis.com,updates.push.services.mozilla.com,*.push.apple.com,*.notify.windows.com",
)
# Turns alarms into SMS or calls (docs/operators/gateway.md); without address and key, mail only.
ALARM_GATEWAY_URL = env.text("ANLIEGEN_ALARM_GATEWAY_URL", " ").strip()
ALARM_GATEWAY_KEY = env.optional_secret("ANLIEGEN_ALARM_GATEWAY_KEY")
ALARM_GATEWAY_SECONDS = 10
MAIL_FROM_DOMAIN = env.text("ANLIEGEN_MAIL_DOMAIN", "anliegen.example")

PUSH_CONTACT = env.text("ANLIEGEN_PUSH_CONTACT", f"maengelmelder@{MAIL_FROM_DOMAIN}")

# Mailboxes whose post comes in: `heilbronn=imaps://user%40town@host:993/INBOX`, one for each town.
# The password stands in ANLIEGEN_MAILBOX_PASSWORD_<TOWN>, or in a file named by …_FILE.
MAILBOXES = env.words("ANLIEGEN_MAILBOXES")
MAILBOX_FETCH_SECONDS = env.number("ANLIEGEN_MAILBOX_FETCH_SECONDS", 60)

_redis_socket = env.text("ANLIEGEN_REDIS_SOCKET", " ").strip()
_redis_db = env.number("ANLIEGEN_REDIS_DB", 0)
CELERY_BROKER_URL = (
    f"redis+socket://{_redis_socket}?virtual_host={_redis_db}"
    if _redis_socket
    else env.text("ANLIEGEN_REDIS_URL", "redis://nobody" if READER else None)
)
# Leases are longer than the slowest outside work plus the window for recording its outcome.
LEASE_SECONDS = {
    "message": env.number("ANLIEGEN_MESSAGE_LEASE", 180),
    "effect": env.number("ANLIEGEN_EFFECT_LEASE", 60),
}
SWEEP_SECONDS = env.number("ANLIEGEN_SWEEP_SECONDS", 5)
WORKERS_PER_LANE = 2
# A worker beside which messages wait for so long gives no more signs of life and is restarted.
IDLE_CONSUMER_SECONDS = env.number("ANLIEGEN_IDLE_CONSUMER_SECONDS", 60)

# Times and shares of an office with fewer people would be figures about persons: they are hidden.
# The demo has one or two people in each office.
SMALLEST_UNIT = env.number("ANLIEGEN_SMALLEST_UNIT", 5 if PRODUCTION else 1)

RATE_CLASSES = {"standard": 600, "trusted": 6_000, "bulk": 100_000}  # reports an hour
# From where and of what kind so many reports are accepted as usual (soft) or read at all (hard),
# within `minutes` (60). See docs/operators/abuse.md; a town may set its own.
INTAKE_LIMITS: dict[str, dict[str, int]] = {
    "peer": {"soft": 60, "hard": 300},
    "network": {"soft": 300, "hard": 3_000},
    "device": {"soft": 30},
    "cell": {"soft": 40},
    "total": {"soft": 600},
    "text": {"soft": 5},
    "twin": {"soft": 1},
}
# Trying out happens from one machine, so from one address: there the limits would only puzzle.
LIMIT_FACTOR = env.number("ANLIEGEN_LIMIT_FACTOR", 1 if PRODUCTION else 10_000)
# What happens to addresses of throw-away mail domains: drop (not used), hold (the report is looked
# at) or use. The report is accepted in any case.
THROW_AWAY_MAIL = env.one_of("ANLIEGEN_THROW_AWAY_MAIL", ("drop", "hold", "use"), "drop")
CONFIRM_ADDRESS_WITHIN = timedelta(hours=48)
# Whoever types somebody else's address must not be able to flood it.
STRANGER_MAIL_EVERY = timedelta(seconds=env.number("ANLIEGEN_STRANGER_MAIL_SECONDS", 3600))

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["mobile_api.authentication.AppTokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["mobile_api.permissions.DenyAll"],
    "DEFAULT_PARSER_CLASSES": [
        "rest_framework.parsers.JSONParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "EXCEPTION_HANDLER": "mobile_api.errors.problem_details",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "UNAUTHENTICATED_USER": None,
    "NUM_PROXIES": TRUSTED_PROXIES,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Anliegen – API v1",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
}

LEAFLET_CONFIG: dict[str, Any] = {
    "TILES": [],
    "DEFAULT_CENTER": (49.14, 9.21),
    "DEFAULT_ZOOM": 11,
    "ATTRIBUTION_PREFIX": False,
    "RESET_VIEW": False,
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"redact": {"()": "backend.logs.RedactingFilter"}},
    "formatters": {"lines": {"()": "backend.logs.JsonLines"}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "lines",
            "filters": ["redact"],
        }
    },
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
        # Two lines a wake-up would say nothing; "ready" and errors stay.
        "httpx": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
        "django.security.DisallowedHost": {"level": "ERROR"},
    },
}
