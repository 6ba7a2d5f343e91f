//! Scans of JPEGs: those that encoders write, and those that only cost time.

use std::{fs, path::Path};

use domain::picture::PictureError;
use testkit::jpeg_encoder::{FULL_CHROMA, GREY, entropy, progressive, segment, sequential};

use crate::square_pictures::square;

/// First and last coefficient of a scan, and two numbers of 4 bits: the low bits that were left out before and are left
/// out now.
type Scan = (u8, u8, u8);

const END_OF_IMAGE: [u8; 2] = [0xFF, 0xD9];
/// Number of blocks of the pictures of [`with_scans`].
const BLOCKS: usize = 64;

/// Returns the position of the first scan header, and that of the data after it.
fn first_scan(jpeg: &[u8]) -> (usize, usize) {
    let header = jpeg.windows(2).position(|pair| pair == [0xFF, 0xDA]).unwrap();
    let length = u16::from_be_bytes([jpeg[header + 2], jpeg[header + 3]]);
    (header, header + 2 + usize::from(length))
}

/// Returns a grey progressive picture of 64 x 64 pixels with these scans.
fn with_scans(scans: impl IntoIterator<Item = Scan>) -> Vec<u8> {
    let mut jpeg = progressive(64, 64, GREY);
    jpeg.truncate(first_scan(&jpeg).0);
    for (first, last, bits) in scans {
        segment(&mut jpeg, 0xDA, &[1, 1, 0, first, last, bits]);
        match first {
            0 => jpeg.extend([0; BLOCKS / 8]),
            // A run of empty blocks.
            _ => entropy(&mut jpeg, "011111111111111"),
        }
    }
    jpeg.extend(END_OF_IMAGE);
    jpeg
}

async fn assert_damaged(name: &str, upload: Vec<u8>) {
    let outcome = square(upload).await;
    assert!(matches!(outcome, Err(PictureError::Damaged)), "{name}: {outcome:?}");
}

#[tokio::test]
async fn scans_of_encoders_are_accepted() {
    let each_bit = || (0..8).rev().map(|left_out| if left_out == 7 { 7 } else { (left_out + 1) << 4 | left_out });
    let scripts: [(&str, Vec<Scan>); 5] = [
        ("two bands", vec![(0, 0, 0), (1, 63, 0)]),
        ("script of libjpeg", vec![(0, 0, 1), (1, 5, 2), (6, 63, 2), (1, 63, 0x21), (0, 0, 0x10), (1, 63, 0x10)]),
        ("first coefficient last", vec![(6, 63, 0), (1, 5, 0), (0, 0, 0)]),
        ("a scan for each coefficient", (0..64).map(|number| (number, number, 0)).collect()),
        (
            "a scan for each bit",
            each_bit().map(|bits| (0, 0, bits)).chain(each_bit().map(|bits| (1, 63, bits))).collect(),
        ),
    ];
    for (name, scans) in scripts {
        let outcome = square(with_scans(scans)).await;
        assert!(outcome.is_ok(), "{name}: {outcome:?}");
    }
}

#[tokio::test]
async fn jpegs_of_the_corpus_are_accepted() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/picture");
    for name in ["full_chroma", "grey", "half_chroma", "inks", "progressive", "restart"] {
        let outcome = square(fs::read(corpus.join(format!("{name}.jpg"))).unwrap()).await;
        assert!(outcome.is_ok(), "{name}: {outcome:?}");
    }
}

#[tokio::test]
async fn progressive_scan_that_repeats_coefficients_is_damaged() {
    let scripts: [(&str, Vec<Scan>); 7] = [
        ("first coefficient", vec![(0, 0, 0), (0, 0, 0), (1, 63, 0)]),
        ("other coefficients", vec![(0, 0, 0), (1, 63, 0), (1, 63, 0)]),
        ("overlapping bands", vec![(0, 0, 0), (1, 40, 0), (40, 63, 0)]),
        ("first scan with more bits", vec![(0, 0, 1), (0, 0, 0), (1, 63, 0)]),
        ("first scan after a refinement", vec![(0, 0, 0), (1, 63, 1), (1, 63, 0x10), (1, 63, 0)]),
        ("refinement", vec![(0, 0, 0), (1, 63, 1), (1, 63, 0x10), (1, 63, 0x10)]),
        ("refinement with fewer bits", vec![(0, 0, 0), (1, 63, 1), (1, 63, 0x21), (1, 63, 0x10)]),
    ];
    for (name, scans) in scripts {
        assert_damaged(name, with_scans(scans)).await;
    }
}

#[tokio::test]
async fn sequential_scan_that_repeats_a_component_is_damaged() {
    for (name, factors) in [("grey", GREY), ("three components", FULL_CHROMA)] {
        let jpeg = sequential(64, 64, factors);
        assert!(square(jpeg.clone()).await.is_ok(), "{name}");
        let (header, data) = first_scan(&jpeg);
        // A decoder needs no data for the repeated scan.
        let repeated = [&jpeg[..jpeg.len() - 2], &jpeg[header..data], END_OF_IMAGE.as_slice()].concat();
        assert_damaged(name, repeated).await;
    }
}

#[tokio::test]
async fn more_than_100_scans_are_damaged() {
    let first = (0..64).map(|number| (number, number, 1));
    let refined = (0..64).map(|number| (number, number, 0x10));
    assert_damaged("128 scans", with_scans(first.chain(refined))).await;
}

#[tokio::test]
async fn bytes_after_the_picture_do_not_count_as_its_data() {
    for (name, jpeg) in [("sequential", sequential(640, 640, GREY)), ("progressive", progressive(640, 640, GREY))] {
        let tail = vec![0; jpeg.len()];
        assert!(square([jpeg.clone(), tail.clone()].concat()).await.is_ok(), "{name}");
        let (_, data) = first_scan(&jpeg);
        // The other scans of the progressive picture have a few bytes.
        let next = jpeg[data..].iter().position(|byte| *byte == 0xFF).unwrap();
        let without_data = [&jpeg[..data], &jpeg[data + next..], tail.as_slice()].concat();
        assert_damaged(name, without_data).await;
    }
}
