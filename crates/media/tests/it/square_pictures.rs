//! Valid and invalid uploads.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use domain::picture::{PictureError, PictureProcessor};
use image::{GenericImageView, ImageFormat, Rgb, RgbImage};
use media::{SquarePictures, SquarePicturesSettings};
use testkit::jpeg_encoder;

use crate::samples::{
    BLUE, GREEN, RED, YELLOW, claiming_jpeg, claiming_png, encoded, interlaced_png, quarters, transparent, wide_bands,
    with_exif, without_end,
};

const WHITE: Rgb<u8> = Rgb([255, 255, 255]);
const GPS_TEXT: &str = "50.4501N 30.5234E, at home";

async fn square(upload: Vec<u8>) -> Result<Vec<u8>, PictureError> {
    let processor = SquarePictures::new(SquarePicturesSettings::default()).unwrap();
    processor.square(upload).await.map(|picture| picture.jpeg)
}

async fn pixels(upload: Vec<u8>) -> RgbImage {
    let jpeg = square(upload).await.expect("a good picture");
    assert_eq!(image::guess_format(&jpeg).unwrap(), ImageFormat::Jpeg);
    let picture = image::load_from_memory(&jpeg).unwrap();
    assert_eq!(picture.dimensions(), (512, 512));
    picture.into_rgb8()
}

/// Asserts nearly the expected colour, since JPEG is lossy.
fn assert_near(name: &str, picture: &RgbImage, at: (u32, u32), expected: Rgb<u8>) {
    let found = picture.get_pixel(at.0, at.1);
    let near = found.0.iter().zip(expected.0).all(|(found, expected)| found.abs_diff(expected) <= 8);
    assert!(near, "{name}: at {at:?} {found:?}, not {expected:?}");
}

fn assert_quarters(name: &str, picture: &RgbImage, expected: [Rgb<u8>; 4]) {
    for (at, colour) in [(64, 64), (448, 64), (64, 448), (448, 448)].into_iter().zip(expected) {
        assert_near(name, picture, at, colour);
    }
}

fn contains(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|window| window == text)
}

#[tokio::test]
async fn every_size_becomes_a_512_pixel_square() {
    for side in [1, 2, 7, 511, 512, 513, 1025, 2100] {
        for format in [ImageFormat::Png, ImageFormat::Jpeg] {
            let name = format!("{side} as {format:?}");
            let picture = pixels(encoded(quarters(side), format)).await;
            if side >= 511 {
                assert_quarters(&name, &picture, [RED, GREEN, BLUE, YELLOW]);
            }
        }
    }
    let dot = pixels(encoded(RgbImage::from_pixel(1, 1, GREEN), ImageFormat::Png)).await;
    assert_quarters("one pixel", &dot, [GREEN; 4]);
}

#[tokio::test]
async fn oblong_is_cropped_to_its_middle() {
    let wide = wide_bands(300);
    let tall = image::imageops::rotate90(&wide);
    for (name, oblong) in [("wide", wide), ("tall", tall)] {
        for format in [ImageFormat::Png, ImageFormat::Jpeg] {
            let picture = pixels(encoded(oblong.clone(), format)).await;
            for at in [(8, 8), (503, 8), (8, 503), (503, 503), (256, 256)] {
                assert_near(name, &picture, at, GREEN);
            }
        }
    }
}

#[tokio::test]
async fn strip_of_one_row_is_accepted() {
    let strip = RgbImage::from_fn(2001, 1, |x, _| if x == 1000 { GREEN } else { RED });
    assert_quarters("strip", &pixels(encoded(strip, ImageFormat::Png)).await, [GREEN; 4]);
}

#[tokio::test]
async fn exif_orientation_is_applied() {
    let jpeg = encoded(quarters(600), ImageFormat::Jpeg);
    let table = [
        (0, [RED, GREEN, BLUE, YELLOW]),
        (1, [RED, GREEN, BLUE, YELLOW]),
        (2, [GREEN, RED, YELLOW, BLUE]),
        (3, [YELLOW, BLUE, GREEN, RED]),
        (4, [BLUE, YELLOW, RED, GREEN]),
        (5, [RED, BLUE, GREEN, YELLOW]),
        (6, [BLUE, RED, YELLOW, GREEN]),
        (7, [YELLOW, GREEN, BLUE, RED]),
        (8, [GREEN, YELLOW, RED, BLUE]),
        (9, [RED, GREEN, BLUE, YELLOW]),
    ];
    for (orientation, expected) in table {
        let picture = pixels(with_exif(&jpeg, orientation, GPS_TEXT)).await;
        assert_quarters(&format!("orientation {orientation}"), &picture, expected);
    }
}

