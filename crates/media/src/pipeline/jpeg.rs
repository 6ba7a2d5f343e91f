//! JPEG decoding with scaling during the decoding.

use std::io::Cursor;

use domain::picture::PictureError;
use image::metadata::Orientation;
use jpeg_decoder::{Decoder, Error, PixelFormat};

use super::{Colours, Decoded, SIDE, Samples, colour::Space, excerpt::excerpt, square::Square};
use crate::structure::{JpegError, JpegStructure};

/// Memory limit of the decoder, in bytes. Pictures that need more are reduced to an excerpt first.
const MAX_BYTES: u64 = 32 * 1024 * 1024;

/// Decodes the square in the centre.
pub(super) fn decode(upload: &[u8], max_pixels: u64) -> Result<Decoded, PictureError> {
    let structure = JpegStructure::read(upload).map_err(|error| match error {
        JpegError::Damaged => PictureError::Damaged,
        JpegError::Unsupported => PictureError::UnsupportedFormat,
    })?;
    let (width, height) = (structure.width, structure.height);
    if u64::from(width) * u64::from(height) > max_pixels {
        return Err(super::too_many_pixels(max_pixels));
    }
    let eighths = eighths(width.min(height));
    if structure.cost(eighths) <= MAX_BYTES {
        return read(upload, width <= height);
    }
    let excerpt = excerpt(upload, &structure, eighths).ok_or(PictureError::Damaged)?;
    read(&excerpt, width <= height)
}

