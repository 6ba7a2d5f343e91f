//! Row of a contact, without the search and sort columns.

use domain::{
    contact::{
        Birthday, Contact, ContactDetails, ContactDraft, JobTitle, Nickname, Notes, Organization, PersonName, Version,
    },
    error::StoreError,
    ids::{ContactId, UserId},
    picture::PictureKey,
    time::Timestamp,
};
use sea_orm::DerivePartialModel;
use uuid::Uuid;

use super::document::fill;
use crate::{
    entities::{contacts::Entity, details_document::DetailsDocument},
    error::corrupt,
};

#[derive(DerivePartialModel)]
#[sea_orm(entity = "Entity")]
pub(super) struct ContactRow {
    pub(super) id: Uuid,
    owner_id: Uuid,
    first_name: Option<String>,
    last_name: Option<String>,
    middle_name: Option<String>,
    nickname: Option<String>,
    organization: Option<String>,
    job_title: Option<String>,
    notes: Option<String>,
    birthday_year: Option<i16>,
    birthday_month_day: Option<i16>,
    favorite: bool,
    details: DetailsDocument,
    photo_key: Option<String>,
    version: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl TryFrom<ContactRow> for Contact {
    type Error = StoreError;

    fn try_from(row: ContactRow) -> Result<Self, StoreError> {
        let mut draft = ContactDraft {
            first_name: row.first_name.map(PersonName::from_stored),
            last_name: row.last_name.map(PersonName::from_stored),
            middle_name: row.middle_name.map(PersonName::from_stored),
            nickname: row.nickname.map(Nickname::from_stored),
            organization: row.organization.map(Organization::from_stored),
            job_title: row.job_title.map(JobTitle::from_stored),
            birthday: birthday(row.birthday_year, row.birthday_month_day)?,
            notes: row.notes.map(Notes::from_stored),
            favorite: row.favorite,
            ..ContactDraft::default()
        };
        fill(&mut draft, row.details);
        Ok(Self {
            id: ContactId(row.id),
            owner: UserId(row.owner_id),
            details: ContactDetails::from_stored(draft),
            photo: row.photo_key.map(PictureKey::from_stored),
            version: Version(row.version),
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

fn birthday(year: Option<i16>, month_day: Option<i16>) -> Result<Option<Birthday>, StoreError> {
    let Some(ordinal) = month_day else {
        return if year.is_none() { Ok(None) } else { Err(corrupt("birthday")) };
    };
    let ordinal = u32::try_from(ordinal).map_err(|_| corrupt("birthday"))?;
    Birthday::new(year.map(i32::from), ordinal / 100, ordinal % 100).map(Some).map_err(|_| corrupt("birthday"))
}