#[tokio::test]
async fn metadata_is_removed() {
    let upload = with_exif(&encoded(quarters(600), ImageFormat::Jpeg), 6, GPS_TEXT);
    assert!(contains(&upload, GPS_TEXT.as_bytes()), "the sample contains the metadata");
    let jpeg = square(upload).await.unwrap();
    for trace in [GPS_TEXT.as_bytes(), b"Exif", b"ICC_PROFILE", b"http://ns.adobe.com"] {
        assert!(!contains(&jpeg, trace), "{}", String::from_utf8_lossy(trace));
    }
}

#[tokio::test]
async fn transparency_becomes_white() {
    let half_blue = Rgb([127, 127, 255]);
    let picture = pixels(encoded(transparent(600), ImageFormat::Png)).await;
    assert_quarters("8 bits", &picture, [WHITE, half_blue, WHITE, half_blue]);
    let deep = image::DynamicImage::ImageRgba8(transparent(600)).into_rgba16();
    let picture = pixels(encoded(deep, ImageFormat::Png)).await;
    assert_quarters("16 bits", &picture, [WHITE, half_blue, WHITE, half_blue]);
}

#[tokio::test]
async fn grey_and_16_bit_pictures_are_accepted() {
    let grey = image::GrayImage::from_pixel(600, 600, image::Luma([90]));
    for format in [ImageFormat::Png, ImageFormat::Jpeg] {
        assert_quarters("grey", &pixels(encoded(grey.clone(), format)).await, [Rgb([90, 90, 90]); 4]);
    }
    let deep = image::DynamicImage::ImageRgb8(quarters(600)).into_rgb16();
    assert_quarters("deep", &pixels(encoded(deep, ImageFormat::Png)).await, [RED, GREEN, BLUE, YELLOW]);
}

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
async fn interlaced_picture_becomes_the_same_square() {
    for side in [1, 3, 8, 513, 1100] {
        let plain = pixels(encoded(quarters(side), ImageFormat::Png)).await;
        let interlaced = pixels(interlaced_png(&quarters(side))).await;
        assert_eq!(plain, interlaced, "{side}");
    }
    let wide = wide_bands(300);
    assert_eq!(pixels(encoded(wide.clone(), ImageFormat::Png)).await, pixels(interlaced_png(&wide)).await);
}

#[tokio::test]
async fn palette_is_applied() {
    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, 16, 16);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Four);
    encoder.set_palette([RED.0, GREEN.0].concat());
    // Green can be seen through entirely.
    encoder.set_trns(vec![255, 0]);
    let row = [0, 0, 0, 0, 0x11, 0x11, 0x11, 0x11];
    encoder.write_header().unwrap().write_image_data(&row.repeat(16)).unwrap();
    assert_quarters("palette", &pixels(png).await, [RED, WHITE, RED, WHITE]);
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
async fn jpeg_that_needs_much_memory_is_accepted() {
    let bands = RgbImage::from_fn(25_000, 1000, |x, _| if (12_000..13_000).contains(&x) { GREEN } else { RED });
    assert_quarters("long", &pixels(encoded(bands, ImageFormat::Jpeg)).await, [GREEN; 4]);
    for (name, jpeg) in [
        ("progressive, 40 megapixels", jpeg_encoder::progressive(6320, 6320, jpeg_encoder::HALF_CHROMA)),
        (
            "progressive, chroma in full, 24 megapixels",
            jpeg_encoder::progressive(6000, 4000, jpeg_encoder::FULL_CHROMA),
        ),
        ("progressive, grey, 40 megapixels", jpeg_encoder::progressive(6320, 6320, jpeg_encoder::GREY)),
    ] {
        assert_quarters(name, &pixels(jpeg).await, [Rgb([128; 3]); 4]);
    }
}

