//! The card: all members of a contact, their bounds and their JSON form.
//!
//! Requests, responses and the store have the same form. A missing text is null, a missing list is empty.
//! A new member begins in [`ContactCard`]; the compiler reports the other lines of this file that need it.

use std::collections::HashSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Birthday, JobTitle, Label, Nickname, Notes, Organization, PersonName, Tag,
    card_reader::{CardError, Member, Members, Reader},
    labeled::{LabeledAddress, LabeledEmail, LabeledLink, LabeledPhone},
};
use crate::{folding::fold_case, text::Invalid};

/// A contact. It needs at least one of: a name, the nickname, the organization, an e-mail, a phone. All texts
/// together may have at most 65536 bytes in UTF-8.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ContactInput))]
pub struct ContactCard {
    /// Prefix of the name, such as a title.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, extensions(("x-bounds" = json!([1, PersonName::MAX]))), example = "д-р"))]
    pub prefix: Option<PersonName>,
    /// First name.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, extensions(("x-bounds" = json!([1, PersonName::MAX]))), example = "Леся"))]
    pub first_name: Option<PersonName>,
    /// Last name.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, extensions(("x-bounds" = json!([1, PersonName::MAX]))), example = "Українка"))]
    pub last_name: Option<PersonName>,
    /// Middle name or patronymic.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, extensions(("x-bounds" = json!([1, PersonName::MAX]))), example = "Петрівна"))]
    pub middle_name: Option<PersonName>,
    /// Suffix of the name.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, extensions(("x-bounds" = json!([1, PersonName::MAX]))), example = "мол."))]
    pub suffix: Option<PersonName>,
    /// Nickname.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, extensions(("x-bounds" = json!([1, Nickname::MAX]))), example = "Зірочка"))]
    pub nickname: Option<Nickname>,
    /// Pronunciation of the first name.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, extensions(("x-bounds" = json!([1, PersonName::MAX]))), example = "Lesia"))]
    pub phonetic_first_name: Option<PersonName>,
    /// Pronunciation of the last name.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, extensions(("x-bounds" = json!([1, PersonName::MAX]))), example = "Ukrainka"))]
    pub phonetic_last_name: Option<PersonName>,
    /// Pronouns.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, extensions(("x-bounds" = json!([1, Label::MAX]))), example = "вона/її"))]
    pub pronouns: Option<Label>,
    /// The organization or employer.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, extensions(("x-bounds" = json!([1, Organization::MAX]))), example = "Плеяда"))]
    pub organization: Option<Organization>,
    /// Department of the organization.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, extensions(("x-bounds" = json!([1, Organization::MAX]))), example = "Видавництво"))]
    pub department: Option<Organization>,
    /// The job title.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, extensions(("x-bounds" = json!([1, JobTitle::MAX]))), example = "поетка"))]
    pub job_title: Option<JobTitle>,
    /// E-mail addresses, at most 20. They are stored in NFKC, otherwise as typed.
    pub emails: Vec<LabeledEmail>,
    /// Telephone numbers, at most 20. They are stored as typed; a search finds them in any notation.
    pub phones: Vec<LabeledPhone>,
    /// Postal addresses, at most 20.
    pub addresses: Vec<LabeledAddress>,
    /// Links, at most 20.
    pub urls: Vec<LabeledLink>,
    /// A date like `1990-02-28`, or `--02-28` without a year.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, pattern = "^([0-9]{4}|-)-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$", example = "1871-02-25"))]
    pub birthday: Option<Birthday>,
    /// Free text.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, extensions(("x-bounds" = json!([1, Notes::MAX]))), example = "Познайомились у Карпатах"))]
    pub notes: Option<Notes>,
    /// Tags: at most 50, each of at most 50 characters.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, example = json!(["друзі"])))]
    pub tags: Vec<Tag>,
    /// True for a favorite.
    #[cfg_attr(feature = "openapi", schema(example = true))]
    pub favorite: bool,
}

/// Use of one text of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextUse {
    /// Names the contact, and is searched by `q`.
    Identifying,
    /// Names the contact. An e-mail, which is searched in several forms.
    Email,
    /// Names the contact. A phone, which is searched by its digits.
    Phone,
    /// Is searched by `q`.
    Searched,
    /// Is stored and served only.
    Stored,
}

