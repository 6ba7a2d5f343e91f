"""vdirsyncer: two devices and the REST API share an address book, and no property is lost."""

import pathlib

from install import python_programs as install
from service import Service
from vdir import Device, lines, unfolded

__all__ = ["install", "run"]

# Lines that no field of the service has, with parameters and groups, folded in the middle of a letter.
LESIA = """BEGIN:VCARD
VERSION:3.0
UID:lesia-1
N:Українка;Леся;Петрівна;;
FN:Леся Українка
ORG:Просвіта;Відділ поезії
TEL;TYPE=CELL;X-SIM=2:+380 67 111-22-33
item1.EMAIL;TYPE=INTERNET:lesia@example.com
item1.X-ABLABEL:Листи
BDAY:1871-02-25
NOTE:Contra spem spero\\; двома рядками\\nі з комою\\, звісно
CATEGORIES:Поети,Друзі
X-ANNIVERSARY;VALUE=date:1907-08-07
X-EXAMPLE;X-PARAMETER="a;b:c":значення\\, якого ніхто не знає
item2.X-ABRELATEDNAMES:Климент
item2.X-ABLABEL:_$!<Spouse>!$_
IMPP;X-SERVICE-TYPE=Matrix:matrix:u/lesia:example.com
PHOTO;ENCODING=b;TYPE=PNG:iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4
 2mM4UaEBRAwQCgAp7gWhZAhhBwAAAABJRU5ErkJggg==
END:VCARD
"""
MANY = 200


def run(programs: pathlib.Path, service: Service, work: pathlib.Path) -> None:
    person = service.person("olena@example.com")
    phone = Device(programs, work, "phone", person, conflicts="b wins")
    laptop = Device(programs, work, "laptop", person, conflicts="a wins")
    card_travels_without_loss(person, phone, laptop)
    changes_travel_in_every_direction(person, phone, laptop)
    conflict_is_decided_by_the_rule_of_the_device(person, phone, laptop)
    deleted_card_is_in_the_trash_and_can_be_restored(person, phone, laptop)
    first_upload_of_a_large_book_passes_the_limits(phone, laptop)
    ended_app_password_ends_the_device(person, phone)


def settle(*devices: Device) -> None:
    """Synchronizes one device after the other, until none has anything to do."""
    for _ in range(5):
        reports = "".join(device.sync() for device in devices)
        if "Copying" not in reports and "Deleting" not in reports:
            return
    raise AssertionError(f"the devices never agree:\n{reports}")


def card_travels_without_loss(person, phone, laptop) -> None:
    sent = LESIA.replace("\n", "\r\n").encode()
    (phone.book / "lesia-1.vcf").write_bytes(sent)
    settle(phone, laptop)
    received = laptop.file_of("UID:lesia-1").read_bytes()
    lost = without_photo(sent) ^ without_photo(received)
    assert not lost, f"lost or new lines: {lost}"
    assert "\nPHOTO;" in unfolded(received)
    lesia = person.contacts()["Леся"]
    assert (lesia["last_name"], lesia["birthday"]) == ("Українка", "1871-02-25"), lesia
    assert lesia["photo_url"] and set(lesia["tags"]) == {"Поети", "Друзі"}, lesia


def without_photo(card: bytes) -> set:
    """The service stores a photo as a square JPEG."""
    return {line for line in lines(card) if not line.startswith("PHOTO")}


def changes_travel_in_every_direction(person, phone, laptop) -> None:
    laptop.edit("UID:lesia-1", "BDAY:1871-02-25", "BDAY:1871-02-26")
    settle(laptop, phone)
    lesia = person.contacts()["Леся"]
    assert lesia["birthday"] == "1871-02-26" and phone.has("BDAY:1871-02-26"), lesia

    before = phone.file_of("UID:lesia-1").read_bytes()
    person.patch(lesia, nickname="Зірка", favorite=True)
    person.create(first_name="Іван", phones=[{"number": "+380441112233"}])
    settle(phone, laptop)
    after = laptop.file_of("UID:lesia-1").read_bytes()
    gone = {line for line in without_photo(before) - without_photo(after) if not line.startswith("REV:")}
    assert not gone and "NICKNAME:Зірка" in unfolded(after), gone
    assert phone.has("Іван") and laptop.has("+380441112233")


def conflict_is_decided_by_the_rule_of_the_device(person, phone, laptop) -> None:
    def both_edit(first, second, number):
        for device in (first, second):
            device.edit("UID:lesia-1", "NICKNAME:", f"NICKNAME:{device.folder.name}{number}")
        first.sync()
        second.sync()

    both_edit(laptop, phone, 1)
    settle(phone, laptop)
    assert person.contacts()["Леся"]["nickname"].startswith("laptop1"), "the phone takes the version of the service"
    both_edit(phone, laptop, 2)
    settle(phone, laptop)
    assert person.contacts()["Леся"]["nickname"].startswith("laptop2"), "the laptop replaces the version of the service"
    assert phone.has("laptop2") and phone.has("X-EXAMPLE")


def deleted_card_is_in_the_trash_and_can_be_restored(person, phone, laptop) -> None:
    lesia = person.contacts()["Леся"]
    phone.file_of("UID:lesia-1").unlink()
    settle(phone, laptop)
    assert not laptop.has("UID:lesia-1") and "Леся" not in person.contacts()
    assert person.trash() == ["Леся"]
    person.restore(lesia)
    settle(laptop, phone)
    assert phone.has("X-EXAMPLE") and laptop.has("UID:lesia-1")
    person.delete(person.contacts()["Іван"])
    settle(phone, laptop)
    assert not phone.has("Іван") and not laptop.has("Іван")


def first_upload_of_a_large_book_passes_the_limits(phone, laptop) -> None:
    for number in range(MANY):
        card = f"BEGIN:VCARD\r\nVERSION:4.0\r\nUID:many-{number}\r\nFN:Person {number}\r\nX-N:{number}\r\nEND:VCARD\r\n"
        (phone.book / f"many-{number}.vcf").write_bytes(card.encode())
    settle(phone, laptop)
    assert len(list(laptop.book.glob("*.vcf"))) == MANY + 1


def ended_app_password_ends_the_device(person, phone) -> None:
    for password in person.call("GET", "/api/me/app-passwords")["items"]:
        if password["name"] == "phone":
            person.call("DELETE", f"/api/me/app-passwords/{password['id']}")
    try:
        phone.sync()
    except AssertionError as error:
        assert "401" in str(error), error
    else:
        raise AssertionError("an app password works after its end")
