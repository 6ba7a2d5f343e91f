//! Conversion of one upload, from bytes to bytes.
//!
//! [`Header`] predicts the memory of the conversion. `square_pictures.rs` has the budget of all pictures, `MEMORY_MIB`.
//! A PNG is decoded row by row, and a JPEG is scaled during the decoding, so most pictures are never in memory as a
//! whole. Exceptions are progressive JPEGs and long strips.

mod colour;
mod decoded;
mod jpeg;
mod jpeg_structure;
mod png;
mod samples;
mod square;

use domain::picture::{PictureError, limits::STORED_SIDE};
use image::{
    DynamicImage, ImageBuffer, ImageFormat, Luma, Pixel, Rgb, RgbImage, Rgba,
    codecs::jpeg::JpegEncoder,
    imageops::{FilterType, resize},
};

use self::{
    colour::to_srgb,
    samples::{Colours, Samples},
};

const JPEG_QUALITY: u8 = 85;
const PIXELS_PER_MEGAPIXEL: u64 = 1_000_000;

/// Header of an upload.
#[derive(Debug)]
pub(crate) enum Header {
    Jpeg(jpeg_structure::Frame),
    Png(png::Header),
}

impl Header {
    /// Reads the header of an upload. The content determines the format.
    pub(crate) fn read(upload: &[u8]) -> Result<Self, PictureError> {
        match image::guess_format(upload) {
            Ok(ImageFormat::Jpeg) => jpeg_structure::Frame::read(upload).map(Self::Jpeg),
            Ok(ImageFormat::Png) => png::Header::read(upload).map(Self::Png),
            _ => Err(PictureError::UnsupportedFormat),
        }
    }

    /// Checks that the picture has at most `max_megapixels`, and that an upload of this length can contain them.
    pub(crate) fn check_size(&self, upload: usize, max_megapixels: u32) -> Result<(), PictureError> {
        let (width, height) = self.size();
        if u64::from(width) * u64::from(height) > u64::from(max_megapixels) * PIXELS_PER_MEGAPIXEL {
            return Err(PictureError::TooManyPixels { max_megapixels });
        }
        // The decoder fills missing pixels with grey. It detects a PNG without them. `check_scans` counts the bytes of
        // the scans only; here most files are rejected before they wait.
        match self {
            Self::Jpeg(frame) if frame.min_bytes() > u64::try_from(upload).unwrap_or(u64::MAX) => {
                Err(PictureError::Damaged)
            }
            Self::Jpeg(_) | Self::Png(_) => Ok(()),
        }
    }

    /// Returns the maximum memory of [`square_jpeg`] in MiB, including an upload of this length.
    ///
    /// # Errors
    /// `TooMuchMemory` when it is more than `max_mib`.
    pub(crate) fn memory(&self, upload: usize, max_mib: u32) -> Result<u32, PictureError> {
        const MIB: u64 = 1024 * 1024;
        let (decoding, format) = match self {
            Self::Jpeg(frame) if frame.is_progressive => (jpeg::memory(frame), "progressive JPEG"),
            Self::Jpeg(frame) => (jpeg::memory(frame), "JPEG"),
            Self::Png(header) => (header.memory(), "PNG"),
        };
        // Decoders copy the metadata, which may be nearly the whole file.
        let upload = u64::try_from(2 * upload).unwrap_or(u64::MAX);
        let mib = u32::try_from(decoding.saturating_add(upload).div_ceil(MIB)).unwrap_or(u32::MAX);
        let (width, height) = self.size();
        if mib > max_mib { Err(PictureError::TooMuchMemory { format, width, height, max_mib }) } else { Ok(mib) }
    }

    fn size(&self) -> (u32, u32) {
        match self {
            Self::Jpeg(frame) => (frame.width.into(), frame.height.into()),
            Self::Png(header) => (header.width, header.height),
        }
    }
}

/// Converts an upload to an sRGB JPEG of [`STORED_SIDE`] pixels on each side, without metadata. Enlarges smaller pictures.
/// Blocking: must run on the work pool.
pub(crate) fn square_jpeg(upload: &[u8], header: &Header) -> Result<Vec<u8>, PictureError> {
    let decoded = match header {
        Header::Jpeg(frame) => jpeg::decode(upload, frame),
        Header::Png(header) => png::decode(upload, header),
    }?;
    let small = shrink(decoded.side, decoded.samples)?;
    // Last, on the smallest number of pixels: this bounds the cost of a hostile profile.
    let rgb =
        RgbImage::from_raw(STORED_SIDE, STORED_SIDE, to_srgb(&small, &decoded.space)).ok_or_else(sample_mismatch)?;
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
    Some(resize(&square, STORED_SIDE, STORED_SIDE, FilterType::CatmullRom).into_raw())
}

fn encode(square: &DynamicImage) -> Result<Vec<u8>, PictureError> {
    let mut jpeg = Vec::new();
    square
        .write_with_encoder(JpegEncoder::new_with_quality(&mut jpeg, JPEG_QUALITY))
        .map_err(|error| PictureError::Failed(error.into()))?;
    Ok(jpeg)
}

/// The error of fewer samples than pixels: an internal error, not caused by the upload.
fn sample_mismatch() -> PictureError {
    PictureError::Failed("the number of samples does not match the number of pixels".into())
}

#[cfg(test)]
mod memory_tests;
