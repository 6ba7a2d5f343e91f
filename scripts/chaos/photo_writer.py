"""A client that gives contacts photos, replaces and removes them."""

import struct
import time
import zlib

from actors import PAUSE
from ledger import LIVE
from rest_writer import RestWriter

CONTACTS = 6
BOUNDARY = "photo-of-a-contact"


def picture(shade: int) -> bytes:
    """A grey PNG of 32 x 32 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + bytes([shade]) * 32) * 32
    head = struct.pack(">IIBBBBB", 32, 32, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def form(file: bytes) -> bytes:
    disposition = 'Content-Disposition: form-data; name="file"; filename="photo.png"\r\nContent-Type: image/png'
    return f"--{BOUNDARY}\r\n{disposition}\r\n\r\n".encode() + file + f"\r\n--{BOUNDARY}--\r\n".encode()


def key_of(url: str | None) -> str | None:
    """Returns the name of a picture in the store: a folder and a file."""
    return "/".join(url.rsplit("/", 2)[1:]).removesuffix(".jpg") if url else None


class PhotoWriter(RestWriter):
    """Knows the photo of each of its contacts. `failing` are the statuses of a picture store that fails, after which the
    photo must be the one before."""

    failing: tuple = ()

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.photos: dict[str, str | None] = {}
        # Changes without an answer: the photo before, and whether one was uploaded.
        self.doubts: dict[str, tuple[str | None, bool]] = {}

    def step(self) -> None:
        live = self.ledger.of_state(LIVE)
        if len(live) < CONTACTS:
            self.create()
        else:
            self.random.choice([self.upload] * 4 + [self.remove, self.patch])()
        time.sleep(0.05)

    def request(self, marker: str) -> str:
        return f"{self.path(marker)}/photo"

    def upload(self) -> None:
        marker = self.some(LIVE)
        headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
        body = form(picture(self.random.randrange(256)))
        answer = self.client.send("PUT", self.request(marker), body, headers, (200, *self.failing))
        if answer and answer.status == 200:
            self.changed(marker, key_of(answer.json()["photo_url"]))
        else:
            self.unchanged(marker, answer, is_upload=True)

    def remove(self) -> None:
        marker = self.some(LIVE)
        answer = self.client.send("DELETE", self.request(marker), expected=(204, *self.failing))
        if answer and answer.status == 204:
            self.changed(marker, None)
        else:
            self.unchanged(marker, answer, is_upload=False)

    def changed(self, marker: str, photo: str | None) -> None:
        self.record.acknowledge()
        self.record.add("photos")
        self.photos[marker] = photo

    def unchanged(self, marker: str, answer, is_upload: bool) -> None:
        if answer is None:
            # The contact is not changed again before the database is checked.
            self.ledger.doubt("a change of a photo", {marker: self.ledger.known[marker]})
            self.doubts[marker] = (self.photos.pop(marker, None), is_upload)
        else:
            self.record.add("photos failed")
            if not (answer.status == 502 or (answer.headers.get("Retry-After") or "").isdigit()):
                self.record.violation(f"{answer.status} without Retry-After: {answer.body[:200]}")
        time.sleep(PAUSE)

    def settle_photos(self, rows: dict) -> list[str]:
        """Compares with the contacts of the database, and takes over what was in doubt."""
        stored, known = {marker: row["photo"] for marker, row in rows.items()}, self.photos
        violations = [
            f"acknowledged with photo {photo}, but stored with {stored.get(marker)}: {marker}"
            for marker, photo in known.items()
            if stored.get(marker) != photo
        ]
        for marker, (before, is_upload) in self.doubts.items():
            # After an upload the photo before or a new one, after a removal the photo before or none.
            found = stored.get(marker)
            if found != before and is_upload == (found is None):
                change = "an upload" if is_upload else "a removal"
                violations.append(f"photo {found} after {change} without an answer, before it {before}: {marker}")
        self.photos = {**stored, **{marker: known[marker] for marker in known.keys() & stored.keys()}}
        self.doubts = {}
        return violations
