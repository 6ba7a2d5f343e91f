"""tsdav: the steps are in walk_tsdav.mjs."""

import pathlib
import shutil
import subprocess

from install import HERE, Missing, environment, node_modules
from service import Service


def install() -> pathlib.Path:
    if not shutil.which("node", path=environment()["PATH"]):
        raise Missing("no node: install Node.js 18 or later, or run scripts/get-linters")
    return node_modules()


def run(client: pathlib.Path, service: Service, work: pathlib.Path) -> None:
    person = service.person("olena@example.com")
    person.create(first_name="Іван")
    # Node.js looks for packages beside the script.
    script = pathlib.Path(shutil.copy(HERE / "walk_tsdav.mjs", client))
    account = [f"{service.base}/", person.email, person.app_password("tsdav")]
    subprocess.run(["node", script, *account], check=True, env=environment(), cwd=work)
    assert list(person.contacts()) == ["Іван"] and person.trash() == ["Лариса"], person.trash()
