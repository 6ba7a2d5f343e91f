//! Pixels of the stored square.

use domain::picture::{PictureError, PictureProcessor as _};
use image::{GenericImageView as _, ImageFormat, Rgb, RgbImage};
use media::{SquarePictures, SquarePicturesSettings};

use crate::samples::{
    BLUE, GREEN, RED, USER, YELLOW, encoded, interlaced_png, quarters, transparent, wide_bands, with_exif,
};

const WHITE: Rgb<u8> = Rgb([255, 255, 255]);
const GPS_TEXT: &str = "50.4501N 30.5234E, at home";

pub(crate) async fn square(upload: Vec<u8>) -> Result<Vec<u8>, PictureError> {
    let processor = SquarePictures::new(SquarePicturesSettings::default()).unwrap();
    processor.square(USER, upload).await.map(|picture| picture.jpeg)
}

pub(crate) async fn pixels(upload: Vec<u8>) -> RgbImage {
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

pub(crate) fn assert_quarters(name: &str, picture: &RgbImage, expected: [Rgb<u8>; 4]) {
    for (at, colour) in [(64, 64), (448, 64), (64, 448), (448, 448)].into_iter().zip(expected) {
        assert_near(name, picture, at, colour);
    }
}

pub(crate) fn contains(bytes: &[u8], text: &[u8]) -> bool {
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
