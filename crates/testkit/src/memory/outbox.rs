use async_trait::async_trait;
use domain::{
    account::User,
    error::StoreError,
    ids::{MailId, UserId},
    mail::{Mail, MailKind, OutboxQueries, OutboxRepository, OutboxStatus},
    time::Timestamp,
};

use super::{
    MemoryStore, MemoryUnit,
    state::{WaitingMail, remove_some},
};

#[async_trait]
impl OutboxQueries for MemoryStore {
    async fn has_due_mail(&self, now: Timestamp) -> Result<bool, StoreError> {
        Ok(self.read(|state| state.outbox.values().any(|waiting| waiting.due_at.is_some_and(|due| due <= now))))
    }

    async fn mails_of(&self, user: &User) -> Result<Vec<Mail>, StoreError> {
        let theirs = |waiting: &&WaitingMail| waiting.is_of(user);
        Ok(self.read(|state| state.outbox.values().filter(theirs).map(|waiting| waiting.mail.clone()).collect()))
    }

    async fn outbox_status(&self, now: Timestamp) -> Result<OutboxStatus, StoreError> {
        Ok(self.read(|state| {
            let count = |is_counted: &dyn Fn(&WaitingMail) -> bool| {
                state.outbox.values().filter(|waiting| is_counted(waiting)).count() as u64
            };
            OutboxStatus {
                waiting: count(&|waiting| waiting.due_at.is_some()),
                due: count(&|waiting| waiting.due_at.is_some_and(|due| due <= now)),
                parked: count(&|waiting| waiting.due_at.is_none() && !waiting.to_unverified),
                parked_unverified: count(&|waiting| waiting.due_at.is_none() && waiting.to_unverified),
            }
        }))
    }
}

impl WaitingMail {
    /// Matches by the user's id, or by the e-mail address when the mail has no user.
    pub(super) fn is_of(&self, user: &User) -> bool {
        match self.mail.user {
            Some(owner) => owner == user.id,
            None => self.mail.kind != MailKind::ConfirmEmail && self.mail.email == user.email,
        }
    }
}

impl MemoryUnit {
    fn change(&mut self, id: MailId, change: impl FnOnce(&mut WaitingMail)) {
        if let Some(waiting) = self.state.outbox.get_mut(&id) {
            change(waiting);
        }
    }
}

#[async_trait]
impl OutboxRepository for MemoryUnit {
    async fn enqueue_mail(&mut self, mail: &Mail) -> Result<(), StoreError> {
        self.require_unique(!self.state.outbox.contains_key(&mail.id))?;
        let due_at = Some(mail.requested_at);
        let waiting = WaitingMail { mail: mail.clone(), to_unverified: false, due_at, last_error: None };
        self.state.outbox.insert(mail.id, waiting);
        Ok(())
    }

    async fn claim_due_mail(
        &mut self,
        now: Timestamp,
        lease_until: Timestamp,
        limit: u64,
    ) -> Result<Vec<Mail>, StoreError> {
        let mut due: Vec<&mut WaitingMail> =
            self.state.outbox.values_mut().filter(|waiting| waiting.due_at.is_some_and(|due| due <= now)).collect();
        due.sort_by_key(|waiting| (waiting.due_at, waiting.mail.id));
        let claimed = due.into_iter().take(usize::try_from(limit).unwrap()).map(|waiting| {
            waiting.due_at = Some(lease_until);
            waiting.mail.attempts += 1;
            waiting.mail.clone()
        });
        Ok(claimed.collect())
    }

    async fn record_unverified_receiver(&mut self, id: MailId, user: UserId) -> Result<(), StoreError> {
        self.change(id, |waiting| {
            waiting.mail.user = Some(user);
            waiting.to_unverified = true;
        });
        Ok(())
    }

    async fn take_mail_slot(
        &mut self,
        mail: &Mail,
        now: Timestamp,
        since: Timestamp,
        slots: u16,
    ) -> Result<bool, StoreError> {
        let email = mail.email.digest();
        let all = &mut self.state.mail_slots;
        let taken = |slot: u16| all.get(&(email, slot)).filter(|(_, at)| *at > since);
        if (0..slots).any(|slot| taken(slot).is_some_and(|(holder, _)| *holder == mail.id)) {
            return Ok(true);
        }
        let Some(free) = (0..slots).rev().find(|slot| taken(*slot).is_none()) else { return Ok(false) };
        all.insert((email, free), (mail.id, now));
        Ok(true)
    }

    async fn purge_mail_slots(&mut self, until: Timestamp, limit: u64) -> Result<u64, StoreError> {
        let old = self.state.mail_slots.iter().filter(|(_, (_, at))| *at <= until).map(|(key, _)| *key);
        let old: Vec<_> = old.take(usize::try_from(limit).unwrap()).collect();
        self.state.mail_slots.retain(|key, _| !old.contains(key));
        Ok(old.len() as u64)
    }

    async fn remove_mail(&mut self, id: MailId) -> Result<(), StoreError> {
        self.state.outbox.remove(&id);
        Ok(())
    }

    async fn remove_mails_since(&mut self, user: UserId, kind: MailKind, since: Timestamp) -> Result<(), StoreError> {
        let is_removed = |mail: &Mail| mail.user == Some(user) && mail.kind == kind && mail.requested_at >= since;
        self.state.outbox.retain(|_, waiting| !is_removed(&waiting.mail));
        Ok(())
    }

    async fn has_mail(&mut self, id: MailId) -> Result<bool, StoreError> {
        Ok(self.state.outbox.contains_key(&id))
    }

    async fn reschedule_mail(&mut self, id: MailId, at: Timestamp, error: &str) -> Result<(), StoreError> {
        self.change(id, |waiting| {
            waiting.due_at = Some(at);
            waiting.last_error = Some(error.to_owned());
        });
        Ok(())
    }

    async fn park_mail(&mut self, id: MailId, error: &str) -> Result<(), StoreError> {
        self.change(id, |waiting| {
            waiting.due_at = None;
            waiting.last_error = Some(error.to_owned());
        });
        Ok(())
    }

    async fn purge_parked_mails(&mut self, until: Timestamp, limit: u64) -> Result<u64, StoreError> {
        let is_old = |waiting: &WaitingMail| waiting.due_at.is_none() && waiting.mail.requested_at <= until;
        Ok(remove_some(&mut self.state.outbox, limit, |_, waiting| is_old(waiting)))
    }
}
