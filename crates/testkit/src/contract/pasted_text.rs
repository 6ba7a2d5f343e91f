//! Texts as people paste and type them: the stored form, and the searches that find it.

use domain::{
    contact::{Contact, ContactCard, ContactQuery, Filter, PageStart, Sort},
    ids::{ContactId, UserId},
    store::Store,
};
use serde_json::{Value, json};

use super::Backend;
use crate::samples;

/// A member of a card: as a client sends it, as it is stored, the searches that find it, and those that do not.
type Row = (Value, Value, &'static [&'static str], &'static [&'static str]);

async fn found(store: &dyn Store, owner: UserId, filter: Filter) -> Vec<ContactId> {
    let query = ContactQuery { filter, sort: Sort::default(), start: PageStart::Skip(0), limit: 1000 };
    store.list_contacts(owner, &query).await.unwrap().iter().map(|contact| contact.id).collect()
}

/// Checks a table. `filter` is the condition on the list for a search text.
async fn check(backend: &dyn Backend, rows: Vec<Row>, filter: fn(&str) -> Filter) {
    let store = backend.open().await;
    let owner = samples::stored_user(&*store).await.id;
    let contact = |(typed, ..): &Row| {
        let mut members = typed.as_object().unwrap().clone();
        members.entry("nickname").or_insert_with(|| json!("Zz"));
        let card = ContactCard::parse(Value::Object(members), samples::now().date_naive()).unwrap();
        samples::contact(owner, card.card().clone())
    };
    let mut contacts: Vec<Contact> = rows.iter().map(contact).collect();
    samples::store_contacts(&*store, &mut contacts).await;
    for ((typed, stored, found_by, not_found_by), contact) in rows.into_iter().zip(contacts) {
        let card = store.find_contact(owner, contact.id).await.unwrap().unwrap().card;
        let card: Value = serde_json::from_str(card.as_str()).unwrap();
        for (name, value) in stored.as_object().unwrap() {
            assert_eq!(&card[name], value, "{typed} as it is stored");
        }
        for (texts, expected) in [(found_by, true), (not_found_by, false)] {
            for text in texts {
                let is_found = found(&*store, owner, filter(text)).await.contains(&contact.id);
                assert_eq!(is_found, expected, "{typed} is found by {text:?}");
            }
        }
    }
}

fn by_words(text: &str) -> Filter {
    Filter { words: Filter::words(text).unwrap(), ..Filter::default() }
}

pub async fn names_are_found_however_they_are_typed(backend: &dyn Backend) {
    let name = |typed: &str, stored: &str| (json!({"last_name": typed}), json!({"last_name": stored}));
    let rows = [
        (name("An\u{200b}na", "Anna"), &["anna", "an\u{200b}na", "\u{feff}ANNA\u{200e}"][..], &["an-na"][..]),
        (
            name("Нечуй‑Левицький", "Нечуй‑Левицький"),
            &["нечуй-левицький", "нечуй–левицький", "нечуй−лев", "Нечуй‑Левицький"],
            &["нечуйлевицький"],
        ),
        (name("Kaʻahumanu", "Kaʻahumanu"), &["ka'ahumanu", "kaʻa", "ka’ahumanu", "ka`ahu", "ka´ahu"], &["kaahumanu"]),
        (name("Ґудзенко", "Ґудзенко"), &["гудзенко", "Ґудз", "ҐУДЗЕНКО"], &["кудзенко"]),
        (name("Қайрат", "Қайрат"), &["кайрат", "қайрат"], &[]),
        (name("Əliyev", "Əliyev"), &["eliyev", "əliyev"], &[]),
        (name("Łukasz Đoković Øst", "Łukasz Đoković Øst"), &["lukasz dokovic", "ost", "Øst"], &[]),
        (name("علی", "علی"), &["علي", "على", "علی"], &[]),
        (name("می‌خواهم", "می‌خواهم"), &["میخواهم", "می‌خواهم"], &["می-خواهم"]),
        (name("パパ", "パパ"), &["パパ", "ﾊﾟﾊﾟ", "パ"], &["ハハ", "バ", "ババ"]),
        (name("ハハ", "ハハ"), &["ハハ", "ﾊﾊ"], &["パパ"]),
        (name("ปู่", "ปู่"), &["ปู่", "ปู"], &["ปี", "ปา"]),
        (name("सुनील", "सुनील"), &["सुनील", "सु"], &["सनील"]),
        (name("Álvaro", "Álvaro"), &["alvaro", "álvaro", "a\u{301}lvaro"], &[]),
        (name("  Ann \u{a0}\u{3000} Lee ", "Ann Lee"), &["ann lee", "ann\u{a0}lee"], &[]),
        (name("Zoë", "Zoë"), &["zoe", ""], &["\u{301}", "\u{308}"]),
    ];
    let rows = rows.map(|((typed, stored), by, not_by)| (typed, stored, by, not_by));
    check(backend, rows.to_vec(), by_words).await;
}

