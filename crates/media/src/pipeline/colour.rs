//! Conversion of pixels to sRGB.

use std::panic::{AssertUnwindSafe, catch_unwind};

use moxcms::{
    CicpColorPrimaries, CicpProfile, ColorProfile, DataColorSpace, Layout, MatrixCoefficients, TransferCharacteristics,
    TransformOptions,
};

use super::samples::{Colours, Samples};

/// Maximum size of an embedded profile, in bytes. Profiles of cameras and screens have a few kilobytes, those of
/// printing presses up to three megabytes.
pub(super) const MAX_PROFILE: usize = 4 * 1024 * 1024;

/// Colour space of the samples.
pub(super) enum Space {
    /// sRGB, also when the picture declares none.
    Srgb,
    /// Unparsed ICC profile.
    Icc(Vec<u8>),
    /// Video colour space (ITU-T H.273).
    Cicp(CicpProfile),
}

impl Space {
    /// Returns the colour space by the precedence of chunks in the PNG specification (third edition, 4.3).
    pub(super) fn of_png(info: &png::Info<'_>) -> Self {
        if let Some(points) = info.coding_independent_code_points {
            let primaries = CicpColorPrimaries::try_from(points.color_primaries);
            let transfer = TransferCharacteristics::try_from(points.transfer_function);
            if let (Ok(color_primaries), Ok(transfer_characteristics)) = (primaries, transfer) {
                let matrix_coefficients = MatrixCoefficients::Identity;
                let full_range = points.is_video_full_range_image;
                return Self::Cicp(CicpProfile {
                    color_primaries,
                    transfer_characteristics,
                    matrix_coefficients,
                    full_range,
                });
            }
        }
        let profile = info.icc_profile.as_ref().filter(|profile| profile.len() <= MAX_PROFILE);
        profile.map_or(Self::Srgb, |profile| Self::Icc(profile.to_vec()))
    }

    fn profile(&self) -> Option<ColorProfile> {
        match self {
            Self::Srgb => None,
            Self::Icc(bytes) if bytes.len() > MAX_PROFILE => None,
            Self::Icc(bytes) => ColorProfile::new_from_slice(bytes).ok(),
            Self::Cicp(points) => Some(ColorProfile::new_from_cicp(*points)),
        }
    }
}

/// Converts to sRGB, with three bytes for each pixel. Ignores a profile that is malformed or for another kind of
/// samples: the picture is still viewable.
pub(super) fn to_srgb(samples: &Samples, space: &Space) -> Vec<u8> {
    // The profile is untrusted input for a library that works with tables and indices, so panics are caught.
    let converted = catch_unwind(AssertUnwindSafe(|| convert(samples, space)));
    converted.ok().flatten().unwrap_or_else(|| as_srgb(samples))
}

fn convert(samples: &Samples, space: &Space) -> Option<Vec<u8>> {
    let profile = space.profile()?;
    let (expected, layout) = match samples.colours {
        Colours::Grey => (DataColorSpace::Gray, Layout::Gray),
        Colours::Rgb => (DataColorSpace::Rgb, Layout::Rgb),
        Colours::Cmyk => (DataColorSpace::Cmyk, Layout::Rgba),
    };
    if profile.color_space != expected {
        return None;
    }
    let options = TransformOptions { rendering_intent: profile.rendering_intent, ..TransformOptions::default() };
    let transform = profile.create_transform_8bit(layout, &ColorProfile::new_srgb(), Layout::Rgb, options).ok()?;
    let mut rgb = vec![0; samples.pixels.len() / samples.colours.channels() * 3];
    transform.transform(&samples.pixels, &mut rgb).ok()?;
    Some(rgb)
}

/// Interprets the samples as sRGB.
fn as_srgb(samples: &Samples) -> Vec<u8> {
    let pixels = &samples.pixels;
    match samples.colours {
        Colours::Grey => pixels.iter().flat_map(|grey| [*grey; 3]).collect(),
        Colours::Rgb => pixels.clone(),
        Colours::Cmyk => pixels
            .as_chunks::<4>()
            .0
            .iter()
            .flat_map(|[inks @ .., black]| {
                inks.map(|ink| {
                    let light = u32::from(255 - ink) * u32::from(255 - black);
                    u8::try_from((light + 127) / 255).unwrap_or(u8::MAX)
                })
            })
            .collect(),
    }
}
