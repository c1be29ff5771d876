import pytest
from order_service import settings


@pytest.fixture
def environment(tmp_path):
    (tmp_path / "database-password").write_text("secret\n")
    return {
        "SECRETS_DIR": str(tmp_path),
        "DATABASE_HOST": "database",
        "USER_SERVICE_URL": "http://user:8080/",
        "PRODUCT_SERVICE_URL": "http://product:8080",
    }


def test_fills_in_the_defaults(environment):
    read = settings.read(environment)
    assert (read.port, read.drain_seconds, read.database_port) == (8080, 2, 5432)
    assert (read.database_name, read.database_user) == ("shop", "order_service")
    assert read.user_service_url == "http://user:8080"
    assert read.database_password == "secret"


def test_never_prints_the_password(environment):
    assert "secret" not in repr(settings.read(environment)).replace("secrets", "")


@pytest.mark.parametrize("name", ["DATABASE_HOST", "USER_SERVICE_URL", "PRODUCT_SERVICE_URL"])
def test_names_a_missing_variable(environment, name):
    del environment[name]
    with pytest.raises(settings.Missing, match=name):
        settings.read(environment)


@pytest.mark.parametrize("content", [None, "", "\n"])
def test_names_a_missing_or_empty_secret(environment, tmp_path, content):
    if content is None:
        (tmp_path / "database-password").unlink()
    else:
        (tmp_path / "database-password").write_text(content)
    with pytest.raises(settings.Missing, match="database-password"):
        settings.read(environment)


@pytest.mark.parametrize("port", ["", "x", "-1", "65536", "80.5"])
def test_refuses_a_port_that_is_none(environment, port):
    with pytest.raises(settings.Missing, match="PORT"):
        settings.read(environment | {"PORT": port})
