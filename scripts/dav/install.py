"""Installation of programs into target/clients, with the versions of requirements.txt and package-lock.json."""

import contextlib
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
FOLDER = ROOT / "target/clients/dav"
# Node.js of scripts/get-linters. A machine may have none.
LINTERS = ROOT / "target/linters/bin"


class Missing(Exception):
    """The reason why a client cannot be installed."""


def run(command: list, folder: pathlib.Path) -> None:
    """Runs an installer without its output, unless it fails."""
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, env=environment())
    except FileNotFoundError as error:
        raise Missing(f"no {command[0]}") from error
    except subprocess.CalledProcessError as error:
        raise Missing(f"{' '.join(map(str, command[:3]))} failed: {(error.stderr or error.stdout).strip()}") from error


def environment() -> dict:
    return {**os.environ, "PATH": f"{os.environ['PATH']}:{LINTERS}"}


@contextlib.contextmanager
def installation(folder: pathlib.Path, lock: pathlib.Path):
    """Yields an empty folder to install into, or None when it is there from this version of the lock file."""
    installed = folder / "installed"
    if installed.exists() and installed.read_bytes() == lock.read_bytes():
        yield None
    else:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        yield folder
        shutil.copy(lock, installed)


def python_environment(folder: pathlib.Path, lock: pathlib.Path) -> pathlib.Path:
    """Installs the packages of a lock file, and returns the folder with their programs."""
    with installation(folder, lock) as empty:
        if empty:
            run([sys.executable, "-m", "venv", empty], empty)
            run(["bin/pip", "install", "--quiet", "--only-binary", ":all:", "--requirement", lock], empty)
    return folder / "bin"


def python_programs() -> pathlib.Path:
    """Returns the folder with vdirsyncer and khard."""
    return python_environment(FOLDER / "venv", HERE / "requirements.txt")


def node_modules() -> pathlib.Path:
    """Returns the folder that has tsdav in its node_modules."""
    lock = HERE / "package-lock.json"
    with installation(FOLDER / "node", lock) as folder:
        if folder:
            shutil.copy(HERE / "package.json", folder)
            shutil.copy(lock, folder)
            run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], folder)
    return FOLDER / "node"


def debian_program(name: str) -> pathlib.Path:
    """Returns a program of Debian, which root installs when it is missing."""
    if not shutil.which(name):
        if os.geteuid() != 0 or not shutil.which("apt-get"):
            raise Missing(f"no {name}: install it (Debian: apt-get install {name})")
        run(["apt-get", "update", "-qq"], ROOT)
        run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", name], ROOT)
    return pathlib.Path(shutil.which(name) or name)
