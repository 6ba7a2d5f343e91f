//! Handlers that list contacts, birthdays and tags.

use actix_web::{HttpRequest, HttpResponse, web};
use domain::{
    Ports,
    contact::is_heavy_search,
    use_cases::contact::{self, UpcomingBirthdays},
};

use super::{paths::CONTACTS, responses::Answer};
use crate::{
    app_state::AppState,
    documents::{
        birthdays::{BirthdaysDocument, BirthdaysView},
        contact_page::{ContactPageDocument, ContactPageView},
    },
    dto::{
        contact_query::{BirthdaysQuery, ListQuery},
        json::JsonWriter,
        tags::{TagView, TagsView},
    },
    extract::{Authenticated, QueryOf},
    problem::documented::{ParameterProblems, ServerProblems},
    streaming::{self, PartReader},
};

/// List and search contacts
///
/// Returns the contacts that match all given filters. Use `skip` and `limit` to page, or `cursor`. Pages with a cursor
/// neither repeat nor skip contacts when others are added or removed in the meantime.
#[utoipa::path(
    get, path = CONTACTS, tag = "Contacts", security(("bearer" = ["api:read"])), params(ListQuery),
    responses(
        (status = 200, description = "A page of contacts.", body = ContactPageView),
        ParameterProblems, ServerProblems
    )
)]
pub(crate) async fn list_contacts(
    ports: web::Data<Ports>,
    state: web::Data<AppState>,
    request: HttpRequest,
    Authenticated(principal): Authenticated,
    QueryOf(query): QueryOf<ListQuery>,
) -> Answer {
    let (owner, mut json) = (principal.user.id, JsonWriter::default());
    let is_heavy = is_heavy_search(&query.filter, ports.policy.contact_limit);
    let page = ContactPageDocument::begin(&mut json, owner, query);
    PartReader::new(&request, ports, state, owner).with_search(is_heavy).respond(json, page).await
}

/// List upcoming birthdays
///
/// Returns the birthdays from today to `days` days later, both inclusive, also across the end of the year. Each contact
/// appears once, with its next birthday. The time zone determines the date of today.
#[utoipa::path(
    get, path = "/api/contacts/birthdays", tag = "Contacts", security(("bearer" = ["api:read"])), params(BirthdaysQuery),
    responses(
        (status = 200, description = "The birthdays, by date and then by name.", body = BirthdaysView),
        ParameterProblems, ServerProblems
    )
)]
pub(crate) async fn upcoming_birthdays(
    ports: web::Data<Ports>,
    state: web::Data<AppState>,
    request: HttpRequest,
    Authenticated(principal): Authenticated,
    QueryOf((timezone, days)): QueryOf<BirthdaysQuery>,
) -> Answer {
    let (owner, mut json) = (principal.user.id, JsonWriter::default());
    let timezone = timezone.unwrap_or(principal.user.timezone);
    let birthdays = UpcomingBirthdays::new(&ports, owner, timezone, days);
    let birthdays = BirthdaysDocument::begin(&mut json, birthdays);
    PartReader::new(&request, ports, state, owner).respond(json, birthdays).await
}

/// List tags
///
/// Returns each tag once, with the number of contacts that have it. Spellings that differ only in case, dashes or
/// apostrophes are one tag, in the most frequent spelling.
#[utoipa::path(
    get, path = "/api/contacts/tags", tag = "Contacts", security(("bearer" = ["api:read"])),
    responses(
        (status = 200, description = "All tags, in alphabetical order.", body = TagsView),
        ServerProblems
    )
)]
pub(crate) async fn list_tags(
    ports: web::Data<Ports>,
    state: web::Data<AppState>,
    Authenticated(principal): Authenticated,
) -> Answer {
    let turn = state.read_limits.whole_list(principal.user.id).await?;
    let tags = contact::list_tags(&ports, principal.user.id).await?;
    let json = JsonWriter::of(&TagsView { items: tags.iter().map(TagView::from).collect() });
    Ok(streaming::whole(HttpResponse::Ok(), json, turn))
}
