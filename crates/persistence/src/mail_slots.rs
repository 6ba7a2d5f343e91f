//! Slots that limit mails to unverified e-mail addresses.

use domain::{error::StoreError, mail::Mail, time::Timestamp};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, QueryTrait as _, Set,
    sea_query::{Expr, ExprTrait as _, LockBehavior, OnConflict},
};

use crate::{
    entities::mail_slots::{ActiveModel, Column, Entity, Model},
    unit::{ROW_LOCK, SqlUnit, chosen_once},
};

/// Implements [`domain::mail::OutboxRepository::take_mail_slot`].
pub(crate) async fn take(
    unit: &SqlUnit,
    mail: &Mail,
    now: Timestamp,
    since: Timestamp,
    slots: u16,
) -> Result<bool, StoreError> {
    let email = mail.email.digest().to_vec();
    let taken = Entity::find().filter(Column::AddressHash.eq(email.clone())).filter(Column::TakenAt.gt(since));
    let taken: Vec<Model> = unit.run(taken.all(unit.transaction())).await?;
    if taken.iter().any(|row| row.mail_id == mail.id.0) {
        return Ok(true);
    }
    let slots = i16::try_from(slots).unwrap_or(i16::MAX);
    for slot in (0..slots).rev().filter(|slot| taken.iter().all(|row| row.slot != *slot)) {
        // Changes no row when another unit has taken the free slot meanwhile.
        let row = ActiveModel {
            address_hash: Set(email.clone()),
            slot: Set(slot),
            mail_id: Set(mail.id.0),
            taken_at: Set(now),
        };
        let if_free = OnConflict::columns([Column::AddressHash, Column::Slot])
            .update_columns([Column::MailId, Column::TakenAt])
            .action_and_where(Expr::col((Entity, Column::TakenAt)).lte(since))
            .to_owned();
        let insert = Entity::insert(row).on_conflict(if_free);
        if unit.run(insert.exec_without_returning(unit.transaction())).await? > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Implements [`domain::mail::OutboxRepository::purge_mail_slots`].
pub(crate) async fn purge(unit: &SqlUnit, until: Timestamp, limit: u64) -> Result<u64, StoreError> {
    unit.plan_with_values().await?;
    let old = Entity::find().filter(Column::TakenAt.lte(until)).order_by_asc(Column::TakenAt);
    let old = old.limit(limit).lock_with_behavior(ROW_LOCK, LockBehavior::SkipLocked);
    let columns = [Column::AddressHash, Column::Slot];
    let old = chosen_once(old.select_only().columns(columns).into_query(), columns);
    let key = Expr::tuple([Expr::col(Column::AddressHash), Expr::col(Column::Slot)]);
    let delete = Entity::delete_many().filter(key.in_subquery(old));
    Ok(unit.run(delete.exec(unit.transaction())).await?.rows_affected)
}
