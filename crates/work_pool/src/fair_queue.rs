//! Queue that is fair between its keys.

use std::{
    collections::{HashMap, VecDeque},
    hash::Hash,
};

/// One queue for each key, served round-robin.
///
/// Invariant: a key has a queue exactly when it has waiting items, and is then in `turns` exactly once.
pub(crate) struct FairQueue<K, T> {
    queues: HashMap<K, VecDeque<T>>,
    turns: VecDeque<K>,
}

impl<K, T> Default for FairQueue<K, T> {
    fn default() -> Self {
        Self { queues: HashMap::new(), turns: VecDeque::new() }
    }
}

impl<K: Copy + Eq + Hash, T> FairQueue<K, T> {
    /// Adds an item at the end of the queue of its key.
    pub(crate) fn push(&mut self, key: K, item: T) {
        let queue = self.queues.entry(key).or_default();
        if queue.is_empty() {
            self.turns.push_back(key);
        }
        queue.push_back(item);
    }

    /// Removes and returns the first item of the next key, if it matches the predicate.
    pub(crate) fn pop_if(&mut self, matches: impl FnOnce(&T) -> bool) -> Option<T> {
        let key = *self.turns.front()?;
        let queue = self.queues.get_mut(&key)?;
        queue.front().filter(|item| matches(item))?;
        let item = queue.pop_front();
        self.turns.pop_front();
        if queue.is_empty() {
            self.queues.remove(&key);
        } else {
            self.turns.push_back(key);
        }
        item
    }

    /// Removes and returns the last item of the longest queue, if it is longer than the queue of `key` plus one item.
    pub(crate) fn displace_for(&mut self, key: &K) -> Option<T> {
        let own = self.queues.get(key).map_or(0, VecDeque::len) + 1;
        let longest = self.queues.iter().max_by_key(|(_, queue)| queue.len());
        let (longest, _) = longest.filter(|(_, queue)| queue.len() > own)?;
        let longest = *longest;
        // The queue has more than one item, so it does not become empty.
        self.queues.get_mut(&longest)?.pop_back()
    }

    /// Removes the items that match the predicate. Returns their number.
    pub(crate) fn remove_if(&mut self, matches: impl Fn(&T) -> bool) -> usize {
        let before = self.len();
        self.queues.retain(|_, queue| {
            queue.retain(|item| !matches(item));
            !queue.is_empty()
        });
        self.turns.retain(|key| self.queues.contains_key(key));
        before - self.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.queues.values().flatten()
    }

    pub(crate) fn len(&self) -> usize {
        self.queues.values().map(VecDeque::len).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::FairQueue;

    fn filled(items: &[(char, u32)]) -> FairQueue<char, u32> {
        let mut queue = FairQueue::default();
        for (key, item) in items {
            queue.push(*key, *item);
        }
        queue
    }

    fn drained(mut queue: FairQueue<char, u32>) -> Vec<u32> {
        std::iter::from_fn(|| queue.pop_if(|_| true)).collect()
    }

    #[test]
    fn keys_are_served_round_robin_and_items_in_order() {
        let queue = filled(&[('a', 1), ('a', 2), ('a', 3), ('b', 4), ('c', 5), ('b', 6)]);
        assert_eq!(queue.len(), 6);
        assert_eq!(drained(queue), [1, 4, 5, 2, 6, 3]);
    }

    #[test]
    fn first_item_that_does_not_match_stays_first() {
        let mut queue = filled(&[('a', 1), ('b', 2), ('a', 3)]);
        assert_eq!(queue.pop_if(|item| *item > 1), None);
        assert_eq!(drained(queue), [1, 2, 3]);
    }

    #[test]
    fn shorter_queue_displaces_last_item_of_longest() {
        let mut queue = filled(&[('a', 1), ('a', 2), ('a', 3)]);
        assert_eq!(queue.displace_for(&'a'), None, "a key does not displace its own items");
        assert_eq!(queue.displace_for(&'b'), Some(3));
        queue.push('b', 4);
        assert_eq!(queue.displace_for(&'c'), Some(2));
        queue.push('c', 5);
        assert_eq!(queue.displace_for(&'d'), None, "no queue is longer");
        assert_eq!(drained(queue), [1, 4, 5]);
    }

    #[test]
    fn key_without_items_loses_its_turn() {
        let mut queue = filled(&[('a', 1), ('b', 2), ('a', 3), ('c', 4)]);
        assert_eq!(queue.remove_if(|item| item % 2 == 1), 2);
        queue.push('a', 6);
        assert_eq!(drained(queue), [2, 4, 6]);
    }
}
