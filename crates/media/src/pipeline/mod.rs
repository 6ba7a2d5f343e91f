//! What is done to one upload, from bytes to bytes. Blocking: called on the work pool only.
//!
//! No picture lies in memory whole: a PNG is read row by row, a JPEG is shrunk while it is decoded.

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

/// Width and height of what is kept.
pub(crate) const SIDE: u32 = 512;
const JPEG_QUALITY: u8 = 85;
const PIXELS_PER_MEGAPIXEL: u64 = 1_000_000;

/// The square in the middle of a picture, shrunk to less than twice [`SIDE`].
struct Decoded {
    side: u32,
    samples: Samples,
    space: Space,
    orientation: Orientation,
}

/// Pixels of one byte a channel.
struct Samples {
    colours: Colours,
    pixels: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Colours {
    Grey,
    Rgb,
    /// How much of each ink.
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

/// Makes of an upload an sRGB JPEG of [`SIDE`] x [`SIDE`] pixels without metadata; smaller pictures are enlarged.
pub(crate) fn square_jpeg(upload: &[u8], max_megapixels: u32) -> Result<Vec<u8>, PictureError> {
    let max_pixels = u64::from(max_megapixels) * PIXELS_PER_MEGAPIXEL;
    let decoded = match image::guess_format(upload) {
        Ok(ImageFormat::Jpeg) => jpeg::decode(upload, max_pixels),
        Ok(ImageFormat::Png) => png::decode(upload, max_pixels),
        _ => Err(PictureError::UnsupportedFormat),
    }?;
    let small = shrink(decoded.side, decoded.samples)?;
    // Last, on as few pixels as there are: what a hostile profile costs is bounded by that.
    let rgb = RgbImage::from_raw(SIDE, SIDE, to_srgb(&small, &decoded.space)).ok_or_else(lost)?;
    let mut square = DynamicImage::ImageRgb8(rgb);
    // The crop is around the centre, so turning the small square equals turning the whole picture.
    square.apply_orientation(decoded.orientation);
    encode(&square)
}

fn shrink(side: u32, samples: Samples) -> Result<Samples, PictureError> {
    let Samples { colours, pixels } = samples;
    let pixels = match colours {
        Colours::Grey => shrink_as::<Luma<u8>>(side, pixels),
        Colours::Rgb => shrink_as::<Rgb<u8>>(side, pixels),
        // Four channels are four channels to the filter.
        Colours::Cmyk => shrink_as::<Rgba<u8>>(side, pixels),
    };
    Ok(Samples { colours, pixels: pixels.ok_or_else(lost)? })
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

/// Fewer samples than pixels: cannot be, and is no fault of the upload.
fn lost() -> PictureError {
    PictureError::Failed("samples were lost on the way".into())
}
