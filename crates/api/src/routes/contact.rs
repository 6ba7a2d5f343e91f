//! Contacts.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CACHE_CONTROL, ETAG, HeaderName, LOCATION},
    web,
};
use domain::{
    Ports,
    contact::{self, Contact, ContactId, Created},
};

use crate::{
    dto::{
        account::PictureForm,
        contact::{ContactBody, ContactPatchBody},
        contact_query::{BirthdaysQuery, ListQuery},
        contact_view::{BirthdayView, BirthdaysView, ContactPageView, ContactView, TagView, TagsView},
    },
    extract::{
        Id, IdempotentBody, IfMatch, IfNoneMatch, JsonBody, QueryOf, SignedIn, Upload, entity_tag, run_search,
        tell_replay,
    },
    large_response,
    openapi::{
        AuthProblems, BodyProblems, ConditionProblems, ContactProblems, IdempotencyProblems, LimitProblems,
        LimitReachedProblem, ParameterProblems, PreconditionProblems, ServerProblems, UploadProblems,
    },
    problem::Problem,
    shell::Shell,
};

pub(super) type Answer = Result<HttpResponse, Problem>;

/// A contact may be kept by the client if it asks before using it again.
const REVALIDATE: (HeaderName, &str) = (CACHE_CONTROL, "private, no-cache");

/// The contact with its entity tag.
pub(super) fn present(mut response: actix_web::HttpResponseBuilder, ports: &Ports, contact: &Contact) -> HttpResponse {
    response
        .insert_header((ETAG, entity_tag(contact.version)))
        .insert_header(REVALIDATE)
        .json(ContactView::new(contact, &*ports.picture_store))
}

/// The contact that a request has made, now or when it came before.
fn present_created(ports: &Ports, created: &Created) -> HttpResponse {
    let mut response = HttpResponse::Created();
    response.insert_header((LOCATION, format!("/api/contacts/{}", created.contact.id)));
    tell_replay(&mut response, created.is_replay);
    present(response, ports, &created.contact)
}

/// Create a contact
///
/// As much or as little as you know of somebody, as long as there is something to call them by. With an
/// `Idempotency-Key` you may send the same request again when you have heard no answer: for 24 hours it makes no second
/// contact, and is answered with the one it has made, as it is now.
#[utoipa::path(
    post, path = "/api/contacts", tag = "Contacts", security(("bearer" = [])), request_body = ContactBody,
    params(
        ("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255, pattern = "^[!-~]+$",
            example = "8e03978e-40d5-43dd-bc93-6894a57f9324",
            description = "Your name for this request, new for each contact: 1 to 255 visible ASCII characters, a UUID \
                for example; with or without quotes around it.")
    ),
    responses(
        (status = 201, description = "The new contact; or the one that the same request has made before.", body = ContactView,
            headers(
                ("Location", description = "Where it is."), ("ETag", description = "Its version."),
                ("Idempotency-Replayed", description = "`true` when nothing was made: the request was answered before.")
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
/// All filters given must match. Page with `skip` and `limit`, or with `cursor`, which neither repeats
/// nor passes over contacts while others are added or removed.
#[utoipa::path(
    get, path = "/api/contacts", tag = "Contacts", security(("bearer" = [])), params(ListQuery),
    responses(
        (status = 200, description = "A page of contacts.", body = ContactPageView),
        AuthProblems, ParameterProblems, LimitProblems, ServerProblems
    )
)]
pub(crate) async fn list_contacts(
    ports: web::Data<Ports>,
    shell: web::Data<Shell>,
    request: HttpRequest,
    SignedIn(principal): SignedIn,
    QueryOf(query): QueryOf<ListQuery>,
) -> Answer {
    let query = query.into_query()?;
    let owner = principal.user.id;
    let _reading = shell.large_responses.read(owner, query.limit.min(ports.policy.contact_limit)).await?;
    let search = {
        let (ports, query) = (ports.clone(), query.clone());
        async move { contact::list_contacts(&ports, owner, &query).await }
    };
    let is_heavy = contact::is_heavy_search(&ports.policy, &query);
    let (page, next) = run_search(&request, owner, is_heavy, search).await??;
    let view = ContactPageView::new(&page, next.as_ref(), &query, &*ports.picture_store);
    drop(page);
    large_response::json(HttpResponse::Ok(), view)
}

/// Whose birthday is near
///
/// From today to so many days later, both ends in, over New Year; each contact once, with its next
/// birthday. Today is that of your own time zone.
#[utoipa::path(
    get, path = "/api/contacts/birthdays", tag = "Contacts", security(("bearer" = [])), params(BirthdaysQuery),
    responses(
        (status = 200, description = "The next birthdays, by date, then by name.", body = BirthdaysView),
        AuthProblems, ParameterProblems, LimitProblems, ServerProblems
    )
)]
pub(crate) async fn upcoming_birthdays(
    ports: web::Data<Ports>,
    shell: web::Data<Shell>,
    SignedIn(principal): SignedIn,
    QueryOf(query): QueryOf<BirthdaysQuery>,
) -> Answer {
    let timezone = query.timezone.unwrap_or(principal.user.timezone);
    let _turn = shell.large_responses.read(principal.user.id, ports.policy.contact_limit).await?;
    let upcoming = contact::upcoming_birthdays(&ports, principal.user.id, timezone, query.days()).await?;
    let items = upcoming.iter().map(|upcoming| BirthdayView::new(upcoming, &*ports.picture_store)).collect();
    drop(upcoming);
    large_response::json(HttpResponse::Ok(), BirthdaysView { items })
}