#[tokio::test]
async fn jpeg_that_needs_too_much_memory_is_rejected() {
    let table = [
        ("progressive JPEG", jpeg_encoder::progressive(6320, 6320, jpeg_encoder::FULL_CHROMA), (6320, 6320)),
        ("progressive JPEG", jpeg_encoder::progressive(6320, 6320, jpeg_encoder::INKS), (6320, 6320)),
        ("JPEG", jpeg_encoder::sequential(39_900, 1000, jpeg_encoder::FULL_CHROMA), (39_900, 1000)),
    ];
    for (kind, upload, size) in table {
        let outcome = square(upload).await;
        let Err(PictureError::TooMuchMemory { format, width, height, max_mib }) = outcome else {
            panic!("{kind}: {outcome:?}")
        };
        assert_eq!((format, (width, height), max_mib), (kind, size, 160));
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
async fn pictures_of_40_megapixels_are_accepted() {
    for (format, wide) in [(ImageFormat::Png, false), (ImageFormat::Jpeg, false), (ImageFormat::Jpeg, true)] {
        let picture = if wide { wide_bands(3600) } else { quarters(6324) };
        let expected = if wide { [GREEN; 4] } else { [RED, GREEN, BLUE, YELLOW] };
        assert_quarters(&format!("{format:?}"), &pixels(encoded(picture, format)).await, expected);
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

#[tokio::test]
async fn too_many_pixels_are_rejected_before_decoding() {
    let table = [
        ("png", claiming_png(30_000, 30_000)),
        ("png, widest", claiming_png(i32::MAX.cast_unsigned(), i32::MAX.cast_unsigned())),
        ("png, one row", claiming_png(40_000_001, 1)),
        ("jpeg", claiming_jpeg(30_000, 30_000)),
        ("jpeg, largest", claiming_jpeg(u16::MAX, u16::MAX)),
    ];
    for (name, upload) in table {
        let begun = Instant::now();
        let outcome = square(upload).await;
        assert!(matches!(outcome, Err(PictureError::TooManyPixels { max_megapixels: 40 })), "{name}: {outcome:?}");
        assert!(begun.elapsed() < Duration::from_secs(1), "{name} took {:?}", begun.elapsed());
    }
}

#[tokio::test]
async fn limit_of_pixels_is_exact() {
    let processor = SquarePictures::new(SquarePicturesSettings { max_megapixels: 1, ..Default::default() }).unwrap();
    let fits = encoded(RgbImage::from_pixel(1000, 1000, RED), ImageFormat::Png);
    assert!(processor.square(fits).await.is_ok());
    let exceeds = encoded(RgbImage::from_pixel(1000, 1001, RED), ImageFormat::Png);
    let outcome = processor.square(exceeds).await;
    assert!(matches!(outcome, Err(PictureError::TooManyPixels { max_megapixels: 1 })), "{outcome:?}");
}

#[tokio::test]
async fn bytes_after_the_picture_are_dropped() {
    let tails: [&[u8]; 2] = [b"<html><script>alert(1)</script></html>", b"PK\x03\x04\x14\0evil.sh"];
    for format in [ImageFormat::Png, ImageFormat::Jpeg] {
        for tail in tails {
            let mut polyglot = encoded(quarters(600), format);
            polyglot.extend(tail);
            let jpeg = square(polyglot).await.expect("a picture with a tail is a picture");
            assert!(!contains(&jpeg, tail));
            assert!(jpeg.ends_with(&[0xFF, 0xD9]));
        }
    }
}

#[tokio::test]
async fn pictures_beyond_the_queue_are_rejected() {
    let settings = SquarePicturesSettings { at_once: 1, waiting: 1, max_megapixels: 40 };
    let processor = Arc::new(SquarePictures::new(settings).unwrap());
    let upload = encoded(quarters(2100), ImageFormat::Png);
    let asked: Vec<_> = (0..6)
        .map(|_| {
            let (processor, upload) = (Arc::clone(&processor), upload.clone());
            tokio::spawn(async move { processor.square(upload).await })
        })
        .collect();
    let (mut done, mut rejected) = (0, 0);
    for each in asked {
        match each.await.unwrap() {
            Ok(_) => done += 1,
            Err(PictureError::Overloaded) => rejected += 1,
            Err(error) => panic!("{error:?}"),
        }
    }
    assert_eq!((done, rejected), (2, 4));
}
