//! Memory under eight uploads. Linux only.

use std::{fs, io::Cursor, sync::Arc};

use futures_util::future::join_all;
use image::{ImageFormat, RgbaImage};
use reqwest::{Client, StatusCode};
use tempfile::TempDir;
use testkit::jpeg_encoder::{FULL_CHROMA, HALF_CHROMA, INKS, progressive, sequential};

use crate::{bad_pictures::bomb, pictures::file, process::Process};

const CLIENTS: usize = 8;
const PICTURES_EACH: usize = 2;
const MOST_MIB: u64 = 200;
/// The longest accepted file.
const LONGEST: usize = 5 * 1024 * 1024;
/// 40 megapixels, less a few.
const SIDE: u16 = 6320;

/// Pictures and their statuses, each of the maximum size. Bytes after a picture are dropped, but take memory until then.
fn corpus() -> Vec<(&'static str, Vec<u8>, StatusCode)> {
    let mut png = Cursor::new(Vec::new());
    // Equal bytes, because writing forty million single pixels takes long.
    let clear = RgbaImage::from_raw(SIDE.into(), SIDE.into(), vec![128; 4 * usize::from(SIDE).pow(2)]).unwrap();
    clear.write_to(&mut png, ImageFormat::Png).unwrap();
    let (accepted, rejected) = (StatusCode::OK, StatusCode::UNPROCESSABLE_ENTITY);
    let mut corpus = vec![
        ("a progressive jpeg", progressive(SIDE, SIDE, HALF_CHROMA), accepted),
        ("a progressive jpeg in four inks, nearly too large", progressive(4300, 4300, INKS), accepted),
        ("a strip, nearly too long", sequential(24_000, 1000, FULL_CHROMA), accepted),
        ("a jpeg", sequential(SIDE, SIDE, FULL_CHROMA), accepted),
        ("a progressive jpeg, its colours in full", progressive(SIDE, SIDE, FULL_CHROMA), rejected),
        ("a progressive jpeg in four inks", progressive(SIDE, SIDE, INKS), rejected),
        ("a strip", sequential(39_900, 1000, FULL_CHROMA), rejected),
        ("a png with alpha", png.into_inner(), accepted),
        ("a bomb", bomb(30_000), rejected),
    ];
    for (name, bytes, _) in &mut corpus {
        assert!(bytes.len() <= LONGEST, "{name} is longer than the service takes");
        bytes.resize(LONGEST, 0);
    }
    corpus
}

/// A value of `/proc/PID/status`, in MiB.
fn memory(process: &Process, name: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", process.child.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

async fn people(process: &Process, folder: &TempDir) -> Vec<String> {
    let mut tokens = Vec::new();
    for number in 0..CLIENTS {
        tokens.push(process.register_and_sign_in(folder, &format!("person{number}@example.com")).await);
        // The next user looks for the only mail.
        for mail in fs::read_dir(folder.path().join("data/mail")).unwrap() {
            fs::remove_file(mail.unwrap().path()).unwrap();
        }
    }
    tokens
}

#[actix_web::test]
async fn eight_concurrent_worst_case_pictures_need_under_200_mib() {
    let (folder, corpus) = (tempfile::tempdir().unwrap(), Arc::new(corpus()));
    let unlimited = ["REGISTER", "LOGIN", "MAIL", "FLOOD"].map(|name| format!("RATE_LIMIT_{name}"));
    let mut variables: Vec<_> = unlimited.iter().map(|name| (name.as_str(), "off")).collect();
    variables.push(("RUST_LOG", "warn"));
    let process = Process::start_with(&folder, "log", &variables).await;
    let tokens = people(&process, &folder).await;

    let idle = memory(&process, "VmRSS:");
    // Resets the peak.
    fs::write(format!("/proc/{}/clear_refs", process.child.id()), "5").unwrap();
    let url = format!("{}/api/me/avatar", process.base);
    let sending = tokens.into_iter().enumerate().map(|(first, token)| {
        let (corpus, url) = (Arc::clone(&corpus), url.clone());
        async move {
            let client = Client::new();
            for (name, bytes, status) in corpus.iter().cycle().skip(first).take(PICTURES_EACH) {
                let form = file(bytes.clone());
                let answer = client.put(&url).bearer_auth(&token).multipart(form).send().await.unwrap();
                assert_eq!(answer.status(), *status, "{name}: {}", answer.text().await.unwrap());
            }
        }
    });
    join_all(sending).await;

    let over = memory(&process, "VmHWM:").saturating_sub(idle);
    println!("{idle} MiB idle, {over} more at the peak");
    assert!((5..MOST_MIB).contains(&over), "{idle} MiB idle, and {over} more at the peak");
}
