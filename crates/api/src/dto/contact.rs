//! Contacts, as they are written by clients.

use chrono::Utc;
use deserr::{Deserr, IntoValue, MergeWithError as _, Sequence as _, Value, ValuePointerRef, take_cf_content};
use domain::{
    contact::{
        AddressLine, Birthday, ContactDetails, ContactDraft, ContactEmail, ContactPatch, JobTitle, Label, Labeled,
        Link, Nickname, Notes, Organization, Patch, PersonName, PhoneNumber, PostalAddress, Tag,
    },
    text::Invalid,
};
use utoipa::ToSchema;

use crate::{
    extract::{Body, BodyFaults},
    problem::Fault,
};

/// The largest contact that is allowed, each character escaped, is smaller.
const CONTACT_LIMIT_BYTES: usize = 1024 * 1024;

/// The fields of which a contact needs one.
const CALLED_BY: [&str; 7] = ["first_name", "last_name", "middle_name", "nickname", "organization", "emails", "phones"];

/// A contact. At least one of the names, nickname, organization, an e-mail or a phone must be there.
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
    /// Telephone numbers, at most 20; kept as typed, found by their digits.
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
    #[schema(value_type = Option<Vec<String>>, max_items = 50, example = json!(["друзі"]))]
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
    #[schema(value_type = Option<String>, max_length = 100)]
    first_name: Patch<PersonName>,
    /// Last name.
    #[deserr(default)]
    #[schema(value_type = Option<String>, max_length = 100, example = json!(null))]
    last_name: Patch<PersonName>,
    /// Middle name or patronymic.
    #[deserr(default)]
    #[schema(value_type = Option<String>, max_length = 100)]
    middle_name: Patch<PersonName>,
    /// Nickname.
    #[deserr(default)]
    #[schema(value_type = Option<String>, max_length = 100, example = "Зірка")]
    nickname: Patch<Nickname>,
    /// Where they work or belong.
    #[deserr(default)]
    #[schema(value_type = Option<String>, max_length = 200)]
    organization: Patch<Organization>,
    /// What they do there.
    #[deserr(default)]
    #[schema(value_type = Option<String>, max_length = 200)]
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
    #[schema(value_type = Option<String>, example = "--02-25")]
    birthday: Patch<PastBirthday>,
    /// Free text.
    #[deserr(default)]
    #[schema(value_type = Option<String>, max_length = 5000)]
    notes: Patch<Notes>,
    /// Tags.
    #[deserr(default)]
    #[schema(value_type = Option<Vec<String>>, max_items = 50)]
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

/// A list that is not longer than a contact may have. The domain keeps the same bounds; they are asked
/// here too, so that they are told together with the other faults of the body.
fn bounded<T: Deserr<BodyFaults>, V: IntoValue>(
    value: Value<V>,
    location: ValuePointerRef<'_>,
    max: usize,
) -> Result<Vec<T>, BodyFaults> {
    let is_too_long = matches!(&value, Value::Sequence(items) if items.len() > max);
    let items = Vec::<T>::deserialize_from_value(value, location);
    if !is_too_long {
        return items;
    }
    let too_long = BodyFaults::refused(&Invalid::TooLong { max, unit: "items" }, location);
    Err(match items {
        Ok(_) => too_long,
        Err(faults) => take_cf_content(BodyFaults::merge(Some(too_long), faults, location)),
    })
}

/// A list of e-mails, phones, addresses or links.
pub(crate) struct Values<T>(Vec<T>);

impl<T> Values<T> {
    fn into_values<U: From<T>>(self) -> Vec<U> {
        self.0.into_iter().map(U::from).collect()
    }
}

impl<T: Deserr<BodyFaults>> Deserr<BodyFaults> for Values<T> {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, BodyFaults> {
        bounded(value, location, ContactDetails::MAX_VALUES).map(Self)
    }
}

/// A list of tags.
pub(crate) struct Tags(Vec<Tag>);

impl Deserr<BodyFaults> for Tags {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, BodyFaults> {
        bounded(value, location, ContactDetails::MAX_TAGS).map(Self)
    }
}

/// A birthday that is not in the future anywhere on Earth. The domain keeps the same rule; it is
/// asked here too, so that it is told together with the other faults of the body.
pub(crate) struct PastBirthday(Birthday);

impl Deserr<BodyFaults> for PastBirthday {
    #[expect(clippy::disallowed_methods, reason = "bodies are read before any port is at hand")]
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, BodyFaults> {
        let birthday = Birthday::deserialize_from_value(value, location)?;
        if birthday.is_after(ContactDetails::last_birthday(Utc::now())) {
            return Err(BodyFaults::refused(&Invalid::InTheFuture, location));
        }
        Ok(Self(birthday))
    }
}

macro_rules! labeled_input {
    ($(#[$doc:meta])* $name:ident as $schema:ident, $field:ident: $type:ty, $($attribute:tt)+) => {
        $(#[$doc])*
        #[derive(Deserr, ToSchema)]
        #[deserr(error = BodyFaults, deny_unknown_fields)]
        #[schema(as = $schema)]
        pub(crate) struct $name {
            /// What it is for.
            #[deserr(default)]
            #[schema(value_type = Option<String>, min_length = 1, max_length = 50, example = "home")]
            label: Option<Label>,
            /// The value.
            #[schema(value_type = String, $($attribute)+)]
            $field: $type,
        }

        impl From<$name> for Labeled<$type> {
            fn from(input: $name) -> Self {
                Self { label: input.label, value: input.$field }
            }
        }
    };
}

labeled_input! {
    /// An e-mail address and what it is for.
    EmailInput as EmailEntry, address: ContactEmail, max_length = 254, example = "Lesia@example.com"
}
labeled_input! {
    /// A telephone number and what it is for.
    PhoneInput as PhoneEntry, number: PhoneNumber, max_length = 50, example = "+380 (67) 111-22-33"
}
labeled_input! {
    /// A link and what it is for: absolute, `http` or `https`.
    LinkInput as LinkEntry, url: Link, max_length = 2000, example = "https://example.com/lesia"
}

/// A postal address and what it is for.
#[derive(Deserr, ToSchema)]
#[deserr(error = BodyFaults, deny_unknown_fields)]
#[schema(as = AddressEntry)]
pub(crate) struct AddressInput {
    /// What it is for.
    #[deserr(default)]
    #[schema(value_type = Option<String>, max_length = 50, example = "home")]
    label: Option<Label>,
    /// Street, house, flat.
    #[deserr(default)]
    #[schema(value_type = Option<String>, max_length = 200, example = "вул. Хрещатик, 1")]
    street: Option<AddressLine>,
    /// City, town, village.
    #[deserr(default)]
    #[schema(value_type = Option<String>, max_length = 200, example = "Київ")]
    city: Option<AddressLine>,
    /// Region, state, oblast.
    #[deserr(default)]
    #[schema(value_type = Option<String>, max_length = 200)]
    region: Option<AddressLine>,
    /// Postal code.
    #[deserr(default)]
    #[schema(value_type = Option<String>, max_length = 200, example = "01001")]
    postal_code: Option<AddressLine>,
    /// Country.
    #[deserr(default)]
    #[schema(value_type = Option<String>, max_length = 200, example = "Україна")]
    country: Option<AddressLine>,
}

impl From<AddressInput> for Labeled<PostalAddress> {
    fn from(input: AddressInput) -> Self {
        let AddressInput { label, street, city, region, postal_code, country } = input;
        Self { label, value: PostalAddress { street, city, region, postal_code, country } }
    }
}
