"""Wrong answers to single clients and wrong states of what they know, each with the check that must report it."""

import json
import signal
import types
import uuid
from http.client import IncompleteRead

import answers
from account_writer import AccountWriter
from answers import BUSY_SHARE, LOST, Answer, Client, Record
from card_writers import ENTRIES, DavWriter, Importer
from followers import RestFollower
from ledger import LIVE, Ledger
from photo_writer import PhotoWriter
from programs import Violation
from rest_writer import RestWriter
from scene import Scene
from service import Service, session_of


def taken(record: Record, expected: str) -> set[str]:
    found, record.violations[:] = set(record.violations), []
    assert any(expected in text for text in found), f"not reported: {expected}; but {found}"
    return found


def halves(_) -> int:
    """A batch of which a half was written, and a contact that is neither as before a write nor as after it."""
    ledger = Ledger()
    ledger.doubt("a batch", {"a": (LIVE, "v1"), "b": (LIVE, "v1")})
    violations, _ = ledger.settle({"a": {"state": (LIVE, "v1"), "id": "1", "name": None}})
    assert violations == ["half of a batch: 1 of 2 contacts were written"], violations
    ledger.doubt("a write", {"a": (LIVE, "v2")})
    violations, _ = ledger.settle({"a": {"state": (LIVE, "v3"), "id": "1", "name": None}})
    assert "stored as ('live', 'v3') after a write: a" in violations, violations
    return 2


def names(_) -> int:
    """A card with another name than the acknowledged one, and with neither name of a move without an answer."""

    def settled(ledger: Ledger, name: str) -> list[str]:
        return ledger.settle({"d-1": {"state": (LIVE, "v1"), "id": "1", "name": name}})[0]

    def moved() -> Ledger:
        ledger = Ledger()
        ledger.acknowledge({"d-1": (LIVE, "v1")})
        ledger.names["d-1"] = "d-1.vcf"
        unanswered = types.SimpleNamespace(send=lambda *_, **__: None)
        DavWriter("d", Record(), [unanswered], ledger, "/dav/").rename()
        return ledger

    ledger = Ledger()
    ledger.acknowledge({"d-1": (LIVE, "v1")})
    ledger.names["d-1"] = "d-1.vcf"
    lost = "acknowledged with the name d-1.vcf, but stored with other.vcf: d-1"
    assert not settled(ledger, "d-1.vcf") and settled(ledger, "other.vcf") == [lost]
    assert settled(moved(), "other.vcf") == [lost]
    for happens in (False, True):
        ledger = moved()
        name = ledger.doubts[-1].names["d-1"] if happens else "d-1.vcf"
        assert not settled(ledger, name) and ledger.names == {"d-1": name}
    return 2


def photos(_) -> int:
    """No photo after an upload without an answer, and another one after a removal without an answer."""

    def settled(is_upload: bool, photo: str | None) -> list[str]:
        ledger = Ledger()
        ledger.acknowledge({"p-1": (LIVE, "v1")})
        writer = PhotoWriter("p", Record(), [], ledger)
        writer.photos["p-1"] = "photos/1"
        writer.unchanged("p-1", None, is_upload)
        return writer.settle_photos({"p-1": {"photo": photo}})

    for is_upload, photo, expected in ((True, None, "after an upload"), (False, "photos/2", "after a removal")):
        assert expected in settled(is_upload, photo)[0]
    for is_upload, photo in ((True, "photos/1"), (True, "photos/2"), (False, "photos/1"), (False, None)):
        assert not settled(is_upload, photo), (is_upload, photo)
    return 2


def undocumented(scene: Scene) -> int:
    """Answers that the service must not give."""
    cases = (
        (Answer(500, {}, b""), "unexpected answer"),
        (Answer(404, {}, b""), "unexpected answer"),
        (Answer(503, {}, b""), "503 without Retry-After"),
        (Answer(503, {"Retry-After": "1"}, b""), "without a failure"),
    )
    for answer, expected in cases:
        record = Record()
        client = Client(scene.services[0], record)
        client.exchange = lambda *_, answer=answer: answer
        for _ in range(answers.SOME + 1):
            assert client.send("GET", "/") is None
        found = record.violations + record.too_busy(BUSY_SHARE)
        assert found and expected in found[0], (answer.status, found)
    record = Record()
    closed = types.SimpleNamespace(port=1)
    with record.allows(answers.UNAVAILABLE):
        assert Client(closed, record).send("GET", "/") is None and "lost without a failure" in record.violations[0]
    for error, expected in ((TimeoutError(), "no answer within"), (IncompleteRead(b""), "cut without a failure")):
        record = Record()
        client = Client(closed, record)
        client.exchange = raises(error)
        assert client.send("GET", "/") is None and expected in record.violations[0]
    return len(cases) + 3


