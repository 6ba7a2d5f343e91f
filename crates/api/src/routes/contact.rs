//! Handlers of contacts.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CACHE_CONTROL, ETAG, HeaderName, LOCATION},
    web,
};
use domain::{
    Ports,
    contact::Contact,
    ids::ContactId,
    use_cases::contact::{self, Created},
};

use crate::{
    app_state::AppState,
    dto::{
        account::PictureForm,
        contact::{ContactBody, ContactPatchBody},
        contact_query::{BirthdaysQuery, ListQuery},
        contact_view::{BirthdayView, BirthdaysView, ContactPageView, ContactView, TagView, TagsView},
    },
    extract::{
        Id, IdempotentBody, IfMatch, IfNoneMatch, JsonBody, QueryOf, SignedIn, Upload, entity_tag, mark_replay,
        run_search,
    },
    large_response,
    openapi::{
        AuthProblems, BodyProblems, ConditionProblems, ContactProblems, IdempotencyProblems, LimitProblems,
        LimitReachedProblem, ParameterProblems, PreconditionProblems, ServerProblems, UploadProblems,
    },
    problem::Problem,
};

pub(super) type Answer = Result<HttpResponse, Problem>;

/// Lets the client cache a contact if it revalidates the contact before each use.
const REVALIDATE: (HeaderName, &str) = (CACHE_CONTROL, "private, no-cache");

/// Returns the contact with its entity tag.
pub(super) fn present(mut response: actix_web::HttpResponseBuilder, ports: &Ports, contact: &Contact) -> HttpResponse {
    response
        .insert_header((ETAG, entity_tag(contact.version)))
        .insert_header(REVALIDATE)
        .json(ContactView::new(contact, &*ports.picture_store))
}

/// Returns the contact that this request, or an earlier identical one, created.
fn present_created(ports: &Ports, created: &Created) -> HttpResponse {
    let mut response = HttpResponse::Created();
    response.insert_header((LOCATION, format!("/api/contacts/{}", created.contact.id)));
    mark_replay(&mut response, created.is_replay);
    present(response, ports, &created.contact)
}

/// Create a contact
///
/// Creates a contact from any fields that include a name, nickname, organization, e-mail or phone. With an
/// `Idempotency-Key` the same request can be repeated, for example after a lost response. For 24 hours it creates no
/// second contact: the response contains the first one in its current state.
#[utoipa::path(
    post, path = "/api/contacts", tag = "Contacts", security(("bearer" = [])), request_body = ContactBody,
    params(
        ("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255, pattern = "^[!-~]+$",
            example = "8e03978e-40d5-43dd-bc93-6894a57f9324",
            description = "An identifier of this request, a new one for each contact: 1 to 255 visible ASCII characters, \
                for example a UUID, with or without quotes.")
    ),
    responses(
        (status = 201, description = "The new contact, or the one that an earlier identical request created.", body = ContactView,
            headers(
                ("Location", description = "The path of the contact."), ("ETag", description = "The version of the contact."),
                ("Idempotency-Replayed", description = "`true` when an earlier identical request created the contact, and this one changed nothing.")
            )
        ),
        AuthProblems, LimitReachedProblem, IdempotencyProblems, BodyProblems, LimitProblems, ServerProblems
    )
)]
pub(crate) async fn create_contact(
    ports: web::Data<Ports>,
    SignedIn(principal): SignedIn,
    IdempotentBody(body, idempotent): IdempotentBody<ContactBody>,
) -> Answer {
    let created = contact::create_contact(&ports, principal.user.id, body.into(), idempotent.as_ref()).await?;
    Ok(present_created(&ports, &created))
}

/// List and search contacts
///
/// Returns the contacts that match all given filters. Use `skip` and `limit` to page, or `cursor`. Pages with a cursor
/// neither repeat nor skip contacts when others are added or removed in the meantime.
#[utoipa::path(
    get, path = "/api/contacts", tag = "Contacts", security(("bearer" = [])), params(ListQuery),
    responses(
        (status = 200, description = "A page of contacts.", body = ContactPageView),
        AuthProblems, ParameterProblems, LimitProblems, ServerProblems
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
        AuthProblems, ParameterProblems, LimitProblems, ServerProblems
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
        AuthProblems, LimitProblems, ServerProblems
    )
)]
pub(crate) async fn list_tags(ports: web::Data<Ports>, SignedIn(principal): SignedIn) -> Answer {
    let tags = contact::list_tags(&ports, principal.user.id).await?;
    Ok(HttpResponse::Ok().json(TagsView { items: tags.iter().map(TagView::from).collect() }))
}

/// Get a contact
///
/// Send the `ETag` of a cached contact as `If-None-Match`: an unchanged contact is not sent again.
#[utoipa::path(
    get, path = "/api/contacts/{id}", tag = "Contacts", security(("bearer" = [])),
    params(
        ("id" = uuid::Uuid, Path, description = "The contact's id."),
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of the cached contact.")
    ),
    responses(
        (status = 200, description = "The contact.", body = ContactView, headers(("ETag", description = "The version of the contact."))),
        (status = 304, description = "The contact is unchanged."),
        AuthProblems, ContactProblems, ConditionProblems, LimitProblems, ServerProblems
    )
)]
pub(crate) async fn get_contact(
    ports: web::Data<Ports>,
    SignedIn(principal): SignedIn,
    Id(id): Id,
    cached: IfNoneMatch,
) -> Answer {
    let contact = contact::get_contact(&ports, principal.user.id, ContactId(id)).await?;
    Ok(match cached.matches(contact.version) {
        true => HttpResponse::NotModified()
            .insert_header((ETAG, entity_tag(contact.version)))
            .insert_header(REVALIDATE)
            .finish(),
        false => present(HttpResponse::Ok(), &ports, &contact),
    })
}

