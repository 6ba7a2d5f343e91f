//! REPORT: cards by path, by a filter, or by their changes.

use std::collections::HashSet;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header::USER_AGENT},
    web,
};
use carddav::{Precondition, Report, Resource, parse_report};
use domain::{
    Ports,
    contact::{card_resource::CardName, changes::SyncToken},
    use_cases::card_resource::CardSync,
};

use super::{
    card_view::CardView,
    cards_document::CardsDocument,
    error::DavError,
    multistatus_text::{MultistatusText, response},
    properties::preferences_of,
    target::Target,
};
use crate::{app_state::AppState, extract::XmlBody, problem::Code, streaming::PartReader};

/// Returns cards of the address book.
pub(super) async fn report(
    ports: web::Data<Ports>,
    state: web::Data<AppState>,
    request: HttpRequest,
    target: Target,
    XmlBody(body): XmlBody,
) -> Result<HttpResponse, DavError> {
    let owner = target.principal.user.id;
    let is_minimal = preferences_of(&request).minimal;
    let view = |selection| CardView { owner, selection, is_minimal };
    let report = parse_report(&body)?;
    let is_book = matches!(target.resource, Resource::AddressBook(_));
    if !is_book && !matches!(report, Report::Multiget { .. }) {
        return Err(DavError::forbidden(Precondition::SupportedReport, "Send this report to the address book."));
    }
    target.check_exists(&ports).await?;
    let (document, is_heavy) = match report {
        Report::Multiget { selection, hrefs } => {
            let (names, missing) = named(hrefs, &target);
            (CardsDocument::named(view(selection), names, missing), false)
        }
        // Each card is rendered and searched.
        Report::Query { selection, filter, limit } => (CardsDocument::matching(view(selection), filter, limit), true),
        Report::SyncCollection { selection, token, level: _, limit } => {
            let token = token.map(|token| token.parse::<SyncToken>()).transpose();
            let token = token.map_err(|_| invalid_token(&request))?;
            let sync = CardSync::new(owner, token, limit.map(u64::from));
            (CardsDocument::changes(view(selection), sync, true), false)
        }
    };
    let reader = PartReader::new(&request, ports, state, owner).with_search(is_heavy);
    reader.respond_with(response(), MultistatusText::begin(), document).await.map_err(|problem| match problem.code() {
        Code::SyncTokenExpired => invalid_token(&request),
        _ => problem.into(),
    })
}

/// Returns the names of the hrefs, each one once, and the hrefs that are no card of the user.
fn named(hrefs: Vec<String>, target: &Target) -> (Vec<CardName>, Vec<String>) {
    let (mut names, mut known, mut missing) = (Vec::new(), HashSet::new(), Vec::new());
    for href in hrefs {
        let name = match Resource::parse(&href) {
            Some(Resource::Card(user, name)) if user == target.principal.user.id.0 => {
                CardName::parse(name.as_str()).ok()
            }
            _ => None,
        };
        match name {
            Some(name) if known.insert(name.clone()) => names.push(name),
            Some(_) => {}
            None => missing.push(href),
        }
    }
    (names, missing)
}

/// Returns the error of a sync token that is unknown or has expired. Thunderbird begins again after 400, but not after 403
/// (RFC 6578, 3.2).
fn invalid_token(request: &HttpRequest) -> DavError {
    let user_agent = request.headers().get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_thunderbird = user_agent.contains("Thunderbird");
    let status = if is_thunderbird { StatusCode::BAD_REQUEST } else { StatusCode::FORBIDDEN };
    let message = "The sync token is unknown or has expired. Begin again without one.".to_owned();
    DavError::Condition(status, Precondition::ValidSyncToken, message)
}
