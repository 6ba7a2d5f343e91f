//! Limits of pixels and memory.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use domain::picture::{PictureError, PictureProcessor as _};
use image::{ImageFormat, Rgb, RgbImage};
use media::{SquarePictures, SquarePicturesSettings};
use testkit::jpeg_encoder;

use crate::{
    samples::{BLUE, GREEN, RED, USER, YELLOW, claiming_jpeg, claiming_png, encoded, quarters, wide_bands},
    square_pictures::{assert_quarters, pixels, square},
};

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
async fn pictures_of_40_megapixels_are_accepted() {
    for (format, wide) in [(ImageFormat::Png, false), (ImageFormat::Jpeg, false), (ImageFormat::Jpeg, true)] {
        let picture = if wide { wide_bands(3600) } else { quarters(6324) };
        let expected = if wide { [GREEN; 4] } else { [RED, GREEN, BLUE, YELLOW] };
        assert_quarters(&format!("{format:?}"), &pixels(encoded(picture, format)).await, expected);
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
    assert!(processor.square(USER, fits).await.is_ok());
    let exceeds = encoded(RgbImage::from_pixel(1000, 1001, RED), ImageFormat::Png);
    let outcome = processor.square(USER, exceeds).await;
    assert!(matches!(outcome, Err(PictureError::TooManyPixels { max_megapixels: 1 })), "{outcome:?}");
}

#[tokio::test]
async fn pictures_beyond_the_queue_are_rejected() {
    let settings = SquarePicturesSettings { at_once: 1, waiting: 1, max_megapixels: 40 };
    let processor = Arc::new(SquarePictures::new(settings).unwrap());
    let upload = encoded(quarters(2100), ImageFormat::Png);
    let asked: Vec<_> = (0..6)
        .map(|_| {
            let (processor, upload) = (Arc::clone(&processor), upload.clone());
            tokio::spawn(async move { processor.square(USER, upload).await })
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
