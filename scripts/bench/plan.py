"""The measurements of a run, in their order, and the ratios that are made of them."""

import json
import statistics
from dataclasses import dataclass, field
from pathlib import Path

import devices
from measures import Flooded, Pgbench, Template, Work, Wrk

SCRIPTS = Path(__file__).resolve().parent / "pgbench"
ENGINES = ("PostgreSQL", "SQLite")
# Clients of reads, of writes, and of sign-in, whose work is the same with few clients as with many.
READERS, WRITERS, SIGN_INS, FLOOD = 32, 16, 8, 64

CONTACT = {
    "first_name": "Олена", "last_name": "Коваленко{random}", "organization": "Калина",
    "emails": [{"label": "home", "address": "olena{random}@example.com"}],
    "phones": [{"label": "mobile", "number": "+380 67 111-22-33"}], "birthday": "1990-02-28",
    "notes": "Зустріли на каві, любить гори і тишу, дзвонити після шостої", "tags": ["друзі"], "favorite": False,
}
BATCH = {"operations": [{"op": "create", "contact": CONTACT}] * 200}
LOGIN = {"email": "user{user}@example.com", "password": "correct horse battery"}
OWNER = "01930000-0000-7000-8000-{user}"

SERVICE = "service"
ROWS, DOCUMENTS, JOINED = "floor: row by row", "floor: documents", "floor: joined by the database"
CARDS = "floor: cards with their columns"
PARSED = "floor: joined, parsed and written again"
OTHER_DRIVER = "floor: documents, other driver"
BARE = "floor: bare transaction"
LIST, LIST_33, ONE, ME = "list of 50", "list of 33 and the total", "one contact", "`/api/me`"
SEARCH, SEARCH_FEW, BIRTHDAYS = "search that finds 50", "search that finds few", "birthdays of a year"
CREATE, CREATE_ONE, BATCH_200 = "create, many users", "create, one user", "batch of 200"
REPLACE, PUT_CARD = "replace a contact", "CardDAV: put a card"
POLL, GET_CARD = "CardDAV: poll without changes", "CardDAV: one card"
SIGN_IN, READS, FLOODED = "sign-in", "list of 50, 4 clients", "list of 50, 4 clients, sign-in flooded"


@dataclass
class Setup:
    """What runs for one database."""

    service: object
    writing_service: object
    """The same service with a higher limit of contacts, on a database of its own, which grows."""
    floors: object
    floors_url: str
    driver_floors: object
    folder: Path
    """Contains users.tsv."""
    users: int


@dataclass
class Row:
    route: str
    subject: str
    measures: dict
    """By database, like `samples`."""
    samples: dict = field(default_factory=dict)

    def run(self, seconds):
        for engine, measure in self.measures.items():
            self.samples.setdefault(engine, []).append(measure.run(seconds))

    def median(self, engine, value="rate"):
        samples = self.samples.get(engine)
        return statistics.median(getattr(sample, value) for sample in samples) if samples else None


class Plan:
    """Rows in the order in which they are measured."""

    def __init__(self, setups):
        self.rows = {}
        for engine, setup in setups.items():
            for route, subject, measure in measurements(engine, setup):
                row = self.rows.setdefault((route, subject), Row(route, subject, {}))
                row.measures[engine] = measure
        self.found = {engine: found(setup) for engine, setup in setups.items()}

    def median(self, route, subject, engine, value="rate"):
        row = self.rows.get((route, subject))
        return row and row.median(engine, value)


