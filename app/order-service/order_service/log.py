"""One JSON object a line on standard output, for our own messages and for those of the libraries."""

import json
import logging
import sys
from datetime import UTC, datetime

from . import SERVICE


def write(level: str, message: str, **fields: object) -> None:
    time = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    line = {"time": time, "level": level, "service": SERVICE, "message": message, **fields}
    sys.stdout.write(json.dumps(line, ensure_ascii=False, default=str) + "\n")
    sys.stdout.flush()


class _Libraries(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        fields: dict[str, object] = {"logger": record.name}
        if record.exc_info and record.exc_info[1]:
            fields["error"] = repr(record.exc_info[1])
        level = "error" if record.levelno >= logging.ERROR else "warn"
        write(level, record.getMessage(), **fields)


def capture_libraries() -> None:
    logging.basicConfig(handlers=[_Libraries()], level=logging.WARNING, force=True)
