"""Django's settings. What an administrator may choose is in `touchline.work.environment`; everything else is decided here."""

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from touchline.work import environment
from touchline.work.environment import Sorry

TOLD = environment.read()

DATA = TOLD.data
FILES = DATA / "files"
DEMO = TOLD.demo
DEBUG = TOLD.debug
PUBLIC_URL = TOLD.public_url
MAIL_IN = TOLD.mail_in
MAIL_IN_OUTSIDE = TOLD.mail_in_outside
SPAM_CHECK = TOLD.spam_check
VERIFY_DKIM = TOLD.verify_dkim
MAIL_IN_CERT = TOLD.mail_in_cert
MAIL_IN_KEY = TOLD.mail_in_key
OAUTH_LOOPBACK = TOLD.oauth_loopback
WEBHOOK_PRIVATE_HOSTS = TOLD.webhook_private_hosts
MAX_MAIL_BYTES = TOLD.max_mail_mb * 1024 * 1024
MAX_ATTACHMENT_BYTES = 25 * 1024 * 1024


def secret_keys(told: environment.Settings) -> list[str]:
    """The key we were told, or the one in the data folder, made at the first start and readable by us alone; then those from before.

    The first signs and locks; all of them are accepted.

    Two that start at once end up with the same key: whoever links its file first made it.
    """
    if told.secret_key:
        return [told.secret_key, *told.old_secret_keys]
    file = told.data / "secret.key"
    if not file.exists():
        told.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = told.data / f".secret.key.{os.getpid()}.{secrets.token_hex(4)}"
        try:
            with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as writing:
                writing.write(secrets.token_urlsafe(64))
                writing.flush()
                os.fsync(writing.fileno())
            os.link(draft, file)
        except FileExistsError:
            pass
        finally:
            draft.unlink(missing_ok=True)
    keys = file.read_text(encoding="ascii", errors="replace").split("\n")
    keys = [key.strip() for key in keys if key.strip()]
    if not keys or any(len(key) < 32 for key in keys):
        raise Sorry(f"{file} holds no secret key any more. Put it back from a backup, or remove it: everyone signs in again.")
    return [*keys, *told.old_secret_keys]


SECRET_KEY, *SECRET_KEY_FALLBACKS = secret_keys(TOLD)

# Addresses and cookies: only names that we know are answered, so that no page can be had under somebody else's name.
_public = urlsplit(PUBLIC_URL)
_name = _public.hostname or ""
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", f"[{_name}]" if ":" in _name else _name]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
_https = _public.scheme == "https"
# Cookies know no ports: without names of its own, a demo would sign everyone out of the desk beside it.
_cookie = "touchline_demo" if DEMO else "touchline"
SESSION_COOKIE_NAME = f"{_cookie}_session"
SESSION_COOKIE_SECURE = _https
SESSION_COOKIE_AGE = 30 * 24 * 3600
CSRF_COOKIE_NAME = f"{_cookie}_csrf"
CSRF_COOKIE_SECURE = _https
CSRF_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_NAME = f"{_cookie}_language"

ROOT_URLCONF = "touchline.web.urls"
WSGI_APPLICATION = "touchline.asgi.pages"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "desk.Teammate"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "js_asset",
    "django_prose_editor",
    "allauth",
    "allauth.account",
    "touchline.desk",
    "touchline.web",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "touchline.web.request.Middleware",
]

_context_processors = [
    "django.template.context_processors.request",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
]
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [environment.CHECKOUT / "touchline/web/templates"],
        "OPTIONS": {"environment": "touchline.web.jinja.environment"},
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": _context_processors},
    },
]

DATABASES = {"default": TOLD.database_url}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
SESSION_ENGINE = "django.contrib.sessions.backends.db"

# allauth asks Django's own backend, which takes as long for an address that nobody has as for one that somebody has.
# An address is unique whatever its capitals: a constraint on Lower("email"), which this check does not know.
SILENCED_SYSTEM_CHECKS = ["auth.E003"]
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 24 * 3600
ACCOUNT_ADAPTER = "touchline.web.sessions.Adapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = {
    "reset_password": "20/m/ip,5/h/key",  # whoever knows an address could have it flooded with links
    "api": "600/m/key",  # what one token may state
    "api_guess": "30/m/ip",  # tokens that we do not know
    "check_in": "60/m/key",  # one link
    "check_in_unknown": "30/m/ip",  # links that we do not know
}
ACCOUNT_ADAPTER = "touchline.web.sessions.Adapter"
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "today"

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("fr", "Français"), ("es", "Español"), ("ar", "العربية")]
LOCALE_PATHS = [environment.CHECKOUT / "touchline/locale"]

STATIC_URL = "/static/"
STATICFILES_DIRS: list[Path] = []
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY: dict[str, Any] = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "blob:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-src": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "manifest-src": ["'self'"],
    }
}

LOGGING_CONFIG = "touchline.work.log.set_up"
LOGGING = {"as": TOLD.log}
