//! Exact values of domain that other crates use, and inputs that decide a single branch.

use chrono::{Duration, TimeZone as _, Utc};
use domain::{
    app_password::{AppPassword, AppPasswordSecret, Scope},
    contact::{
        ChangeNumber, ContactEmail, Cursor, Filter, JsonType, Nickname, SearchForms, Sort, SortKey, SortValue,
        card_resource::CardName,
        changes::{SyncEpoch, SyncToken},
        import::{MAX_FILE_BYTES, PART_BYTES},
    },
    ids::ContactId,
    picture::{
        PictureKey, PictureStore as _,
        limits::{MAX_STORED_BYTES, MAX_UPLOAD_BYTES},
    },
    secret::{SECRET_BYTES, Secret},
    session::{CacheTicket, Credential, Principal, Session},
};
use serde_json::json;
use testkit::{TestEnvironment, fakes::FakePictures, samples};
use uuid::Uuid;

#[test]
fn sizes_are_those_of_the_documentation() {
    assert_eq!((MAX_UPLOAD_BYTES, MAX_STORED_BYTES), (5_242_880, 2_097_152));
    assert_eq!((MAX_FILE_BYTES, PART_BYTES), (10_485_760, 4_194_304));
    let newest = Some(ChangeNumber(i64::MAX));
    let token = SyncToken { epoch: SyncEpoch(Uuid::max()), after: ChangeNumber(i64::MAX), began_at: newest };
    assert!((token.to_string().len()..token.to_string().len() + 3).contains(&SyncToken::MAX_LENGTH));
}

#[test]
fn card_name_has_at_most_512_characters() {
    assert!(CardName::parse(&"ї".repeat(512)).is_ok());
    assert_eq!(CardName::parse(&"ї".repeat(513)).unwrap_err().code(), "too-long");
}

#[test]
fn app_password_is_typed_with_at_most_100_bytes() {
    let secret = "0123456789".repeat(2);
    let typed = |blanks: usize| AppPasswordSecret::parse(&format!("{secret}{}", " ".repeat(blanks))).is_some();
    assert_eq!([80, 81].map(typed), [true, false]);
}

#[test]
fn use_of_an_app_password_is_recorded_once_an_hour() {
    let (unused, now) = (samples::app_password(samples::user().id), samples::now());
    let used = |before: Duration| AppPassword { last_used_at: Some(now - before), ..unused.clone() };
    let hour = Duration::hours(1);
    let is_due =
        [AppPassword { last_used_at: None, ..unused.clone() }, used(hour), used(hour - Duration::microseconds(1))]
            .map(|password| password.is_use_due(now));
    assert_eq!(is_due, [true, true, false]);
}

#[test]
fn scopes_are_shown_by_their_names() {
    assert_eq!(Scope::ALL.map(|scope| scope.to_string()), Scope::ALL.map(Scope::as_str));
    assert_eq!(Scope::ALL.map(Scope::as_str), ["carddav", "api:read", "api:write"]);
}

#[test]
fn request_with_an_app_password_has_no_signed_in_user() {
    let user = samples::user();
    let session = samples::session(user.id);
    let principal = |credential| Principal { user: user.clone(), credential, client: TestEnvironment::client() };
    let signed_in = principal(Credential::Session(session.clone())).signed_in().unwrap();
    assert_eq!((signed_in.user, signed_in.session), (user.clone(), session));
    let password = samples::app_password(user.id);
    assert_eq!(principal(Credential::AppPassword(password)).signed_in(), None);
}

#[test]
fn last_use_of_a_session_is_shown_by_the_hour() {
    let at = |minute, second| Utc.with_ymd_and_hms(2026, 11, 21, 12, minute, second).unwrap();
    let session = Session { last_used_at: at(34, 56), ..samples::session(samples::user().id) };
    assert_eq!(session.last_used_hour(), at(0, 0));
}

#[test]
fn ticket_of_the_cache_is_not_logged() {
    assert_eq!(format!("{:?}", CacheTicket(7)), "CacheTicket");
}

#[test]
fn name_of_a_picture_is_the_beginning_of_a_digest() {
    let secret = Secret::from_bytes([7; SECRET_BYTES]);
    let id = PictureKey::unguessable_id(&secret);
    assert_eq!(id.as_bytes(), &secret.digest().0[..16]);
}

#[tokio::test]
async fn store_without_partial_data_has_nothing_to_tidy() {
    assert_eq!(FakePictures::default().tidy().await.unwrap(), 0);
}

#[test]
fn json_types_have_names() {
    let values = [json!(null), json!(true), json!(1), json!(1.5), json!("a"), json!([]), json!({})];
    let names = ["null", "a boolean", "an integer", "a number", "a string", "an array", "an object"];
    assert_eq!(values.map(|value| JsonType::of(&value).to_string()), names);
}

