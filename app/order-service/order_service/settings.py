"""What the environment and the secrets' folder say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


class Missing(Exception):
    """A setting without which the service cannot start."""


@dataclass(frozen=True)
class Settings:
    port: int
    drain_seconds: int
    database_host: str
    database_port: int
    database_name: str
    database_user: str
    user_service_url: str
    product_service_url: str
    database_password: str = field(repr=False)


def read(environment: Mapping[str, str]) -> Settings:
    secrets = Path(environment.get("SECRETS_DIR", "/run/secrets"))
    return Settings(
        port=_number(environment, "PORT", 8080),
        drain_seconds=_number(environment, "DRAIN_SECONDS", 2),
        database_host=_text(environment, "DATABASE_HOST"),
        database_port=_number(environment, "DATABASE_PORT", 5432),
        database_name=environment.get("DATABASE_NAME", "shop"),
        database_user=environment.get("DATABASE_USER", "order_service"),
        user_service_url=_url(environment, "USER_SERVICE_URL"),
        product_service_url=_url(environment, "PRODUCT_SERVICE_URL"),
        database_password=_secret(secrets, "database-password"),
    )


def _text(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name, "").strip()
    if not value:
        raise Missing(f"environment variable {name} is missing")
    return value


def _url(environment: Mapping[str, str], name: str) -> str:
    value = _text(environment, name)
    if not value.startswith(("http://", "https://")):
        raise Missing(f"environment variable {name} must be an address such as http://name:8080")
    return value.rstrip("/")


def _number(environment: Mapping[str, str], name: str, fallback: int) -> int:
    value = environment.get(name, str(fallback))
    if not value.isdecimal() or int(value) > 65535:
        raise Missing(f"environment variable {name} must be a whole number from 0 to 65535")
    return int(value)


def _secret(folder: Path, name: str) -> str:
    try:
        value = (folder / name).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise Missing(f"secret {name} is missing or cannot be read in {folder}") from error
    if not value:
        raise Missing(f"secret {name} is empty")
    return value
