"""Two clients that follow an address book from the beginning: one the change feed of REST, one `sync-collection`.

They apply only what the feeds return. At the end they must hold what the database has."""

import time
import urllib.parse
import xml.etree.ElementTree as xml

from actors import PAUSE, Actor
from answers import Client, Record

DAV = "{DAV:}"
# Small, so that a client is often in the middle of the changes.
PAGE = 50


class Follower(Actor):
    """Polls a feed."""

    def __init__(self, name: str, record: Record, clients: list[Client]):
        super().__init__(name, record, clients)
        self.token = ""
        self.held: dict = {}

    def step(self) -> None:
        has_more = self.poll()
        if has_more is None:
            time.sleep(PAUSE)
        elif not has_more:
            time.sleep(0.03)

    def poll(self) -> bool | None:
        """Applies the next changes. Returns True if there are more, None without an answer."""
        raise NotImplementedError

    def catch_up(self) -> bool:
        """Polls to the end of the changes. Returns False without an answer."""
        while has_more := self.poll():
            pass
        return has_more is False

    def stored(self, rows: list[dict]) -> dict:
        """Returns what a follower must hold, by the contacts of the database."""
        raise NotImplementedError

    def differences(self, rows: list[dict]) -> list[str]:
        stored = self.stored(rows)
        keys = [key for key in {**stored, **self.held} if stored.get(key) != self.held.get(key)]
        return [f"{self.name} holds {self.held.get(key)}, the database {stored.get(key)}: {key}" for key in keys]


class RestFollower(Follower):
    """`GET /api/contacts/changes`."""

    def poll(self) -> bool | None:
        since = f"&since={self.token}" if self.token else ""
        answer = self.client.send("GET", f"/api/contacts/changes?limit={PAGE}{since}")
        if answer is None:
            return None
        page = answer.json()
        numbers = [item["change"] for item in page["items"]]
        last = int(self.token.split("-")[1]) if self.token else 0
        if numbers != sorted(numbers) or (numbers and numbers[0] <= last):
            self.record.violation(f"{self.name}: the numbers {numbers} after {self.token} are not in their order")
        for item in page["items"]:
            contact = item["contact"]
            if item["deleted"]:
                self.held.pop(item["id"], None)
            else:
                self.held[item["id"]] = (item["change"], contact["first_name"], contact["notes"])
        self.record.add("pages")
        self.record.add("items", len(numbers))
        self.token = page["next"]
        return page["has_more"]

    def stored(self, rows: list[dict]) -> dict:
        live = [row for row in rows if row["live"] and "is_group" not in row]
        return {row["id"]: (row["change"], row["marker"], row["notes"]) for row in live}


class DavFollower(Follower):
    """`sync-collection` of CardDAV."""

    def __init__(self, name: str, record: Record, clients: list[Client], book: str):
        super().__init__(name, record, clients)
        self.book = book

    def poll(self) -> bool | None:
        body = (
            '<sync-collection xmlns="DAV:" xmlns:c="urn:ietf:params:xml:ns:carddav">'
            f"<sync-token>{self.token}</sync-token><sync-level>1</sync-level>"
            f"<limit><nresults>{PAGE}</nresults></limit>"
            "<prop><getetag/><c:address-data/></prop></sync-collection>"
        )
        answer = self.client.send("REPORT", self.book, body, {"Content-Type": "application/xml"}, (207,))
        if answer is None:
            return None
        self.record.add("pages")
        document, has_more = xml.fromstring(answer.body), False
        for response in document.iter(f"{DAV}response"):
            href, status = response.findtext(f"{DAV}href"), response.findtext(f"{DAV}status") or ""
            if " 507 " in f"{status} ":
                has_more = True
            elif " 404 " in f"{status} ":
                self.held.pop(self.name_of(href), None)
            else:
                text = response.findtext(".//{urn:ietf:params:xml:ns:carddav}address-data") or ""
                etag = (response.findtext(f".//{DAV}getetag") or "").strip('"')
                values = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
                held = (int(etag.partition(".")[0]), values.get("FN"), values.get("NOTE"))
                self.held[self.name_of(href)] = held
            self.record.add("items")
        self.token = document.findtext(f"{DAV}sync-token")
        return has_more

    def name_of(self, href: str) -> str:
        return urllib.parse.unquote(href.rsplit("/", 1)[1])

    def stored(self, rows: list[dict]) -> dict:
        live = [row for row in rows if row["live"]]
        return {row["name"] or f"{row['id']}.vcf": (row["change"], row["marker"], row["notes"]) for row in live}
