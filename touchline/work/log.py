"""How the log is written: lines for people or for machines, on standard error, ours and our libraries' alike."""

import logging.config
from typing import Any

import structlog

_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def set_up(told: dict[str, Any]) -> None:
    """Begin to log; `told["as"]` is "text" or "json". Django calls this once, when it starts."""
    if told["as"] == "json":
        last = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    else:
        last = [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback, pad_event_to=0)]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": _SHARED,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
    }
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"ours": formatter},
            "handlers": {"log": {"class": "logging.StreamHandler", "formatter": "ours"}},
            "root": {"level": "INFO", "handlers": ["log"]},
            "loggers": {
                "django": {"level": "INFO", "handlers": [], "propagate": True},
                # A page that is not there, or a form that is refused, is no trouble of the house.
                "django.request": {"level": "ERROR", "propagate": True},
                # Whoever asks under a name that is not ours is refused; the internet does that all day.
                "django.security.DisallowedHost": {"level": "CRITICAL", "propagate": True},
                "uvicorn.error": {"level": "WARNING", "propagate": True},
                "mail.log": {"level": "WARNING", "propagate": True},
                "imapclient": {"level": "WARNING", "propagate": True},  # it tells of every line that is closed
                "psycopg.pool": {"level": "WARNING", "propagate": True},
            },
        }
    )
