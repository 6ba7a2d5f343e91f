//! What the binary takes while eight people send the worst pictures there are at once. Linux only.

use std::{fs, io::Cursor, sync::Arc};

use futures_util::future::join_all;
use image::{ImageFormat, RgbaImage};
use reqwest::{Client, StatusCode};
use tempfile::TempDir;
use testkit::jpeg_encoder;

use crate::{bad_pictures::bomb, pictures::file, process::Process};

const CLIENTS: usize = 8;
const PICTURES_EACH: usize = 2;
const MOST_MIB: u64 = 200;
/// The longest file that is taken.
const LONGEST: usize = 5 * 1024 * 1024;
/// 40 megapixels, less a few.
const SIDE: u16 = 6320;

/// Pictures with the status they get, each as long as can be: what hangs behind one is dropped, but held until then.
fn corpus() -> Vec<(&'static str, Vec<u8>, StatusCode)> {
    let mut png = Cursor::new(Vec::new());
    // All bytes alike: forty million pixels one by one take a while.
    let clear = RgbaImage::from_raw(SIDE.into(), SIDE.into(), vec![128; 4 * usize::from(SIDE).pow(2)]).unwrap();
    clear.write_to(&mut png, ImageFormat::Png).unwrap();
    let mut corpus = vec![
        ("a progressive jpeg, its colours in full", jpeg_encoder::progressive(SIDE, 1), StatusCode::OK),
        ("a progressive jpeg", jpeg_encoder::progressive(SIDE, 2), StatusCode::OK),
        ("a progressive jpeg in four inks", jpeg_encoder::inks(SIDE, SIDE, 0), StatusCode::OK),
        // Short enough for nothing to be shrunk, and so high that twice the rows would be too many pixels.
        ("a strip of noise in four inks", jpeg_encoder::inks(1020, 39_200, 135), StatusCode::OK),
        ("a jpeg", jpeg_encoder::sequential(SIDE, SIDE), StatusCode::OK),
        ("a long jpeg", jpeg_encoder::sequential(39_900, 1000), StatusCode::OK),
        ("a png with alpha", png.into_inner(), StatusCode::OK),
        ("a bomb", bomb(30_000), StatusCode::UNPROCESSABLE_ENTITY),
    ];
    for (name, bytes, _) in &mut corpus {
        assert!(bytes.len() <= LONGEST, "{name} is longer than the service takes");
        bytes.resize(LONGEST, 0);
    }
    corpus
}

/// A line of what Linux tells of the process, in MiB.
fn memory(process: &Process, name: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", process.child.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

async fn people(process: &Process, folder: &TempDir) -> Vec<String> {
    let mut tokens = Vec::new();
    for number in 0..CLIENTS {
        tokens.push(process.newcomer(folder, &format!("person{number}@example.com")).await);
        // The next one looks for the only mail.
        for mail in fs::read_dir(folder.path().join("data/mail")).unwrap() {
            fs::remove_file(mail.unwrap().path()).unwrap();
        }
    }
    tokens
}

#[actix_web::test]
async fn the_worst_pictures_of_eight_at_once_stay_within_200_mib() {
    let (folder, corpus) = (tempfile::tempdir().unwrap(), Arc::new(corpus()));
    let unlimited = ["REGISTER", "LOGIN", "MAIL", "FLOOD"].map(|name| format!("RATE_LIMIT_{name}"));
    let mut variables: Vec<_> = unlimited.iter().map(|name| (name.as_str(), "off")).collect();
    variables.push(("RUST_LOG", "warn"));
    let process = Process::start_with(&folder, "log", &variables).await;
    let tokens = people(&process, &folder).await;

    let idle = memory(&process, "VmRSS:");
    // Begins the peak anew.
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
