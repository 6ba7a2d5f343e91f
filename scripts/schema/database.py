"""A new PostgreSQL database for a service."""

import contextlib
import secrets
import subprocess
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
    subprocess.run(["psql", server, "--quiet", "--set=ON_ERROR_STOP=1", "--command", statement], check=True)
