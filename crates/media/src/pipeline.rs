//! What is done to one upload, from bytes to bytes. Blocking: called on the work pool only.

use std::io::Cursor;

use domain::picture::PictureError;
use image::{
    DynamicImage, GenericImageView, ImageDecoder, ImageError, ImageFormat, Limits, RgbImage,
    codecs::{
        jpeg::{JpegDecoder, JpegEncoder},
        png::PngDecoder,
    },
    imageops::FilterType,
    metadata::Orientation,
};

use crate::completeness::{jpeg_is_whole, png_is_whole};

/// Width and height of what is kept.
pub(crate) const SIDE: u32 = 512;
const JPEG_QUALITY: u8 = 85;
/// Above this, averaging down first costs a fraction of the fine filter and cannot be told from it.
const COARSE_SIDE: u32 = 2 * SIDE;
const PIXELS_PER_MEGAPIXEL: u64 = 1_000_000;
/// The widest pixel a decoder gives: four channels of 16 bits.
const WIDEST_PIXEL_BYTES: u64 = 8;
/// What a decoder may take beside the pixels: tables, profiles, compressed text.
const DECODER_SLACK_BYTES: u64 = 32 * 1024 * 1024;

/// Makes of an upload a JPEG of [`SIDE`] x [`SIDE`] pixels without metadata; smaller pictures are enlarged.
///
/// Embedded colour profiles are dropped, not applied: the samples are taken as sRGB, so that a picture in a
/// wide-gamut space looks slightly paler than it should.
pub(crate) fn square_jpeg(upload: &[u8], max_megapixels: u32) -> Result<Vec<u8>, PictureError> {
    let limits = decoder_limits(max_megapixels);
    match image::guess_format(upload) {
        Ok(ImageFormat::Jpeg) if jpeg_is_whole(upload) => {
            let decoder = JpegDecoder::new(Cursor::new(upload));
            reshape(decoder.map_err(|error| refusal(&error, max_megapixels))?, limits, max_megapixels)
        }
        Ok(ImageFormat::Png) if png_is_whole(upload) => {
            let decoder = PngDecoder::with_limits(Cursor::new(upload), limits.clone());
            reshape(decoder.map_err(|error| refusal(&error, max_megapixels))?, limits, max_megapixels)
        }
        Ok(ImageFormat::Jpeg | ImageFormat::Png) => Err(PictureError::Damaged),
        _ => Err(PictureError::UnsupportedFormat),
    }
}

fn reshape(mut decoder: impl ImageDecoder, limits: Limits, max_megapixels: u32) -> Result<Vec<u8>, PictureError> {
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > u64::from(max_megapixels) * PIXELS_PER_MEGAPIXEL {
        return Err(PictureError::TooManyPixels { max_megapixels });
    }
    decoder.set_limits(limits).map_err(|error| refusal(&error, max_megapixels))?;
    // Metadata that cannot be read is no reason to refuse the picture.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let picture = DynamicImage::from_decoder(decoder).map_err(|error| refusal(&error, max_megapixels))?;
    // The crop is around the centre, so turning the small square equals turning the whole picture.
    let mut square = shrink(&centre_square(picture));
    square.apply_orientation(orientation);
    encode(&square)
}

fn decoder_limits(max_megapixels: u32) -> Limits {
    let mut limits = Limits::default();
    let pixels = u64::from(max_megapixels) * PIXELS_PER_MEGAPIXEL;
    limits.max_alloc = Some(pixels * WIDEST_PIXEL_BYTES + DECODER_SLACK_BYTES);
    limits
}

/// The square in the middle, with transparency laid on white.
fn centre_square(picture: DynamicImage) -> DynamicImage {
    let (width, height) = picture.dimensions();
    let side = width.min(height);
    let square =
        if width == height { picture } else { picture.crop_imm((width - side) / 2, (height - side) / 2, side, side) };
    if !square.color().has_alpha() {
        return DynamicImage::ImageRgb8(square.into_rgb8());
    }
    // Before resizing, or the colour that hides in clear pixels would bleed into their neighbours.
    let mut flat = RgbImage::new(side, side);
    for (onto, from) in flat.pixels_mut().zip(square.into_rgba8().pixels()) {
        let image::Rgba([red, green, blue, alpha]) = *from;
        *onto = image::Rgb([red, green, blue].map(|channel| over_white(channel, alpha)));
    }
    DynamicImage::ImageRgb8(flat)
}

fn over_white(channel: u8, alpha: u8) -> u8 {
    let (channel, alpha) = (u32::from(channel), u32::from(alpha));
    u8::try_from((channel * alpha + 255 * (255 - alpha) + 127) / 255).unwrap_or(u8::MAX)
}

fn shrink(square: &DynamicImage) -> DynamicImage {
    if square.width() > COARSE_SIDE {
        return square.thumbnail_exact(COARSE_SIDE, COARSE_SIDE).resize_exact(SIDE, SIDE, FilterType::CatmullRom);
    }
    square.resize_exact(SIDE, SIDE, FilterType::CatmullRom)
}

fn encode(square: &DynamicImage) -> Result<Vec<u8>, PictureError> {
    let mut jpeg = Vec::new();
    square
        .write_with_encoder(JpegEncoder::new_with_quality(&mut jpeg, JPEG_QUALITY))
        .map_err(|error| PictureError::Failed(error.into()))?;
    Ok(jpeg)
}

fn refusal(error: &ImageError, max_megapixels: u32) -> PictureError {
    match error {
        ImageError::Limits(_) => PictureError::TooManyPixels { max_megapixels },
        // A variant of the format that no browser shows either, arithmetic-coded JPEG for one.
        ImageError::Unsupported(_) => PictureError::UnsupportedFormat,
        _ => PictureError::Damaged,
    }
}