#[test]
fn cursor_has_one_value_of_the_right_type_for_each_key() {
    let (id, sort) = (ContactId(Uuid::from_u128(1)), Sort::default());
    let text = || SortValue::Text(vec![1]);
    let (time, day) = (|| SortValue::Time(samples::now()), || SortValue::Day(31));
    let keys: Vec<SortKey> = sort.keys().iter().map(|(key, _)| *key).collect();
    assert_eq!(keys, [SortKey::LastName, SortKey::FirstName]);
    let cursor = Cursor::new(vec![text(), text()], id, &sort).unwrap();
    assert_eq!(cursor.values(), [text(), text()]);
    for values in [vec![], vec![text()], vec![text(), text(), text()], vec![text(), time()], vec![day(), text()]] {
        assert_eq!(Cursor::new(values.clone(), id, &sort), None, "{values:?}");
    }
    let names = [SortKey::FirstName, SortKey::LastName];
    let times = [SortKey::CreatedAt, SortKey::UpdatedAt];
    for key in names.into_iter().chain(times).chain([SortKey::Birthday]) {
        let fits = [text(), time(), day()].map(|value| value.fits(key));
        assert_eq!(fits, [names.contains(&key), times.contains(&key), key == SortKey::Birthday], "{key:?}");
    }
}

#[test]
fn emoji_is_part_of_an_email() {
    assert_eq!(ContactEmail::parse("👩@example.com").unwrap().as_str(), "👩@example.com");
    assert!(ContactEmail::parse("a\u{2003}b@example.com").is_err());
}

#[test]
fn email_of_one_spelling_is_searched_once() {
    let forms = |email: &str| SearchForms::of(&samples::full_card("A", "B", email, "102")).emails.unwrap();
    assert_eq!(forms("Ann@Example.com"), "\nann@example.com\n");
    assert_eq!(forms("ann@käse.example").lines().count(), 3);
}

#[test]
fn search_has_at_most_16_words() {
    let words = |number: usize| vec!["слово"; number].join(" ");
    assert!(Filter::words(&words(16)).is_ok());
    assert_eq!(Filter::words(&words(17)).unwrap_err().code(), "too-many-words");
}

#[test]
fn part_of_nothing_but_marks_is_blank() {
    for blank in ["\u{301}", " \u{301}\u{308} ", " "] {
        assert_eq!(Filter::part(blank).unwrap_err().code(), "blank", "{blank:?}");
    }
    assert!(Filter::part("a\u{301}").is_ok());
}

#[test]
fn phone_of_a_search_is_found_by_its_digits() {
    assert_eq!(Filter::phone("067").unwrap().parts(), ["067"]);
    assert_eq!(Filter::phone("tel 067-111").unwrap(), Filter::phone("067111").unwrap());
    let needles = |text: &str| {
        let all = Filter::words(text).unwrap().into_iter();
        all.map(|needle| (needle.words.join(" "), needle.phone.is_some())).collect::<Vec<_>>()
    };
    let one = |text: &str, is_phone| (text.to_owned(), is_phone);
    assert_eq!(needles("00380671112233 123"), [one("00380671112233 123", true)], "17 digits are one number");
    assert_eq!(needles("00380671112233 1234"), [one("00380671112233", true), one("1234", true)]);
    assert_eq!(needles("x12 34"), [one("x12", false), one("34", true)]);
}

#[test]
fn invisible_characters_that_shape_their_neighbours_stay() {
    let name = |text: &str| Nickname::parse(text).unwrap().as_str().to_owned();
    for shaped in [
        "क्\u{200d}ष",
        "क्\u{200c}ष",
        "می\u{200c}خ",
        "❤\u{fe0f}\u{200d}🔥",
        "👨\u{1f3fd}\u{200d}💻",
        "👩\u{200d}👩",
        "❤\u{fe0f}",
        "葛\u{e0100}",
    ] {
        assert_eq!(name(shaped), shaped, "{shaped:?}");
    }
    for (raw, shown) in [
        ("a\u{200d}b", "ab"),
        ("a\u{200c}b", "ab"),
        ("د\u{200c}ب", "دب"),
        ("ب\u{200c}a", "بa"),
        ("a\u{200d}👩", "a👩"),
        ("👩\u{200d}a", "👩a"),
        ("a\u{fe0f}", "a"),
        ("👩\u{200b}", "👩"),
        ("a\u{200d}", "a"),
        ("\u{200d}a", "a"),
    ] {
        assert_eq!(name(raw), shown, "{raw:?}");
    }
}
