//! Samples with a few changes, for runs without a fuzzer.

use std::fmt;

use bolero::{ValueGenerator, produce};

/// Maximum number of changes of a sample.
const MAX_CHANGES: usize = 6;

/// Maximum number of bytes of a sample after a repetition.
const MAX_BYTES: usize = 64 * 1024;

/// A sample with a few changes. `Debug` shows it as a byte string.
#[derive(Clone)]
pub struct Changed(Vec<u8>);

impl Changed {
    /// Returns the bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Changed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "b\"{}\"", self.0.escape_ascii())
    }
}

/// Returns a generator of changed samples. One input of sixteen consists of random bytes only.
pub fn changed(samples: Vec<Vec<u8>>) -> impl ValueGenerator<Output = Changed> {
    let changes = produce::<Vec<(u8, u16, u16, Vec<u8>)>>().with().len(0..=MAX_CHANGES);
    (produce::<(u8, u16)>(), changes).map_gen(move |((kind, index), changes)| {
        let chosen = |index: u16| samples.get(usize::from(index) % samples.len().max(1)).cloned().unwrap_or_default();
        let mut bytes = if kind % 16 == 0 { Vec::new() } else { chosen(index) };
        for (kind, position, other, inserted) in changes {
            change(&mut bytes, kind, position, other, &inserted, &chosen(other));
        }
        Changed(bytes)
    })
}

/// Makes one change: replaces, inserts, removes, repeats or cuts bytes, or continues with a part of another sample.
fn change(bytes: &mut Vec<u8>, kind: u8, from: u16, to: u16, inserted: &[u8], other: &[u8]) {
    let position = |position: u16, length: usize| usize::from(position) % (length + 1);
    let (from, to) = (position(from, bytes.len()), position(to, bytes.len()));
    let (first, last) = (from.min(to), from.max(to));
    match kind % 8 {
        0 => drop(bytes.splice(first..first, inserted.iter().copied())),
        1 => drop(bytes.splice(first..(first + inserted.len()).min(bytes.len()), inserted.iter().copied())),
        2 => drop(bytes.drain(first..(first + 1 + usize::from(kind) / 8).min(bytes.len()))),
        3 => bytes.truncate(from),
        4 => {
            let repeated: Vec<u8> = bytes.iter().copied().skip(first).take(last - first).collect();
            if bytes.len() + repeated.len() <= MAX_BYTES {
                drop(bytes.splice(last..last, repeated));
            }
        }
        5 => {
            bytes.truncate(from);
            bytes.extend(other.iter().skip(position(u16::from(kind) << 5, other.len())));
        }
        // One bit, or another case.
        6 => bytes.iter_mut().skip(from).take(1).for_each(|byte| *byte ^= 1 << (kind / 8 % 8)),
        _ => bytes.iter_mut().skip(from).take(1).for_each(|byte| *byte = inserted.first().copied().unwrap_or(*byte)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_change_is_within_the_sample() {
        for kind in 0..=u8::MAX {
            for (from, to) in [(0, 0), (3, 1), (1, 3), (u16::MAX, 7)] {
                for sample in ["", "abcdef"] {
                    let mut bytes = sample.as_bytes().to_vec();
                    change(&mut bytes, kind, from, to, b"xy", b"other");
                    assert!(bytes.len() <= 12, "{kind} {from} {to}");
                }
            }
        }
        assert_eq!(format!("{:?}", Changed(b"a\n\xff".to_vec())), r#"b"a\n\xff""#);
    }
}
