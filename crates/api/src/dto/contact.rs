//! Contacts in request bodies.

use deserr::Deserr;
use domain::{
    contact::{ContactDraft, ContactPatch, JobTitle, Nickname, Notes, Organization, Patch, PersonName},
    text::Invalid,
};
use utoipa::ToSchema;

use super::contact_parts::{AddressInput, EmailInput, LinkInput, PastBirthday, PhoneInput, Tags, Values, tags_schema};
use crate::{
    extract::{Body, BodyErrors},
    problem::FieldError,
};

/// Larger than the largest valid contact with every character escaped.
const CONTACT_LIMIT_BYTES: usize = 1024 * 1024;

/// The fields that identify a contact. At least one of them is required.
const IDENTIFYING_FIELDS: [&str; 7] =
    ["first_name", "last_name", "middle_name", "nickname", "organization", "emails", "phones"];

/// A contact. At least one of the names, the nickname, the organization, an e-mail or a phone is required. All texts
/// together may have at most 65536 bytes in UTF-8.
#[derive(Deserr, ToSchema)]
#[deserr(error = BodyErrors, deny_unknown_fields)]
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
    /// The organization or employer.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200, example = "Плеяда")]
    organization: Option<Organization>,
    /// The job title.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200, example = "поетка")]
    job_title: Option<JobTitle>,
    /// E-mail addresses, at most 20. They are stored as typed.
    #[deserr(default)]
    #[schema(value_type = Option<Vec<EmailInput>>, max_items = 20)]
    emails: Option<Values<EmailInput>>,
    /// Telephone numbers, at most 20. They are stored as typed; a search finds them in any notation.
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
    /// A date like `1990-02-28`, or `--02-28` without a year.
    #[deserr(default)]
    #[schema(value_type = Option<String>, pattern = "^([0-9]{4}|-)-[0-9]{2}-[0-9]{2}$", example = "1871-02-25")]
    birthday: Option<PastBirthday>,
    /// Free text.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 5000, example = "Познайомились у Карпатах")]
    notes: Option<Notes>,
    /// Tags: at most 50, each of at most 50 characters.
    #[deserr(default)]
    #[schema(schema_with = tags_schema, required = false)]
    tags: Option<Tags>,
    /// True for a favorite.
    #[deserr(default)]
    #[schema(value_type = Option<bool>, example = true)]
    favorite: Option<bool>,
}

impl Body for ContactBody {
    const LIMIT: usize = CONTACT_LIMIT_BYTES;

    /// Reports a contact without any of the [`IDENTIFYING_FIELDS`].
    fn whole_body_errors(body: &serde_json::Value) -> Vec<FieldError> {
        let is_given = |field: &str| match body.get(field) {
            None | Some(serde_json::Value::Null) => false,
            Some(serde_json::Value::Array(items)) => !items.is_empty(),
            Some(_) => true,
        };
        let is_identified = !body.is_object() || IDENTIFYING_FIELDS.iter().any(|field| is_given(field));
        if is_identified { Vec::new() } else { vec![FieldError::invalid("", &Invalid::ContactEmpty)] }
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

/// Changes to a contact, as a JSON Merge Patch (RFC 7396). An absent field stays unchanged, `null` clears a field, a
/// list replaces the whole list.
#[derive(Deserr, ToSchema)]
#[deserr(error = BodyErrors, deny_unknown_fields)]
#[schema(as = ContactPatch)]
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
    /// The organization or employer.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    organization: Patch<Organization>,
    /// The job title.
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
    /// A date like `1990-02-28`, or `--02-28` without a year.
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
    /// True for a favorite.
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
