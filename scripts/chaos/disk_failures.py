"""A full disk: of SQLite, and of the folder of pictures."""

import contextlib
import os
import pathlib
import shutil
import subprocess
import time

from answers import CUT, LOST, UNAVAILABLE
from databases import SqliteDatabase
from install import Missing
from programs import until
from scene import Scene

# Enough for the service; small, so that it is filled at once.
MIB = 64


class Disk:
    """A file system in memory, which needs root."""

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        folder.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", f"size={MIB}m,mode=755", "contacts-chaos", folder]
        done = subprocess.run(mount, check=False, capture_output=True, text=True) if shutil.which("mount") else None
        if done is None or done.returncode != 0:
            reason = done.stderr.strip() if done else "no mount"
            raise Missing(f"a small file system for a full disk needs root and mount: {reason}")

    def fill(self) -> None:
        """Leaves no byte."""
        with (self.folder / "filler").open("ab", buffering=0) as file:
            for size in (1 << 20, 1 << 12, 1):
                with contextlib.suppress(OSError):
                    while file.write(b"\0" * size):
                        pass

    def free(self) -> None:
        os.truncate(self.folder / "filler", 0)

    def remove(self) -> None:
        subprocess.run(["umount", "--lazy", self.folder], check=True)


def of_sqlite(folder):
    """Writes are 503, reads work, and the service goes on when there is space again, also after a kill."""
    disk = Disk(folder / "database")
    try:
        file = disk.folder / "contacts.db"
        database = SqliteDatabase(file)
        database.settings = {"DATABASE_URL": f"sqlite://{file}?mode=rwc"}
        scene = Scene(folder, database)
        scene.start()
        scene.more_writes()
        scene.check()
        for kills in (False, False, True):
            with scene.failure(UNAVAILABLE, CUT, *([LOST] if kills else [])):
                disk.fill()
                await_more(scene, UNAVAILABLE, 10)
                await_more(scene, "reads", 10)
                if kills:
                    scene.services[0].kill()
                disk.free()
                if kills:
                    scene.services[0].start()
            scene.check()
        scene.stop()
        return f"3 times full, once with a kill, {scene.report()}"
    finally:
        disk.remove()


def of_pictures(folder):
    """Only photos fail, and none of them leaves a file."""
    disk = Disk(folder / "data")
    try:
        file = folder / "contacts.db"
        database = SqliteDatabase(file)
        database.settings = {"DATABASE_URL": f"sqlite://{file}?mode=rwc"}
        scene = Scene(folder, database)
        scene.start()
        scene.photo_writer.failing = (503,)
        for _ in range(3):
            await_more(scene, "photos", 5)
            disk.fill()
            await_more(scene, "photos failed", 5)
            scene.more_writes(10)
            scene.check()
            disk.free()
        time.sleep(0.5)
        scene.photo_writer.rest()
        scene.photo_writer.failing = ()
        scene.photo_writer.wake()
        await_more(scene, "photos", 5)
        scene.check()
        parts = list((disk.folder / "media").glob("*/.*"))
        scene.record.violations += [f"a file of a failed upload is left: {part}" for part in parts]
        scene.check()
        failed = scene.record.counts["photos failed"]
        scene.stop()
        return f"3 times full, {failed} photos failed, {scene.report()}"
    finally:
        disk.remove()


def await_more(scene: Scene, kind: str, number: int) -> None:
    target = scene.record.counts[kind] + number
    until(lambda: scene.record.counts[kind] >= target, 60, f"{number} more {kind}")


SCENARIOS = {"disk-sqlite": of_sqlite, "disk-pictures": of_pictures}
