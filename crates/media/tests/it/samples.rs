//! Pictures made by code, the hostile ones included.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};

pub(crate) const RED: Rgb<u8> = Rgb([220, 30, 30]);
pub(crate) const GREEN: Rgb<u8> = Rgb([30, 180, 30]);
pub(crate) const BLUE: Rgb<u8> = Rgb([30, 30, 220]);
pub(crate) const YELLOW: Rgb<u8> = Rgb([230, 220, 40]);

pub(crate) fn encoded(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// Four quarters: red and green above, blue and yellow below.
pub(crate) fn quarters(side: u32) -> RgbImage {
    RgbImage::from_fn(side, side, |x, y| match (x < side / 2, y < side / 2) {
        (true, true) => RED,
        (false, true) => GREEN,
        (true, false) => BLUE,
        (false, false) => YELLOW,
    })
}

/// Three bands from left to right: red, a green square in the middle, blue.
pub(crate) fn wide_bands(height: u32) -> RgbImage {
    RgbImage::from_fn(3 * height, height, |x, _| match x / height {
        0 => RED,
        1 => GREEN,
        _ => BLUE,
    })
}

/// The left half sees through entirely and hides black, the right half by half a blue.
pub(crate) fn see_through(side: u32) -> RgbaImage {
    RgbaImage::from_fn(side, side, |x, _| if x < side / 2 { Rgba([0, 0, 0, 0]) } else { Rgba([0, 0, 255, 128]) })
}

/// The JPEG with an EXIF block after its first marker: this orientation, and a place in GPS tags.
pub(crate) fn with_exif(jpeg: &[u8], orientation: u8, place: &str) -> Vec<u8> {
    let tiff = tiff_with(orientation, place);
    let length = u16::try_from(2 + 6 + tiff.len()).unwrap();
    let mut bytes = jpeg[..2].to_vec();
    bytes.extend([0xFF, 0xE1]);
    bytes.extend(length.to_be_bytes());
    bytes.extend(b"Exif\0\0");
    bytes.extend(tiff);
    bytes.extend(&jpeg[2..]);
    bytes
}

/// A big-endian TIFF: IFD0 with orientation and a pointer to a GPS IFD that holds one text.
fn tiff_with(orientation: u8, place: &str) -> Vec<u8> {
    const GPS_IFD: u32 = 8 + 2 + 2 * 12 + 4;
    const TEXT: u32 = GPS_IFD + 2 + 12 + 4;
    let mut tiff = b"MM\0\x2A\0\0\0\x08".to_vec();
    tiff.extend([0, 2]);
    tiff.extend([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0]);
    tiff.extend([0x88, 0x25, 0, 4, 0, 0, 0, 1]);
    tiff.extend(GPS_IFD.to_be_bytes());
    tiff.extend([0; 4]);
    // GPSAreaInformation, as undefined bytes.
    tiff.extend([0, 1, 0, 0x1C, 0, 7]);
    tiff.extend(u32::try_from(place.len()).unwrap().to_be_bytes());
    tiff.extend(TEXT.to_be_bytes());
    tiff.extend([0; 4]);
    tiff.extend(place.as_bytes());
    tiff
}

/// A PNG whose header claims this size and whose data is a few bytes.
pub(crate) fn claiming_png(width: u32, height: u32) -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1A\n".to_vec();
    let mut header = width.to_be_bytes().to_vec();
    header.extend(height.to_be_bytes());
    header.extend([8, 6, 0, 0, 0]);
    for (kind, data) in [(b"IHDR", header.as_slice()), (b"IDAT", &[0x78, 0x9C, 3, 0, 0, 0, 0, 1]), (b"IEND", &[])] {
        png.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
        png.extend(kind);
        png.extend(data);
        png.extend(checksum(&[kind, data].concat()).to_be_bytes());
    }
    png
}

/// CRC-32 as PNG wants it.
fn checksum(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |checksum, byte| {
        (0..8).fold(checksum ^ u32::from(*byte), |value, _| (value >> 1) ^ (0xEDB8_8320 * (value & 1)))
    })
}

/// A JPEG whose frame header is rewritten to claim this size.
pub(crate) fn claiming_jpeg(width: u16, height: u16) -> Vec<u8> {
    let mut jpeg = encoded(quarters(16), ImageFormat::Jpeg);
    let frame = jpeg.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
    jpeg[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
    jpeg[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
    jpeg
}

/// A file cut off so many bytes before its end.
pub(crate) fn without_end(bytes: &[u8], missing: usize) -> Vec<u8> {
    bytes[..bytes.len() - missing].to_vec()
}
