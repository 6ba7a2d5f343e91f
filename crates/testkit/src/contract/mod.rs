//! The store's contract: each sentence of the ports' documentation is one case here, run on memory,
//! on a SQLite file and on PostgreSQL.
//!
//! A test crate calls [`store_contract!`](crate::store_contract) with the path of a function that makes a backend:
//!
//! ```ignore
//! mod sqlite { testkit::store_contract!(super::backends::sqlite); }
//! ```

#![expect(missing_docs, reason = "the name of a case is the sentence it checks")]

use std::{future::Future, sync::Arc};

use async_trait::async_trait;
use domain::store::Store;

pub mod audit;
pub mod birthdays;
pub mod contacts;
pub mod idempotency;
pub mod known_devices;
pub mod limits;
pub mod listing;
pub mod outbox;
pub mod sessions;
pub mod stray_pictures;
pub mod tokens;
pub mod trash;
pub mod users;

/// A store to test, and how to clear it away.
#[async_trait]
pub trait Backend: Send + Sync {
    /// A store over the same data. Several may be open at once, as several workers would have them.
    async fn open(&self) -> Arc<dyn Store>;

    /// Removes the data.
    async fn remove(self: Box<Self>);
}

/// Runs `work` so many times at once, over two stores in turn, and gives the outcomes.
pub async fn at_once<T, F>(backend: &dyn Backend, times: usize, work: impl Fn(Arc<dyn Store>, usize) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let stores = [backend.open().await, backend.open().await];
    let tasks: Vec<_> = (0..times).map(|number| tokio::spawn(work(Arc::clone(&stores[number % 2]), number))).collect();
    let mut outcomes = Vec::with_capacity(times);
    for task in tasks {
        outcomes.push(task.await.unwrap());
    }
    outcomes
}

/// Makes one test of every case, for one backend.
#[macro_export]
macro_rules! store_contract {
    ($backend:path) => {
        $crate::store_contract!($backend;
            users: a_user_is_found_by_address, a_taken_address_conflicts, of_many_registrations_one_wins,
                changes_of_a_user_are_kept, only_the_users_own_address_is_verified, an_address_is_changed_once_it_is_free,
                of_several_who_want_an_address_the_last_to_ask_is_found, a_dropped_unit_leaves_nothing,
                a_second_locker_of_a_user_waits, a_deleted_user_takes_everything_along,
                users_who_never_verified_are_found;
            tokens: a_token_is_consumed_once, of_many_uses_one_wins, of_two_tokens_of_a_user_at_once_one_wins,
                a_token_of_another_purpose_or_time_is_none, discarding_takes_the_users_others, a_users_tokens_are_listed,
                purging_takes_what_ended;
            sessions: a_session_is_found_with_its_user, a_renewed_session_retains_two_tokens, an_ended_session_is_not_found_again,
                ending_all_takes_one_users, ending_the_others_keeps_one, purging_removes_ended_old_and_idle_sessions, of_too_many_the_longest_unused_end, a_second_locker_of_a_session_waits;
            known_devices: a_device_is_new_once, a_known_device_is_found_by_email_and_device,
                the_longest_unused_devices_beyond_the_limit_are_removed, of_many_sign_ins_at_once_one_is_new,
                a_deleted_user_takes_the_devices_along;
            outbox: a_mail_is_due_at_once, a_claimed_mail_waits_for_its_lease, of_many_claimers_each_mail_has_one,
                rescheduled_and_parked_mails, a_removed_mail_is_gone,
                a_users_mails_are_found_by_id_and_own_address, parked_mails_are_purged,
                a_parked_mail_to_an_unverified_address_is_counted_apart, an_address_has_so_many_slots_for_mails_in_any_day,
                of_many_who_take_slots_at_once_as_many_as_there_are_get_one;
            audit: the_latest_events_of_a_user_are_read, old_events_are_purged, the_events_of_one_user_are_purged_in_pieces,
                a_deleted_account_is_noted_until_it_is_forgotten,
                users_with_many_wrong_passwords_are_found_until_they_are_warned;
            stray_pictures: a_noted_picture_is_due_in_time, a_claimed_picture_waits_for_its_lease_and_is_never_adopted,
                how_long_a_picture_may_arrive_is_kept,
                an_adopted_picture_is_no_stray, of_many_claimers_each_picture_has_one, of_adopter_and_claimer_one_wins,
                a_note_is_part_of_its_unit, leaving_counts_in_a_photo_under_way;
            contacts: every_field_is_kept, others_contacts_do_not_exist, an_update_is_kept, several_are_locked_and_updated_at_once,
                a_second_locker_of_several_waits, the_count_is_locked,
                birthdays_are_found_in_ranges, tags_are_counted_by_spelling;
            trash: a_deleted_contact_is_found_in_the_trash_only, a_contact_that_is_not_there_cannot_be_deleted,
                a_restored_contact_is_as_it_was, the_latest_deleted_comes_first,
                what_is_held_is_met_once_wherever_it_is, a_purge_takes_what_its_scope_says,
                of_many_purgers_each_photo_has_one, who_restores_makes_a_purger_wait,
                a_deleted_user_takes_the_trash_along;
            idempotency: a_key_is_its_owners, a_key_stands_for_the_last_that_was_done, old_keys_are_purged,
                an_account_takes_its_keys_along, of_many_with_one_key_one_does_it;
            birthdays: the_next_birthdays_are_those_of_the_calendar;
            listing: words_are_found_anywhere, filters_narrow, wildcards_are_plain, phones_are_found_however_typed, the_order_is_that_of_people,
                every_sort_pages_without_gap_or_repeat, skip_and_limit_cut, the_total_is_of_all_pages,
                what_is_absent_comes_last;
        );
    };
    ($backend:path; $($suite:ident: $($case:ident),+;)+) => {
        $($(
            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $case() {
                let backend: Box<dyn $crate::contract::Backend> = Box::new($backend().await);
                $crate::contract::$suite::$case(&*backend).await;
                backend.remove().await;
            }
        )+)+
    };
}
