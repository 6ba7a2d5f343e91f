use async_trait::async_trait;
use domain::{
    account::{
        Credentials, Email, OneTimeToken, OneTimeTokenRepository, PasswordHash, Purpose, User, UserQueries,
        UserRepository,
    },
    contact::Contact,
    error::{StoreError, UniqueKey},
    ids::UserId,
    picture::PictureKey,
    secret::SecretDigest,
    time::Timestamp,
};

use super::{MemoryStore, MemoryUnit, state::remove_some};

#[async_trait]
impl UserQueries for MemoryStore {
    async fn credentials_by_email(&self, email: &Email) -> Result<Option<Credentials>, StoreError> {
        Ok(self.read(|state| state.users.values().find(|found| found.user.email == *email).cloned()))
    }

    async fn credentials_of(&self, id: UserId) -> Result<Option<Credentials>, StoreError> {
        Ok(self.read(|state| state.users.get(&id).cloned()))
    }

    async fn unverified_users(&self, until: Timestamp, limit: u64) -> Result<Vec<UserId>, StoreError> {
        let limit = usize::try_from(limit).unwrap();
        Ok(self.read(|state| {
            let users = state.users.values().map(|found| &found.user);
            let mut found: Vec<_> = users.filter(|user| !user.email_verified && user.created_at <= until).collect();
            found.sort_by_key(|user| user.created_at);
            found.into_iter().take(limit).map(|user| user.id).collect()
        }))
    }

    async fn one_time_tokens_of(&self, user: UserId) -> Result<Vec<OneTimeToken>, StoreError> {
        Ok(self.read(|state| state.one_time_tokens.values().filter(|token| token.user == user).cloned().collect()))
    }

    async fn one_time_token_owner(
        &self,
        digest: &SecretDigest,
        purpose: Purpose,
        now: Timestamp,
    ) -> Result<Option<UserId>, StoreError> {
        Ok(self.read(|state| {
            state.one_time_tokens.get(&digest.0).filter(|token| is_active(token, purpose, now)).map(|token| token.user)
        }))
    }

    async fn one_time_token_was_used(
        &self,
        digest: &SecretDigest,
        purpose: Purpose,
        since: Timestamp,
    ) -> Result<bool, StoreError> {
        Ok(self.read(|state| {
            let used = state.used_tokens.get(&digest.0);
            used.is_some_and(|(token, used_at)| token.purpose == purpose && *used_at > since)
        }))
    }
}

fn is_active(token: &OneTimeToken, purpose: Purpose, now: Timestamp) -> bool {
    token.purpose == purpose && token.expires_at > now
}

#[async_trait]
impl UserRepository for MemoryUnit {
    async fn insert_user(&mut self, user: &User, password_hash: &PasswordHash) -> Result<(), StoreError> {
        if self.state.users.values().any(|other| other.user.email == user.email) {
            self.is_broken = true;
            return Err(StoreError::Conflict(UniqueKey::UserEmail));
        }
        self.require_unique(!self.state.users.contains_key(&user.id))?;
        let credentials = Credentials { user: user.clone(), password_hash: password_hash.clone(), is_disabled: false };
        self.state.users.insert(user.id, credentials);
        Ok(())
    }

    async fn find_user(&mut self, id: UserId) -> Result<Option<User>, StoreError> {
        Ok(self.state.users.get(&id).map(|found| found.user.clone()))
    }

    async fn user_by_email(&mut self, email: &Email) -> Result<Option<User>, StoreError> {
        let found = self.state.users.values().find(|found| found.user.email == *email);
        Ok(found.map(|found| found.user.clone()))
    }

    async fn user_by_pending_email(&mut self, email: &Email) -> Result<Option<User>, StoreError> {
        let pending = self.state.users.values().filter(|found| found.user.pending_email.as_ref() == Some(email));
        let latest = pending.max_by_key(|found| (self.state.pending_since.get(&found.user.id), found.user.id));
        Ok(latest.map(|found| found.user.clone()))
    }

    async fn lock_credentials(&mut self, id: UserId) -> Result<Option<Credentials>, StoreError> {
        Ok(self.state.users.get(&id).cloned())
    }

    async fn lock_user(&mut self, id: UserId) -> Result<Option<User>, StoreError> {
        if let Some(change) = self.store.changes_before_lock.write().unwrap().remove(&id) {
            let mut committed = self.store.committed.write().unwrap();
            for state in [&mut *committed, &mut self.state] {
                change(&mut state.users.get_mut(&id).unwrap().user);
            }
        }
        Ok(self.state.users.get(&id).map(|found| found.user.clone()))
    }

    async fn set_password_hash(&mut self, id: UserId, hash: &PasswordHash) -> Result<(), StoreError> {
        if let Some(found) = self.state.users.get_mut(&id) {
            found.password_hash = hash.clone();
        }
        Ok(())
    }

    async fn mark_email_verified(&mut self, id: UserId, email: &Email) -> Result<bool, StoreError> {
        let Some(found) = self.state.users.get_mut(&id).filter(|found| found.user.email == *email) else {
            return Ok(false);
        };
        found.user.email_verified = true;
        Ok(true)
    }

    async fn set_pending_email(&mut self, id: UserId, pending: Option<(&Email, Timestamp)>) -> Result<(), StoreError> {
        if let Some(found) = self.state.users.get_mut(&id) {
            found.user.pending_email = pending.map(|(email, _)| email.clone());
            self.state.pending_since.extend(pending.map(|(_, at)| (id, at)));
        }
        Ok(())
    }

    async fn lock_email(&mut self, id: UserId, until: Option<Timestamp>) -> Result<(), StoreError> {
        match until {
            Some(until) => self.state.email_locks.insert(id, until),
            None => self.state.email_locks.remove(&id),
        };
        Ok(())
    }

