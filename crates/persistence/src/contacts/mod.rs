//! Contacts.

mod card_changes;
mod card_names;
mod card_resources;
mod card_rows;
mod changes;
mod chunks;
mod columns;
mod count;
mod creation;
mod deletions;
mod fetch;
mod list;
mod queries;
#[cfg(test)]
mod query_plan_tests;
mod received_cards;
mod reindex;
mod repository;
mod row;
mod row_text;
mod selection;
mod sequence;
mod shared_creations;
#[cfg(test)]
mod shared_creations_tests;
mod stored_keys;
#[cfg(test)]
mod stored_keys_properties;
mod tags;
mod trash;
