//! Contract suite of the store: one case for each sentence of the ports' documentation. Runs on the in-memory store, on
//! SQLite and on PostgreSQL.
//!
//! A test crate calls [`store_contract!`](crate::store_contract) with the path of a function that creates a backend:
//!
//! ```text
//! mod sqlite { testkit::store_contract!(super::backends::sqlite); }
//! ```

#![expect(missing_docs, reason = "the name of a case is the sentence it checks")]

use std::{future::Future, sync::Arc};

use async_trait::async_trait;
use domain::store::Store;

pub mod administration;
pub mod app_passwords;
pub mod audit;
pub mod birthdays;
pub mod card_resources;
pub mod changes;
pub mod contacts;
pub mod idempotency;
pub mod known_devices;
pub mod limits;
pub mod listing;
pub mod orphaned_pictures;
pub mod outbox;
pub mod pasted_text;
pub mod picture_store;
pub mod received_cards;
pub mod rejections;
pub mod session_cache;
pub mod sessions;
pub mod sorting;
pub mod tokens;
pub mod trash;
pub mod users;

/// A store under test, and its removal.
#[async_trait]
pub trait Backend: Send + Sync {
    /// Opens a store on the same data. Several can be open at once, like those of several workers.
    async fn open(&self) -> Arc<dyn Store>;

    /// Returns true when the stores have a session cache that loses no entry.
    fn has_session_cache(&self) -> bool {
        false
    }

    /// Removes the data.
    async fn remove(self: Box<Self>);
}

/// Runs `work` `times` times concurrently, alternating between two stores, and returns the results.
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

