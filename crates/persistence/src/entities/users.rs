use domain::time::Timestamp;
use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter, PrimaryKeyTrait,
    Uuid,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub username: String,
    pub email: String,
    pub email_verified: bool,
    pub pending_email: Option<String>,
    pub pending_email_at: Option<Timestamp>,
    pub email_locked_until: Option<Timestamp>,
    pub password_hash: String,
    pub avatar_key: Option<String>,
    pub locale: String,
    pub timezone: String,
    pub notify_new_device: bool,
    pub contact_count: i64,
    pub contact_changes: i64,
    pub changes_floor: i64,
    pub contact_limit: Option<i64>,
    pub disabled: bool,
    pub warned_at: Option<Timestamp>,
    pub created_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
