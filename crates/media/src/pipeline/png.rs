//! PNG decoding, row by row, and its memory.

use std::io::Cursor;

use domain::picture::PictureError;
use image::metadata::Orientation;
use png::{BitDepth, ColorType, Decoder, DecodingError, Limits, Reader, Transformations};

use super::{
    colour::{MAX_PROFILE, Space},
    decoded::{Decoded, SQUARE_BYTES},
    samples::{Colours, Samples},
    square::Square,
};

/// Maximum memory of profiles and other metadata, in bytes.
const METADATA_BYTES: usize = 16 * 1024 * 1024;
/// Maximum number of rows in the buffer of the decoder, while it grows.
const BUFFERED_ROWS: usize = 12;

const SIGNATURE_LENGTH: usize = 8;
/// Bytes of the length, type and checksum of a chunk.
const CHUNK_OVERHEAD: usize = 12;

/// Pixels of the seven interlacing passes (PNG, 8.2): first column and step, first row and step.
const PASSES: [(u32, u32, u32, u32); 7] =
    [(0, 8, 0, 8), (4, 8, 0, 8), (0, 4, 4, 8), (2, 4, 0, 4), (0, 2, 2, 4), (1, 2, 0, 2), (0, 1, 1, 2)];

type Source<'upload> = Reader<Cursor<&'upload [u8]>>;

/// Header of a PNG.
#[derive(Debug)]
pub(crate) struct Header {
    pub(super) width: u32,
    pub(super) height: u32,
    /// Bytes of a row in the file.
    row: usize,
}

impl Header {
    pub(super) fn read(upload: &[u8]) -> Result<Self, PictureError> {
        let mut decoder = Decoder::new_with_limits(Cursor::new(upload), Limits { bytes: METADATA_BYTES });
        let header = decoder.read_header_info().map_err(|error| picture_error(&error))?;
        Ok(Self { width: header.width, height: header.height, row: header.raw_row_length() })
    }

    /// Returns the maximum memory of [`decode`] in bytes, without the file.
    pub(super) fn memory(&self) -> u64 {
        let rows = BUFFERED_ROWS.saturating_mul(self.row).saturating_add(self.expanded_row());
        let rows = u64::try_from(rows).unwrap_or(u64::MAX);
        let metadata = u64::try_from(METADATA_BYTES + MAX_PROFILE).unwrap_or(u64::MAX);
        rows.saturating_add(metadata).saturating_add(SQUARE_BYTES)
    }

    /// Returns the bytes of a row with four channels.
    fn expanded_row(&self) -> usize {
        usize::try_from(self.width).unwrap_or(usize::MAX).saturating_mul(4)
    }
}

/// Decodes the square in the centre, with transparency on white.
pub(super) fn decode(upload: &[u8], header: &Header) -> Result<Decoded, PictureError> {
    if !is_complete(upload) {
        return Err(PictureError::Damaged);
    }
    // The decoder takes a row of its output from the same limit.
    let limits = Limits { bytes: METADATA_BYTES.saturating_add(header.expanded_row()) };
    let mut decoder = Decoder::new_with_limits(Cursor::new(upload), limits);
    decoder.set_transformations(Transformations::normalize_to_color8());
    decoder.set_ignore_text_chunk(true);
    let mut reader = decoder.read_info().map_err(|error| picture_error(&error))?;
    let info = reader.info();
    let orientation = info.exif_metadata.as_deref().and_then(Orientation::from_exif_chunk);
    let space = Space::of_png(info);
    let (side, samples) = read(&mut reader, header.width, header.height)?;
    Ok(Decoded { side, samples, space, orientation: orientation.unwrap_or(Orientation::NoTransforms) })
}

/// True when the file has a complete IEND chunk. Ignores the bytes after it. A decoder does not need it.
fn is_complete(png: &[u8]) -> bool {
    let mut rest = png.get(SIGNATURE_LENGTH..).unwrap_or_default();
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let end = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX).saturating_add(CHUNK_OVERHEAD);
        let Some(next) = rest.get(end..) else { return false };
        if after.starts_with(b"IEND") {
            return true;
        }
        rest = next;
    }
    false
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
        DecodingError::LimitsExceeded => PictureError::TooMuchMetadata,
        _ => PictureError::Damaged,
    }
}
