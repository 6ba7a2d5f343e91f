//! Conversion of one upload, from bytes to bytes. Blocking: must run on the work pool.
//!
//! No picture is in memory as a whole: a PNG is decoded row by row, and a JPEG is scaled during the decoding.

mod colour;
mod excerpt;
mod jpeg;
mod png;
mod square;

use domain::picture::PictureError;
use image::{
    DynamicImage, ImageBuffer, ImageFormat, Luma, Pixel, Rgb, RgbImage, Rgba,
    codecs::jpeg::JpegEncoder,
    imageops::{FilterType, resize},
    metadata::Orientation,
};

use self::colour::{Space, to_srgb};

/// Width and height of a stored picture, in pixels.
pub(crate) const SIDE: u32 = 512;
const JPEG_QUALITY: u8 = 85;
const PIXELS_PER_MEGAPIXEL: u64 = 1_000_000;

/// The square in the centre of a picture, scaled to less than twice [`SIDE`].
struct Decoded {
    side: u32,
    samples: Samples,
    space: Space,
    orientation: Orientation,
}

/// Pixels with one byte for each channel.
struct Samples {
    colours: Colours,
    pixels: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Colours {
    Grey,
    Rgb,
    /// Amount of each ink.
    Cmyk,
}

impl Colours {
    const fn channels(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::Rgb => 3,
            Self::Cmyk => 4,
        }
    }
}

/// Converts an upload to an sRGB JPEG of [`SIDE`] x [`SIDE`] pixels without metadata. Enlarges smaller pictures.
pub(crate) fn square_jpeg(upload: &[u8], max_megapixels: u32) -> Result<Vec<u8>, PictureError> {
    let max_pixels = u64::from(max_megapixels) * PIXELS_PER_MEGAPIXEL;
    let decoded = match image::guess_format(upload) {
        Ok(ImageFormat::Jpeg) => jpeg::decode(upload, max_pixels),
        Ok(ImageFormat::Png) => png::decode(upload, max_pixels),
        _ => Err(PictureError::UnsupportedFormat),
    }?;
    let small = shrink(decoded.side, decoded.samples)?;
    // Last, on the smallest number of pixels: this bounds the cost of a hostile profile.
    let rgb = RgbImage::from_raw(SIDE, SIDE, to_srgb(&small, &decoded.space)).ok_or_else(sample_mismatch)?;
    let mut square = DynamicImage::ImageRgb8(rgb);
    // The crop is around the centre, so rotating the small square equals rotating the whole picture.
    square.apply_orientation(decoded.orientation);
    encode(&square)
}

fn shrink(side: u32, samples: Samples) -> Result<Samples, PictureError> {
    let Samples { colours, pixels } = samples;
    let pixels = match colours {
        Colours::Grey => shrink_as::<Luma<u8>>(side, pixels),
        Colours::Rgb => shrink_as::<Rgb<u8>>(side, pixels),
        // The filter treats all channels alike, so RGBA stands for CMYK.
        Colours::Cmyk => shrink_as::<Rgba<u8>>(side, pixels),
    };
    Ok(Samples { colours, pixels: pixels.ok_or_else(sample_mismatch)? })
}

fn shrink_as<P: Pixel<Subpixel = u8> + 'static>(side: u32, pixels: Vec<u8>) -> Option<Vec<u8>> {
    let square = ImageBuffer::<P, Vec<u8>>::from_raw(side, side, pixels)?;
    Some(resize(&square, SIDE, SIDE, FilterType::CatmullRom).into_raw())
}

fn encode(square: &DynamicImage) -> Result<Vec<u8>, PictureError> {
    let mut jpeg = Vec::new();
    square
        .write_with_encoder(JpegEncoder::new_with_quality(&mut jpeg, JPEG_QUALITY))
        .map_err(|error| PictureError::Failed(error.into()))?;
    Ok(jpeg)
}

fn too_many_pixels(max_pixels: u64) -> PictureError {
    let max_megapixels = u32::try_from(max_pixels / PIXELS_PER_MEGAPIXEL).unwrap_or(u32::MAX);
    PictureError::TooManyPixels { max_megapixels }
}

/// The error of fewer samples than pixels: an internal error, not caused by the upload.
fn sample_mismatch() -> PictureError {
    PictureError::Failed("the number of samples does not match the number of pixels".into())
}
