"""Cloudinary failing in every way: no lost picture, none that no row names, and no other request disturbed."""

from answers import CUT as CUT_ANSWER
from answers import UNAVAILABLE
from cloudinary import CUT, ERROR, REJECTED, STORED_CUT, STORED_ERROR, STORED_SILENCE, WORKS, Cloudinary
from databases import SqliteDatabase, picture_names
from followers import DavFollower
from programs import until
from scene import Scene

# Five minutes later: uploads that failed are removed. A day later: nothing more can arrive.
DUE = "UPDATE orphaned_pictures SET due_at = '2020-01-01T00:00:00+00:00', may_arrive_until = NULL"


def failing(folder):
    cloud = Cloudinary(folder)
    scene = Scene(folder, SqliteDatabase(folder / "data/contacts.db"), cloud.settings)
    scene.pictures, scene.picture = cloud.names, cloud.picture
    scene.start()
    photos = scene.photo_writer
    photos.failing = (503, 502)
    # Cards contain their photos: a device waits for them, since a card without a photo would remove it.
    devices = [
        client for follower in scene.followers if isinstance(follower, DavFollower) for client in follower.clients
    ]
    for client in devices:
        client.allowed = frozenset((UNAVAILABLE, CUT_ANSWER))
    counts, orphans = scene.record.counts, 0
    for mode in (ERROR, STORED_ERROR, STORED_CUT, CUT, REJECTED, STORED_SILENCE):
        await_more(scene, "photos", 5)
        cloud.mode = mode
        await_more(scene, "photos failed", 2 if mode == STORED_SILENCE else 5)
        scene.more_writes(5)
        # A device can catch up only when the store works.
        scene.photo_writer.rest()
        cloud.mode = WORKS
        scene.check()
        orphans += len(picture_names(scene.database)[1])
    await_more(scene, "photos", 5)
    photos.failing = ()
    photos.rest()
    scene.check()
    photos.rest()

    def are_removed() -> bool:
        # Again and again: a removal that was in progress is recorded with its old time when it fails.
        scene.database.execute(DUE)
        used, orphaned = picture_names(scene.database)
        return not orphaned and cloud.names() == used

    until(are_removed, 60, "only pictures in use are stored, and none is recorded as orphaned", 1)
    scene.stop()
    cloud.stop()
    return f"{counts['photos failed']} photos failed, {orphans} orphaned pictures removed, {scene.report()}"


def await_more(scene: Scene, kind: str, number: int) -> None:
    target = scene.record.counts[kind] + number
    until(lambda: scene.record.counts[kind] >= target, 90, f"{number} more {kind}")


SCENARIOS = {"cloudinary": failing}
