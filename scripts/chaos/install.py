"""Installation of the Python packages into target/chaos, with the versions of requirements.txt."""

import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
FOLDER = HERE.parent.parent / "target/chaos"
LOCK = HERE / "requirements.txt"


class Missing(Exception):
    """The reason why a failure cannot be made on this machine."""


def run_in_environment() -> None:
    """Replaces the process by one that has the packages, unless it is that one."""
    python = FOLDER / "venv/bin/python"
    if sys.prefix == str(FOLDER / "venv"):
        return
    installed = FOLDER / "installed"
    if not installed.exists() or installed.read_bytes() != LOCK.read_bytes():
        shutil.rmtree(FOLDER, ignore_errors=True)
        FOLDER.mkdir(parents=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:"]
        try:
            subprocess.run([sys.executable, "-m", "venv", FOLDER / "venv"], check=True)
            subprocess.run([*pip, "--requirement", LOCK], check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise Missing(f"the packages of {LOCK.name} cannot be installed: {error}") from error
        shutil.copy(LOCK, installed)
    os.execv(python, [python, "-u", *sys.argv])


def debian_package(name: str, file: pathlib.Path) -> pathlib.Path:
    """Returns a file of a package of Debian, which root installs when it is missing."""
    if not file.exists():
        if os.geteuid() != 0 or not shutil.which("apt-get"):
            raise Missing(f"no {file}: install it (Debian: apt-get install {name})")
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update"], ["install", "-y", "--no-install-recommends", name]):
            subprocess.run(["apt-get", "-qq", *command], check=False, capture_output=True, env=environment)
        if not file.exists():
            raise Missing(f"no {file}: apt-get install {name} failed")
    return file
