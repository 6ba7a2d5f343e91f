//! Many rows in few forms of a statement: connections keep the statements they have prepared, and one for each number of
//! rows would be very many.

use domain::contact::ContactId;
use uuid::Uuid;

/// Rows of one statement at most: both databases bound the number of its values.
const MOST: usize = 64;

/// The rows in pieces whose lengths are powers of two.
pub(super) fn pieces<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let length = 1 << rows.len().min(MOST).checked_ilog2()?;
        let (piece, rest) = rows.split_at_checked(length)?;
        rows = rest;
        Some(piece)
    })
}

/// The ids for a list to look in, the last one repeated until their number is a power of two.
pub(super) fn evened(ids: &[ContactId]) -> Vec<Uuid> {
    let wanted = ids.len().next_power_of_two();
    let last = ids.last().copied().into_iter().cycle();
    ids.iter().copied().chain(last).take(wanted).map(|id| id.0).collect()
}

#[cfg(test)]
mod tests {
    use domain::contact::ContactId;
    use uuid::Uuid;

    use super::{evened, pieces};

    #[test]
    fn pieces_are_powers_of_two_and_lose_nothing() {
        for length in (0..300).chain([1000]) {
            let rows: Vec<usize> = (0..length).collect();
            let found: Vec<&[usize]> = pieces(&rows).collect();
            assert!(found.iter().all(|piece| piece.len().is_power_of_two() && piece.len() <= 64), "{length}");
            assert_eq!(found.concat(), rows);
            assert!(found.len() <= length / 64 + 6, "{length}");
        }
    }

    #[test]
    fn lists_are_evened_with_what_is_in_them() {
        let ids: Vec<ContactId> = (1..=200).map(|number| ContactId(Uuid::from_u128(number))).collect();
        assert!(evened(&[]).is_empty());
        for (length, wanted) in [(1, 1), (2, 2), (3, 4), (5, 8), (200, 256)] {
            let list = evened(&ids[..length]);
            assert_eq!(list.len(), wanted);
            assert!(list.iter().all(|id| ids[..length].contains(&ContactId(*id))));
            assert!(ids[..length].iter().all(|id| list.contains(&id.0)));
        }
    }
}
