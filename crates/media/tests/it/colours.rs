//! Conversion of colour profiles to sRGB.

use std::sync::Arc;

use domain::picture::{PictureError, PictureProcessor};
use image::{ImageFormat, Luma, Rgb, RgbImage};
use media::{SquarePictures, SquarePicturesSettings};
use moxcms::ColorProfile;

use crate::samples::{USER, cmyk_jpeg, encoded, jpeg_with_profile, png_with_profile, with_chunk};

async fn colour_of(upload: Vec<u8>) -> [u8; 3] {
    let processor = SquarePictures::new(SquarePicturesSettings::default()).unwrap();
    let jpeg = processor.square(USER, upload).await.unwrap().jpeg;
    assert!(!jpeg.windows(11).any(|window| window == b"ICC_PROFILE"), "sRGB needs no profile");
    image::load_from_memory(&jpeg).unwrap().into_rgb8().get_pixel(256, 256).0
}

fn flat(colour: [u8; 3], format: ImageFormat) -> Vec<u8> {
    encoded(RgbImage::from_pixel(64, 64, Rgb(colour)), format)
}

/// Asserts nearly the expected colour, since JPEG is lossy.
fn assert_near(name: &str, found: [u8; 3], expected: [u8; 3]) {
    let is_near = found.iter().zip(expected).all(|(found, expected)| found.abs_diff(expected) <= 6);
    assert!(is_near, "{name}: {found:?}, not {expected:?}");
}

fn written(profile: &ColorProfile) -> Vec<u8> {
    profile.encode().unwrap()
}

#[tokio::test]
async fn wide_gamut_colours_are_converted_to_srgb() {
    // Figures of another implementation (CSS Color 4's matrices), rounded.
    let table = [
        ("Display P3", ColorProfile::new_display_p3(), [200, 100, 100], [215, 93, 97]),
        ("Display P3, a red beyond sRGB", ColorProfile::new_display_p3(), [200, 30, 30], [218, 0, 6]),
        ("Adobe RGB", ColorProfile::new_adobe_rgb(), [100, 150, 100], [66, 151, 97]),
    ];
    for (name, profile, colour, expected) in table {
        let profile = written(&profile);
        for format in [ImageFormat::Png, ImageFormat::Jpeg] {
            let plain = flat(colour, format);
            let upload = match format {
                ImageFormat::Png => png_with_profile(&plain, &profile),
                _ => jpeg_with_profile(&plain, &profile),
            };
            assert_near(&format!("{name} without the profile"), colour_of(plain).await, colour);
            assert_near(&format!("{name} as {format:?}"), colour_of(upload).await, expected);
        }
    }
}

#[tokio::test]
async fn srgb_profile_changes_nothing() {
    let profile = written(&ColorProfile::new_srgb());
    for colour in [[200, 30, 30], [0, 0, 0], [255, 255, 255], [1, 128, 254]] {
        assert_near("sRGB", colour_of(png_with_profile(&flat(colour, ImageFormat::Png), &profile)).await, colour);
    }
}

#[tokio::test]
async fn code_points_of_a_png_override_its_profile() {
    // Display P3: primaries 12, transfer 13, RGB, full range.
    let png = png_with_profile(&flat([200, 100, 100], ImageFormat::Png), &written(&ColorProfile::new_adobe_rgb()));
    assert_near("cICP", colour_of(with_chunk(&png, b"cICP", &[12, 13, 0, 1])).await, [215, 93, 97]);
}

#[tokio::test]
async fn grey_profile_is_applied() {
    let profile = written(&ColorProfile::new_gray_with_gamma(1.0));
    let grey = image::GrayImage::from_pixel(64, 64, Luma([128]));
    let png = png_with_profile(&encoded(grey.clone(), ImageFormat::Png), &profile);
    assert_near("linear grey as PNG", colour_of(png).await, [188; 3]);
    let jpeg = jpeg_with_profile(&encoded(grey, ImageFormat::Jpeg), &profile);
    assert_near("linear grey as JPEG", colour_of(jpeg).await, [188; 3]);
}

#[tokio::test]
async fn profile_for_other_samples_is_ignored() {
    let grey = written(&ColorProfile::new_gray_with_gamma(1.0));
    let colour = [200, 30, 90];
    assert_near("grey over RGB", colour_of(png_with_profile(&flat(colour, ImageFormat::Png), &grey)).await, colour);
    let wide = written(&ColorProfile::new_display_p3());
    let picture = encoded(image::GrayImage::from_pixel(64, 64, Luma([128])), ImageFormat::Jpeg);
    assert_near("RGB over grey", colour_of(jpeg_with_profile(&picture, &wide)).await, [128; 3]);
}

