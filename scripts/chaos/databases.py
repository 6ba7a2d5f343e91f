"""The contacts in a database, and the invariants that hold whenever no write is in progress."""

import json
import pathlib
import sqlite3
import uuid

from ledger import LIVE, TRASH
from postgres import Postgres

# Tables with the columns that name a row of another table.
REFERENCES = (
    ("contacts", "owner_id", "users", "id"),
    ("sessions", "user_id", "users", "id"),
    ("app_passwords", "user_id", "users", "id"),
    ("one_time_tokens", "user_id", "users", "id"),
    ("known_devices", "user_id", "users", "id"),
    ("idempotency_keys", "owner_id", "users", "id"),
    ("purged_contacts", "owner_id", "users", "id"),
    ("group_cards", "owner_id", "users", "id"),
    ("contact_cards", "contact_id", "contacts", "id"),
)
NUMBERED = " UNION ALL ".join(
    f"SELECT owner_id, change FROM {table}" for table in ("contacts", "group_cards", "purged_contacts")
)
PICTURES = (
    "SELECT photo_key AS name FROM contacts WHERE photo_key IS NOT NULL "
    "UNION ALL SELECT avatar_key FROM users WHERE avatar_key IS NOT NULL"
)
# Each query returns the rows that contradict its name.
INVARIANTS = {
    "the count of an owner is that of the rows": "SELECT * FROM (SELECT email, contact_count, (SELECT count(*) FROM "
    "contacts WHERE owner_id = users.id AND deleted_at IS NULL) AS counted FROM users) t WHERE contact_count <> counted",
    "a change number is given once": f"SELECT change, count(*) AS times FROM ({NUMBERED}) t GROUP BY owner_id, change "
    "HAVING count(*) > 1",
    "a change number is at most the counter of its owner": f"SELECT change, contact_changes FROM ({NUMBERED}) t JOIN "
    "users ON users.id = owner_id WHERE change > contact_changes OR change < 1",
    "a contact outside the trash has no number before its deletion": "SELECT change FROM contacts "
    "WHERE deleted_at IS NULL AND change_before_deletion IS NOT NULL",
    "a contact in the trash has one": "SELECT change FROM contacts "
    "WHERE deleted_at IS NOT NULL AND change_before_deletion IS NULL",
    "a card is not newer than its contact": "SELECT k.change, c.change AS of_contact FROM contact_cards k "
    "JOIN contacts c ON c.id = k.contact_id WHERE k.change > c.change",
    "a card has the owner of its contact": "SELECT k.uid FROM contact_cards k JOIN contacts c ON c.id = k.contact_id "
    "WHERE k.owner_id <> c.owner_id",
    "a UID names one card": "SELECT uid, count(*) AS times FROM (SELECT k.owner_id, uid FROM contact_cards k "
    "JOIN contacts c ON c.id = k.contact_id WHERE deleted_at IS NULL "
    "UNION ALL SELECT owner_id, uid FROM group_cards) t GROUP BY owner_id, uid HAVING count(*) > 1",
    "a name is that of one contact or group": "SELECT name, count(*) AS times FROM (SELECT owner_id, card_name AS name "
    "FROM contacts WHERE card_name IS NOT NULL AND deleted_at IS NULL UNION ALL SELECT owner_id, name FROM group_cards) t "
    "GROUP BY owner_id, name HAVING count(*) > 1",
    "a favorite is one in its card": "SELECT id FROM contacts WHERE favorite <> (card LIKE '%\"favorite\":true%')",
    "a floor is at most the counter": "SELECT changes_floor FROM users WHERE changes_floor > contact_changes",
    "a session has a whole former token or none": "SELECT id FROM sessions WHERE (previous_digest IS NULL) <> "
    "(previous_used_at IS NULL) OR (previous_digest IS NULL) <> (sealed_token IS NULL)",
    "a user has at most 100 sessions": "SELECT user_id, count(*) AS number FROM sessions WHERE NOT ended "
    "GROUP BY user_id HAVING count(*) > 100",
    "a purged contact is gone": "SELECT p.change FROM purged_contacts p JOIN contacts c ON c.id = p.contact_id",
    "a picture is used once": f"SELECT name, count(*) AS times FROM ({PICTURES}) t GROUP BY name HAVING count(*) > 1",
    "a picture in use is not orphaned": f"SELECT name FROM ({PICTURES}) t JOIN orphaned_pictures ON key = name",
    **{
        f"each row of {table} has one of {parent}": f"SELECT count(*) AS number FROM {table} child WHERE NOT EXISTS "
        f"(SELECT 1 FROM {parent} p WHERE p.{key} = child.{column}) HAVING count(*) > 0"
        for table, column, parent, key in REFERENCES
    },
}


