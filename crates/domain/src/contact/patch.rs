//! Changes to some fields of a contact (JSON Merge Patch, RFC 7396).

use super::{
    Birthday, ContactDraft, ContactEmail, JobTitle, Labeled, Link, Nickname, Notes, Organization, PersonName,
    PhoneNumber, PostalAddress, Tag,
};

/// What happens to one field.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Patch<T> {
    /// Nothing: the field was absent.
    #[default]
    Keep,
    /// It is emptied: the field was `null`.
    Clear,
    /// It gets a value.
    Set(T),
}

impl<T> Patch<T> {
    /// The same change of another type.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Patch<U> {
        match self {
            Self::Keep => Patch::Keep,
            Self::Clear => Patch::Clear,
            Self::Set(value) => Patch::Set(change(value)),
        }
    }

    fn apply_to(self, field: &mut Option<T>) {
        match self {
            Self::Keep => {}
            Self::Clear => *field = None,
            Self::Set(value) => *field = Some(value),
        }
    }
}

impl<T: Default> Patch<T> {
    fn apply_or_default(self, field: &mut T) {
        match self {
            Self::Keep => {}
            Self::Clear => *field = T::default(),
            Self::Set(value) => *field = value,
        }
    }
}

/// A change. Lists are replaced whole, as RFC 7396 has it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "the fields are those of ContactDraft, documented there")]
pub struct ContactPatch {
    pub first_name: Patch<PersonName>,
    pub last_name: Patch<PersonName>,
    pub middle_name: Patch<PersonName>,
    pub nickname: Patch<Nickname>,
    pub organization: Patch<Organization>,
    pub job_title: Patch<JobTitle>,
    pub emails: Patch<Vec<Labeled<ContactEmail>>>,
    pub phones: Patch<Vec<Labeled<PhoneNumber>>>,
    pub addresses: Patch<Vec<Labeled<PostalAddress>>>,
    pub urls: Patch<Vec<Labeled<Link>>>,
    pub birthday: Patch<Birthday>,
    pub notes: Patch<Notes>,
    pub tags: Patch<Vec<Tag>>,
    pub favorite: Patch<bool>,
}

impl ContactPatch {
    /// Changes a draft.
    #[must_use]
    pub fn apply(self, mut draft: ContactDraft) -> ContactDraft {
        self.first_name.apply_to(&mut draft.first_name);
        self.last_name.apply_to(&mut draft.last_name);
        self.middle_name.apply_to(&mut draft.middle_name);
        self.nickname.apply_to(&mut draft.nickname);
        self.organization.apply_to(&mut draft.organization);
        self.job_title.apply_to(&mut draft.job_title);
        self.emails.apply_or_default(&mut draft.emails);
        self.phones.apply_or_default(&mut draft.phones);
        self.addresses.apply_or_default(&mut draft.addresses);
        self.urls.apply_or_default(&mut draft.urls);
        self.birthday.apply_to(&mut draft.birthday);
        self.notes.apply_to(&mut draft.notes);
        self.tags.apply_or_default(&mut draft.tags);
        self.favorite.apply_or_default(&mut draft.favorite);
        draft
    }
}
