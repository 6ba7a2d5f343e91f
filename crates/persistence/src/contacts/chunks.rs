//! Row chunks and id lists whose lengths are powers of two. Connections cache prepared statements; a separate statement
//! for every number of rows would fill the cache.

use domain::ids::ContactId;
use uuid::Uuid;

/// Maximum rows of one statement: both databases limit the number of bound values.
const MAX_ROWS: usize = 64;

/// Splits the rows into chunks whose lengths are powers of two.
pub(super) fn chunks<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let length = 1 << rows.len().min(MAX_ROWS).checked_ilog2()?;
        let (piece, rest) = rows.split_at_checked(length)?;
        rows = rest;
        Some(piece)
    })
}

/// Returns a list in which the last value is repeated until the length is a power of two.
pub(super) fn padded<T: Copy>(values: &[T]) -> Vec<T> {
    let length = values.len().next_power_of_two();
    let last = values.last().copied().into_iter().cycle();
    values.iter().copied().chain(last).take(length).collect()
}

/// Returns the ids for an `IN` list, padded.
pub(super) fn padded_ids(ids: &[ContactId]) -> Vec<Uuid> {
    padded(ids).into_iter().map(|id| id.0).collect()
}

#[cfg(test)]
mod tests {
    use domain::ids::ContactId;
    use uuid::Uuid;

    use super::{chunks, padded_ids};

    #[test]
    fn chunks_are_powers_of_two_and_contain_every_row() {
        for length in (0..300).chain([1000]) {
            let rows: Vec<usize> = (0..length).collect();
            let found: Vec<&[usize]> = chunks(&rows).collect();
            assert!(found.iter().all(|piece| piece.len().is_power_of_two() && piece.len() <= 64), "{length}");
            assert_eq!(found.concat(), rows);
            assert!(found.len() <= length / 64 + 6, "{length}");
        }
    }

    #[test]
    fn id_lists_are_padded_with_their_own_ids() {
        let ids: Vec<ContactId> = (1..=200).map(|number| ContactId(Uuid::from_u128(number))).collect();
        assert!(padded_ids(&[]).is_empty());
        for (length, padded_length) in [(1, 1), (2, 2), (3, 4), (5, 8), (200, 256)] {
            let list = padded_ids(&ids[..length]);
            assert_eq!(list.len(), padded_length);
            assert!(list.iter().all(|id| ids[..length].contains(&ContactId(*id))));
            assert!(ids[..length].iter().all(|id| list.contains(&id.0)));
        }
    }
}