def tolerated(scene: Scene) -> int:
    """A single 503 where none is tolerated, and a lost connection to another service than the killed one."""
    record = Record()
    client = Client(scene.services[0], record)
    client.exchange = lambda *_: Answer(503, {"Retry-After": "1"}, b"")
    client.send("GET", "/")
    assert len(record.too_busy(0.0)) == 1 and not record.too_busy(BUSY_SHARE)
    killed, other = (Service(scene.folder, {}, name) for name in ("killed", "other"))
    with record.allows(LOST, service=killed):
        assert Client(killed, record).send("GET", "/") is None and not record.violations
        assert Client(other, record).send("GET", "/") is None
    taken(record, "lost without a failure")
    return 2


def raises(error: Exception):
    def exchange(*_):
        raise error

    return exchange


def renewals(_) -> int:
    """An access token that is rejected directly after it was renewed."""
    record, tokens = Record(), {"access_token": "a", "refresh_token": f"{uuid.uuid4().hex}.b"}
    client = Client(types.SimpleNamespace(port=1), record)
    renewed = Answer(200, {}, json.dumps(tokens).encode())
    client.exchange = lambda _, path, *__: renewed if path.endswith("/refresh") else Answer(401, {}, b"")
    account = AccountWriter("a", record, [client], types.SimpleNamespace(tokens=tokens, email="a@example.com"), 0)
    account.is_clock_set = True
    account.sign_out(session_of(tokens))
    found = taken(record, "unexpected answer: POST /api/auth/logout: 401")
    assert len(found) == 1 and record.counts["renewed"] == 1, found
    return 1


def misread(scene: Scene) -> int:
    """Answers 200 with wrong contents: a contact, an import, a page of changes, and a photo without Retry-After."""
    record = Record()

    def client(answer: Answer) -> list:
        return [types.SimpleNamespace(send=lambda *_, **__: answer)]

    def page(*numbers: int) -> Answer:
        contact = {"first_name": "a", "notes": "v1"}
        items = [{"change": number, "id": str(number), "deleted": False, "contact": contact} for number in numbers]
        return Answer(200, {}, json.dumps({"items": items, "next": "a-3", "has_more": False}).encode())

    ledger = Ledger()
    ledger.acknowledge({"w-1": (LIVE, "v2")})
    ledger.ids["w-1"] = "1"
    RestWriter("w", record, client(Answer(200, {}, b'{"notes": "v1"}')), ledger).read_back()
    taken(record, "w-1 is read as v1, not v2")
    counts = {"created": 249, "updated": 0, "skipped": 1, "failed": 0, "items": [{"contact_id": "1"}] * ENTRIES}
    Importer("i", record, client(Answer(200, {}, json.dumps(counts).encode())), Ledger()).create_many()
    taken(record, "not all as created")
    follower = RestFollower("feed", record, client(page(2, 1)))
    follower.poll()
    taken(record, "are not in their order")
    follower.clients[0].send = lambda *_: page(3)
    follower.poll()
    taken(record, "are not in their order")
    PhotoWriter("p", record, [], ledger).unchanged("w-1", Answer(503, {}, b""), is_upload=True)
    taken(record, "503 without Retry-After")
    return 5


def crashes(scene: Scene) -> int:
    """Panics in the log, a failure at an ordinary stop, and services that end by themselves."""
    service = Service(scene.folder, {}, "crashed")
    service.program = types.SimpleNamespace(end=lambda _: 101, kill=lambda: 101, is_running=lambda: False)
    lines = (
        "2026-11-28T00:00:00Z  INFO api::server: listening",
        '2026-11-28T00:00:00Z ERROR request{request_id=1}: api::telemetry::log: panic location="src/lib.rs:1:1"',
        "2026-11-28T00:00:00Z ERROR api::workers: worker failed; will be restarted cause=task 1 panicked",
    )
    service.log.write_text("\n".join(lines))
    found = service.stop()
    assert len(found) == 3 and "panic location" in found[0] and "ended with 101" in found[2], found
    service.log.write_text(lines[0])
    service.program.end = lambda _: 0
    assert service.stop() == []
    for ends in (service.is_ready, service.kill):
        try:
            ends()
        except Violation as violation:
            assert "ended by itself" in str(violation), violation
        else:
            raise AssertionError(f"not reported: {ends}")
    service.program.kill = lambda: -signal.SIGKILL
    service.kill()
    return 5


ALL = (halves, names, photos, undocumented, tolerated, renewals, misread, crashes)