/// List tags
///
/// Every tag once, with the number of contacts that have it. Spellings that differ in case only are one tag, shown as
/// most contacts spell it.
#[utoipa::path(
    get, path = "/api/contacts/tags", tag = "Contacts", security(("bearer" = [])),
    responses(
        (status = 200, description = "All tags, in the order of people.", body = TagsView),
        AuthProblems, LimitProblems, ServerProblems
    )
)]
pub(crate) async fn list_tags(ports: web::Data<Ports>, SignedIn(principal): SignedIn) -> Answer {
    let tags = contact::list_tags(&ports, principal.user.id).await?;
    Ok(HttpResponse::Ok().json(TagsView { items: tags.iter().map(TagView::from).collect() }))
}

/// Get a contact
///
/// Send the `ETag` you hold as `If-None-Match`, and an unchanged contact is not sent again.
#[utoipa::path(
    get, path = "/api/contacts/{id}", tag = "Contacts", security(("bearer" = [])),
    params(
        ("id" = uuid::Uuid, Path, description = "The contact's id."),
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` you hold.")
    ),
    responses(
        (status = 200, description = "The contact.", body = ContactView, headers(("ETag", description = "Its version."))),
        (status = 304, description = "You hold it already."),
        AuthProblems, ContactProblems, ConditionProblems, LimitProblems, ServerProblems
    )
)]
pub(crate) async fn get_contact(
    ports: web::Data<Ports>,
    SignedIn(principal): SignedIn,
    Id(id): Id,
    held: IfNoneMatch,
) -> Answer {
    let contact = contact::get_contact(&ports, principal.user.id, ContactId(id)).await?;
    Ok(match held.holds(contact.version) {
        true => HttpResponse::NotModified()
            .insert_header((ETAG, entity_tag(contact.version)))
            .insert_header(REVALIDATE)
            .finish(),
        false => present(HttpResponse::Ok(), &ports, &contact),
    })
}

/// Replace a contact
///
/// What is absent is emptied. With `If-Match`, only if nobody has changed it since you read it.
#[utoipa::path(
    put, path = "/api/contacts/{id}", tag = "Contacts", security(("bearer" = [])), request_body = ContactBody,
    params(
        ("id" = uuid::Uuid, Path, description = "The contact's id."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the version you have read.")
    ),
    responses(
        (status = 200, description = "The contact, changed.", body = ContactView, headers(("ETag", description = "Its version."))),
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
/// JSON Merge Patch (RFC 7396): what is absent stays, `null` clears, lists are replaced whole.
#[utoipa::path(
    patch, path = "/api/contacts/{id}", tag = "Contacts", security(("bearer" = [])),
    request_body(content((ContactPatchBody = "application/merge-patch+json"), (ContactPatchBody = "application/json"))),
    params(
        ("id" = uuid::Uuid, Path, description = "The contact's id."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the version you have read.")
    ),
    responses(
        (status = 200, description = "The contact, changed.", body = ContactView, headers(("ETag", description = "Its version."))),
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
/// It goes into the trash, from which you can restore it for 30 days. With `If-Match`, only if nobody has changed it
/// since you read it.
#[utoipa::path(
    delete, path = "/api/contacts/{id}", tag = "Contacts", security(("bearer" = [])),
    params(
        ("id" = uuid::Uuid, Path, description = "The contact's id."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the version you have read.")
    ),
    responses(
        (status = 204, description = "It is in the trash; its place in the address book is free."),
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
/// A JPEG or PNG of at most 5 MiB and 40 megapixels, treated as your avatar is. With `If-Match`, only if nobody has
/// changed the contact since you read it.
#[utoipa::path(
    put, path = "/api/contacts/{id}/photo", tag = "Contacts", security(("bearer" = [])),
    request_body(content = PictureForm, content_type = "multipart/form-data"),
    params(
        ("id" = uuid::Uuid, Path, description = "The contact's id."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the version you have read.")
    ),
    responses(
        (status = 200, description = "The contact, with the new photo.", body = ContactView, headers(("ETag", description = "Its version."))),
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
/// Does nothing when there is none. With `If-Match`, only if nobody has changed the contact since you read it.
#[utoipa::path(
    delete, path = "/api/contacts/{id}/photo", tag = "Contacts", security(("bearer" = [])),
    params(
        ("id" = uuid::Uuid, Path, description = "The contact's id."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the version you have read.")
    ),
    responses(
        (status = 204, description = "There is no photo any more."),
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