#[tokio::test]
async fn malformed_profile_is_ignored() {
    let colour = [200, 100, 100];
    let (plain, good) = (flat(colour, ImageFormat::Jpeg), written(&ColorProfile::new_display_p3()));
    let processor = Arc::new(SquarePictures::new(SquarePicturesSettings::default()).unwrap());
    for length in (0..good.len()).step_by(37) {
        let outcome = processor.square(USER, jpeg_with_profile(&plain, &good[..length])).await;
        assert!(outcome.is_ok(), "cut at {length}: {outcome:?}");
    }
    for at in (0..good.len()).step_by(11) {
        let mut broken = good.clone();
        broken[at] ^= 0xFF;
        let outcome = processor.square(USER, jpeg_with_profile(&plain, &broken)).await;
        assert!(outcome.is_ok(), "byte {at}: {outcome:?}");
    }
    assert_near("garbage", colour_of(jpeg_with_profile(&plain, &[0xAB; 5000])).await, colour);
    assert_near("a long one", colour_of(jpeg_with_profile(&plain, &vec![0; 4_500_000])).await, colour);
    let bomb = png_with_profile(&flat(colour, ImageFormat::Png), &vec![0; 20_000_000]);
    let outcome = processor.square(USER, bomb).await;
    assert!(matches!(outcome, Ok(_) | Err(PictureError::TooMuchMetadata)), "{outcome:?}");
}

#[tokio::test]
async fn inks_are_converted() {
    let (cyan, half_black) = ([255, 0, 0, 0], [0, 0, 0, 128]);
    assert_near("cyan, by rule of thumb", colour_of(cmyk_jpeg(cyan)).await, [0, 255, 255]);
    assert_near("grey, by rule of thumb", colour_of(cmyk_jpeg(half_black)).await, [127; 3]);
    assert_near("white", colour_of(cmyk_jpeg([0; 4])).await, [255; 3]);
    let printed = |inks| jpeg_with_profile(&cmyk_jpeg(inks), &press_profile());
    assert_near("cyan of that press", colour_of(printed(cyan)).await, PRINTED_CYAN_IN_SRGB);
    assert_near("its paper", colour_of(printed([0; 4])).await, [255; 3]);
    assert_near("its black", colour_of(printed([0, 0, 0, 255])).await, [0; 3]);
}

const PRINTED_CYAN_IN_SRGB: [u8; 3] = [77, 156, 179];

/// An ICC profile (v2) of a press whose cyan is L* 60, a* -20, b* -20: a table of the corners of the inks.
fn press_profile() -> Vec<u8> {
    const HEADER: usize = 128;
    const TAG: usize = HEADER + 4 + 12;
    let mut table = b"mft1\0\0\0\0".to_vec();
    // Inks, channels of Lab, grid points, padding, and a matrix that is not used.
    table.extend([4, 3, 2, 0]);
    for entry in [1_u32, 0, 0, 0, 1, 0, 0, 0, 1] {
        table.extend((entry << 16).to_be_bytes());
    }
    (0..4).for_each(|_| table.extend(0..=255_u8));
    for corner in 0..16_u8 {
        let (has_cyan, has_black) = (corner & 8 != 0, corner & 1 != 0);
        table.extend(match (has_cyan, has_black) {
            (_, true) => [0, 128, 128],
            (true, false) => [153, 108, 108],
            (false, false) => [255, 128, 128],
        });
    }
    (0..3).for_each(|_| table.extend(0..=255_u8));

    let mut profile = vec![0; HEADER];
    let length = u32::try_from(TAG + table.len()).unwrap();
    profile[..4].copy_from_slice(&length.to_be_bytes());
    profile[8..12].copy_from_slice(&[2, 0x40, 0, 0]);
    profile[12..24].copy_from_slice(b"prtrCMYKLab ");
    profile[36..40].copy_from_slice(b"acsp");
    // The light of the profile connection space, D50.
    profile[68..80].copy_from_slice(&[0, 0, 0xF6, 0xD6, 0, 1, 0, 0, 0, 0, 0xD3, 0x2D]);
    profile.extend(1_u32.to_be_bytes());
    profile.extend(b"A2B0");
    profile.extend(u32::try_from(TAG).unwrap().to_be_bytes());
    profile.extend(u32::try_from(table.len()).unwrap().to_be_bytes());
    profile.extend(table);
    profile
}
