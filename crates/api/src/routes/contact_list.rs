//! Handlers that list contacts, birthdays and tags.

use actix_web::{HttpRequest, HttpResponse, web};
use domain::{Ports, use_cases::contact};

use super::responses::Answer;
use crate::{
    app_state::AppState,
    dto::{
        contact_query::{BirthdaysQuery, ListQuery},
        contact_view::{BirthdayView, BirthdaysView, ContactPageView, TagView, TagsView},
    },
    extract::{QueryOf, SignedIn, run_search},
    large_response,
    problem::documented::{ParameterProblems, ServerProblems},
};

/// List and search contacts
///
/// Returns the contacts that match all given filters. Use `skip` and `limit` to page, or `cursor`. Pages with a cursor
/// neither repeat nor skip contacts when others are added or removed in the meantime.
#[utoipa::path(
    get, path = "/api/contacts", tag = "Contacts", security(("bearer" = [])), params(ListQuery),
    responses(
        (status = 200, description = "A page of contacts.", body = ContactPageView),
        ParameterProblems, ServerProblems
    )
)]
pub(crate) async fn list_contacts(
    ports: web::Data<Ports>,
    state: web::Data<AppState>,
    request: HttpRequest,
    SignedIn(principal): SignedIn,
    QueryOf(query): QueryOf<ListQuery>,
) -> Answer {
    let query = query.into_query()?;
    let owner = principal.user.id;
    let is_heavy = contact::is_heavy_search(&ports.policy, &query);
    let contacts = query.limit.min(ports.policy.contact_limit);
    // The share of the memory is taken in the turn of a heavy search: those that wait for it hold nothing.
    let listing = async move {
        let _reading = state.large_responses.read(owner, contacts).await?;
        let (page, next) = contact::list_contacts(&ports, owner, &query).await?;
        let view = ContactPageView::new(&page, next.as_ref(), &query, &*ports.picture_store);
        drop(page);
        large_response::json(HttpResponse::Ok(), view)
    };
    run_search(&request, owner, is_heavy, listing).await?
}

/// List upcoming birthdays
///
/// Returns the birthdays from today to `days` days later, both inclusive, also across the end of the year. Each contact
/// appears once, with its next birthday. The time zone determines the date of today.
#[utoipa::path(
    get, path = "/api/contacts/birthdays", tag = "Contacts", security(("bearer" = [])), params(BirthdaysQuery),
    responses(
        (status = 200, description = "The birthdays, by date and then by name.", body = BirthdaysView),
        ParameterProblems, ServerProblems
    )
)]
pub(crate) async fn upcoming_birthdays(
    ports: web::Data<Ports>,
    state: web::Data<AppState>,
    SignedIn(principal): SignedIn,
    QueryOf(query): QueryOf<BirthdaysQuery>,
) -> Answer {
    let timezone = query.timezone.unwrap_or(principal.user.timezone);
    let _reading = state.large_responses.read(principal.user.id, ports.policy.contact_limit).await?;
    let upcoming = contact::upcoming_birthdays(&ports, principal.user.id, timezone, query.days()).await?;
    let items = upcoming.iter().map(|upcoming| BirthdayView::new(upcoming, &*ports.picture_store)).collect();
    drop(upcoming);
    large_response::json(HttpResponse::Ok(), BirthdaysView { items })
}

/// List tags
///
/// Returns each tag once, with the number of contacts that have it. Spellings that differ only in case are one tag, in
/// the most frequent spelling.
#[utoipa::path(
    get, path = "/api/contacts/tags", tag = "Contacts", security(("bearer" = [])),
    responses(
        (status = 200, description = "All tags, in alphabetical order.", body = TagsView),
        ServerProblems
    )
)]
pub(crate) async fn list_tags(ports: web::Data<Ports>, SignedIn(principal): SignedIn) -> Answer {
    let tags = contact::list_tags(&ports, principal.user.id).await?;
    Ok(HttpResponse::Ok().json(TagsView { items: tags.iter().map(TagView::from).collect() }))
}
