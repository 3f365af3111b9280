"""One line of the log for each event, on the standard error of the process."""

from typing import Any

import structlog

from authserver.settings.environment import env

ADMINS: list[tuple[str, str]] = []
# The log as lines for a terminal, tracebacks as Python writes them; else one JSON object a line,
# which is what a collector of logs can trust.
LOG_READABLE = env.bool("AUTHSERVER_LOG_READABLE", default=False)
_renderer: Any = (
    structlog.dev.ConsoleRenderer(
        colors=False,
        exception_formatter=structlog.dev.plain_traceback,  # the prettier one shows locals
    )
    if LOG_READABLE
    else structlog.processors.JSONRenderer()
)
# Whoever writes it, this server or a library.
_of_every_line: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso"),
    structlog.processors.format_exc_info,  # the text of a traceback has no locals
]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "lines": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _renderer,
            ],
            "foreign_pre_chain": _of_every_line,
        }
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "lines"},
        "nowhere": {"class": "logging.NullHandler"},
    },
    # DEBUG, INFO, WARNING or ERROR.
    "root": {"handlers": ["console"], "level": env.str("AUTHSERVER_LOG_LEVEL", default="INFO")},
    "loggers": {
        # A stranger's bad request is one line, of whoever refuses it, and no traceback.
        "django.security": {"handlers": ["nowhere"], "propagate": False},
        "django.request": {"level": "ERROR"},  # who refuses a request says so, with the clause
    },
}
structlog.configure(
    processors=[*_of_every_line, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
