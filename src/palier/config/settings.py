"""Settings, all from the environment (docs/reference/settings.md)."""

import json
import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP

from palier.config import chat, database

PACKAGE = Path(__file__).resolve().parent.parent
DEBUG = os.environ.get("PALIER_DEBUG", "") == "1"
BASE_URL = os.environ.get("PALIER_BASE_URL", "http://127.0.0.1:8000").rstrip("/")
HTTPS = BASE_URL.startswith("https://")
PUBLIC_SECRET_KEY = "only-for-a-demo-on-one-machine"  # noqa: S105  # refused over HTTPS
SECRET_KEY = os.environ.get("PALIER_SECRET_KEY") or PUBLIC_SECRET_KEY
if HTTPS and SECRET_KEY == PUBLIC_SECRET_KEY:
    raise ImproperlyConfigured("Set PALIER_SECRET_KEY to a long random text: the one in the source is public.")
ALLOWED_HOSTS = [urlsplit(BASE_URL).hostname or "localhost"]
if not HTTPS:
    ALLOWED_HOSTS += ["127.0.0.1", "localhost", "testserver"]
# How many reverse proxies of ours stand in front and set X-Forwarded-For and X-Forwarded-Proto.
PALIER_TRUSTED_PROXIES = ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("PALIER_TRUSTED_PROXIES", "0"))
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PALIER_TRUSTED_PROXIES else None
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
CSRF_TRUSTED_ORIGINS = [BASE_URL]
CSRF_FAILURE_VIEW = "palier.interfaces.ui.errors.csrf_failure"
HOST_NAME = os.environ.get("PALIER_HOST_NAME", "Talentea")


DATABASES = {
    "default": database.settings_of(
        os.environ.get("DATABASE_URL") or "postgresql://postgres@127.0.0.1:5432/palier",
        pool_size=int(os.environ.get("PALIER_DB_POOL", "8")),
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    # What all processes count together: the tries at log-in, sign-up and reset (apps.accounts.models.CountedTry).
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "accounts_countedtry",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
    # What a process remembers for itself.
    "process": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}
URLIZE_ASSUME_HTTPS = True  # an address that somebody writes without its protocol

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "django_htmx",
    "pgtrigger",
    "procrastinate.contrib.django",
    "palier.apps.events",
    "palier.apps.ledger",
    "palier.apps.agenda",
    "palier.apps.accounts",
    "palier.apps.catalogue",
    "palier.apps.tax",
    "palier.apps.gateways",
    "palier.apps.subscriptions",
    "palier.apps.invoices",
    "palier.apps.orders",
    "palier.apps.payments",
    "palier.apps.notices",
    "palier.apps.entitlements",
    "palier.apps.help",
    "palier.apps.chat",
    "palier.interfaces.ui",
    "palier.interfaces.portal",
    "palier.interfaces.help",
    "palier.interfaces.backoffice",
    "palier.interfaces.worker",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "palier.interfaces.ui.middleware.CatalogueMiddleware",
    "palier.interfaces.ui.middleware.RefusalMiddleware",
    "palier.interfaces.ui.chat.middleware.ChatMiddleware",
]

ROOT_URLCONF = "palier.config.urls"
WSGI_APPLICATION = "palier.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        # The app directories, ours before those of allauth, whose screens we redraw.
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "palier.interfaces.ui.context.shell",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        ("django.template.loaders.filesystem.Loader", [PACKAGE / "interfaces" / "ui" / "templates"]),
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
        },
    }
]

AUTH_USER_MODEL = "accounts.User"
# The address is unique whatever its case, by an index on lower(email), which this check does not see.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
AUTHENTICATION_BACKENDS = ["palier.interfaces.portal.who.MemberBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_FORMS = {
    "add_email": "palier.interfaces.portal.signup.AddEmailForm",
    "login": "palier.interfaces.portal.signup.LoginForm",
    "signup": "palier.interfaces.portal.signup.SignupForm",
    "reset_password": "palier.interfaces.portal.signup.ResetPasswordForm",
}
ACCOUNT_ADAPTER = "palier.interfaces.portal.signup.AccountAdapter"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("fr", "Français")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_COOKIE_SAMESITE = "Lax"

STATIC_URL = "/static/"
STATIC_ROOT = os.environ.get("PALIER_STATIC_ROOT") or None
WHITENOISE_USE_FINDERS = STATIC_ROOT is None
WHITENOISE_AUTOREFRESH = DEBUG

SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
CSRF_FAILURE_VIEW = "palier.interfaces.ui.errors.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"

PALIER_API_KEY = os.environ.get("PALIER_API_KEY", "")
PALIER_SNAPSHOT_KEY = os.environ.get("PALIER_SNAPSHOT_KEY", "")
# Where the team is written to when a customer asks and nobody is at the desk; empty: nowhere.
PALIER_SUPPORT_EMAIL = os.environ.get("PALIER_SUPPORT_EMAIL", "").strip()
PALIER_HOST_LINKS = json.loads(os.environ.get("PALIER_HOST_LINKS", "") or "{}")
# Whom the hourly examination of the books writes to when an invariant is broken (flows.doctor); empty: only the log.
PALIER_OPERATOR_EMAIL = os.environ.get("PALIER_OPERATOR_EMAIL", "")
PALIER_CATALOGUE = os.environ.get("PALIER_CATALOGUE", "catalogue.toml")
PALIER_GATEWAY = os.environ.get("PALIER_GATEWAY", "sandbox")
# Whether accounts that open are for trying things out, with a test clock: never where a gateway takes real money.
PALIER_SANDBOX_ACCOUNTS = os.environ.get("PALIER_SANDBOX_ACCOUNTS", "") == "1"
if PALIER_SANDBOX_ACCOUNTS and PALIER_GATEWAY != "sandbox":
    raise ImproperlyConfigured(
        "PALIER_SANDBOX_ACCOUNTS needs PALIER_GATEWAY=sandbox: a test clock moves no real money."
    )
PALIER_SANDBOX_URL = os.environ.get("PALIER_SANDBOX_URL", "http://127.0.0.1:8010")
PALIER_SANDBOX_PUBLIC_URL = os.environ.get("PALIER_SANDBOX_PUBLIC_URL", PALIER_SANDBOX_URL)
# The only frames that pages allow: where the gateway's card fields are.
PALIER_CARD_FIELDS_ORIGIN = os.environ.get("PALIER_CARD_FIELDS_ORIGIN", PALIER_SANDBOX_PUBLIC_URL)
PALIER_SANDBOX_SECRET_KEY = os.environ.get("PALIER_SANDBOX_SECRET_KEY", "")
PALIER_SANDBOX_WEBHOOK_SECRET = os.environ.get("PALIER_SANDBOX_WEBHOOK_SECRET", "")

# Whose chat stands at the bottom right: ours, a provider's or nobody's.
PALIER_CHAT = os.environ.get("PALIER_CHAT") or "builtin"
CHAT_PROVIDER = chat.provider_of(PALIER_CHAT, os.environ, https=HTTPS)

# Renewals are charged at this pace, by so many requests at a time (flows.charge).
PALIER_CHARGES_PER_SECOND = float(os.environ.get("PALIER_CHARGES_PER_SECOND", "10"))
PALIER_CHARGE_LANES = int(os.environ.get("PALIER_CHARGE_LANES", "2"))

# So many declines at the screen within an hour, over all accounts, are somebody who tries out cards (flows.attempts).
PALIER_DECLINES_PER_HOUR = int(os.environ.get("PALIER_DECLINES_PER_HOUR", "500"))

# A worker that has been silent for so long is taken for dead, and its jobs run again.
WORKER_SILENCE_SECONDS = int(os.environ.get("PALIER_WORKER_SILENCE_SECONDS", "30"))
PROCRASTINATE_WORKER_DEFAULTS = {
    "update_heartbeat_interval": WORKER_SILENCE_SECONDS / 3,
    "stalled_worker_timeout": WORKER_SILENCE_SECONDS,
}

SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "frame-src": [PALIER_CARD_FIELDS_ORIGIN],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
    "base-uri": [CSP.NONE],
}

_smtp = urlsplit(os.environ.get("PALIER_SMTP_URL", "smtp://127.0.0.1:1025"))
MAILERS = {
    "default": {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": _smtp.hostname or "127.0.0.1",
            "port": _smtp.port or 25,
            "username": unquote(_smtp.username or ""),
            "password": unquote(_smtp.password or ""),
            "use_tls": _smtp.scheme == "smtp+tls",
            "timeout": 10,
        },
    }
}
DEFAULT_FROM_EMAIL = os.environ.get("PALIER_MAIL_FROM", "Palier <billing@palier.example>")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("PALIER_LOG_LEVEL", "WARNING")},
}