/// Defines one test for each case, for one backend. `store_contract!(one_by_one)` instead defines a function
/// `one_by_one`, which runs all cases, each on a new backend.
#[macro_export]
macro_rules! store_contract {
    (one_by_one) => {
        $crate::store_contract!(@cases one_by_one []);
    };
    ($backend:path) => {
        $crate::store_contract!(@cases each [$backend]);
    };
    (@cases $form:ident [$($backend:path)?]) => {
        $crate::store_contract!(@$form [$($backend)?]
            users: user_is_found_by_email, inserting_a_taken_email_is_a_conflict, concurrent_registrations_create_one_user,
                changes_of_a_user_are_stored, only_the_current_email_is_verified, email_changes_only_to_a_free_one,
                email_is_locked_until_its_time,
                latest_user_with_the_same_pending_email_is_found, dropped_unit_changes_nothing,
                second_lock_of_a_user_waits, deleting_a_user_deletes_all_data,
                unverified_users_are_found;
            administration: account_is_found_with_its_state, disabling_an_account_ends_no_session,
                accounts_are_listed_in_the_order_of_their_ids, invitation_is_taken_once;
            tokens: token_is_consumed_once, used_token_is_remembered_until_it_is_purged, concurrent_uses_consume_a_token_once, only_one_of_two_concurrent_user_tokens_is_consumed,
                token_of_another_purpose_or_time_is_not_found, discarding_removes_tokens_of_one_user_and_purpose,
                discarding_removes_tokens_that_expire_from_a_given_time, tokens_of_a_user_are_listed,
                expired_tokens_are_purged;
            sessions: session_is_found_with_its_user, renewed_session_retains_two_tokens, ended_session_is_not_found,
                ending_all_sessions_affects_one_user, ending_other_sessions_does_not_end_the_current, purging_removes_ended_old_and_idle_sessions, sessions_beyond_the_limit_end_longest_unused_first, second_lock_of_a_session_waits;
            app_passwords: app_password_is_found_by_its_digest_with_its_user, cached_app_password_is_the_stored_one,
                digest_of_an_app_password_is_unique, app_passwords_of_a_user_are_counted_and_listed_latest_first,
                use_of_an_app_password_is_recorded_once_in_a_time, concurrent_uses_of_an_app_password_are_recorded_once,
                ended_app_password_is_not_found, ending_all_app_passwords_affects_one_user,
                expired_app_passwords_are_purged, deleting_a_user_deletes_app_passwords;
            known_devices: device_is_new_once, known_device_is_found_by_email_and_device,
                longest_unused_devices_beyond_the_limit_are_removed, concurrent_logins_report_a_new_device_once,
                deleting_a_user_deletes_known_devices;
            outbox: mail_contains_the_app_password_that_it_reports, mail_is_due_immediately, longest_due_mail_is_claimed_first,
                claimed_mail_waits_for_its_lease, concurrent_claimers_get_each_mail_once,
                rescheduled_mail_is_due_later_and_parked_mail_never, removed_mail_is_not_found, mails_of_a_kind_since_a_time_are_removed,
                user_mails_are_found_by_id_and_email, parked_mails_are_purged,
                parked_mail_to_an_unverified_email_is_counted_separately, mail_slots_limit_daily_mails_to_an_address,
                mails_with_fewer_slots_leave_the_others_free, concurrent_mails_take_at_most_the_available_slots;
            audit: latest_events_of_a_user_are_listed, old_events_are_purged, events_of_one_user_are_purged_in_batches,
                deleted_account_is_recorded_until_it_is_removed,
                users_with_many_wrong_passwords_are_found_until_warned;
            orphaned_pictures: recorded_picture_is_due_at_its_time, longest_due_picture_is_leased_first,
                picture_being_removed_is_leased_and_cannot_be_used, several_pictures_are_claimed_at_once,
                time_until_which_an_upload_may_complete_is_stored,
                used_picture_is_not_orphaned, concurrent_workers_get_each_picture_once, picture_is_either_used_or_removed,
                orphan_records_are_part_of_the_unit, deleting_a_user_returns_a_photo_being_added;
            contacts: every_field_of_a_contact_is_stored, contacts_of_other_users_are_not_found, contact_update_is_stored, several_contacts_are_locked_and_updated_at_once,
                second_lock_of_several_contacts_waits, contact_count_is_changed_and_locked,
                new_contact_takes_a_number_within_the_limit,
                birthdays_are_found_in_ranges, queries_are_listed_in_sequence, tags_are_counted_by_spelling;
            changes: change_numbers_of_each_owner_increase, second_taker_of_change_numbers_waits,
                seen_number_is_never_followed_by_a_smaller_one, unit_without_commit_shows_no_change,
                changes_are_listed_in_the_order_of_their_numbers, deleted_contact_is_listed_until_it_is_restored,
                earliest_deletions_beyond_the_limit_are_forgotten, floor_of_deletions_never_falls;
            received_cards: received_card_is_stored_and_replaced, received_cards_of_other_users_are_not_found,
                card_needs_a_contact_of_its_owner, card_of_a_trashed_contact_is_stored_without_its_uid_being_listed,
                received_cards_are_listed_by_contact, former_text_is_stored_and_replaced,
                deleting_a_contact_deletes_its_card;
            card_resources: card_is_found_by_its_name, cards_of_other_users_have_no_name, card_is_found_by_its_uid,
                changes_of_names_are_listed_in_the_order_of_their_numbers, contact_in_the_trash_retains_its_name,
                update_of_a_contact_retains_its_name, group_is_stored_and_replaced, deleting_a_user_deletes_cards;
            trash: trashed_contact_is_found_in_the_trash_only, missing_contact_cannot_be_trashed,
                restored_contact_is_unchanged, trash_lists_the_latest_first,
                export_contains_every_contact_once, purge_removes_its_scope_only,
                concurrent_purges_return_each_photo_once, purge_waits_for_a_restore,
                deleting_a_user_deletes_the_trash;
            idempotency: key_belongs_to_its_owner, key_returns_its_last_result, old_keys_are_purged,
                deleting_a_user_deletes_idempotency_keys, concurrent_requests_with_one_key_run_once;
            rejections: unit_after_a_conflict_can_only_be_dropped, rows_of_a_missing_user_are_rejected,
                second_row_with_the_same_key_is_rejected, second_contact_with_the_same_name_is_rejected,
                update_of_a_missing_contact_is_rejected;
            birthdays: upcoming_birthdays_match_a_day_by_day_calendar;
            listing: words_match_in_every_searched_field, list_filters_can_be_combined, wildcards_match_literally, phones_are_found_in_every_notation,
                skip_and_limit_select_a_page, total_counts_all_pages;
            sorting: names_are_sorted_alphabetically, every_sort_order_pages_without_gaps_or_duplicates,
                missing_values_come_last;
            pasted_text: names_are_found_however_they_are_typed, phones_are_found_however_they_are_typed,
                emails_are_found_in_every_form, tags_are_the_same_however_they_are_typed,
                every_described_member_is_searched;
        );
    };
    (@each [$backend:path] $($suite:ident: $($case:ident),+;)+) => {
        $($(
            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $case() {
                let backend: Box<dyn $crate::contract::Backend> = Box::new($backend().await);
                $crate::contract::$suite::$case(&*backend).await;
                backend.remove().await;
            }
        )+)+
    };
    (@one_by_one [] $($suite:ident: $($case:ident),+;)+) => {
        async fn one_by_one<B: $crate::contract::Backend>(new_backend: impl Fn() -> B) {
            $($(
                let backend = Box::new(new_backend());
                $crate::contract::$suite::$case(&*backend).await;
                backend.remove().await;
            )+)+
        }
    };
}
