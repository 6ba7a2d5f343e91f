//! Changes to some fields of a contact (JSON Merge Patch, RFC 7396).

use super::{
    Birthday, ContactDraft, ContactEmail, JobTitle, Labeled, Link, Nickname, Notes, Organization, PersonName,
    PhoneNumber, PostalAddress, Tag,
};

/// Change of one field.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Patch<T> {
    /// Leaves the field unchanged: it was absent.
    #[default]
    Keep,
    /// Clears the field: it was `null`.
    Clear,
    /// Sets the field to a value.
    Set(T),
}

impl<T> Patch<T> {
    /// Converts the value of the change.
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

/// Changes of a contact. Lists are replaced as a whole, as RFC 7396 specifies.
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
    /// Applies the changes to a draft.
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
