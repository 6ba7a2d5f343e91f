//! Uploads that are damaged or in another format.

use domain::picture::PictureError;
use image::ImageFormat;

use crate::{
    samples::{claiming_jpeg, encoded, quarters, with_exif, without_end},
    square_pictures::square,
};

#[tokio::test]
async fn other_formats_are_unsupported() {
    let table: [(&str, &[u8]); 10] = [
        ("empty", b""),
        ("one byte", b"\xFF"),
        ("text", b"just some text"),
        ("html", b"<!doctype html><script>alert(1)</script>"),
        ("svg", b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>"),
        ("gif", b"GIF89a\x01\0\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x01D\0;"),
        ("webp", b"RIFF\x1A\0\0\0WEBPVP8L\x0D\0\0\0\x2F\0\0\0\x10\x07\x10\x11\x11\x88\x88\xFE\x07\0"),
        ("bmp", b"BM\x3A\0\0\0\0\0\0\0\x36\0\0\0"),
        ("tiff", b"II*\0\x08\0\0\0\0\0"),
        ("zip", b"PK\x03\x04\x14\0\0\0"),
    ];
    for (name, upload) in table {
        let outcome = square(upload.to_vec()).await;
        assert!(matches!(outcome, Err(PictureError::UnsupportedFormat)), "{name}: {outcome:?}");
    }
}

#[tokio::test]
async fn truncated_pictures_are_damaged() {
    let whole = quarters(600);
    for format in [ImageFormat::Png, ImageFormat::Jpeg] {
        let bytes = encoded(whole.clone(), format);
        assert!(square(bytes.clone()).await.is_ok());
        let missing = [1, 2, 4, 11, 12, 13, bytes.len() / 4, bytes.len() / 2, bytes.len() - 40, bytes.len() - 10];
        for missing in missing {
            let outcome = square(without_end(&bytes, missing)).await;
            assert!(matches!(outcome, Err(PictureError::Damaged)), "{format:?} without {missing} bytes: {outcome:?}");
        }
    }
    let thumbnail = String::from_utf8_lossy(&[b'x'; 40]).into_owned();
    let jpeg = with_exif(&encoded(whole, ImageFormat::Jpeg), 1, &thumbnail);
    let hidden_end = jpeg.windows(2).position(|pair| pair == *b"xx").unwrap();
    let mut with_hidden_end = jpeg;
    with_hidden_end[hidden_end..hidden_end + 2].copy_from_slice(&[0xFF, 0xD9]);
    let outcome = square(without_end(&with_hidden_end, 200)).await;
    assert!(matches!(outcome, Err(PictureError::Damaged)), "an end inside EXIF is not the end: {outcome:?}");
}

#[tokio::test]
async fn jpeg_with_missing_pixels_is_damaged() {
    for (name, frame) in [("sequential", 0xC0), ("progressive", 0xC2)] {
        let mut jpeg = claiming_jpeg(39_000, 1000);
        let at = jpeg.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
        jpeg[at + 1] = frame;
        let outcome = square(jpeg).await;
        assert!(matches!(outcome, Err(PictureError::Damaged)), "{name}: {outcome:?}");
    }
}

#[tokio::test]
async fn jpeg_with_too_many_or_no_scans_is_damaged() {
    let jpeg = encoded(quarters(16), ImageFormat::Jpeg);
    let scan = jpeg.windows(2).position(|pair| pair == [0xFF, 0xDA]).unwrap();
    let end = jpeg.len() - 2;
    let mut endless = jpeg[..scan].to_vec();
    (0..101).for_each(|_| endless.extend(&jpeg[scan..end]));
    endless.extend(&jpeg[end..]);
    let without = [&jpeg[..scan], &jpeg[end..]].concat();
    for (name, upload) in [("endless", endless), ("without", without)] {
        let outcome = square(upload).await;
        assert!(matches!(outcome, Err(PictureError::Damaged)), "{name}: {outcome:?}");
    }
}

#[tokio::test]
async fn every_prefix_of_a_picture_is_rejected() {
    for format in [ImageFormat::Png, ImageFormat::Jpeg] {
        let bytes = encoded(quarters(8), format);
        for length in 0..bytes.len() {
            let outcome = square(bytes[..length].to_vec()).await;
            let rejected = matches!(outcome, Err(PictureError::Damaged | PictureError::UnsupportedFormat));
            assert!(rejected, "{format:?}, {length} bytes: {outcome:?}");
        }
    }
}

#[tokio::test]
async fn flipped_bytes_cause_no_failure() {
    for format in [ImageFormat::Png, ImageFormat::Jpeg] {
        let bytes = encoded(quarters(16), format);
        // Every fifth byte: each costs a whole picture where it is still one.
        for at in (0..bytes.len()).step_by(5) {
            let mut broken = bytes.clone();
            broken[at] ^= 0xFF;
            let outcome = square(broken).await;
            assert!(!matches!(outcome, Err(PictureError::Failed(_) | PictureError::Overloaded)), "{at}: {outcome:?}");
        }
    }
}
