//! Generated pictures, also hostile ones.

use std::io::Cursor;

use domain::ids::UserId;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use testkit::jpeg_encoder::{entropy, segment};
use uuid::Uuid;

/// Owner of the pictures.
pub(crate) const USER: UserId = UserId(Uuid::from_u128(1));

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

/// The left half is transparent black, the right half is half-transparent blue.
pub(crate) fn transparent(side: u32) -> RgbaImage {
    RgbaImage::from_fn(side, side, |x, _| if x < side / 2 { Rgba([0, 0, 0, 0]) } else { Rgba([0, 0, 255, 128]) })
}

/// Adds an EXIF block after the first marker, with an orientation, and a text in a GPS tag.
pub(crate) fn with_exif(jpeg: &[u8], orientation: u8, text: &str) -> Vec<u8> {
    let tiff = tiff_with(orientation, text);
    let length = u16::try_from(2 + 6 + tiff.len()).unwrap();
    let mut bytes = jpeg[..2].to_vec();
    bytes.extend([0xFF, 0xE1]);
    bytes.extend(length.to_be_bytes());
    bytes.extend(b"Exif\0\0");
    bytes.extend(tiff);
    bytes.extend(&jpeg[2..]);
    bytes
}

/// A big-endian TIFF: IFD0 with the orientation and a pointer to a GPS IFD with one text.
fn tiff_with(orientation: u8, text: &str) -> Vec<u8> {
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
    tiff.extend(u32::try_from(text.len()).unwrap().to_be_bytes());
    tiff.extend(TEXT.to_be_bytes());
    tiff.extend([0; 4]);
    tiff.extend(text.as_bytes());
    tiff
}

/// A PNG with this size in its header, and a few bytes of data.
pub(crate) fn claiming_png(width: u32, height: u32) -> Vec<u8> {
    let mut header = width.to_be_bytes().to_vec();
    header.extend(height.to_be_bytes());
    header.extend([8, 6, 0, 0, 0]);
    png_of(&[(b"IHDR", &header), (b"IDAT", &[0x78, 0x9C, 3, 0, 0, 0, 0, 1]), (b"IEND", &[])])
}

fn png_of(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1A\n".to_vec();
    for (kind, data) in chunks {
        png.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
        png.extend(*kind);
        png.extend(*data);
        png.extend(checksum(&[kind.as_slice(), data].concat()).to_be_bytes());
    }
    png
}

/// The picture in the seven passes of Adam7, not compressed. No encoder of the dependencies writes these.
pub(crate) fn interlaced_png(picture: &RgbImage) -> Vec<u8> {
    const PASSES: [(usize, usize, usize, usize); 7] =
        [(0, 8, 0, 8), (4, 8, 0, 8), (0, 4, 4, 8), (2, 4, 0, 4), (0, 2, 2, 4), (1, 2, 0, 2), (0, 1, 1, 2)];
    let (width, height) = picture.dimensions();
    let mut rows = Vec::new();
    for (left, step, top, down) in PASSES {
        for y in (top..height as usize).step_by(down) {
            let columns: Vec<_> = (left..width as usize).step_by(step).collect();
            if !columns.is_empty() {
                rows.push(0);
            }
            columns
                .iter()
                .for_each(|x| rows.extend(picture.get_pixel(u32::try_from(*x).unwrap(), u32::try_from(y).unwrap()).0));
        }
    }
    let mut header = [width.to_be_bytes(), height.to_be_bytes()].concat();
    header.extend([8, 2, 0, 0, 1]);
    png_of(&[(b"IHDR", &header), (b"IDAT", &stored(&rows)), (b"IEND", &[])])
}