pub async fn phones_are_found_however_they_are_typed(backend: &dyn Backend) {
    let phone = |typed: &str, stored: &str| {
        (json!({"phones": [{"number": typed}]}), json!({"phones": [{"label": null, "number": stored}]}))
    };
    let conference = "1234 5678 9012 3456 7890 1234 5678";
    let rows = [
        (
            phone("\u{202a}+380 67 111‑22‑33\u{202c}", "+380 67 111‑22‑33"),
            &[
                "\u{2068}+380 67 111‑22‑33\u{2069}",
                "0671112233",
                "067 111 22 33",
                "00380 67 111 22 33",
                "+380 (0) 67 111 22 33",
                "tel:+380671112233",
            ][..],
            &["067 111 33 22"][..],
        ),
        (
            phone("067 111-22-33", "067 111-22-33"),
            &["+380 67 111-22-33", "067 111 22 33", "00380671112233", "+380 (0)67 1112233", "067\u{ad}111"],
            &["+380 67 111-22-34"],
        ),
        (phone("067 22 33 111", "067 22 33 111"), &["067 22 33 111"], &["067 111 22 33", "33 22"]),
        (
            phone("+49 30 901820", "+49 30 901820"),
            &["0049 30 901820", "+49 (0) 30 90 18 20", "030 90 18 20", "0049 30", "+49 (0) 30 90"],
            &["0044 30 901820", "0048 30"],
        ),
        (phone("0049 30 901821", "0049 30 901821"), &["+49 30 901821", "0049 30 90", "+49 30"], &["+49 31"]),
        (phone("067–111–22–44", "067–111–22–44"), &["0671112244", "067−111−22−44"], &[]),
        (phone("067\u{202f}111\u{2009}22\u{3000}55", "067 111 22 55"), &["067 111 22 55"], &[]),
        (phone("۰۹۱۲ ۳۴۵ ۶۷۸۹", "۰۹۱۲ ۳۴۵ ۶۷۸۹"), &["0912 345 6789", "٠٩١٢٣٤٥", "۰۹۱۲ ۳۴۵ ۶۷۸۹"], &["0912 346"]),
        (
            phone("+1 201 555 0123;ext=55", "+1 201 555 0123;ext=55"),
            &["+1 201 555 0123", "201 555 0123", "+1 201 555 0123;ext=55", "0123 ext. 55", "+1 201 555 0123 x55"],
            &["2015550123 66"],
        ),
        (phone("tel:+12015550124", "tel:+12015550124"), &["+1 201 555 0124", "tel:+12015550124"], &[]),
        (
            phone("044 111 22 33 extension 12", "044 111 22 33 extension 12"),
            &["044 111 22 33 extension 12", "0441112233"],
            &[],
        ),
        (phone("044 111 22 44 дод. 12", "044 111 22 44 дод. 12"), &["044 111 22 44 дод. 12", "+380 44 111 22 44"], &[]),
        (phone(conference, conference), &["1234 5678 9012 3456 7890 1234 5678", "56789012"], &["56789013"]),
        (phone("дод. 77", "дод. 77"), &["дод. 77", "77", "Дод"], &["дод. 78"]),
        (phone("*101#", "*101#"), &["*101#", "101"], &["102"]),
    ];
    let rows = rows.map(|((typed, stored), by, not_by)| (typed, stored, by, not_by));
    check(backend, rows.to_vec(), by_words).await;
}

