"""Breaks each promise by hand, and requires that its check reports it. A check that cannot fail proves nothing."""

import collections
import json
import types
from http.client import IncompleteRead

import answers
import kill_failures
from answers import WRITE, Answer, Client, Record
from breaks import BREAKS
from card_writers import ENTRIES, Importer
from databases import INVARIANTS, SqliteDatabase, contacts
from followers import RestFollower
from ledger import LIVE, Ledger
from mail_failures import Post
from photo_writer import PhotoWriter
from programs import Violation, until
from rest_writer import RestWriter
from scene import Scene
from service import session_of

def checks(folder):
    database = SqliteDatabase(folder / "data/contacts.db")
    scene = Scene(folder, database)
    scene.start()
    scene.more_writes(100)
    scene.check()
    until(lambda: scene.account.signed_out and scene.record.counts["photos"] > 9, 60, "photos and an ended session")
    scene.rest()
    scene.compare()
    assert not scene.record.violations, scene.record.violations
    values, found = damaged_rows(scene), set()
    for damage, repair, expected in BREAKS:
        database.execute(damage.format(**values))
        found |= reported(scene, expected)
        database.execute(repair.format(**values))
        scene.compare(follows=False)
        assert not scene.record.violations, f"{repair} does not repair: {scene.record.violations}"
    missing = [name for name in INVARIANTS if not any(text.startswith(f"not true: {name}: ") for text in found)]
    assert not missing, f"no damage contradicts {missing}"
    orphan = next((folder / "data/media").glob("*/*.jpg")).with_name("orphan.jpg")
    orphan.touch()
    reported(scene, "a picture that no row names")
    orphan.unlink()
    others = (halves, undocumented, mails, passwords, misread, late)
    number = len(BREAKS) + 1 + sum(check(scene) for check in others)
    scene.stop()
    return f"{number} broken promises were reported, and each of {len(INVARIANTS)} invariants was contradicted"


def damaged_rows(scene: Scene) -> dict:
    """Returns the ids for the statements of BREAKS."""
    rows = contacts(scene.database, scene.mixed.id)

    def some(condition) -> list[str]:
        return [row["id"] for row in rows if row["live"] and condition(row)]

    # A card that was renamed has a name that does not begin with that of its contact.
    cards = some(lambda row: row["name"] == f"{row['marker']}.vcf" and row["marker"].startswith("d"))
    values = {
        "id": some(lambda row: row["marker"].startswith("w"))[0], "photo": some(lambda row: row["photo"])[0],
        "card": cards[0], "other_card": cards[1], "owner": scene.mixed.id, "other": scene.files.id,
        "ended": session_of(scene.account.signed_out[-1]),
    }  # fmt: skip
    return {name: f"x'{value.replace('-', '')}'" for name, value in values.items()}


def reported(scene: Scene, expected: str) -> set[str]:
    """Requires a violation with a text, and forgets the violations. Returns them."""
    scene.compare(follows=False)
    return taken(scene.record, expected)


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
        found = record.violations + record.too_busy()
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


def raises(error: Exception):
    def exchange(*_):
        raise error

    return exchange


def mails(scene: Scene) -> int:
    """Lost, repeated and unasked mails."""
    cases = (
        (["person-1@example.org"], [], "a lost mail"),
        ([], [("person-1@example.org", "<1>", "token=00")], "a mail that was not asked for"),
        (["person-1@example.org"], [("person-1@example.org", "<1>", "")] * 2, "2 mails, 1 are possible"),
        (["person-1@example.org"], [("person-1@example.org", "<1>", "token=00")], "the link of the last mail"),
    )
    for promised, received, expected in cases:
        post = Post(scene, types.SimpleNamespace(mails=received, cuts=[]))
        post.promised = promised
        try:
            post.check()
        except Exception:  # its text is a number; the violations are checked
            pass
        taken(scene.record, expected)
    return len(cases)


def passwords(scene: Scene) -> int:
    """A former password that still signs in, and a client whose password was not changed."""
    account = scene.account
    account.password, account.former = account.former, account.password
    reported(scene, f"{account.name} has ")
    account.former = account.password
    account.password = "never acknowledged"
    reported(scene, f"{account.name} has ")
    return 2


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
    Importer("i", record, client(Answer(200, {}, json.dumps(counts).encode())), Ledger()).import_file()
    taken(record, "an import of 250 new contacts")
    follower = RestFollower("feed", record, client(page(2, 1)))
    follower.poll()
    taken(record, "are not in their order")
    follower.clients[0].send = lambda *_: page(3)
    follower.poll()
    taken(record, "are not in their order")
    PhotoWriter("p", record, [], ledger).unchanged("w-1", Answer(503, {}, b""))
    taken(record, "503 without Retry-After")
    return 5


def late(scene: Scene) -> int:
    """A service that does not work again, and kills that meet no request of a kind."""
    cases = (
        (lambda: scene.await_recovery(1), "the service works again"),
        (lambda: kill_failures.require_each(collections.Counter({WRITE: kill_failures.KILLS})), "kills were during"),
    )
    for check, expected in cases:
        try:
            check()
        except Violation as violation:
            assert expected in str(violation), violation
        else:
            raise AssertionError(f"not reported: {expected}")
    return len(cases)


SCENARIOS = {"checks": checks}
