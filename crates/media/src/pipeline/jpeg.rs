//! JPEG decoding with scaling during the decoding, and its memory.

use std::{io::Cursor, num::NonZero, thread::available_parallelism};

use domain::picture::{PictureError, limits::STORED_SIDE};
use image::metadata::Orientation;
use jpeg_decoder::{Decoder, Error, PixelFormat};

use super::{
    colour::Space,
    decoded::{Decoded, SQUARE_BYTES},
    jpeg_structure::{BLOCK_SIDE, Frame},
    samples::{Colours, Samples},
    square::Square,
};

/// Bytes of the coefficients of a block.
const BLOCK_BYTES: u64 = 64 * 2;

/// Returns the maximum memory of [`decode`] in bytes, without the file.
pub(super) fn memory(frame: &Frame) -> u64 {
    let (across, down) = frame.max_factors();
    let columns = u64::from(frame.width).div_ceil(BLOCK_SIDE * u64::from(across));
    let rows = u64::from(frame.height).div_ceil(BLOCK_SIDE * u64::from(down));
    let group_row: u64 =
        frame.components.iter().map(|each| columns * u64::from(each.across) * u64::from(each.down)).sum();
    let blocks = rows * group_row;
    // The decoder retains all coefficients of a progressive picture until the last scan.
    let coefficients = if frame.is_progressive { blocks * BLOCK_BYTES } else { 0 };
    // It fills one row while it converts another one.
    let row = 2 * group_row * BLOCK_BYTES;

    let eighths = eighths(frame.width.min(frame.height));
    let planes = blocks * u64::from(eighths).pow(2);
    let scaled = |side: u16| (u64::from(side) * u64::from(eighths)).div_ceil(8);
    let (width, height) = (scaled(frame.width), scaled(frame.height));
    let channels = u64::try_from(frame.components.len()).unwrap_or(u64::MAX);
    let pixels = width * height * channels;
    // The only plane of a grey picture becomes its pixels. Other planes are interleaved, in a buffer for each thread.
    let threads = u64::try_from(available_parallelism().map_or(1, NonZero::get)).unwrap_or(u64::MAX);
    let interleaving = if channels == 1 { 0 } else { pixels + threads * width * u64::from(across) * channels };
    (coefficients + row + planes + interleaving).max(pixels + SQUARE_BYTES)
}

/// Decodes the square in the centre.
pub(super) fn decode(upload: &[u8], frame: &Frame) -> Result<Decoded, PictureError> {
    frame.check_scans(upload)?;
    let mut decoder = Decoder::new(Cursor::new(upload));
    // The decoder chooses the smallest scale at which one side reaches the requested length, so only the short side is
    // requested.
    let target = u16::try_from(STORED_SIDE).unwrap_or(u16::MAX);
    let is_upright = frame.width <= frame.height;
    let (wide, high) = if is_upright { (target, u16::MAX) } else { (u16::MAX, target) };
    let (width, height) = decoder.scale(wide, high).map_err(|error| picture_error(&error))?;
    let pixels = decoder.decode().map_err(|error| picture_error(&error))?;
    let format = decoder.info().ok_or(PictureError::Damaged)?.pixel_format;
    let orientation = decoder.exif_data().and_then(Orientation::from_exif_chunk);
    let space = decoder.icc_profile().map_or(Space::Srgb, Space::Icc);
    // Frees the coefficients.
    drop(decoder);
    let (side, samples) = crop(&pixels, width.into(), height.into(), format)?;
    Ok(Decoded { side, samples, space, orientation: orientation.unwrap_or(Orientation::NoTransforms) })
}

/// Returns the scale that the decoder will choose, in eighths.
fn eighths(short_side: u16) -> u8 {
    let enough = |eighths: &u8| (u32::from(short_side) * u32::from(*eighths)).div_ceil(8) >= STORED_SIDE;
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

fn picture_error(error: &Error) -> PictureError {
    match error {
        Error::Unsupported(_) => PictureError::UnsupportedFormat,
        Error::Format(_) | Error::Io(_) | Error::Internal(_) => PictureError::Damaged,
    }
}