def json_text(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


SEARCHES = {SEARCH: "/api/contacts?limit=50&q=example", SEARCH_FEW: "/api/contacts?limit=50&q=rossi"}
BIRTHDAYS_PATH = "/api/contacts/birthdays?days=366"


def found(setup):
    """Returns the number of contacts that the first user gets, by route."""
    token = (setup.folder / "users.tsv").read_text().split("\t")[1]
    paths = {LIST: "/api/contacts?limit=50", LIST_33: "/api/contacts?limit=33", BIRTHDAYS: BIRTHDAYS_PATH, **SEARCHES}
    return {route: len(json.loads(setup.service.get(path, token)[1])["items"]) for route, path in paths.items()}


def measurements(engine, setup):
    yield from reads(engine, setup)
    yield from writes(engine, setup)
    yield from carddav(setup)
    yield from sign_in(setup)


def reads(engine, setup):
    folder, users = setup.folder, setup.folder / "users.tsv"

    def service(path):
        return Wrk(Template(folder, "GET", path), setup.service.base, users, READERS)

    def floor(path, program=setup.floors):
        return Wrk(Template(folder, "GET", path, with_token=False), program.base, users, READERS)

    yield LIST, SERVICE, service("/api/contacts?limit=50")
    yield LIST, ROWS, floor(f"/rows/{OWNER}")
    yield LIST, DOCUMENTS, floor(f"/documents/{OWNER}")
    yield LIST, OTHER_DRIVER, floor(f"/documents/{OWNER}", setup.driver_floors)
    yield LIST, CARDS, floor(f"/cards/{OWNER}")
    yield LIST, JOINED, floor(f"/joined/{OWNER}")
    yield LIST, PARSED, floor(f"/parsed/{OWNER}")
    if engine == "PostgreSQL":
        yield LIST, "floor: pgbench", Pgbench(SCRIPTS / "rows.sql", setup.floors_url, READERS, setup.users)
    yield LIST_33, SERVICE, service("/api/contacts?limit=33")
    yield ONE, SERVICE, service("/api/contacts/{contact}")
    yield ONE, ROWS, floor(f"/row/{OWNER}/{{contact}}")
    yield ONE, DOCUMENTS, floor(f"/document/{OWNER}/{{contact}}")
    for route, path in SEARCHES.items():
        yield route, SERVICE, service(path)
    yield BIRTHDAYS, SERVICE, service(BIRTHDAYS_PATH)
    yield ME, SERVICE, service("/api/me")
    yield ME, "floor: empty answer", floor("/empty")


def writes(engine, setup):
    folder, users, contact = setup.folder, setup.folder / "users.tsv", json_text(CONTACT)
    for route, count in ((CREATE, setup.users), (CREATE_ONE, 1)):
        created = Template(folder, "POST", "/api/contacts", contact)
        yield route, SERVICE, Wrk(created, setup.writing_service.base, users, WRITERS, count)
        created = Template(folder, "POST", f"/create/{OWNER}", contact, with_token=False)
        yield route, "floor: by hand", Wrk(created, setup.floors.base, users, WRITERS, count)
        if engine == "PostgreSQL":
            yield route, BARE, Pgbench(SCRIPTS / "create.sql", setup.floors_url, WRITERS, count)
        else:
            yield route, BARE, Work(["commits", setup.floors_url, count])
    batch = Template(folder, "POST", "/api/contacts/batch", json_text(BATCH))
    yield BATCH_200, SERVICE, Wrk(batch, setup.writing_service.base, users, WRITERS)


def carddav(setup):
    folder, contact = setup.folder, json_text(CONTACT)
    reading, state = devices.fill(setup.service, folder, "devices.tsv")
    writing, _ = devices.fill(setup.writing_service, folder, "writing-devices.tsv")
    path = devices.book("{user}")

    def dav(method, path, body=None, kind=None):
        return Template(folder, method, path, body, scheme="Basic", kind=kind, state=state)

    poll = dav("REPORT", path, devices.POLL, "application/xml")
    yield POLL, SERVICE, Wrk(poll, setup.service.base, reading, READERS)
    yield GET_CARD, SERVICE, Wrk(dav("GET", path + "{contact}.vcf"), setup.service.base, reading, READERS)
    replaced = Template(folder, "PUT", "/api/contacts/{contact}", contact)
    replaced = Wrk(replaced, setup.writing_service.base, folder / "users.tsv", WRITERS, devices.DEVICES)
    yield REPLACE, SERVICE, replaced
    put = dav("PUT", path + "{contact}.vcf", devices.card("Олена{random}", "{contact}"), "text/vcard")
    yield PUT_CARD, SERVICE, Wrk(put, setup.writing_service.base, writing, WRITERS)


def sign_in(setup):
    folder, users = setup.folder, setup.folder / "users.tsv"
    login = Template(folder, "POST", "/api/auth/login", json_text(LOGIN), with_token=False)
    yield SIGN_IN, SERVICE, Wrk(login, setup.service.base, users, SIGN_INS, factor=5)
    yield SIGN_IN, "floor: bcrypt on every core", Work(["passwords"], factor=5)
    few_reads = Wrk(Template(folder, "GET", "/api/contacts?limit=50"), setup.service.base, users, 4)
    yield READS, SERVICE, few_reads
    flood = Wrk(login, setup.service.base, users, FLOOD, may_be_busy=True)
    yield FLOODED, SERVICE, Flooded(few_reads, flood)


@dataclass
class Ratio:
    """A ratio of two measurements of a run, with its goal."""

    name: str
    values: dict
    """By database."""
    goals: dict
    """By database; a database without a goal is missing."""
    is_maximum: bool = False
    """The goal is the largest allowed value, not the smallest."""

    def reaches(self, engine):
        value, goal = self.values.get(engine), self.goals.get(engine)
        if value is None or goal is None:
            return None
        return value <= goal if self.is_maximum else value >= goal


def ratios(plan):
    def each(ratio):
        return {engine: ratio(engine) for engine in ENGINES if engine in plan.found}

    def to_floor(route, floor):
        return each(lambda engine: plan.median(route, SERVICE, engine) / plan.median(route, floor, engine))

    def cost(route):
        """Cost of a contact in proportion to that in the list."""
        def of(engine):
            found = plan.found[engine]
            lists, others = plan.median(LIST, SERVICE, engine) * found[LIST], plan.median(route, SERVICE, engine) * found[route]
            return lists / others
        return each(of)

    def both(goal):
        return dict.fromkeys(ENGINES, goal)

    yield Ratio(f"{LIST}: service ÷ row by row", to_floor(LIST, ROWS), {"PostgreSQL": 1.8, "SQLite": 4})
    yield Ratio(f"{LIST}: service ÷ documents", to_floor(LIST, DOCUMENTS), {"PostgreSQL": 0.75})
    yield Ratio(f"{LIST}: service ÷ cards with their columns", to_floor(LIST, CARDS), {})
    yield Ratio(f"{ONE}: service ÷ row", to_floor(ONE, ROWS), both(0.85))
    yield Ratio(f"{ONE}: service ÷ document", to_floor(ONE, DOCUMENTS), {})
    for route in (LIST, ONE, SEARCH, SEARCH_FEW, BIRTHDAYS):
        values = {engine: plan.median(route, SERVICE, engine) for engine in plan.found}
        if len(values) == len(ENGINES):
            yield Ratio(f"{route}: SQLite ÷ PostgreSQL", {"SQLite": values["SQLite"] / values["PostgreSQL"]}, {"SQLite": 1})
    for route in (SEARCH, BIRTHDAYS, LIST_33):
        yield Ratio(f"{route}: cost of a contact ÷ that in the list", cost(route), {} if route == LIST_33 else both(1.3), is_maximum=True)
    yield Ratio(f"{CREATE}: service ÷ bare transaction", to_floor(CREATE, BARE), {"PostgreSQL": 0.7, "SQLite": 0.8})
    yield Ratio(f"{CREATE_ONE}: service ÷ bare transaction", to_floor(CREATE_ONE, BARE), {"PostgreSQL": 0.7, "SQLite": 0.8})
    def apart(route, other):
        return each(lambda engine: plan.median(other, SERVICE, engine) / plan.median(route, SERVICE, engine))

    yield Ratio(f"{PUT_CARD}: its cost ÷ that of REST", apart(PUT_CARD, REPLACE), both(1.3), is_maximum=True)
    yield Ratio("sign-in: service ÷ bcrypt", to_floor(SIGN_IN, "floor: bcrypt on every core"), both(0.95))
