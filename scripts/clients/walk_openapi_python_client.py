"""Walks through the API with the client of openapi-python-client."""

import io
import pathlib
import sys
import uuid

from generated_by_openapi_python_client import AuthenticatedClient, Client, models
from generated_by_openapi_python_client.api.accounts import register, verify_email
from generated_by_openapi_python_client.api.contacts import (
    apply_batch,
    change_photo,
    create_contact,
    delete_contact,
    get_contact,
    list_contacts,
    list_tags,
    patch_contact,
    replace_contact,
    upcoming_birthdays,
)
from generated_by_openapi_python_client.api.profile import delete_account, export_account, get_me, update_me
from generated_by_openapi_python_client.api.sessions import list_sessions, login, logout, refresh
from generated_by_openapi_python_client.api.trash import list_trash, restore_contact
from generated_by_openapi_python_client.types import File
from mails import token

base, mails, picture = sys.argv[1:]
EMAIL, PASSWORD = "python@example.com", "correct horse battery"


def good(response):
    """Returns the parsed body of a successful response."""
    assert response.status_code < 300, response.content
    return response.parsed


def signed_in(pair):
    return AuthenticatedClient(base_url=base, token=pair.access_token)


unknown = Client(base_url=base)
body = models.RegisterRequest(username="Олена", email=EMAIL, password=PASSWORD)
assert not good(register.sync_detailed(client=unknown, body=body)).email_verified
good(verify_email.sync_detailed(client=unknown, body=models.TokenRequest(token=token(mails, EMAIL))))
wrong = models.LoginRequest(email=EMAIL, password="wrong password")
assert login.sync(client=unknown, body=wrong).code == "invalid-credentials"
credentials = models.LoginRequest(email=EMAIL, password=PASSWORD)
pair = good(login.sync_detailed(client=unknown, body=credentials))
me = signed_in(pair)
assert get_me.sync(client=me).email == EMAIL
update = models.ProfileUpdate(timezone="Europe/Kyiv", locale="uk")
assert good(update_me.sync_detailed(client=me, body=update)).locale == "uk"

lesia = models.ContactInput(first_name="Леся", last_name="Українка", birthday="1871-02-25", tags=["Поети"])
key = str(uuid.uuid4())
created = good(create_contact.sync_detailed(client=me, body=lesia, idempotency_key=key))
assert good(create_contact.sync_detailed(client=me, body=lesia, idempotency_key=key)).id == created.id
found = good(list_contacts.sync_detailed(client=me, q="укра", sort="last_name", limit=10))
assert (found.total, found.items[0].birthday) == (1, "1871-02-25")
read = get_contact.sync_detailed(created.id, client=me)
etag = read.headers["etag"]
patch = models.ContactPatch(nickname="Зірка", birthday=None)
changed = good(patch_contact.sync_detailed(created.id, client=me, body=patch, if_match=etag))
assert (changed.nickname, changed.birthday, changed.favorite) == ("Зірка", None, False)
stale = patch_contact.sync(created.id, client=me, body=patch, if_match=etag)
assert stale.code == "contact-changed"
replacement = models.ContactReplacement.from_dict(read.parsed.to_dict())
replaced = good(replace_contact.sync_detailed(created.id, client=me, body=replacement))
assert replaced.birthday == "1871-02-25"
upload = models.PictureUpload(file=File(io.BytesIO(pathlib.Path(picture).read_bytes()), "photo.png", "image/png"))
assert good(change_photo.sync_detailed(created.id, client=me, body=upload)).photo_url
assert good(upcoming_birthdays.sync_detailed(client=me, days=366)).items[0].contact.id == created.id
assert good(list_tags.sync_detailed(client=me)).items[0].tag == "Поети"
operations = [
    models.BatchCreate(op=models.BatchCreateOp.CREATE, contact=models.ContactInput(first_name="Іван")),
    models.BatchUpdate(op=models.BatchUpdateOp.UPDATE, id=created.id, contact=models.ContactPatch(favorite=True)),
]
batch = good(apply_batch.sync_detailed(client=me, body=models.BatchRequest(operations=operations)))
assert [item.op for item in batch.items] == ["create", "update"]
good(delete_contact.sync_detailed(created.id, client=me))
assert good(list_trash.sync_detailed(client=me)).items[0].contact.id == created.id
good(restore_contact.sync_detailed(created.id, client=me))

pair = good(refresh.sync_detailed(client=unknown, body=models.RefreshRequest(refresh_token=pair.refresh_token)))
me = signed_in(pair)
assert len(good(list_sessions.sync_detailed(client=me)).items) == 1
assert len(good(export_account.sync_detailed(client=me)).contacts) == 2
good(logout.sync_detailed(client=me))
assert get_me.sync(client=me).code == "access-token-invalid"
me = signed_in(good(login.sync_detailed(client=unknown, body=credentials)))
good(delete_account.sync_detailed(client=me, body=models.PasswordConfirmation(password=PASSWORD)))
print("openapi-python-client: passed")
