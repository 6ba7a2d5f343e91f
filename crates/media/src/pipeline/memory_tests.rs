//! Test that compares the predicted memory with the memory that the decoders allocate. Other unit tests of this crate
//! allocate little, because the allocator counts all threads of the process.

use std::borrow::Cow;

use ::png::{BitDepth, ColorType, Compression, Encoder, Info};
use peak_alloc::PeakAlloc;
use testkit::jpeg_encoder::{FULL_CHROMA, GREY, HALF_CHROMA, INKS, progressive, segment, sequential};

use super::*;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// Unused part of a prediction, in MiB: everything that is not proportional to the number of pixels.
const MAX_UNUSED_MIB: f32 = 25.0;

#[test]
fn predicted_memory_is_enough_and_not_much_more() {
    let profile = vec![0; 4 * 1024 * 1024];
    let jpegs = [
        ("one pixel", sequential(1, 1, GREY)),
        ("scaled to an eighth", sequential(6320, 6320, FULL_CHROMA)),
        ("not scaled, largest square", sequential(1022, 1022, INKS)),
        ("strip", sequential(20_000, 1000, FULL_CHROMA)),
        ("strip, half chroma", sequential(20_000, 1000, HALF_CHROMA)),
        ("strip, grey", sequential(20_000, 1000, GREY)),
        ("strip, inks", sequential(1000, 10_000, INKS)),
        ("widest groups", sequential(u16::MAX, 100, &[(4, 2), (1, 1), (1, 1)])),
        ("progressive", progressive(6320, 6320, HALF_CHROMA)),
        ("progressive, full chroma", progressive(4000, 4000, FULL_CHROMA)),
        ("progressive, inks", progressive(3000, 3000, INKS)),
        ("progressive, grey", progressive(6000, 3000, GREY)),
        ("progressive strip", progressive(9000, 1000, FULL_CHROMA)),
        ("with a profile", jpeg_with_profile(&sequential(1022, 1022, INKS), &profile)),
    ];
    for (name, jpeg) in jpegs {
        let (predicted, measured) = memory(&jpeg);
        assert!(measured <= predicted, "{name}: {measured} MiB, predicted {predicted}");
        assert!(predicted - measured < MAX_UNUSED_MIB, "{name}: only {measured} MiB, predicted {predicted}");
    }
    let pngs = [
        ("largest square", png_of(1023, 1023, ColorType::Rgba, BitDepth::Eight, None)),
        ("wide rows", png_of(600_000, 14, ColorType::Rgba, BitDepth::Sixteen, None)),
        ("wide rows of bits", png_of(10_000_000, 4, ColorType::Grayscale, BitDepth::One, None)),
        ("with a profile", png_of(1023, 1023, ColorType::Rgb, BitDepth::Eight, Some(&profile))),
    ];
    for (name, png) in pngs {
        let (predicted, measured) = memory(&png);
        assert!(measured <= predicted, "PNG, {name}: {measured} MiB, predicted {predicted}");
    }
}

/// Converts a picture. Returns its predicted and its measured memory in MiB.
#[expect(clippy::cast_precision_loss, reason = "less than 2^24")]
fn memory(upload: &[u8]) -> (f32, f32) {
    const MIB: f32 = 1024.0 * 1024.0;
    let header = Header::read(upload).unwrap();
    let predicted = header.memory(upload.len(), u32::MAX).unwrap();
    let before = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    square_jpeg(upload, &header).unwrap();
    let measured = ALLOCATOR.peak_usage() - before + upload.len();
    (predicted as f32, measured as f32 / MIB)
}

fn jpeg_with_profile(jpeg: &[u8], profile: &[u8]) -> Vec<u8> {
    let mut bytes = jpeg[..2].to_vec();
    let parts: Vec<_> = profile.chunks(60_000).collect();
    for (number, part) in (1..).zip(&parts) {
        let position = [number, u8::try_from(parts.len()).unwrap()];
        segment(&mut bytes, 0xE2, &[b"ICC_PROFILE\0", position.as_slice(), part].concat());
    }
    bytes.extend(&jpeg[2..]);
    bytes
}

fn png_of(width: u32, height: u32, colours: ColorType, depth: BitDepth, profile: Option<&[u8]>) -> Vec<u8> {
    let mut info = Info::with_size(width, height);
    (info.color_type, info.bit_depth) = (colours, depth);
    info.icc_profile = profile.map(|profile| Cow::Owned(profile.to_vec()));
    let row = info.raw_row_length() - 1;
    let mut bytes = Vec::new();
    let mut encoder = Encoder::with_info(&mut bytes, info).unwrap();
    encoder.set_compression(Compression::Fast);
    let pixels = vec![0; row * usize::try_from(height).unwrap()];
    encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
    bytes
}
