"""A new PostgreSQL database for a service."""

import contextlib
import secrets
import urllib.parse


@contextlib.contextmanager
def new(server: str | None):
    """Yields the setting of a new database, which is removed at the end. Without a server it is empty: SQLite."""
    if not server:
        yield {}
        return
    name = f"schema_{secrets.token_hex(6)}"
    execute(server, f'CREATE DATABASE "{name}"')
    try:
        yield {"DATABASE_URL": urllib.parse.urlsplit(server)._replace(path=f"/{name}").geturl()}
    finally:
        execute(server, f'DROP DATABASE "{name}" WITH (FORCE)')


def execute(server: str, statement: str) -> None:
    import pg8000.native

    url = urllib.parse.urlsplit(server)
    password = urllib.parse.unquote(url.password) if url.password else None
    address = {"host": url.hostname, "port": url.port or 5432, "database": url.path.strip("/")}
    connection = pg8000.native.Connection(urllib.parse.unquote(url.username), password=password, **address)
    with contextlib.closing(connection):
        connection.run(statement)
