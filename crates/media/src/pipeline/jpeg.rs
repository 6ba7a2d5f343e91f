//! JPEG, shrunk while it is decoded.

use std::io::Cursor;

use domain::picture::PictureError;
use image::metadata::Orientation;
use jpeg_decoder::{Decoder, Error, PixelFormat};

use super::{Colours, Decoded, SIDE, Samples, colour::Space, memory::Memory, square::Square};
use crate::structure::{JpegFault, JpegStructure};

/// The most that one picture may take. Only a progressive one comes near: one of 24 megapixels, or of 12 whose colours
/// are not subsampled. With the uploads under way, and what the allocator holds back, that stays within 200 MiB.
const MOST_BYTES: u64 = 72 * 1024 * 1024;

/// Reads the square in the middle.
pub(super) fn decode(upload: &[u8], max_pixels: u64, memory: &Memory) -> Result<Decoded, PictureError> {
    let structure = JpegStructure::read(upload).map_err(|fault| match fault {
        JpegFault::Damaged => PictureError::Damaged,
        JpegFault::Unsupported => PictureError::UnsupportedFormat,
    })?;
    let (width, height) = (structure.width, structure.height);
    if u64::from(width) * u64::from(height) > max_pixels {
        return Err(super::too_many_pixels(max_pixels));
    }
    let cost = structure.cost(eighths(width.min(height)));
    if cost > MOST_BYTES {
        return Err(PictureError::TooMuchMemory);
    }
    let _held = memory.hold(cost);
    let mut decoder = Decoder::new(Cursor::new(upload));
    // The scale is the smallest at which one of the sides is as long as asked for, so only the short one is asked.
    let wanted = u16::try_from(SIDE).unwrap_or(u16::MAX);
    let (wide, high) = if width <= height { (wanted, u16::MAX) } else { (u16::MAX, wanted) };
    let (width, height) = decoder.scale(wide, high).map_err(|error| refusal(&error))?;
    let pixels = decoder.decode().map_err(|error| refusal(&error))?;
    let format = decoder.info().ok_or(PictureError::Damaged)?.pixel_format;
    let (side, samples) = crop(&pixels, width.into(), height.into(), format)?;
    let orientation = decoder.exif_data().and_then(Orientation::from_exif_chunk);
    Ok(Decoded {
        side,
        samples,
        space: decoder.icc_profile().map_or(Space::Srgb, Space::Icc),
        orientation: orientation.unwrap_or(Orientation::NoTransforms),
    })
}

/// How many eighths of a side the decoder will make.
fn eighths(short_side: u16) -> u64 {
    let enough = |eighths: &u64| (u64::from(short_side) * eighths).div_ceil(8) >= u64::from(SIDE);
    [1, 2, 4].into_iter().find(enough).unwrap_or(8)
}

fn crop(pixels: &[u8], width: u32, height: u32, format: PixelFormat) -> Result<(u32, Samples), PictureError> {
    match format {
        PixelFormat::L8 => Ok(crop_to::<1>(pixels, width, height, Colours::Grey)),
        PixelFormat::RGB24 => Ok(crop_to::<3>(pixels, width, height, Colours::Rgb)),
        PixelFormat::CMYK32 => Ok(crop_to::<4>(pixels, width, height, Colours::Cmyk)),
        PixelFormat::L16 => Err(PictureError::UnsupportedFormat),
    }
}

fn crop_to<const CHANNELS: usize>(pixels: &[u8], width: u32, height: u32, colours: Colours) -> (u32, Samples) {
    let mut square = Square::of(width, height, CHANNELS);
    let row_pixels = usize::try_from(width).unwrap_or(usize::MAX).max(1);
    for (y, row) in (0..height).zip(pixels.as_chunks::<CHANNELS>().0.chunks(row_pixels)) {
        square.add(y, 0, 1, row.iter().copied());
    }
    let (side, pixels) = square.finish();
    (side, Samples { colours, pixels })
}

fn refusal(error: &Error) -> PictureError {
    match error {
        Error::Unsupported(_) => PictureError::UnsupportedFormat,
        Error::Format(_) | Error::Io(_) | Error::Internal(_) => PictureError::Damaged,
    }
}