/// Replace a contact
///
/// Clears absent fields. With `If-Match`, the contact must have the version you read.
#[utoipa::path(
    put, path = "/api/contacts/{id}", tag = "Contacts", security(("bearer" = [])), request_body = ContactBody,
    params(
        ("id" = uuid::Uuid, Path, description = "The contact's id."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the version you read.")
    ),
    responses(
        (status = 200, description = "The changed contact.", body = ContactView, headers(("ETag", description = "The version of the contact."))),
        AuthProblems, ContactProblems, PreconditionProblems, BodyProblems, LimitProblems, ServerProblems
    )
)]
pub(crate) async fn replace_contact(
    ports: web::Data<Ports>,
    SignedIn(principal): SignedIn,
    Id(id): Id,
    IfMatch(expected): IfMatch,
    JsonBody(body): JsonBody<ContactBody>,
) -> Answer {
    let contact = contact::replace_contact(&ports, principal.user.id, ContactId(id), &expected, body.into()).await?;
    Ok(present(HttpResponse::Ok(), &ports, &contact))
}

/// Change a contact
///
/// Applies a JSON Merge Patch (RFC 7396): an absent field stays unchanged, `null` clears a field, a list replaces the
/// whole list. With `If-Match`, the contact must have the version you read.
#[utoipa::path(
    patch, path = "/api/contacts/{id}", tag = "Contacts", security(("bearer" = [])),
    request_body(content((ContactPatchBody = "application/merge-patch+json"), (ContactPatchBody = "application/json"))),
    params(
        ("id" = uuid::Uuid, Path, description = "The contact's id."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the version you read.")
    ),
    responses(
        (status = 200, description = "The changed contact.", body = ContactView, headers(("ETag", description = "The version of the contact."))),
        AuthProblems, ContactProblems, PreconditionProblems, BodyProblems, LimitProblems, ServerProblems
    )
)]
pub(crate) async fn patch_contact(
    ports: web::Data<Ports>,
    SignedIn(principal): SignedIn,
    Id(id): Id,
    IfMatch(expected): IfMatch,
    JsonBody(body): JsonBody<ContactPatchBody>,
) -> Answer {
    let contact = contact::patch_contact(&ports, principal.user.id, ContactId(id), &expected, body.into()).await?;
    Ok(present(HttpResponse::Ok(), &ports, &contact))
}

/// Delete a contact
///
/// Moves the contact to the trash, where it can be restored for 30 days. With `If-Match`, the contact must have the
/// version you read.
#[utoipa::path(
    delete, path = "/api/contacts/{id}", tag = "Contacts", security(("bearer" = [])),
    params(
        ("id" = uuid::Uuid, Path, description = "The contact's id."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the version you read.")
    ),
    responses(
        (status = 204, description = "The contact is in the trash and no longer counts towards the limit of contacts."),
        AuthProblems, ContactProblems, PreconditionProblems, LimitProblems, ServerProblems
    )
)]
pub(crate) async fn delete_contact(
    ports: web::Data<Ports>,
    SignedIn(principal): SignedIn,
    Id(id): Id,
    IfMatch(expected): IfMatch,
) -> Answer {
    contact::delete_contact(&ports, principal.user.id, ContactId(id), &expected).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Set a contact's photo
///
/// Send a JPEG or PNG of at most 5 MiB and 40 megapixels. It is converted in the same way as an avatar. With `If-Match`,
/// the contact must have the version you read.
#[utoipa::path(
    put, path = "/api/contacts/{id}/photo", tag = "Contacts", security(("bearer" = [])),
    request_body(content = PictureForm, content_type = "multipart/form-data"),
    params(
        ("id" = uuid::Uuid, Path, description = "The contact's id."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the version you read.")
    ),
    responses(
        (status = 200, description = "The contact with the new photo.", body = ContactView, headers(("ETag", description = "The version of the contact."))),
        AuthProblems, ContactProblems, PreconditionProblems, UploadProblems, LimitProblems, ServerProblems
    )
)]
pub(crate) async fn change_photo(
    ports: web::Data<Ports>,
    Id(id): Id,
    IfMatch(expected): IfMatch,
    upload: Upload,
) -> Answer {
    let owner = upload.principal.user.id;
    let contact = contact::change_photo(&ports, owner, ContactId(id), &expected, upload.file).await?;
    Ok(present(HttpResponse::Ok(), &ports, &contact))
}

/// Remove a contact's photo
///
/// Changes nothing when there is no photo. With `If-Match`, the contact must have the version you read.
#[utoipa::path(
    delete, path = "/api/contacts/{id}/photo", tag = "Contacts", security(("bearer" = [])),
    params(
        ("id" = uuid::Uuid, Path, description = "The contact's id."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the version you read.")
    ),
    responses(
        (status = 204, description = "The contact has no photo."),
        AuthProblems, ContactProblems, PreconditionProblems, LimitProblems, ServerProblems
    )
)]
pub(crate) async fn remove_photo(
    ports: web::Data<Ports>,
    SignedIn(principal): SignedIn,
    Id(id): Id,
    IfMatch(expected): IfMatch,
) -> Answer {
    contact::remove_photo(&ports, principal.user.id, ContactId(id), &expected).await?;
    Ok(HttpResponse::NoContent().finish())
}
