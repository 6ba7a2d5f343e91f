//! `CLOUDINARY_URL`, and the URLs of pictures.

use std::sync::Arc;

use domain::picture::{PictureKey, PictureStore};
use media::{CloudinaryPictures, CloudinarySettings, InvalidCloudinarySettings as Invalid};
use testkit::fakes::FrozenClock;
use uuid::Uuid;

const SECRET: &str = "abc_DEF-1234567890";

#[test]
fn url_of_the_console_is_parsed_and_its_secret_hidden() {
    let settings = CloudinarySettings::parse(&format!(" cloudinary://123456789:{SECRET}@my-cloud \n")).unwrap();
    assert_eq!((settings.api_key.as_str(), settings.cloud_name.as_str()), ("123456789", "my-cloud"));
    assert_eq!(settings.time_limit.as_secs(), 10);
    assert!(!format!("{settings:?}").contains(SECRET));
}

#[test]
fn other_urls_are_rejected() {
    let table = [
        ("", Invalid::Shape),
        ("https://1:s@c", Invalid::Shape),
        ("cloudinary://", Invalid::Shape),
        ("cloudinary://c", Invalid::Shape),
        ("cloudinary://1@c", Invalid::Shape),
        ("cloudinary://:s@c", Invalid::Shape),
        ("cloudinary://1:@c", Invalid::Shape),
        ("cloudinary://1:s@", Invalid::Shape),
        ("cloudinary://1:s@c/folder", Invalid::Options),
        ("cloudinary://1:s@c?secure=true", Invalid::Options),
        ("cloudinary://<your_api_key>:s@c", Invalid::Characters("API key")),
        ("cloudinary://1:se cret@c", Invalid::Characters("API secret")),
        ("cloudinary://1:s:t@c", Invalid::Characters("API secret")),
        ("cloudinary://1:s@c.example", Invalid::Characters("cloud name")),
    ];
    for (url, expected) in table {
        assert_eq!(CloudinarySettings::parse(url).map(|_| ()), Err(expected), "{url}");
    }
}

#[test]
fn url_is_the_delivery_url() {
    let store = CloudinaryPictures::new(
        CloudinarySettings::parse("cloudinary://1:s@my-cloud").unwrap(),
        Arc::new(FrozenClock::default()),
    );
    assert_eq!(
        store.url(&PictureKey::avatar(Uuid::from_u128(7))),
        "https://res.cloudinary.com/my-cloud/image/upload/c_fill,w_512,h_512,f_auto,q_auto/\
         avatars/00000000000000000000000000000007.jpg"
    );
}
