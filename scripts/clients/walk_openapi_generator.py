"""Walks through the API with the Python client of openapi-generator."""

import json
import pathlib
import sys
import uuid

import generated_by_openapi_generator as client
from mails import token

base, mails, picture = sys.argv[1:]
EMAIL, PASSWORD = "generator@example.com", "correct horse battery"

api = client.ApiClient(client.Configuration(host=base))
accounts, sessions, profile = client.AccountsApi(api), client.SessionsApi(api), client.ProfileApi(api)
contacts, trash = client.ContactsApi(api), client.TrashApi(api)


def problem(call, *arguments, **named):
    """Returns the code of the error that a call must raise."""
    try:
        call(*arguments, **named)
    except client.ApiException as error:
        return json.loads(error.body)["code"]
    raise AssertionError(f"{call.__name__} has succeeded")


user = accounts.register(client.RegisterRequest(username="Олена", email=EMAIL, password=PASSWORD))
assert not user.email_verified
accounts.verify_email(client.TokenRequest(token=token(mails, EMAIL)))
wrong = client.LoginRequest(email=EMAIL, password="wrong password")
assert problem(sessions.login, wrong) == "invalid-credentials"
login = client.LoginRequest(email=EMAIL, password=PASSWORD)
pair = sessions.login(login)
api.configuration.access_token = pair.access_token
assert profile.get_me().email == EMAIL
assert profile.update_me(client.ProfileUpdate(timezone="Europe/Kyiv", locale="uk")).locale == "uk"

lesia = client.ContactInput(first_name="Леся", last_name="Українка", birthday="1871-02-25", tags=["Поети"])
key = str(uuid.uuid4())
created = contacts.create_contact(lesia, idempotency_key=key)
assert contacts.create_contact(lesia, idempotency_key=key).id == created.id
found = contacts.list_contacts(q="укра", sort="last_name", limit=10)
assert (found.total, found.items[0].birthday) == (1, "1871-02-25")
read = contacts.get_contact_with_http_info(created.id)
etag = read.headers["etag"]
patch = client.ContactPatch(nickname="Зірка", birthday=None)
changed = contacts.patch_contact(created.id, patch, if_match=etag)
assert (changed.nickname, changed.birthday, changed.favorite) == ("Зірка", None, False)
assert problem(contacts.patch_contact, created.id, patch, if_match=etag) == "contact-changed"
replacement = client.ContactReplacement.from_dict(read.data.to_dict())
assert contacts.replace_contact(created.id, replacement).birthday == "1871-02-25"
assert contacts.change_photo(created.id, ("photo.png", pathlib.Path(picture).read_bytes())).photo_url
assert contacts.upcoming_birthdays(days=366).items[0].contact.id == created.id
assert contacts.list_tags().items[0].tag == "Поети"
operations = [
    client.BatchOperation(client.BatchCreate(op="create", contact=client.ContactInput(first_name="Іван"))),
    client.BatchOperation(
        client.BatchUpdate(op="update", id=created.id, contact=client.ContactPatch(favorite=True))
    ),
]
batch = contacts.apply_batch(client.BatchRequest(operations=operations))
assert [item.op for item in batch.items] == ["create", "update"]
contacts.delete_contact(created.id)
assert trash.list_trash().items[0].contact.id == created.id
trash.restore_contact(created.id)

pair = sessions.refresh(client.RefreshRequest(refresh_token=pair.refresh_token))
api.configuration.access_token = pair.access_token
assert len(sessions.list_sessions().items) == 1
assert len(profile.export_account().contacts) == 2
sessions.logout()
assert problem(profile.get_me) == "access-token-invalid"
api.configuration.access_token = sessions.login(login).access_token
profile.delete_account(client.PasswordConfirmation(password=PASSWORD))
print("openapi-generator, Python: passed")