    async fn is_email_locked(&mut self, id: UserId, now: Timestamp) -> Result<bool, StoreError> {
        Ok(self.state.email_locks.get(&id).is_some_and(|until| *until > now))
    }

    async fn change_email(&mut self, id: UserId, email: &Email) -> Result<(), StoreError> {
        if self.state.users.values().any(|other| other.user.id != id && other.user.email == *email) {
            self.is_broken = true;
            return Err(StoreError::Conflict(UniqueKey::UserEmail));
        }
        if let Some(found) = self.state.users.get_mut(&id) {
            found.user.email = email.clone();
            found.user.email_verified = true;
            found.user.pending_email = None;
        }
        Ok(())
    }

    async fn update_profile(&mut self, user: &User) -> Result<(), StoreError> {
        if let Some(found) = self.state.users.get_mut(&user.id) {
            found.user.username = user.username.clone();
            found.user.locale = user.locale;
            found.user.timezone = user.timezone;
            found.user.notify_new_device = user.notify_new_device;
        }
        Ok(())
    }

    async fn record_warning(&mut self, id: UserId, now: Timestamp, since: Timestamp) -> Result<bool, StoreError> {
        let is_due = self.state.warned_at.get(&id).is_none_or(|at| *at <= since) && self.state.users.contains_key(&id);
        if is_due {
            self.state.warned_at.insert(id, now);
        }
        Ok(is_due)
    }

    async fn set_avatar(&mut self, id: UserId, avatar: Option<&PictureKey>) -> Result<(), StoreError> {
        if let Some(found) = self.state.users.get_mut(&id) {
            found.user.avatar = avatar.cloned();
        }
        Ok(())
    }

    async fn delete_user(&mut self, user: &User) -> Result<Vec<PictureKey>, StoreError> {
        let state = &mut self.state;
        let Some(gone) = state.users.remove(&user.id) else { return Ok(Vec::new()) };
        let mut pictures: Vec<PictureKey> = gone.user.avatar.into_iter().collect();
        let mut is_anothers = |contact: &Contact| {
            let is_theirs = contact.owner == user.id;
            pictures.extend(contact.photo.clone().filter(|_| is_theirs));
            !is_theirs
        };
        state.contacts.retain(|_, contact| is_anothers(contact));
        state.trash.retain(|_, trashed| is_anothers(&trashed.contact));
        state.forget_cards_without_contact();
        state.group_cards.retain(|(owner, _), _| *owner != user.id);
        state.sessions.retain(|_, stored| stored.session.user != user.id);
        state.app_passwords.retain(|_, (password, _)| password.user != user.id);
        state.known_devices.retain(|(owner, _), _| *owner != user.id);
        state.one_time_tokens.retain(|_, token| token.user != user.id);
        state.used_tokens.retain(|_, (token, _)| token.user != user.id);
        state.outbox.retain(|_, waiting| !waiting.is_of(user));
        state.idempotency_keys.retain(|(owner, _), _| *owner != user.id);
        state.pending_since.remove(&user.id);
        state.email_locks.remove(&user.id);
        state.warned_at.remove(&user.id);
        state.contact_limits.remove(&user.id);
        state.contact_counts.remove(&user.id);
        state.contact_changes.remove(&user.id);
        state.changes_floors.remove(&user.id);
        state.deletions.retain(|(owner, _), _| *owner != user.id);
        Ok(pictures)
    }
}

#[async_trait]
impl OneTimeTokenRepository for MemoryUnit {
    async fn insert_one_time_token(&mut self, token: &OneTimeToken) -> Result<(), StoreError> {
        self.require_user(token.user)?;
        // A used token has its digest until it is purged.
        let (digest, state) = (token.digest.0, &self.state);
        let is_known = state.one_time_tokens.contains_key(&digest) || state.used_tokens.contains_key(&digest);
        self.require_unique(!is_known)?;
        self.state.one_time_tokens.insert(digest, token.clone());
        Ok(())
    }

    async fn consume_one_time_token(
        &mut self,
        digest: &SecretDigest,
        purpose: Purpose,
        now: Timestamp,
    ) -> Result<Option<OneTimeToken>, StoreError> {
        if !self.state.one_time_tokens.get(&digest.0).is_some_and(|token| is_active(token, purpose, now)) {
            return Ok(None);
        }
        let token = self.state.one_time_tokens.remove(&digest.0);
        self.state.used_tokens.extend(token.iter().map(|token| (digest.0, (token.clone(), now))));
        Ok(token)
    }

    async fn discard_one_time_tokens(&mut self, user: UserId, purpose: Purpose) -> Result<(), StoreError> {
        self.state.one_time_tokens.retain(|_, token| token.user != user || token.purpose != purpose);
        Ok(())
    }

    async fn discard_later_one_time_tokens(
        &mut self,
        user: UserId,
        purpose: Purpose,
        expires_from: Timestamp,
    ) -> Result<(), StoreError> {
        let is_later =
            |token: &OneTimeToken| token.user == user && token.purpose == purpose && token.expires_at >= expires_from;
        self.state.one_time_tokens.retain(|_, token| !is_later(token));
        Ok(())
    }

    async fn purge_one_time_tokens(&mut self, until: Timestamp, limit: u64) -> Result<u64, StoreError> {
        let unused = remove_some(&mut self.state.one_time_tokens, limit, |_, token| token.expires_at <= until);
        let used = remove_some(&mut self.state.used_tokens, limit - unused, |_, (token, _)| token.expires_at <= until);
        Ok(unused + used)
    }
}