impl ContactCard {
    /// Maximum number of values of each list: of e-mails, phones, addresses and links.
    pub const MAX_VALUES: usize = 20;
    /// Maximum number of tags, counted before duplicates are removed.
    pub const MAX_TAGS: usize = 50;
    /// Maximum number of UTF-8 bytes of all texts together. Real contacts are far smaller. With this bound, a thousand
    /// contacts fit in memory at once.
    pub const MAX_BYTES: usize = 64 * 1024;

    /// Parses the JSON of a client; `today` is [`Birthday::latest`].
    ///
    /// # Errors
    /// All errors of the card, but at most [`CardError::MAX_REPORTED`].
    pub fn parse(json: Value, today: NaiveDate) -> Result<ValidCard, Vec<CardError>> {
        let mut reader = Reader::default();
        let card = reader.member(json);
        Self::check_into(card, today, reader)
    }

    /// Validates a card; `today` is [`Birthday::latest`]. Duplicate tags are removed.
    ///
    /// # Errors
    /// All errors of the card.
    pub fn check(self, today: NaiveDate) -> Result<ValidCard, Vec<CardError>> {
        Self::check_into(self, today, Reader::default())
    }

    fn check_into(card: Self, today: NaiveDate, mut reader: Reader) -> Result<ValidCard, Vec<CardError>> {
        card.check_members(today, &mut reader);
        card.check_whole(reader)
    }

    /// Checks the bounds of single members.
    pub(super) fn check_members(&self, today: NaiveDate, reader: &mut Reader) {
        let lists = [
            ("emails", self.emails.len(), Self::MAX_VALUES),
            ("phones", self.phones.len(), Self::MAX_VALUES),
            ("addresses", self.addresses.len(), Self::MAX_VALUES),
            ("urls", self.urls.len(), Self::MAX_VALUES),
            ("tags", self.tags.len(), Self::MAX_TAGS),
        ];
        for (name, length, max) in lists {
            if length > max {
                reader.reject_member(name, Invalid::TooLong { max, unit: "items" });
            }
        }
        if let Some(Err(invalid)) = self.birthday.map(|birthday| birthday.not_after(today)) {
            reader.reject_member("birthday", invalid);
        }
    }

    /// Checks the rules that concern several members, and returns the card if there are no errors.
    pub(super) fn check_whole(mut self, mut reader: Reader) -> Result<ValidCard, Vec<CardError>> {
        if !self.has_name() {
            reader.reject(Invalid::ContactEmpty);
        }
        if self.bytes() > Self::MAX_BYTES {
            reader.reject(Invalid::TooLong { max: Self::MAX_BYTES, unit: "bytes of text in all" });
        }
        let mut seen = HashSet::new();
        self.tags.retain(|tag| seen.insert(fold_case(tag.as_str())));
        reader.finish(ValidCard(self))
    }

    /// Returns true when the card names the contact: by a name, the nickname, the organization, an e-mail or a phone.
    #[must_use]
    pub fn has_name(&self) -> bool {
        self.texts()
            .iter()
            .any(|(text_use, _)| matches!(text_use, TextUse::Identifying | TextUse::Email | TextUse::Phone))
    }