fn email_rows() -> Vec<Row> {
    let email = |typed: &str, stored: &str| {
        (json!({"emails": [{"address": typed}]}), json!({"emails": [{"label": null, "address": stored}]}))
    };
    let rows = [
        (
            email("ann＠Example.com", "ann@Example.com"),
            &["ann@example.com", "ann＠EXAMPLE。com"][..],
            &["an@example"][..],
        ),
        (email("bob@example。org", "bob@example.org"), &["bob@example.org", "bob@example｡org"], &[]),
        (email("cat@exam\u{ad}ple.net", "cat@example.net"), &["cat@example.net", "exam\u{ad}ple.net"], &[]),
        (
            email("dan@xn--kse-qla.example", "dan@xn--kse-qla.example"),
            &["dan@käse.example", "käse", "xn--kse-qla", "DAN@XN--KSE-QLA.example"],
            &["dan@kose.example"],
        ),
        (
            email("eve@käse.example", "eve@käse.example"),
            &["eve@xn--kse-qla.example", "eve@käse.example", "eve@ka\u{308}se.example"],
            &["eve@xn--kse-qlb.example"],
        ),
        (email("root@nas", "root@nas"), &["root@nas", "ROOT@"], &["root@nasa"]),
        (email(".a..b.@example.com", ".a..b.@example.com"), &[".a..b.@example.com"], &[]),
    ];
    rows.map(|((typed, stored), by, not_by)| (typed, stored, by, not_by)).to_vec()
}

pub async fn emails_are_found_in_every_form(backend: &dyn Backend) {
    check(backend, email_rows(), by_words).await;
    check(backend, email_rows(), |text| Filter { email: Some(Filter::part(text).unwrap()), ..Filter::default() }).await;
}

pub async fn tags_are_the_same_however_they_are_typed(backend: &dyn Backend) {
    let tags = |typed: &[&str], stored: &[&str]| (json!({"tags": typed}), json!({"tags": stored}));
    let rows = [
        (tags(&["fami\u{200b}ly", "family"], &["family"]), &["family", "FAMILY", "fam\u{feff}ily"][..], &["famil"][..]),
        (tags(&["сім’я", "сім'я", "сімʼя"], &["сім’я"]), &["сім'я", "сім’я", "СІМ`Я"], &["сімя"]),
        (tags(&["co‑op", "co-op"], &["co‑op"]), &["co-op", "co–op"], &["coop"]),
        (tags(&["дім", "дiм"], &["дім", "дiм"]), &["дім"], &["дим"]),
    ];
    let rows = rows.map(|((typed, stored), by, not_by)| (typed, stored, by, not_by));
    check(backend, rows.to_vec(), |text| Filter { tag: Some(Filter::tag(text).unwrap()), ..Filter::default() }).await;
}

pub async fn every_described_member_is_searched(backend: &dyn Backend) {
    let rows = [
        (json!({"job_title": "садівниця"}), &["садівн"][..]),
        (json!({"department": "Видавництво"}), &["видавн"]),
        (json!({"tags": ["Плавання"]}), &["плаван"]),
        (
            json!({"addresses": [{"street": "Хрещатик 1", "city": "Київ", "postal_code": "01001"}]}),
            &["київ", "01001 хрещ", "1 01001"],
        ),
        (json!({"urls": [{"url": "example.com/lesia"}]}), &["example.com/lesia", "https://example"]),
        (json!({"notes": "любить\u{200b} каву"}), &["любить каву", "каву"]),
    ];
    let rows = rows.map(|(typed, by)| (typed, json!({}), by, &[][..]));
    check(backend, rows.to_vec(), by_words).await;
}
