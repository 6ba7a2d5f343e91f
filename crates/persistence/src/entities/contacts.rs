use domain::time::Timestamp;
use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter, PrimaryKeyTrait,
    Uuid,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contacts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub owner_id: Uuid,
    pub card: String,
    pub favorite: bool,
    pub photo_key: Option<String>,
    pub card_name: Option<String>,
    pub change: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub first_name_folded: Option<String>,
    pub last_name_folded: Option<String>,
    pub emails_folded: Option<String>,
    pub phone_digits: Option<String>,
    pub tags_folded: Option<String>,
    pub search_text: String,
    pub first_name_sort: Vec<u8>,
    pub last_name_sort: Vec<u8>,
    pub birthday_sort: i16,
    pub deleted_at: Option<Timestamp>,
    pub change_before_deletion: Option<i64>,
    pub search_version: i16,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