/// A zlib stream of stored blocks (RFC 1950 and 1951).
fn stored(bytes: &[u8]) -> Vec<u8> {
    let mut stream = vec![0x78, 0x01];
    let blocks: Vec<_> = bytes.chunks(0xFFFF).collect();
    for (number, block) in blocks.iter().enumerate() {
        let length = u16::try_from(block.len()).unwrap();
        stream.push(u8::from(number + 1 == blocks.len()));
        stream.extend(length.to_le_bytes());
        stream.extend((!length).to_le_bytes());
        stream.extend(*block);
    }
    let (a, b) = bytes.iter().fold((1_u32, 0_u32), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    stream.extend(((b << 16) | a).to_be_bytes());
    stream
}

/// CRC-32 of PNG.
fn checksum(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |checksum, byte| {
        (0..8).fold(checksum ^ u32::from(*byte), |value, _| (value >> 1) ^ (0xEDB8_8320 * (value & 1)))
    })
}

/// A JPEG with this size in its frame header, and the data of a small one.
pub(crate) fn claiming_jpeg(width: u16, height: u16) -> Vec<u8> {
    let mut jpeg = encoded(quarters(16), ImageFormat::Jpeg);
    let frame = jpeg.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
    jpeg[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
    jpeg[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
    jpeg
}

/// The file without its last bytes.
pub(crate) fn without_end(bytes: &[u8], missing: usize) -> Vec<u8> {
    bytes[..bytes.len() - missing].to_vec()
}

/// The PNG with another chunk after its header.
pub(crate) fn with_chunk(png: &[u8], kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    const AFTER_HEADER: usize = 33;
    let chunk = png_of(&[(kind, data)]);
    [&png[..AFTER_HEADER], &chunk[8..], &png[AFTER_HEADER..]].concat()
}

/// The PNG with an ICC profile.
pub(crate) fn png_with_profile(png: &[u8], profile: &[u8]) -> Vec<u8> {
    with_chunk(png, b"iCCP", &[b"profile\0\0", stored(profile).as_slice()].concat())
}

/// The JPEG with an ICC profile, in several segments if necessary.
pub(crate) fn jpeg_with_profile(jpeg: &[u8], profile: &[u8]) -> Vec<u8> {
    let mut bytes = jpeg[..2].to_vec();
    let parts: Vec<_> = profile.chunks(60_000).collect();
    for (number, part) in (1..).zip(&parts) {
        bytes.extend([0xFF, 0xE2]);
        bytes.extend(u16::try_from(2 + 14 + part.len()).unwrap().to_be_bytes());
        bytes.extend(b"ICC_PROFILE\0");
        bytes.extend([number, u8::try_from(parts.len()).unwrap()]);
        bytes.extend(*part);
    }
    bytes.extend(&jpeg[2..]);
    bytes
}

/// A JPEG of 64 x 64 pixels in one mixture of inks, inverted as the programs of Adobe write it. No encoder of the
/// dependencies writes these.
pub(crate) fn cmyk_jpeg(inks: [u8; 4]) -> Vec<u8> {
    let mut jpeg = vec![0xFF, 0xD8];
    segment(&mut jpeg, 0xEE, b"Adobe\0\x64\0\0\0\0\0");
    segment(&mut jpeg, 0xDB, &[[0].as_slice(), &[1; 64]].concat());
    segment(&mut jpeg, 0xC0, &[8, 0, 64, 0, 64, 4, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 4, 0x11, 0]);
    // Twelve codes of four bits for the size of the first coefficient; one of one bit: nothing more in the block.
    segment(
        &mut jpeg,
        0xC4,
        &[0, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
    );
    segment(&mut jpeg, 0xC4, &[0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    segment(&mut jpeg, 0xDA, &[4, 1, 0, 2, 0, 3, 0, 4, 0, 0, 63, 0]);
    let mut bits = String::new();
    for block in 0..64 {
        for ink in inks {
            // Each block contains the difference to the previous one.
            let first = if block == 0 { 8 * (i32::from(255 - ink) - 128) } else { 0 };
            let size = 32 - first.unsigned_abs().leading_zeros();
            let code = if first < 0 { first + (1 << size) - 1 } else { first };
            bits += &format!("{size:04b}");
            if size > 0 {
                bits += &format!("{code:0width$b}", width = size as usize);
            }
            bits.push('0');
        }
    }
    entropy(&mut jpeg, &bits);
    jpeg.extend([0xFF, 0xD9]);
    jpeg
}
