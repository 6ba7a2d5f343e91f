"""Programs that the harness starts: found, started as another user than root, frozen and killed by their id."""

import glob
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import time

from install import Missing

# Factor of every bound, for a machine that does much else.
PATIENCE = float(os.environ.get("CHAOS_PATIENCE", "1"))


class Violation(Exception):
    """A promise of the service that was broken."""


def until(condition, seconds: float, expectation: str, pause: float = 0.05):
    """Waits until a condition returns a true value, and returns it."""
    seconds *= PATIENCE
    end = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > end:
            raise Violation(f"not within {seconds:.0f} s: {expectation}")
        time.sleep(pause)
    return value


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def program(name: str) -> str:
    """Returns the path of a program. Debian installs those of PostgreSQL outside of PATH, a folder for each version."""
    patterns = [f"/usr/lib/postgresql/*/bin/{name}", f"/usr/pgsql-*/bin/{name}", f"/usr/sbin/{name}"]
    found = [file for pattern in patterns for file in sorted(glob.glob(pattern))] + [shutil.which(name)]
    if not any(found):
        raise Missing(f"no {name}: run `make soak` or scripts/with-services, which find or install it")
    return next(file for file in found if file)


def server_user() -> dict:
    """Arguments of subprocess for a user that is not root. PostgreSQL does not run as root."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    # The second one is the user without rights of every Unix.
    user = names.get("postgres") or pwd.getpwuid(65534)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def server_folder(folder: pathlib.Path) -> pathlib.Path:
    """Creates a folder that the servers may write."""
    folder.mkdir()
    user = server_user()
    if user:
        os.chown(folder, user["user"], user["group"])
    return folder


class Program:
    """A process. Its output is appended to a file."""

    started: list["Program"] = []

    def __init__(self, command: list, log: pathlib.Path, **arguments):
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [str(part) for part in command], stdin=subprocess.DEVNULL, stdout=output, stderr=output, **arguments
            )
        self.started.append(self)

    def is_running(self) -> bool:
        return self.process.poll() is None

    def send(self, number: int) -> None:
        if self.is_running():
            self.process.send_signal(number)

    def kill(self) -> int:
        """Sends the signal at once: no other thread of the harness runs before it. Returns the exit code."""
        if self.process.returncode is None:
            os.kill(self.process.pid, signal.SIGKILL)
        return self.end(signal.SIGKILL)

    def end(self, number: int = signal.SIGTERM) -> int:
        """Sends a signal, and waits for the end of the process. Returns the exit code."""
        self.send(signal.SIGCONT)
        self.send(number)
        try:
            return self.process.wait(60)
        except subprocess.TimeoutExpired as error:
            self.process.kill()
            self.process.wait()
            raise Violation(f"{self.process.args[0]} did not end within 60 s of signal {number}") from error


def kill_all() -> None:
    """Ends what a failed scenario has left: the services, then the servers, the latest first."""
    while Program.started:
        left = Program.started.pop()
        # PostgreSQL needs it to free its shared memory.
        left.end(signal.SIGQUIT if "postgres" in left.process.args[0] else signal.SIGKILL)
