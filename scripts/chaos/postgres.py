"""PostgreSQL servers, and a pair of which the second one takes over."""

import json
import os
import pathlib
import re
import secrets
import shutil
import signal
import subprocess

from programs import Program, free_port, program, server_folder, server_user, until
from relay import Relay

NAME = "contacts"


class Postgres:
    """A server. Commits wait for the operating system, not for the disk: no failure here stops the machine."""

    def __init__(self, folder: pathlib.Path, name: str, password: str):
        self.folder, self.name, self.password, self.port = folder, name, password, free_port()

    @classmethod
    def create(cls, folder: pathlib.Path) -> "Postgres":
        """Starts a new server with an empty database."""
        server = cls(server_folder(folder), "primary", secrets.token_hex(16))
        password = folder / "password"
        password.write_text(server.password)
        if os.geteuid() == 0:
            shutil.chown(password, server_user()["user"])
        options = ["--username=postgres", f"--pwfile={password}", "--auth=scram-sha-256", "--encoding=UTF8"]
        server.run("initdb", "--pgdata=primary", *options, "--locale=C", "--no-sync")
        server.start()
        server.sql(f"CREATE DATABASE {NAME}", "postgres")
        return server

    def copy(self) -> "Postgres":
        """Starts a standby of the server."""
        standby = Postgres(self.folder, "standby", self.password)
        source = ["--host=127.0.0.1", f"--port={self.port}", "--username=postgres"]
        self.run(
            "pg_basebackup", "--pgdata=standby", *source, "--checkpoint=fast", "--write-recovery-conf", "--no-sync"
        )
        standby.start()
        return standby

    def run(self, name: str, *arguments: str) -> None:
        environment = {**os.environ, "PGPASSWORD": self.password}
        user = server_user()
        subprocess.run(
            [program(name), *arguments], cwd=self.folder, env=environment, check=True, capture_output=True, **user
        )

    def start(self) -> None:
        options = [f"unix_socket_directories={self.folder}", "listen_addresses=127.0.0.1", "max_connections=200"]
        # Lines of the log have the number of the open transaction, if it has written.
        options += ["fsync=off", "log_line_prefix=%m [%p] transaction %x: "]
        arguments = [part for option in options for part in ("-c", option)]
        command = [program("postgres"), "-D", self.name, "-p", self.port, *arguments]
        self.server = Program(command, self.folder / f"{self.name}.log", cwd=self.folder, **server_user())
        ready = [program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        until(lambda: subprocess.run(ready, check=False).returncode == 0, 60, f"{self.name} accepts connections")

    def stop(self, how: int = signal.SIGINT) -> None:
        """Stops the server: SIGINT is a fast shutdown, SIGQUIT an immediate one."""
        self.server.end(how)

    def crash(self) -> None:
        """Kills the server and all of its processes, which end when they notice."""
        pidfile = (self.folder / self.name / "postmaster.pid").read_text().splitlines()
        self.server.kill()
        subprocess.run(["ipcrm", "-m", pidfile[6].split()[1]], check=False, capture_output=True)

    def log_lines(self, pattern: str) -> int:
        """Returns the number of lines of the log with a pattern."""
        return len(re.findall(pattern, (self.folder / f"{self.name}.log").read_text(errors="replace")))

    def psql(self, database: str = NAME) -> list:
        """Arguments of psql, which reads the password from the environment."""
        address = ["-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "-d", database]
        return [program("psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", *address]

    def environment(self) -> dict:
        return {**os.environ, "PGPASSWORD": self.password}

    def sql(self, statement: str, database: str = NAME) -> str:
        done = subprocess.run(
            [*self.psql(database), "-c", statement],
            env=self.environment(),
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
        )
        return done.stdout.strip()

    def rows(self, query: str) -> list[dict]:
        return self.json(f"SELECT coalesce(json_agg(row_to_json(t)), '[]') FROM ({query}) t")

    def json(self, statement: str):
        return json.loads(self.sql(statement))

    def url(self, port: int | None = None) -> str:
        return f"postgres://postgres:{self.password}@127.0.0.1:{port or self.port}/{NAME}"


class Pair:
    """A server and its synchronous standby, at one address."""

    def __init__(self, folder: pathlib.Path):
        self.primary = Postgres.create(folder)
        self.standby = self.primary.copy()
        # Only in the settings of the first server: the standby must not wait for a standby when it takes over.
        self.primary.sql("ALTER SYSTEM SET synchronous_standby_names = '*'")
        self.primary.sql("SELECT pg_reload_conf()")
        synchronous = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"
        until(lambda: self.primary.sql(synchronous) == "1", 30, "the standby is synchronous")
        self.relay = Relay(self.primary.port)

    def fail_over(self, await_outage) -> None:
        """Kills the first server, and waits for an outage. The standby takes over at the same address."""
        self.primary.crash()
        await_outage()
        self.relay.lead_to(self.standby.port)
        until(lambda: self.standby.sql("SELECT pg_promote()") == "t", 30, "the standby is promoted")
        self.primary, self.standby = self.standby, self.primary

    def stop(self) -> None:
        for server in (self.primary, self.standby):
            server.stop(signal.SIGQUIT)
        self.relay.close()
