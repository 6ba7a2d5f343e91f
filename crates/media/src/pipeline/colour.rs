//! From the colours that a picture says it has to sRGB.

use std::panic::{AssertUnwindSafe, catch_unwind};

use moxcms::{
    CicpColorPrimaries, CicpProfile, ColorProfile, DataColorSpace, Layout, MatrixCoefficients, TransferCharacteristics,
    TransformOptions,
};

use super::{Colours, Samples};

/// Of an embedded profile. Those of cameras and screens have a few kilobytes, those of presses up to three megabytes.
const LONGEST_PROFILE: usize = 4 * 1024 * 1024;

/// What the samples mean.
pub(super) enum Space {
    /// The web's own; also when nothing is said.
    Srgb,
    /// An ICC profile, as it came.
    Icc(Vec<u8>),
    /// Colours of video (ITU-T H.273).
    Cicp(CicpProfile),
}

impl Space {
    /// The first of the chunks that the specification of PNG ranks (third edition, 4.3).
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
        info.icc_profile.as_ref().map_or(Self::Srgb, |profile| Self::Icc(profile.to_vec()))
    }

    fn profile(&self) -> Option<ColorProfile> {
        match self {
            Self::Srgb => None,
            Self::Icc(bytes) if bytes.len() > LONGEST_PROFILE => None,
            Self::Icc(bytes) => ColorProfile::new_from_slice(bytes).ok(),
            Self::Cicp(points) => Some(ColorProfile::new_from_cicp(*points)),
        }
    }
}

/// Three bytes of sRGB a pixel. A profile that is broken, or for another kind of samples, counts as none: it is no
/// reason to refuse a picture that can be seen.
pub(super) fn to_srgb(samples: &Samples, space: &Space) -> Vec<u8> {
    // The profile is a stranger's program of sorts, run by a library of tables and indices.
    let converted = catch_unwind(AssertUnwindSafe(|| convert(samples, space)));
    converted.ok().flatten().unwrap_or_else(|| as_srgb(samples))
}

fn convert(samples: &Samples, space: &Space) -> Option<Vec<u8>> {
    let profile = space.profile()?;
    let (wanted, layout) = match samples.colours {
        Colours::Grey => (DataColorSpace::Gray, Layout::Gray),
        Colours::Rgb => (DataColorSpace::Rgb, Layout::Rgb),
        Colours::Cmyk => (DataColorSpace::Cmyk, Layout::Rgba),
    };
    if profile.color_space != wanted {
        return None;
    }
    let options = TransformOptions { rendering_intent: profile.rendering_intent, ..TransformOptions::default() };
    let transform = profile.create_transform_8bit(layout, &ColorProfile::new_srgb(), Layout::Rgb, options).ok()?;
    let mut rgb = vec![0; samples.pixels.len() / samples.colours.channels() * 3];
    transform.transform(&samples.pixels, &mut rgb).ok()?;
    Some(rgb)
}

/// The samples as they are.
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
