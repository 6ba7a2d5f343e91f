//! PNG decoding, row by row.

use std::io::Cursor;

use domain::picture::PictureError;
use image::metadata::Orientation;
use png::{BitDepth, ColorType, Decoder, DecodingError, Limits, Reader, Transformations};

use super::{Colours, Decoded, Samples, colour::Space, square::Square};
use crate::structure::is_complete_png;

/// Memory limit of the decoder besides its rows, for profiles and compressed text, in bytes.
const DECODER_BYTES: usize = 16 * 1024 * 1024;
/// Maximum size of a row, in bytes: half a million pixels of the largest type. A few rows are in memory at once, and no
/// real picture is as wide.
const MAX_ROW_BYTES: usize = 4 * 1024 * 1024;

/// Pixels of the seven interlacing passes (PNG, 8.2): first column and step, first row and step.
const PASSES: [(u32, u32, u32, u32); 7] =
    [(0, 8, 0, 8), (4, 8, 0, 8), (0, 4, 4, 8), (2, 4, 0, 4), (0, 2, 2, 4), (1, 2, 0, 2), (0, 1, 1, 2)];

type Source<'upload> = Reader<Cursor<&'upload [u8]>>;

/// Decodes the square in the centre, with transparency on white.
pub(super) fn decode(upload: &[u8], max_pixels: u64) -> Result<Decoded, PictureError> {
    if !is_complete_png(upload) {
        return Err(PictureError::Damaged);
    }
    let mut decoder = Decoder::new_with_limits(Cursor::new(upload), Limits { bytes: DECODER_BYTES });
    decoder.set_transformations(Transformations::normalize_to_color8());
    decoder.set_ignore_text_chunk(true);
    let header = decoder.read_header_info().map_err(|error| picture_error(&error))?;
    let (width, height) = header.size();
    if u64::from(width) * u64::from(height) > max_pixels {
        return Err(super::too_many_pixels(max_pixels));
    }
    if header.raw_row_length() > MAX_ROW_BYTES {
        return Err(PictureError::TooMuchMemory);
    }
    let mut reader = decoder.read_info().map_err(|error| picture_error(&error))?;
    let info = reader.info();
    let orientation = info.exif_metadata.as_deref().and_then(Orientation::from_exif_chunk);
    let space = Space::of_png(info);
    let (side, samples) = read(&mut reader, width, height)?;
    Ok(Decoded { side, samples, space, orientation: orientation.unwrap_or(Orientation::NoTransforms) })
}

fn read(reader: &mut Source, width: u32, height: u32) -> Result<(u32, Samples), PictureError> {
    let (colour, depth) = reader.output_color_type();
    if depth != BitDepth::Eight {
        return Err(PictureError::UnsupportedFormat);
    }
    let is_grey = matches!(colour, ColorType::Grayscale | ColorType::GrayscaleAlpha);
    let colours = if is_grey { Colours::Grey } else { Colours::Rgb };
    let mut square = Square::of(width, height, colours.channels());
    for (y, left, step) in rows(width, height, reader.info().interlaced) {
        let row = reader.next_row().map_err(|error| picture_error(&error))?.ok_or(PictureError::Damaged)?;
        let data = row.data();
        match colour {
            ColorType::Grayscale => square.add(y, left, step, data.as_chunks::<1>().0.iter().copied()),
            ColorType::Rgb => square.add(y, left, step, data.as_chunks::<3>().0.iter().copied()),
            ColorType::GrayscaleAlpha => {
                let pixels = data.as_chunks::<2>().0.iter();
                square.add(y, left, step, pixels.map(|[grey, alpha]| [over_white(*grey, *alpha)]));
            }
            ColorType::Rgba => {
                let pixels = data.as_chunks::<4>().0.iter();
                let flat = |[red, green, blue, alpha]: &[u8; 4]| {
                    [red, green, blue].map(|channel| over_white(*channel, *alpha))
                };
                square.add(y, left, step, pixels.map(flat));
            }
            ColorType::Indexed => return Err(PictureError::UnsupportedFormat),
        }
    }
    let (side, pixels) = square.finish();
    Ok((side, Samples { colours, pixels }))
}

/// Returns the rows in the order of the file: row number, column of the first pixel, and step between pixels.
fn rows(width: u32, height: u32, is_interlaced: bool) -> impl Iterator<Item = (u32, u32, u32)> {
    let whole: &[(u32, u32, u32, u32)] = if is_interlaced { &PASSES } else { &[(0, 1, 0, 1)] };
    let passes = whole.iter().copied().filter(move |(left, ..)| *left < width);
    passes.flat_map(move |(left, step, top, down)| {
        (top..height).step_by(usize::try_from(down).unwrap_or(1)).map(move |y| (y, left, step))
    })
}

fn over_white(channel: u8, alpha: u8) -> u8 {
    let (channel, alpha) = (u32::from(channel), u32::from(alpha));
    u8::try_from((channel * alpha + 255 * (255 - alpha) + 127) / 255).unwrap_or(u8::MAX)
}

fn picture_error(error: &DecodingError) -> PictureError {
    match error {
        DecodingError::LimitsExceeded => PictureError::TooMuchMemory,
        _ => PictureError::Damaged,
    }
}
