//! Details of a contact, before and after the validation of the contact as a whole.

use std::{collections::HashSet, ops::Deref};

use chrono::{Duration, NaiveDate};

use super::{
    AddressLine, Birthday, ContactEmail, JobTitle, Label, Labeled, Link, Nickname, Notes, Organization, PersonName,
    PhoneNumber, PostalAddress, Tag,
};
use crate::{folding::fold_case, text::Invalid, time::Timestamp};

/// Details as given by a user. Each value is valid by itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ContactDraft {
    /// First name.
    pub first_name: Option<PersonName>,
    /// Last name.
    pub last_name: Option<PersonName>,
    /// Middle name or patronymic.
    pub middle_name: Option<PersonName>,
    /// Nickname.
    pub nickname: Option<Nickname>,
    /// Organization.
    pub organization: Option<Organization>,
    /// Job title.
    pub job_title: Option<JobTitle>,
    /// E-mail addresses.
    pub emails: Vec<Labeled<ContactEmail>>,
    /// Telephone numbers.
    pub phones: Vec<Labeled<PhoneNumber>>,
    /// Postal addresses.
    pub addresses: Vec<Labeled<PostalAddress>>,
    /// Links.
    pub urls: Vec<Labeled<Link>>,
    /// Birthday.
    pub birthday: Option<Birthday>,
    /// Free text.
    pub notes: Option<Notes>,
    /// Tags, in the order given.
    pub tags: Vec<Tag>,
    /// True for a favorite.
    pub favorite: bool,
}

/// Error of a draft as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetailError {
    /// Name of the invalid field; `None` for an error of the whole draft.
    pub field: Option<&'static str>,
    /// Reason of the error.
    pub reason: Invalid,
}

/// Validated details.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactDetails(ContactDraft);

impl ContactDetails {
    /// Maximum number of e-mails, of phones, of addresses and of links.
    pub const MAX_VALUES: usize = 20;
    /// Maximum number of tags, counted before duplicates are removed.
    pub const MAX_TAGS: usize = 50;
    /// Maximum number of UTF-8 bytes of all texts together. Real contacts are far smaller. With this bound, a thousand
    /// contacts fit in memory at once.
    pub const MAX_BYTES: usize = 64 * 1024;

    /// Returns the latest valid date of birth: today in UTC+14, where each day begins first. So the birth of a child
    /// today is accepted in every time zone.
    #[must_use]
    pub fn last_birthday(now: Timestamp) -> NaiveDate {
        (now + Duration::hours(14)).date_naive()
    }

    /// Validates a draft; `today` is [`ContactDetails::last_birthday`]. Duplicate tags are removed.
    ///
    /// # Errors
    /// All errors of the draft.
    pub fn check(mut draft: ContactDraft, today: NaiveDate) -> Result<Self, Vec<DetailError>> {
        let mut errors = Vec::new();
        let lists = [
            ("emails", draft.emails.len(), Self::MAX_VALUES),
            ("phones", draft.phones.len(), Self::MAX_VALUES),
            ("addresses", draft.addresses.len(), Self::MAX_VALUES),
            ("urls", draft.urls.len(), Self::MAX_VALUES),
            ("tags", draft.tags.len(), Self::MAX_TAGS),
        ];
        for (field, length, max) in lists {
            if length > max {
                errors.push(DetailError { field: Some(field), reason: Invalid::TooLong { max, unit: "items" } });
            }
        }
        if draft.birthday.is_some_and(|birthday| birthday.is_after(today)) {
            errors.push(DetailError { field: Some("birthday"), reason: Invalid::InTheFuture });
        }
        if !draft.has_identifying_field() {
            errors.push(DetailError { field: None, reason: Invalid::ContactEmpty });
        }
        if draft.bytes() > Self::MAX_BYTES {
            let reason = Invalid::TooLong { max: Self::MAX_BYTES, unit: "bytes of text in all" };
            errors.push(DetailError { field: None, reason });
        }
        let mut seen = HashSet::new();
        draft.tags.retain(|tag| seen.insert(fold_case(tag.as_str())));
        if errors.is_empty() { Ok(Self(draft)) } else { Err(errors) }
    }

    /// Creates the value from stored details, without validation: they were validated before they were stored.
    #[must_use]
    pub fn from_stored(draft: ContactDraft) -> Self {
        Self(draft)
    }

    /// Returns the draft for changes.
    #[must_use]
    pub fn into_draft(self) -> ContactDraft {
        self.0
    }
}

impl Deref for ContactDetails {
    type Target = ContactDraft;

    fn deref(&self) -> &ContactDraft {
        &self.0
    }
}

impl ContactDraft {
    fn has_identifying_field(&self) -> bool {
        self.first_name.is_some()
            || self.last_name.is_some()
            || self.middle_name.is_some()
            || self.nickname.is_some()
            || self.organization.is_some()
            || !self.emails.is_empty()
            || !self.phones.is_empty()
    }

    /// Returns the number of UTF-8 bytes of all texts.
    fn bytes(&self) -> usize {
        let single = [
            self.first_name.as_ref().map(PersonName::as_str),
            self.last_name.as_ref().map(PersonName::as_str),
            self.middle_name.as_ref().map(PersonName::as_str),
            self.nickname.as_ref().map(Nickname::as_str),
            self.organization.as_ref().map(Organization::as_str),
            self.job_title.as_ref().map(JobTitle::as_str),
            self.notes.as_ref().map(Notes::as_str),
        ];
        let single = single.into_iter().flatten().chain(self.tags.iter().map(Tag::as_str)).map(str::len);
        let emails = self.emails.iter().map(|email| email.bytes(ContactEmail::as_str));
        let phones = self.phones.iter().map(|phone| phone.bytes(PhoneNumber::as_str));
        let urls = self.urls.iter().map(|url| url.bytes(Link::as_str));
        let lines = self.addresses.iter().flat_map(|address| address.value.lines());
        let labels = self.addresses.iter().filter_map(|address| address.label.as_ref()).map(Label::as_str);
        let addresses = lines.map(AddressLine::as_str).chain(labels).map(str::len);
        single.chain(emails).chain(phones).chain(urls).chain(addresses).sum()
    }
}

impl<T> Labeled<T> {
    fn bytes(&self, text: impl Fn(&T) -> &str) -> usize {
        text(&self.value).len() + self.label.as_ref().map_or(0, |label| label.as_str().len())
    }
}

impl PostalAddress {
    fn lines(&self) -> impl Iterator<Item = &AddressLine> {
        [&self.street, &self.city, &self.region, &self.postal_code, &self.country].into_iter().flatten()
    }
}