    /// Returns the number of UTF-8 bytes of all texts.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.texts().iter().map(|(_, text)| text.len()).sum()
    }

    /// Returns the card with the values of another one where it has none. A list has the values of both.
    pub(super) fn completed_with(self, other: Self) -> Self {
        // Every member is named, so that a new one cannot be forgotten.
        Self {
            prefix: self.prefix.or(other.prefix),
            first_name: self.first_name.or(other.first_name),
            last_name: self.last_name.or(other.last_name),
            middle_name: self.middle_name.or(other.middle_name),
            suffix: self.suffix.or(other.suffix),
            nickname: self.nickname.or(other.nickname),
            phonetic_first_name: self.phonetic_first_name.or(other.phonetic_first_name),
            phonetic_last_name: self.phonetic_last_name.or(other.phonetic_last_name),
            pronouns: self.pronouns.or(other.pronouns),
            organization: self.organization.or(other.organization),
            department: self.department.or(other.department),
            job_title: self.job_title.or(other.job_title),
            emails: [other.emails, self.emails].concat(),
            phones: [other.phones, self.phones].concat(),
            addresses: [other.addresses, self.addresses].concat(),
            urls: [other.urls, self.urls].concat(),
            birthday: self.birthday.or(other.birthday),
            notes: self.notes.or(other.notes),
            tags: [other.tags, self.tags].concat(),
            favorite: self.favorite || other.favorite,
        }
    }

    /// Returns every text of the card with its use. Size, search and [`has_name`](Self::has_name) are derived
    /// from it.
    pub(super) fn texts(&self) -> Vec<(TextUse, &str)> {
        use TextUse::{Email, Identifying, Phone, Searched, Stored};

        // Every member is named, so that a new one cannot be forgotten.
        let Self {
            prefix,
            first_name,
            last_name,
            middle_name,
            suffix,
            nickname,
            phonetic_first_name,
            phonetic_last_name,
            pronouns,
            organization,
            department,
            job_title,
            emails,
            phones,
            addresses,
            urls,
            birthday: _,
            notes,
            tags,
            favorite: _,
        } = self;
        let mut texts = Vec::new();
        let single = [
            (Identifying, first_name.as_ref().map(PersonName::as_str)),
            (Identifying, last_name.as_ref().map(PersonName::as_str)),
            (Identifying, middle_name.as_ref().map(PersonName::as_str)),
            (Identifying, nickname.as_ref().map(Nickname::as_str)),
            (Identifying, organization.as_ref().map(Organization::as_str)),
            (Searched, prefix.as_ref().map(PersonName::as_str)),
            (Searched, suffix.as_ref().map(PersonName::as_str)),
            (Searched, phonetic_first_name.as_ref().map(PersonName::as_str)),
            (Searched, phonetic_last_name.as_ref().map(PersonName::as_str)),
            (Searched, pronouns.as_ref().map(Label::as_str)),
            (Searched, department.as_ref().map(Organization::as_str)),
            (Searched, job_title.as_ref().map(JobTitle::as_str)),
            (Searched, notes.as_ref().map(Notes::as_str)),
        ];
        texts.extend(single.into_iter().filter_map(|(text_use, text)| Some((text_use, text?))));
        for LabeledEmail { label, address } in emails {
            texts.extend(label.as_ref().map(|label| (Stored, label.as_str())));
            texts.push((Email, address.as_str()));
        }
        for LabeledPhone { label, number } in phones {
            texts.extend(label.as_ref().map(|label| (Stored, label.as_str())));
            texts.push((Phone, number.as_str()));
        }
        for LabeledAddress { label, street, city, region, postal_code, country } in addresses {
            texts.extend(label.as_ref().map(|label| (Stored, label.as_str())));
            let lines = [street, city, region, postal_code, country].into_iter().flatten();
            texts.extend(lines.map(|line| (Searched, line.as_str())));
        }
        for LabeledLink { label, url } in urls {
            texts.extend(label.as_ref().map(|label| (Stored, label.as_str())));
            texts.push((Searched, url.as_str()));
        }
        texts.extend(tags.iter().map(|tag| (Searched, tag.as_str())));
        texts
    }
}

impl Member for ContactCard {
    fn read(value: Value, reader: &mut Reader) -> Option<Self> {
        reader.object(value, |members: &mut Members<'_>| Self {
            prefix: members.optional("prefix"),
            first_name: members.optional("first_name"),
            last_name: members.optional("last_name"),
            middle_name: members.optional("middle_name"),
            suffix: members.optional("suffix"),
            nickname: members.optional("nickname"),
            phonetic_first_name: members.optional("phonetic_first_name"),
            phonetic_last_name: members.optional("phonetic_last_name"),
            pronouns: members.optional("pronouns"),
            organization: members.optional("organization"),
            department: members.optional("department"),
            job_title: members.optional("job_title"),
            emails: members.optional("emails"),
            phones: members.optional("phones"),
            addresses: members.optional("addresses"),
            urls: members.optional("urls"),
            birthday: members.optional("birthday"),
            notes: members.optional("notes"),
            tags: members.optional("tags"),
            favorite: members.optional("favorite"),
        })
    }

    fn stand_in() -> Self {
        Self { first_name: Member::stand_in(), ..Self::default() }
    }
}

/// A card that fulfills every rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValidCard(ContactCard);

impl ValidCard {
    /// Returns the card.
    #[must_use]
    pub fn card(&self) -> &ContactCard {
        &self.0
    }

    /// Returns the card with another value of `favorite`.
    #[must_use]
    pub fn with_favorite(self, favorite: bool) -> Self {
        Self(ContactCard { favorite, ..self.0 })
    }
}
