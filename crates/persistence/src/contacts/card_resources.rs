//! Cards by name: contacts with their received cards, and groups.

use std::collections::HashSet;

use async_trait::async_trait;
use domain::{
    contact::{
        ChangeNumber,
        card_resource::{
            CardChange, CardContent, CardName, CardResource, CardResourceQueries, CardResourceRepository, GroupCard,
        },
        changes::Changes,
        received::CardUid,
    },
    error::StoreError,
    ids::{ContactId, UserId},
};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, Set,
    sea_query::{Expr, OnConflict},
};

use super::{
    card_changes,
    card_names::{
        card_with_uid, contact_names, contact_resources, groups_named, groups_of, locked_contact_resource, name_of,
    },
    card_rows,
    deletions::{Deletion, record},
    selection::as_signed,
};
use crate::{
    entities::{contacts, group_cards},
    error::{backend, bounded},
    store::SqlStore,
    unit::SqlUnit,
};

#[async_trait]
impl CardResourceQueries for SqlStore {
    async fn card_changes_after(
        &self,
        owner: UserId,
        after: ChangeNumber,
        limit: u64,
    ) -> Result<Option<Changes<CardChange>>, StoreError> {
        card_changes::read(self, owner, after, limit).await
    }

    async fn card_resources(&self, owner: UserId, names: &[CardName]) -> Result<Vec<CardResource>, StoreError> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let mut found = card_rows::all(self, owner, contact_resources(owner, names)).await?;
        let known: HashSet<&CardName> = found.iter().map(|resource| &resource.name).collect();
        let others: Vec<&CardName> = names.iter().filter(|name| !known.contains(name)).collect();
        if !others.is_empty() {
            let groups = bounded(groups_named(owner, &others).all(self.pool())).await?;
            for group in groups {
                found.push(group_resource(group.try_into()?));
            }
        }
        Ok(found)
    }

    async fn used_names(&self, owner: UserId, names: &[CardName]) -> Result<Vec<CardName>, StoreError> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let rows = bounded(self.pool().query_all(&contact_names(owner, names))).await?;
        let mut used: Vec<CardName> = rows.iter().map(name_of).collect::<Result<_, _>>()?;
        let groups = groups_named(owner, &names.iter().collect::<Vec<_>>());
        let groups = groups.select_only().column(group_cards::Column::Name).into_tuple::<String>();
        used.extend(bounded(groups.all(self.pool())).await?.into_iter().map(CardName::from_stored));
        Ok(used)
    }

    async fn group_cards_after(
        &self,
        owner: UserId,
        after: Option<&CardName>,
        limit: u64,
    ) -> Result<Vec<GroupCard>, StoreError> {
        let behind = after.map(|after| group_cards::Column::Name.gt(after.as_str()));
        let groups = groups_of(owner).filter(Condition::all().add_option(behind));
        let groups = groups.order_by_asc(group_cards::Column::Name).limit(as_signed(limit));
        bounded(groups.all(self.pool())).await?.into_iter().map(GroupCard::try_from).collect()
    }

    async fn group_uids_of(&self, owner: UserId) -> Result<Vec<CardUid>, StoreError> {
        let uids = groups_of(owner).select_only().column(group_cards::Column::Uid).into_tuple::<String>();
        Ok(bounded(uids.all(self.pool())).await?.into_iter().map(CardUid::from_stored).collect())
    }
}

fn group_resource(group: GroupCard) -> CardResource {
    CardResource { name: group.name.clone(), content: CardContent::Group(Box::new(group)) }
}

#[async_trait]
impl CardResourceRepository for SqlUnit {
    async fn lock_card_resource(&mut self, owner: UserId, name: &CardName) -> Result<Option<CardResource>, StoreError> {
        let contact = locked_contact_resource(owner, name);
        if let Some(row) = self.run(self.transaction().query_one(&contact)).await? {
            return card_rows::one(owner, &row).map(Some);
        }
        // A group has no lock of its own: each unit that writes one has taken a change number of the owner.
        let group = self.run(groups_named(owner, &[name]).one(self.transaction())).await?;
        group.map(|group| Ok(group_resource(group.try_into()?))).transpose()
    }

    async fn card_with_uid(&mut self, owner: UserId, uid: &CardUid) -> Result<Option<CardName>, StoreError> {
        let statement = card_with_uid(owner, uid, self.transaction().get_database_backend());
        let found = self.run(self.transaction().query_one_raw(statement)).await?;
        found.as_ref().map(name_of).transpose()
    }

    async fn name_of_contact(&mut self, owner: UserId, id: ContactId) -> Result<Option<CardName>, StoreError> {
        let name = contacts::Entity::find()
            .select_only()
            .column(contacts::Column::CardName)
            .filter(contacts::Column::OwnerId.eq(owner.0))
            .filter(contacts::Column::Id.eq(id.0))
            .into_tuple::<Option<String>>();
        let found = self.run(name.one(self.transaction())).await?;
        Ok(found.map(|name| name.map_or_else(|| CardName::of_contact(id), CardName::from_stored)))
    }

    async fn name_contact(&mut self, owner: UserId, id: ContactId, name: &CardName) -> Result<(), StoreError> {
        let given = (name.contact() != Some(id)).then(|| name.as_str().to_owned());
        let update = contacts::Entity::update_many()
            .col_expr(contacts::Column::CardName, Expr::value(given))
            .filter(contacts::Column::OwnerId.eq(owner.0))
            .filter(contacts::Column::Id.eq(id.0));
        match self.run(update.exec(self.transaction())).await?.rows_affected {
            1 => Ok(()),
            _ => Err(backend("the contact to name does not exist")),
        }
    }

    async fn record_removed_name(
        &mut self,
        owner: UserId,
        number: ChangeNumber,
        name: &CardName,
    ) -> Result<(), StoreError> {
        let card_name = Some(name.as_str().to_owned());
        record(self, &[Deletion { owner: owner.0, number: number.0, contact: None, card_name }]).await
    }

    async fn put_group_card(&mut self, owner: UserId, group: &GroupCard) -> Result<(), StoreError> {
        use group_cards::{ActiveModel, Column, Entity};

        let row = ActiveModel {
            owner_id: Set(owner.0),
            name: Set(group.name.as_str().to_owned()),
            uid: Set(group.uid.as_str().to_owned()),
            change: Set(group.change.0),
            version: Set(group.text.version().as_str().to_owned()),
            text: Set(group.text.as_str().to_owned()),
        };
        let replace = OnConflict::columns([Column::OwnerId, Column::Name])
            .update_columns([Column::Uid, Column::Change, Column::Version, Column::Text])
            .to_owned();
        let insert = Entity::insert(row).on_conflict(replace);
        self.run(insert.exec_without_returning(self.transaction())).await?;
        Ok(())
    }

    async fn remove_group_card(&mut self, owner: UserId, name: &CardName) -> Result<(), StoreError> {
        let delete = group_cards::Entity::delete_many()
            .filter(group_cards::Column::OwnerId.eq(owner.0))
            .filter(group_cards::Column::Name.eq(name.as_str()));
        self.run(delete.exec(self.transaction())).await?;
        Ok(())
    }

    async fn count_group_cards(&mut self, owner: UserId) -> Result<u64, StoreError> {
        Ok(self.run(groups_of(owner).count(self.transaction())).await?)
    }
}