class PostgresDatabase:
    # SQL of the seconds from now until a time.
    seconds_until = "extract(epoch FROM {} - now())"

    def __init__(self, server: Postgres):
        self.server = server
        self.settings = {"DATABASE_URL": server.url()}

    def rows(self, query: str) -> list[dict]:
        return self.server.rows(query)

    def rows_of_all(self, queries: dict) -> dict:
        """Returns the rows of each query, with one statement."""
        parts = [f"(SELECT coalesce(json_agg(row_to_json(t)), '[]') FROM ({query}) t)" for query in queries.values()]
        return dict(zip(queries, self.server.json(f"SELECT json_build_array({', '.join(parts)})"), strict=True))

    def execute(self, statement: str) -> None:
        self.server.sql(statement)

    def is_quiet(self) -> bool:
        """True when no transaction is open: those of killed clients may still commit."""
        busy = (
            "SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND xact_start IS NOT NULL"
        )
        return self.rows(f"{busy} AND pid <> pg_backend_pid()")[0]["n"] == 0

    def damage(self) -> list:
        return []


class SqliteDatabase:
    seconds_until = "(julianday({}) - julianday('now')) * 86400"

    def __init__(self, file: pathlib.Path):
        self.file = file
        self.settings: dict = {}

    def rows(self, query: str) -> list[dict]:
        with self.connection() as connection:
            connection.execute("PRAGMA query_only = on")
            found = [dict(row) for row in connection.execute(query)]
        connection.close()
        return [{name: readable(value) for name, value in row.items()} for row in found]

    def rows_of_all(self, queries: dict) -> dict:
        return {name: self.rows(query) for name, query in queries.items()}

    def execute(self, statement: str) -> None:
        with self.connection() as connection:
            connection.execute(statement)
        connection.close()

    def connection(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.file, timeout=20)
        connection.row_factory = sqlite3.Row
        return connection

    def is_quiet(self) -> bool:
        return True

    def damage(self) -> list:
        found = [row for row in self.rows("PRAGMA integrity_check") if row != {"integrity_check": "ok"}]
        return found + self.rows("PRAGMA foreign_key_check")


def readable(value):
    """The id of a row, which is a blob on SQLite, as text."""
    return str(uuid.UUID(bytes=value)) if isinstance(value, bytes) and len(value) == 16 else value


def contacts(database, owner: str) -> list[dict]:
    """Returns the contacts of an owner."""
    query = "SELECT id, owner_id, card, change, deleted_at IS NULL AS live, card_name AS name, photo_key AS photo FROM contacts"
    rows = [row for row in database.rows(query) if row["owner_id"] == owner]
    for row in rows:
        values = json.loads(row.pop("card"))
        row["marker"], row["notes"] = values.get("first_name"), values.get("notes")
        row["state"] = (LIVE if row["live"] else TRASH, row["notes"])
    return rows


def groups(database, owner: str) -> list[dict]:
    """Returns the groups of an owner, like contacts."""
    found = [row for row in database.rows("SELECT * FROM group_cards") if row["owner_id"] == owner]
    rows = []
    for row in found:
        values = dict(line.split(":", 1) for line in row["text"].splitlines())
        rows.append({
            "id": row["name"], "name": row["name"], "change": row["change"], "marker": values["FN"],
            "notes": values["NOTE"], "state": (LIVE, values["NOTE"]), "live": True, "photo": None, "is_group": True,
        })  # fmt: skip
    return rows


def active_sessions(database, user: str) -> set[str]:
    """Returns the ids of the sessions of a user that have not ended."""
    rows = database.rows("SELECT id, user_id FROM sessions WHERE NOT ended")
    return {row["id"] for row in rows if row["user_id"] == user}


def broken_invariants(database) -> list[str]:
    found = database.rows_of_all(INVARIANTS)
    broken = [f"not true: {name}: {rows[:3]}" for name, rows in found.items() if rows]
    return broken + [f"damaged: {found}" for found in database.damage()[:3]]


def picture_names(database) -> tuple[set, set]:
    """Returns the pictures in use, and the orphaned ones."""
    found = database.rows_of_all({"used": PICTURES, "orphaned": "SELECT key AS name FROM orphaned_pictures"})
    return tuple({row["name"] for row in found[kind]} for kind in ("used", "orphaned"))
