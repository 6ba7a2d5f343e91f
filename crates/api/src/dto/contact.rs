//! Contacts, as they are written by clients.

use deserr::Deserr;
use domain::{
    contact::{ContactDraft, ContactPatch, JobTitle, Nickname, Notes, Organization, Patch, PersonName},
    text::Invalid,
};
use utoipa::ToSchema;

use super::contact_parts::{AddressInput, EmailInput, LinkInput, PastBirthday, PhoneInput, Tags, Values, tags_schema};
use crate::{
    extract::{Body, BodyFaults},
    problem::Fault,
};

/// The largest contact that is allowed, each character escaped, is smaller.
const CONTACT_LIMIT_BYTES: usize = 1024 * 1024;

/// The fields of which a contact needs one.
const CALLED_BY: [&str; 7] = ["first_name", "last_name", "middle_name", "nickname", "organization", "emails", "phones"];

/// A contact. At least one of the names, nickname, organization, an e-mail or a phone must be there; all texts together
/// have at most 65536 bytes in UTF-8.
#[derive(Deserr, ToSchema)]
#[deserr(error = BodyFaults, deny_unknown_fields)]
#[schema(as = ContactInput)]
pub(crate) struct ContactBody {
    /// First name.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100, example = "Леся")]
    first_name: Option<PersonName>,
    /// Last name.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100, example = "Українка")]
    last_name: Option<PersonName>,
    /// Middle name or patronymic.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100, example = "Петрівна")]
    middle_name: Option<PersonName>,
    /// Nickname.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100, example = "Зірочка")]
    nickname: Option<Nickname>,
    /// Where they work or belong.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200, example = "Плеяда")]
    organization: Option<Organization>,
    /// What they do there.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200, example = "поетка")]
    job_title: Option<JobTitle>,
    /// E-mail addresses, at most 20; kept as typed.
    #[deserr(default)]
    #[schema(value_type = Option<Vec<EmailInput>>, max_items = 20)]
    emails: Option<Values<EmailInput>>,
    /// Telephone numbers, at most 20; kept as typed, found however they are typed.
    #[deserr(default)]
    #[schema(value_type = Option<Vec<PhoneInput>>, max_items = 20)]
    phones: Option<Values<PhoneInput>>,
    /// Postal addresses, at most 20.
    #[deserr(default)]
    #[schema(value_type = Option<Vec<AddressInput>>, max_items = 20)]
    addresses: Option<Values<AddressInput>>,
    /// Links, at most 20.
    #[deserr(default)]
    #[schema(value_type = Option<Vec<LinkInput>>, max_items = 20)]
    urls: Option<Values<LinkInput>>,
    /// `1990-02-28`, or `--02-28` when the year is not known.
    #[deserr(default)]
    #[schema(value_type = Option<String>, pattern = "^([0-9]{4}|-)-[0-9]{2}-[0-9]{2}$", example = "1871-02-25")]
    birthday: Option<PastBirthday>,
    /// Free text.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 5000, example = "Познайомились у Карпатах")]
    notes: Option<Notes>,
    /// Tags, at most 50 of at most 50 characters.
    #[deserr(default)]
    #[schema(schema_with = tags_schema, required = false)]
    tags: Option<Tags>,
    /// Whether it is one of the dearest.
    #[deserr(default)]
    #[schema(value_type = Option<bool>, example = true)]
    favorite: Option<bool>,
}

impl Body for ContactBody {
    const LIMIT: usize = CONTACT_LIMIT_BYTES;

    /// Nothing to call the contact by, whatever else is wrong with the body.
    fn faults_of_the_whole(body: &serde_json::Value) -> Vec<Fault> {
        let is_given = |field: &str| match body.get(field) {
            None | Some(serde_json::Value::Null) => false,
            Some(serde_json::Value::Array(items)) => !items.is_empty(),
            Some(_) => true,
        };
        let is_callable = !body.is_object() || CALLED_BY.iter().any(|field| is_given(field));
        if is_callable { Vec::new() } else { vec![Fault::at("", &Invalid::ContactEmpty)] }
    }
}

