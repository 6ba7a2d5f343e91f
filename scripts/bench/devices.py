"""Devices that synchronize over CardDAV."""

import base64
import http.client
import json
import re
import time

import programs

DEVICES = 200
"""Number of users with a device."""
FIRST_SYNC = "first synchronization of 10,000 contacts"
FIRST_SYNC_MEMORY = "memory for it, beside that of the process before"
CONTACTS, AT_ONCE = 10_000, 500
XML = 'xmlns="DAV:" xmlns:c="urn:ietf:params:xml:ns:carddav"'
POLL = (
    f'<sync-collection {XML}><sync-token>{{state}}</sync-token><sync-level>1</sync-level>'
    "<prop><getetag/></prop></sync-collection>"
)


def book(user):
    return f"/dav/books/01930000-0000-7000-8000-{user}/contacts/"


def card(first_name, uid):
    return (
        "BEGIN:VCARD\r\nVERSION:3.0\r\n"
        f"UID:{uid}\r\nFN:{first_name} Коваленко\r\nN:Коваленко;{first_name};;;\r\nORG:Калина\r\n"
        f"EMAIL;TYPE=HOME:{uid}@example.com\r\nTEL;TYPE=CELL:+380 67 111-22-33\r\nBDAY:1990-02-28\r\n"
        "NOTE:Зустріли на каві\\, любить гори і тишу\\, дзвонити після шостої\r\nEND:VCARD\r\n"
    )


def call(service, method, path, credentials, body, kind):
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)
    connection.request(method, path, body.encode(), {"Authorization": credentials, "Content-Type": kind})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    if answer.status >= 300:
        raise SystemExit(f"bench: {method} {path}: {answer.status} {text}")
    return text


def connect(service, line):
    """Makes an app password for a line of users.tsv. Returns its credentials for Basic authentication."""
    user, token, _ = line.split("\t")
    made = call(service, "POST", "/api/me/app-passwords", f"Bearer {token}", '{"name": "bench"}', "application/json")
    password = json.loads(made)["password"]
    return base64.b64encode(f"user{user}@example.com:{password}".encode()).decode()


def sync(service, user, credentials, state):
    return call(service, "REPORT", book(user), f"Basic {credentials}", POLL.replace("{state}", state), "application/xml")


def token_in(text):
    return re.search(r"<d:sync-token>([^<]+)</d:sync-token>", text)[1]


def fill(service, folder, name):
    """Writes the file of devices: user, credentials, contact and sync token. Returns it and a sync token."""
    lines, file = [], folder / name
    for line in (folder / "users.tsv").read_text().splitlines()[:DEVICES]:
        user, _, contact = line.split("\t")
        credentials = connect(service, line)
        state = token_in(sync(service, user, credentials, ""))
        lines.append(f"{user}\t{credentials}\t{contact}\t{state}\n")
    file.write_text("".join(lines))
    return file, state


def first_sync(running, engine, folder):
    """Returns the time in which a device gets 10,000 contacts, and the memory that it costs."""
    url = engine.create("devices")
    programs.fill(running, url, folder, 1, 1)
    service = running.service(url, contact_limit=1_000_000)
    line = (folder / "users.tsv").read_text().splitlines()[0]
    user, token, _ = line.split("\t")
    file = "".join(card(f"Олена{number}", f"bench-{number}") for number in range(CONTACTS))
    call(service, "POST", "/api/contacts/import", f"Bearer {token}", file, "text/vcard")
    engine.analyze(url)
    credentials = connect(service, line)
    before = service.memory("VmRSS")
    service.forget_maximum()
    begun = time.perf_counter()
    paths = re.findall(r"<d:href>([^<]+)</d:href>", sync(service, user, credentials, ""))
    cards = 0
    for start in range(0, len(paths), AT_ONCE):
        hrefs = "".join(f"<href>{path}</href>" for path in paths[start:start + AT_ONCE])
        body = f"<c:addressbook-multiget {XML}><prop><getetag/><c:address-data/></prop>{hrefs}</c:addressbook-multiget>"
        text = call(service, "REPORT", book(user), f"Basic {credentials}", body, "application/xml")
        cards += text.count("BEGIN:VCARD")
    elapsed = time.perf_counter() - begun
    if cards <= CONTACTS:
        raise SystemExit(f"bench: {cards} cards instead of {CONTACTS + 1}")
    result = {FIRST_SYNC: elapsed * 1000, FIRST_SYNC_MEMORY: service.memory("VmHWM") - before}
    service.stop()
    return result
