//! Wrong operations, which have no serial order with an update of the contact. The comparison of the real pairs must
//! report them.
//!
//! Each reads the contact, waits until the update has changed it, and then writes in another unit. Each writes another
//! table or column, so that a comparison that leaves it out fails.

use std::{
    slice,
    sync::Arc,
    time::{Duration, Instant},
};

use domain::{
    Ports,
    audit::{AuditAction, AuditEvent, AuditOutcome},
    contact::Contact,
    error::StoreError,
    ids::AuditEventId,
};

use super::{
    Trials,
    on_contact::ON_CONTACT,
    operation::{Operation, operations},
    pair::report,
    scene::{Parts, Scene},
};
use crate::databases::TestDatabase;

on_both!(pairs_without_a_serial_order_are_reported);

/// Maximum time for which an operation waits for the update. It waits that long when it runs before the update.
const PATIENCE: Duration = Duration::from_secs(1);
const POLLING_INTERVAL: Duration = Duration::from_millis(5);

const WITHOUT_SERIAL_ORDER: &[Operation] = operations! { |scene, ports|
    overwrite_update: overwrite_update(ports, scene);
    lock_email_after_update: lock_email_after_update(ports, scene);
    record_event_after_update: record_event_after_update(ports, scene);
};

async fn pairs_without_a_serial_order_are_reported(database: Arc<TestDatabase>) {
    let update = ON_CONTACT.iter().find(|operation| operation.name == "patch_notes").unwrap();
    let mut trials = Trials::new(&database, Parts::Contacts).await;
    let mut pairs = Vec::new();
    for operation in WITHOUT_SERIAL_ORDER {
        pairs.push(trials.run_pair([*operation, *update]).await);
    }
    let outcomes = trials.outcomes(&database).await;
    for (pair, difference) in pairs.iter().zip(["- contacts: ", "+ users: ", "+ audit_events: "]) {
        let report = report(slice::from_ref(pair), &outcomes);
        assert!(report.contains(difference), "no {difference:?} in the report of {:?}: {report}", pair.operations);
    }
}

/// Writes the whole old card back, without a precondition. The update is lost.
async fn overwrite_update(ports: &Ports, scene: &Scene) -> Result<(), StoreError> {
    let (old, _) = read_and_wait(ports, scene).await?;
    let mut unit = ports.store.begin().await?;
    let taken = unit.take_change_numbers(scene.owner, 1, 0).await?.unwrap();
    unit.update_contact(&Contact { change: taken.first, ..old }).await?;
    unit.commit().await
}

/// Locks the e-mail if there was an update in the meantime.
async fn lock_email_after_update(ports: &Ports, scene: &Scene) -> Result<(), StoreError> {
    let (_, is_updated) = read_and_wait(ports, scene).await?;
    if !is_updated {
        return Ok(());
    }
    let mut unit = ports.store.begin().await?;
    unit.lock_email(scene.owner, Some(ports.clock.now())).await?;
    unit.commit().await
}

/// Records an event if there was an update in the meantime.
async fn record_event_after_update(ports: &Ports, scene: &Scene) -> Result<(), StoreError> {
    let (_, is_updated) = read_and_wait(ports, scene).await?;
    if !is_updated {
        return Ok(());
    }
    let event = AuditEvent {
        id: AuditEventId(ports.ids.next_id()),
        at: ports.clock.now(),
        user: Some(scene.owner),
        action: AuditAction::ImportContacts,
        outcome: AuditOutcome::Success,
        client: scene.client.clone(),
    };
    let mut unit = ports.store.begin().await?;
    unit.record(&event).await?;
    unit.commit().await
}

/// Reads the contact, and waits until the update has changed it. Does not wait when it has before. Returns the contact as
/// it was read, and true when it was changed since.
async fn read_and_wait(ports: &Ports, scene: &Scene) -> Result<(Contact, bool), StoreError> {
    let read = ports.store.find_contact(scene.owner, scene.contact).await?.unwrap();
    let begun = Instant::now();
    while read.change == scene.known && begun.elapsed() < PATIENCE {
        tokio::time::sleep(POLLING_INTERVAL).await;
        let current = ports.store.find_contact(scene.owner, scene.contact).await?.unwrap();
        if current.change != read.change {
            return Ok((read, true));
        }
    }
    Ok((read, false))
}
