//! Command `export`, beside the running service.

use std::{fs, path::Path, process::Command, thread};

use contact_files::FileFormat;
use image::ImageFormat;
use reqwest::StatusCode;
use serde_json::{Value, json};

use testkit::database;

use crate::{
    exports::contacts_in,
    long_lists::{fill, usual_contact},
    pictures::{encoded, file, upload},
    process::{SECRET, command, text},
    service::{Service, on_both},
};

on_both!([("CONTACT_LIMIT", "5000")];
    contacts_are_written_to_a_file_or_to_standard_output,
    failed_export_leaves_no_file,
    unreadable_contact_is_reported_and_the_others_are_exported,
    links_and_pipes_are_written_to,
);

/// Runs `contacts-api export`. Returns the exit code, standard output and standard error.
fn run(service: &Service, folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let data = service.data_folder();
    let variables = [
        ("JWT_SECRET", SECRET),
        ("DATABASE_URL", service.database_url()),
        ("DATA_DIR", data.to_str().unwrap()),
        ("RUST_LOG", "off"),
    ];
    let done = command(folder, &[&["export"], arguments].concat(), &variables).output().unwrap();
    (done.status.code(), text(&done.stdout).to_owned(), text(&done.stderr).to_owned())
}

async fn contacts_are_written_to_a_file_or_to_standard_output(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let ids = fill(&olena, 1_050, usual_contact).await;
    let photo = file(encoded(9, 9, ImageFormat::Png));
    upload(&olena, &format!("/api/contacts/{}/photo", ids[0]), photo).await.expect(StatusCode::OK);
    let folder = tempfile::tempdir().unwrap();
    let user = ["--user", "olena@example.com"];

    let (code, output, errors) = run(&service, folder.path(), &[&user[..], &["--photos", "all.vcf"]].concat());
    assert_eq!((code, output.as_str()), (Some(0), "exported 1050 contacts to all.vcf\n"), "{errors}");
    assert_eq!(errors.lines().count(), 1, "a line for each thousand: {errors}");
    let file = fs::read_to_string(folder.path().join("all.vcf")).unwrap();
    let contacts = contacts_in(&file, FileFormat::Vcard);
    assert_eq!(contacts.len(), 1_050);
    assert_eq!(contacts.iter().filter(|contact| contact.photo.is_some()).count(), 1);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file is left");

    let (code, output, errors) = run(&service, folder.path(), &[&user[..], &["--format", "csv", "-"]].concat());
    assert_eq!((code, contacts_in(&output, FileFormat::Csv).len()), (Some(0), 1_050));
    assert!(errors.ends_with("exported 1050 contacts\n"), "{errors}");

    let (code, output, _) = run(&service, folder.path(), &[&user[..], &["--format", "json"]].concat());
    let listed = olena.get("/api/contacts/export?format=json").await.json;
    assert_eq!((code, serde_json::from_str::<Value>(&output).unwrap()), (Some(0), listed));

    let (_, output, _) = run(&service, folder.path(), &[&user[..], &["--version", "4.0"]].concat());
    assert!(output.starts_with("BEGIN:VCARD\r\nVERSION:4.0\r\n"));
    service.end().await;
}

async fn failed_export_leaves_no_file(service: Service) {
    service.stored_person("olena@example.com").await;
    let folder = tempfile::tempdir().unwrap();
    for (arguments, expected) in [
        (&["--user", "petro@example.com", "all.vcf"][..], 1),
        (&["--user", "olena@example.com", "missing/all.vcf"], 1),
        (&["--user", "none"], 2),
        (&["--user", "olena@example.com", "--version", "2.1"], 2),
        (&["all.vcf"], 2),
    ] {
        let (code, output, errors) = run(&service, folder.path(), arguments);
        assert_eq!((code, output.as_str()), (Some(expected), ""), "{arguments:?}");
        assert!(!errors.is_empty(), "{arguments:?}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    service.end().await;
}

async fn unreadable_contact_is_reported_and_the_others_are_exported(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    for name in ["A", "B"] {
        olena.add(&json!({"first_name": name})).await;
    }
    let unreadable =
        r#"UPDATE contacts SET card = '{"first_name":"A","birthday":"1990-02-30"}' WHERE card LIKE '%"A"%'"#;
    database::execute(service.database_url(), unreadable).await;
    let folder = tempfile::tempdir().unwrap();
    let (code, output, errors) = run(&service, folder.path(), &["--user", "olena@example.com", "all.vcf"]);
    assert_eq!((code, output.as_str()), (Some(1), "exported 1 contacts to all.vcf\n"));
    assert!(errors.contains("1 contact cannot be read, and is missing in the file"), "{errors}");
    let file = fs::read_to_string(folder.path().join("all.vcf")).unwrap();
    assert_eq!(contacts_in(&file, FileFormat::Vcard).len(), 1);
    service.end().await;
}

async fn links_and_pipes_are_written_to(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    olena.add(&json!({"first_name": "Леся"})).await;
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let target = other.path().join("target.vcf");
    fs::write(&target, "old").unwrap();
    let link = folder.path().join("latest.vcf");
    std::os::unix::fs::symlink(&target, &link).unwrap();
    let export = |file: &str| run(&service, folder.path(), &["--user", "olena@example.com", file]).0;
    assert_eq!(export("latest.vcf"), Some(0));
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(fs::read_to_string(&target).unwrap().contains("Леся"));

    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let reading = thread::spawn({
        let pipe = pipe.clone();
        move || fs::read_to_string(pipe).unwrap()
    });
    assert_eq!(export("pipe"), Some(0));
    assert!(reading.join().unwrap().contains("Леся"));
    assert!(!fs::metadata(&pipe).unwrap().is_file());
    service.end().await;
}