impl From<ContactBody> for ContactDraft {
    fn from(body: ContactBody) -> Self {
        Self {
            first_name: body.first_name,
            last_name: body.last_name,
            middle_name: body.middle_name,
            nickname: body.nickname,
            organization: body.organization,
            job_title: body.job_title,
            emails: body.emails.map(Values::into_values).unwrap_or_default(),
            phones: body.phones.map(Values::into_values).unwrap_or_default(),
            addresses: body.addresses.map(Values::into_values).unwrap_or_default(),
            urls: body.urls.map(Values::into_values).unwrap_or_default(),
            birthday: body.birthday.map(|birthday| birthday.0),
            notes: body.notes,
            tags: body.tags.map(|tags| tags.0).unwrap_or_default(),
            favorite: body.favorite.unwrap_or_default(),
        }
    }
}

/// Changes to a contact (JSON Merge Patch, RFC 7396): what is absent stays, `null` clears, lists are
/// replaced whole.
#[derive(Deserr, ToSchema)]
#[deserr(error = BodyFaults, deny_unknown_fields)]
#[schema(as = ContactChange)]
pub(crate) struct ContactPatchBody {
    /// First name.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    first_name: Patch<PersonName>,
    /// Last name.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100, example = json!(null))]
    last_name: Patch<PersonName>,
    /// Middle name or patronymic.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    middle_name: Patch<PersonName>,
    /// Nickname.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100, example = "Зірка")]
    nickname: Patch<Nickname>,
    /// Where they work or belong.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    organization: Patch<Organization>,
    /// What they do there.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    job_title: Patch<JobTitle>,
    /// E-mail addresses.
    #[deserr(default)]
    #[schema(value_type = Option<Vec<EmailInput>>, max_items = 20)]
    emails: Patch<Values<EmailInput>>,
    /// Telephone numbers.
    #[deserr(default)]
    #[schema(value_type = Option<Vec<PhoneInput>>, max_items = 20)]
    phones: Patch<Values<PhoneInput>>,
    /// Postal addresses.
    #[deserr(default)]
    #[schema(value_type = Option<Vec<AddressInput>>, max_items = 20)]
    addresses: Patch<Values<AddressInput>>,
    /// Links.
    #[deserr(default)]
    #[schema(value_type = Option<Vec<LinkInput>>, max_items = 20)]
    urls: Patch<Values<LinkInput>>,
    /// `1990-02-28`, or `--02-28` when the year is not known.
    #[deserr(default)]
    #[schema(value_type = Option<String>, pattern = "^([0-9]{4}|-)-[0-9]{2}-[0-9]{2}$", example = "--02-25")]
    birthday: Patch<PastBirthday>,
    /// Free text.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 5000)]
    notes: Patch<Notes>,
    /// Tags.
    #[deserr(default)]
    #[schema(schema_with = tags_schema, required = false)]
    tags: Patch<Tags>,
    /// Whether it is one of the dearest.
    #[deserr(default)]
    #[schema(value_type = Option<bool>, example = true)]
    favorite: Patch<bool>,
}

impl Body for ContactPatchBody {
    const LIMIT: usize = CONTACT_LIMIT_BYTES;
    const MEDIA_TYPES: &'static [&'static str] = &["application/merge-patch+json", "application/json"];
}

impl From<ContactPatchBody> for ContactPatch {
    fn from(body: ContactPatchBody) -> Self {
        Self {
            first_name: body.first_name,
            last_name: body.last_name,
            middle_name: body.middle_name,
            nickname: body.nickname,
            organization: body.organization,
            job_title: body.job_title,
            emails: body.emails.map(Values::into_values),
            phones: body.phones.map(Values::into_values),
            addresses: body.addresses.map(Values::into_values),
            urls: body.urls.map(Values::into_values),
            birthday: body.birthday.map(|birthday| birthday.0),
            notes: body.notes,
            tags: body.tags.map(|tags| tags.0),
            favorite: body.favorite,
        }
    }
}
