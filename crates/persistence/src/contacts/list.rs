//! The contact list: filters, sort order and cursors.

use domain::{
    contact::{ContactQuery, Cursor, Direction, Filter, Needle, PageStart, PhoneNeedle, Sort, SortKey},
    ids::UserId,
};
use sea_orm::{
    ColumnTrait as _, Condition, DbBackend, ExprTrait as _, Order, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    Select,
    sea_query::{Expr, Func},
};

use super::{
    columns::{small, sort_column},
    selection::{as_signed, contacts_of},
};
use crate::entities::contacts::{Column, Entity};

/// Selects one page of the matching contacts.
pub(super) fn page(owner: UserId, query: &ContactQuery, backend: DbBackend) -> Select<Entity> {
    let mut select = matching(owner, &query.filter, backend).limit(as_signed(query.limit));
    match &query.start {
        PageStart::Skip(0) => {}
        PageStart::Skip(skip) => select = select.offset(as_signed(*skip)),
        PageStart::After(cursor) => select = select.filter(after(cursor, &query.sort)),
    }
    for (key, direction) in query.sort.keys() {
        let order = if *direction == Direction::Ascending { Order::Asc } else { Order::Desc };
        select = select.order_by(column(*key), order);
    }
    select.order_by_asc(Column::Id)
}

/// Selects the contacts of an owner that match a filter. With a position, selects only those after it in that order.
pub(super) fn matching_after(
    owner: UserId,
    filter: &Filter,
    position: Option<(&Sort, &Cursor)>,
    backend: DbBackend,
) -> Select<Entity> {
    let all = matching(owner, filter, backend);
    match position {
        Some((sort, cursor)) => all.filter(after(cursor, sort)),
        None => all,
    }
}

/// Selects the contacts of an owner that match a filter.
pub(super) fn matching(owner: UserId, filter: &Filter, backend: DbBackend) -> Select<Entity> {
    let text = Text { backend };
    let mut all = Condition::all();
    for needle in &filter.words {
        all = all.add(text.matches_needle(needle));
    }
    let parts = [
        (Column::FirstNameFolded, &filter.first_name),
        (Column::LastNameFolded, &filter.last_name),
        (Column::EmailsFolded, &filter.email),
    ];
    for (column, part) in parts {
        all = all.add_option(part.as_ref().map(|part| text.contains(column, part)));
    }
    all = all.add_option(filter.phone.as_ref().map(|phone| text.contains_phone(phone)));
    all = all.add_option(filter.tag.as_ref().map(|tag| text.contains(Column::TagsFolded, &format!("\n{tag}\n"))));
    all = all.add_option(filter.favorite.map(|favorite| Column::Favorite.eq(favorite)));
    all = all.add_option(filter.birthday.as_ref().map(|days| {
        let [first, last] = [days.start(), days.end()].map(|day| small(day.ordinal()));
        Column::BirthdaySort.between(first, last)
    }));
    contacts_of(owner).filter(all)
}

/// Conditions on the text of a column.
struct Text {
    backend: DbBackend,
}

impl Text {
    fn matches_needle(&self, needle: &Needle) -> Condition {
        let words = needle.words.iter().map(|word| self.contains(Column::SearchText, word));
        let words = words.fold(Condition::all(), Condition::add);
        let phone = needle.phone.as_ref().map(|phone| self.contains_phone(phone));
        Condition::any().add(words).add_option(phone)
    }

    fn contains_phone(&self, phone: &PhoneNeedle) -> Condition {
        let parts = phone.parts().iter();
        parts.fold(Condition::any(), |any, part| any.add(self.contains(Column::PhoneDigits, part)))
    }

    /// Matches a substring. `LIKE` compares letter by letter, and is 50 times slower on texts that resemble the part.
    fn contains(&self, column: Column, part: &str) -> Expr {
        let position = match self.backend {
            DbBackend::Sqlite => "instr",
            _ => "strpos",
        };
        Expr::expr(Func::cust(position).arg(Expr::col(column)).arg(part)).gt(0)
    }
}

/// Matches the contacts after a cursor. When every key ascends, as the id does, a row comparison finds the position in
/// an index. Otherwise the comparison is written out key by key.
fn after(cursor: &Cursor, sort: &Sort) -> Condition {
    let id = (Column::Id, Direction::Ascending, Expr::value(cursor.id().0));
    let keys: Vec<(Column, Direction, Expr)> = sort
        .keys()
        .iter()
        .zip(cursor.values())
        .map(|((key, direction), value)| (column(*key), *direction, Expr::value(sort_column(value))))
        .chain([id])
        .collect();
    if keys.iter().all(|(_, direction, _)| *direction == Direction::Ascending) {
        let columns = Expr::tuple(keys.iter().map(|(column, _, _)| Expr::col(*column)));
        return Condition::all().add(columns.gt(Expr::tuple(keys.into_iter().map(|(_, _, value)| value))));
    }
    key_by_key(&keys)
}

/// Returns `a > x OR (a = x AND b > y) OR (a = x AND b = y AND id > z)`, with `<` for descending keys. A separate bound
/// on the first key lets the database use the index.
fn key_by_key(keys: &[(Column, Direction, Expr)]) -> Condition {
    let mut any = Condition::any();
    let mut equal = Condition::all();
    for (column, direction, value) in keys {
        let after = match direction {
            Direction::Ascending => Expr::col(*column).gt(value.clone()),
            Direction::Descending => Expr::col(*column).lt(value.clone()),
        };
        any = any.add(equal.clone().add(after));
        equal = equal.add(Expr::col(*column).eq(value.clone()));
    }
    let bound = keys.first().map(|(column, direction, value)| match direction {
        Direction::Ascending => Expr::col(*column).gte(value.clone()),
        Direction::Descending => Expr::col(*column).lte(value.clone()),
    });
    Condition::all().add_option(bound).add(any)
}

fn column(key: SortKey) -> Column {
    match key {
        SortKey::FirstName => Column::FirstNameSort,
        SortKey::LastName => Column::LastNameSort,
        SortKey::CreatedAt => Column::CreatedAt,
        SortKey::UpdatedAt => Column::UpdatedAt,
        SortKey::Birthday => Column::BirthdaySort,
    }
}