fn read(jpeg: &[u8], is_upright: bool) -> Result<Decoded, PictureError> {
    let mut decoder = Decoder::new(Cursor::new(jpeg));
    // The decoder chooses the smallest scale at which one side reaches the requested length, so only the short side is
    // requested.
    let target = u16::try_from(SIDE).unwrap_or(u16::MAX);
    let (wide, high) = if is_upright { (target, u16::MAX) } else { (u16::MAX, target) };
    let (width, height) = decoder.scale(wide, high).map_err(|error| picture_error(&error))?;
    let pixels = decoder.decode().map_err(|error| picture_error(&error))?;
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

/// Returns the scale that the decoder will choose, in eighths.
fn eighths(short_side: u16) -> u8 {
    let enough = |eighths: &u8| (u32::from(short_side) * u32::from(*eighths)).div_ceil(8) >= SIDE;
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

#[cfg(test)]
mod tests {
    use image::{ImageFormat, RgbImage};
    use testkit::{jpeg_encoder, jpeg_scans::Scanned};

    use super::*;

    /// Width, height, sampling factors, and number of groups between two restart markers.
    type Shape<'factors> = (u16, u16, &'factors [(u8, u8)], u16);

    const GREY: [(u8, u8); 1] = [(1, 1)];
    const FULL: [(u8, u8); 3] = [(1, 1), (1, 1), (1, 1)];
    const HALVED: [(u8, u8); 3] = [(2, 1), (1, 1), (1, 1)];
    const QUARTERED: [(u8, u8); 3] = [(2, 2), (1, 1), (1, 1)];
    const INKS: [(u8, u8); 4] = [(1, 1), (1, 1), (1, 1), (1, 1)];

    fn excerpt_of(jpeg: &[u8]) -> Option<Vec<u8>> {
        let structure = JpegStructure::read(jpeg).unwrap();
        excerpt(jpeg, &structure, eighths(structure.width.min(structure.height)))
    }

    /// Asserts that the decoded excerpt equals the decoded picture. Returns width and height of the excerpt.
    fn assert_same(name: &str, jpeg: &[u8]) -> (u16, u16) {
        let structure = JpegStructure::read(jpeg).unwrap();
        let is_upright = structure.width <= structure.height;
        let whole = read(jpeg, is_upright).unwrap_or_else(|error| panic!("{name}: {error:?}"));
        let excerpt = excerpt_of(jpeg).unwrap_or_else(|| panic!("{name} has no excerpt"));
        let seen = read(&excerpt, is_upright).unwrap_or_else(|error| panic!("{name}: {error:?}"));
        assert_eq!((seen.side, seen.samples.colours), (whole.side, whole.samples.colours), "{name}");
        assert_eq!(seen.orientation, whole.orientation, "{name}");
        // Colours are rounded differently in the middle and at the end of a row.
        let pairs = seen.samples.pixels.iter().zip(&whole.samples.pixels);
        assert!(pairs.map(|(seen, whole)| seen.abs_diff(*whole)).max() <= Some(1), "{name}");
        let size = JpegStructure::read(&excerpt).unwrap();
        (size.width, size.height)
    }

    #[test]
    fn excerpt_decodes_like_the_picture() {
        // Below 1023 pixels the scale is 1, up to 2044 one half, then one quarter.
        let table: [Shape; 15] = [
            (61, 61, &GREY, 0),
            (61, 35, &[(2, 2)], 5),
            (500, 37, &FULL, 0),
            (37, 500, &FULL, 7),
            (501, 43, &HALVED, 0),
            (43, 501, &HALVED, 1),
            (333, 67, &QUARTERED, 0),
            (67, 333, &QUARTERED, 3),
            (333, 67, &[(1, 2), (1, 1), (1, 1)], 0),
            (333, 67, &[(4, 1), (1, 1), (1, 1)], 9),
            (401, 40, &INKS, 0),
            (17, 1, &QUARTERED, 0),
            (1, 1, &FULL, 0),
            (1100, 1030, &QUARTERED, 0),
            (2046, 2047, &GREY, 50),
        ];
        for (width, height, factors, restart_every) in table {
            let scanned = Scanned { width, height, factors: factors.to_vec(), restart_every };
            let name = format!("{width} x {height}, {factors:?}, restarts {restart_every}");
            let size = assert_same(&format!("sequential, {name}"), &scanned.sequential());
            assert_eq!(assert_same(&format!("progressive, {name}"), &scanned.progressive()), size);
            let (short, long) = (width.min(height), size.0.max(size.1));
            assert!(long < short + 130, "{name}: the excerpt contains only the centre, not {long} pixels");
        }
    }

    #[test]
    fn excerpt_of_an_encoded_picture_decodes_like_it() {
        // The last one is scaled to one eighth.
        for (width, height) in [(300, 211), (97, 640), (4300, 4100)] {
            let shades = |x: u32, y: u32| [x, y, x * y].map(|value| u8::try_from(value % 256).unwrap());
            let picture = RgbImage::from_fn(width, height, |x, y| image::Rgb(shades(x, y)));
            let mut jpeg = Cursor::new(Vec::new());
            picture.write_to(&mut jpeg, ImageFormat::Jpeg).unwrap();
            assert_same(&format!("{width} x {height}"), jpeg.get_ref());
        }
    }

    #[test]
    fn incomplete_scans_are_rejected() {
        let scanned = Scanned { width: 90, height: 50, factors: QUARTERED.to_vec(), restart_every: 4 };
        for jpeg in [scanned.sequential(), scanned.progressive()] {
            assert!(excerpt_of(&jpeg).is_some());
            let scans: Vec<_> = (0..jpeg.len()).filter(|at| jpeg[*at..].starts_with(&[0xFF, 0xDA])).collect();
            for (begin, end) in scans.iter().zip(scans.iter().skip(1).chain([&(jpeg.len() - 2)])) {
                // The header and half of the data remain.
                let half = begin + 14 + (end - begin - 14) / 2;
                let cut = [&jpeg[..half], &jpeg[*end..]].concat();
                assert_eq!(excerpt_of(&cut), None, "the scan at {begin}");
            }
            let mut broken = jpeg.clone();
            let restart = jpeg.windows(2).position(|pair| pair == [0xFF, 0xD1]).unwrap();
            broken[restart + 1] = 0xD2;
            assert_eq!(excerpt_of(&broken), None, "a restart marker with the wrong number");
            for (name, marker) in [("steps", 0xDB), ("codes", 0xC4)] {
                let mut without = jpeg.clone();
                let table = jpeg.windows(2).position(|pair| pair == [0xFF, marker]).unwrap();
                // Turns the table into a comment.
                without[table + 1] = 0xFE;
                assert_eq!(excerpt_of(&without), None, "no {name}");
            }
        }
    }

    #[test]
    fn sequential_scan_with_a_run_of_empty_blocks_is_rejected() {
        let jpeg = jpeg_encoder::sequential(90, 50);
        let code = jpeg.windows(2).rposition(|pair| pair == [0xFF, 0xC4]).unwrap() + 4 + 17;
        for run in 0..15 {
            let mut broken = jpeg.clone();
            broken[code] = run << 4;
            assert_eq!(excerpt_of(&broken).is_some(), run == 0, "a run of 2^{run}");
        }
    }

    #[test]
    fn flipped_bits_cause_no_panic() {
        let scanned = Scanned { width: 70, height: 40, factors: QUARTERED.to_vec(), restart_every: 3 };
        for jpeg in [scanned.sequential(), scanned.progressive()] {
            for at in 0..jpeg.len() {
                for mask in [0x01, 0x10, 0xFF] {
                    let mut broken = jpeg.clone();
                    broken[at] ^= mask;
                    let Ok(structure) = JpegStructure::read(&broken) else { continue };
                    if u32::from(structure.width) * u32::from(structure.height) < 1_000_000 {
                        let excerpt = excerpt(&broken, &structure, eighths(structure.width.min(structure.height)));
                        // The decoder must not panic either.
                        excerpt.map(|jpeg| read(&jpeg, true).map(|_| ()));
                    }
                }
            }
        }
    }
}
