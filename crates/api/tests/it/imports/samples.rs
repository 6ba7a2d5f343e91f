//! Files of real programs.

use std::{fs, path::Path};

use reqwest::StatusCode;

use super::{counts, import, total};
use crate::service::{Kind, Service};

/// Files of a folder of samples in another crate.
fn samples(krate: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(krate).join("tests/samples");
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
    let mut files: Vec<_> =
        entries.map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(path).unwrap())).collect();
    files.sort();
    files
}

#[actix_web::test]
async fn files_of_other_programs_are_imported_once() {
    let service = Service::start(Kind::Sqlite, &[("CONTACT_LIMIT", "20000")]).await;
    let olena = service.stored_person("olena@example.com").await;
    let mut imported = 0;
    for (krate, media_type, endings) in [("vcard", "text/vcard", [".vcf"]), ("contact_csv", "text/csv", [".csv"])] {
        for (name, file) in samples(krate) {
            if !endings.iter().any(|ending| name.ends_with(ending)) {
                continue;
            }
            let first = import(&olena, media_type, "", file.clone()).await.expect(StatusCode::OK).json;
            let before = total(&olena).await;
            let second = import(&olena, media_type, "", file).await.expect(StatusCode::OK).json;
            assert_eq!((counts(&second)[1], total(&olena).await), (0, before), "{name}: {second}");
            imported += counts(&first)[1];
        }
    }
    assert!(imported > 20, "{imported}");
    service.end().await;
}
