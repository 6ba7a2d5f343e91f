"""Breaks each promise by hand, and requires that its check reports it. A check that cannot fail proves nothing."""

import types

import answers
from answers import Answer, Client, Record
from databases import SqliteDatabase, contacts
from ledger import LIVE, Ledger
from mail_failures import Post
from scene import Scene

# Statements that break the database, those that repair it, and what must be reported. {id} is a contact of a writer of
# REST, {card} one of the device, {owner} their owner.
BREAKS = (
    ("UPDATE users SET contact_count = contact_count + 1", "UPDATE users SET contact_count = contact_count - 1",
     "the count of an owner"),
    ("UPDATE contacts SET change = change + 1000000 WHERE id = {id}",
     "UPDATE contacts SET change = change - 1000000 WHERE id = {id}", "at most the counter"),
    ("INSERT INTO group_cards (owner_id, name, uid, change, version, text) SELECT owner_id, 'g', 'g', change, '3.0', '' "
     "FROM contacts WHERE id = {id}", "DELETE FROM group_cards", "a change number is given once"),
    ("UPDATE contacts SET owner_id = x'00' WHERE id = {id}", "UPDATE contacts SET owner_id = {owner} WHERE id = {id}",
     "acknowledged as ('live'"),
    ("UPDATE contacts SET owner_id = x'00' WHERE id = {id}", "UPDATE contacts SET owner_id = {owner} WHERE id = {id}",
     "each row of contacts has one of users"),
    ("UPDATE contacts SET deleted_at = created_at, change_before_deletion = 1 WHERE id = {id}",
     "UPDATE contacts SET deleted_at = NULL, change_before_deletion = NULL WHERE id = {id}", "but stored as ('trash'"),
    ("UPDATE contacts SET change_before_deletion = 1 WHERE id = {id}",
     "UPDATE contacts SET change_before_deletion = NULL WHERE id = {id}", "has no number before its deletion"),
    ("UPDATE contacts SET card = replace(card, '\"notes\":\"v', '\"notes\":\"x') WHERE id = {id}",
     "UPDATE contacts SET card = replace(card, '\"notes\":\"x', '\"notes\":\"v') WHERE id = {id}", "feed-m holds"),
    ("UPDATE contacts SET card_name = 'other' WHERE id = {id}", "UPDATE contacts SET card_name = NULL WHERE id = {id}",
     "sync-m holds"),
    ("UPDATE contact_cards SET change = change + 1000000 WHERE contact_id = {card}",
     "UPDATE contact_cards SET change = change - 1000000 WHERE contact_id = {card}", "not newer than its contact"),
    ("UPDATE contact_cards SET contact_id = x'01' WHERE contact_id = {card}",
     "UPDATE contact_cards SET contact_id = {card} WHERE contact_id = x'01'", "each row of contact_cards"),
    ("UPDATE contacts SET photo_key = 'photos/none' WHERE id = {id}",
     "UPDATE contacts SET photo_key = NULL WHERE id = {id}", "a lost picture"),
)  # fmt: skip


def checks(folder):
    database = SqliteDatabase(folder / "data/contacts.db")
    scene = Scene(folder, database)
    scene.start()
    scene.more_writes(100)
    scene.check()
    scene.rest()
    scene.compare()
    rows = contacts(database, scene.mixed.id)
    some = {name: next(row["id"] for row in rows if row["live"] and row["marker"].startswith(prefix))
            for name, prefix in (("id", "w"), ("card", "d"))}  # fmt: skip
    values = {name: f"x'{value.replace('-', '')}'" for name, value in {**some, "owner": scene.mixed.id}.items()}
    for damage, repair, expected in BREAKS:
        database.execute(damage.format(**values))
        reported(scene, expected)
        database.execute(repair.format(**values))
        scene.compare(follows=False)
        assert not scene.record.violations, f"{repair} does not repair: {scene.record.violations}"
    orphan = next((folder / "data/media").glob("*/*.jpg")).with_name("orphan.jpg")
    orphan.touch()
    reported(scene, "a picture that no row names")
    orphan.unlink()
    number = len(BREAKS) + 1 + halves() + undocumented(scene) + mails(scene)
    scene.stop()
    return f"{number} broken promises were reported"


def reported(scene: Scene, expected: str) -> None:
    """Requires a violation with a text, and forgets the violations."""
    scene.compare(follows=False)
    found, scene.record.violations[:] = list(scene.record.violations), []
    assert any(expected in text for text in found), f"not reported: {expected}; but {found}"


def halves() -> int:
    """A batch of which a half was written."""
    ledger = Ledger()
    ledger.doubt("a batch", {"a": (LIVE, "v1"), "b": (LIVE, "v1")})
    violations, _ = ledger.settle({"a": {"state": (LIVE, "v1"), "id": "1", "name": None}})
    assert violations == ["half of a batch: 1 of 2 contacts were written"], violations
    return 1


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
    return len(cases) + 1


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
        found, scene.record.violations[:] = list(scene.record.violations), []
        assert any(expected in text for text in found), f"not reported: {expected}; but {found}"
    return len(cases)


SCENARIOS = {"checks": checks}
