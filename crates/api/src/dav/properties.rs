//! PROPFIND and PROPPATCH: properties of resources.

use actix_web::{HttpRequest, HttpResponse, web};
use carddav::{
    AddressBookValues, Depth, LiveProperty, Precondition, Preferences, PrincipalValues, PropertyOutcome, Resource,
    Selection, Values, parse_propfind, parse_proppatch,
};
use domain::{
    Ports,
    account::Locale,
    session::Principal,
    use_cases::card_resource::{CardSync, current_sync_token},
};

use super::{
    card_view::{CardView, text_of},
    cards_document::CardsDocument,
    error::DavError,
    multistatus_text::{MultistatusText, response, whole},
    target::Target,
};
use crate::{
    app_state::AppState,
    dto::part_text::PartText as _,
    extract::{MAX_CARD_BYTES, XmlBody},
    problem::{Code, Problem},
    streaming::PartReader,
};

/// Returns the properties of a resource, and of its members with `Depth: 1` (RFC 4918, 9.1).
pub(super) async fn propfind(
    ports: web::Data<Ports>,
    state: web::Data<AppState>,
    request: HttpRequest,
    target: Target,
    XmlBody(body): XmlBody,
) -> Result<HttpResponse, DavError> {
    let header = request.headers().get("depth").map(|value| value.to_str().unwrap_or_default());
    let depth = Depth::parse(header)?;
    if depth == Depth::Infinity {
        return Err(DavError::forbidden(Precondition::PropfindFiniteDepth, "Send Depth: 0 or Depth: 1."));
    }
    let selection = parse_propfind(&body)?;
    let preferences = preferences_of(&request);
    let (principal, owner) = (&target.principal, target.principal.user.id);
    let view = CardView { owner, selection, is_minimal: preferences.minimal };
    let with_root = depth == Depth::Zero || !preferences.without_root;
    match (&target.resource, depth) {
        (Resource::Card(..), _) => {
            let card = target.read_card(&ports, view.needs_photos()).await?;
            let content = text_of(&card, view.version()).ok_or_else(|| Problem::new(Code::Internal))?;
            let mut text = MultistatusText::begin();
            view.write_card(&mut text, &card, &content);
            text.end(None);
            Ok(response().body(text.take()))
        }
        (Resource::AddressBook(_), Depth::One | Depth::Infinity) => {
            let mut text = MultistatusText::begin();
            if with_root {
                let book = Book::of(&ports, principal, &view.selection).await?;
                text.write(|document| document.resource(&book.values(), &view.selection, view.is_minimal));
            }
            let document = CardsDocument::changes(view, CardSync::listing(owner), false);
            Ok(PartReader::new(&request, ports, state, owner).respond_with(response(), text, document).await?)
        }
        (resource, depth) => {
            let book = Book::of(&ports, principal, &view.selection).await?;
            let members = matches!(resource, Resource::Home(_)) && depth != Depth::Zero;
            Ok(whole(|document| {
                if with_root {
                    document.resource(&values_of(resource, &book), &view.selection, view.is_minimal);
                }
                if members {
                    document.resource(&book.values(), &view.selection, view.is_minimal);
                }
            }))
        }
    }
}

/// Rejects changes of properties: all of them are computed (RFC 4918, 9.2).
pub(super) async fn proppatch(
    ports: web::Data<Ports>,
    target: Target,
    XmlBody(body): XmlBody,
) -> Result<HttpResponse, DavError> {
    let changes = parse_proppatch(&body)?;
    target.check_exists(&ports).await?;
    let results: Vec<_> = changes.iter().map(|change| (change.name(), PropertyOutcome::Protected)).collect();
    Ok(whole(|document| document.property_changes(&target.resource.href(), &results)))
}

/// Returns the preferences of a client (RFC 7240).
pub(super) fn preferences_of(request: &HttpRequest) -> Preferences {
    Preferences::parse(request.headers().get_all("prefer").map(|value| value.to_str().unwrap_or_default()))
}

/// An address book, with the values of its properties.
struct Book<'a> {
    principal: &'a Principal,
    sync_token: String,
}

impl<'a> Book<'a> {
    /// Reads the state of the address book if the client asks for it.
    async fn of(ports: &Ports, principal: &'a Principal, selection: &Selection) -> Result<Self, DavError> {
        let is_asked = [LiveProperty::SyncToken, LiveProperty::GetCtag].iter().any(|asked| selection.contains(*asked));
        let sync_token = if is_asked {
            let token = current_sync_token(ports, principal.user.id).await.map_err(Problem::from)?;
            token.ok_or_else(|| Problem::new(Code::Unauthenticated))?.to_string()
        } else {
            String::new()
        };
        Ok(Self { principal, sync_token })
    }

    fn values(&self) -> Values<'_> {
        Values::AddressBook(AddressBookValues {
            user: self.principal.user.id.0,
            display_name: match self.principal.user.locale {
                Locale::En => "Contacts",
                Locale::Uk => "Контакти",
            },
            sync_token: &self.sync_token,
            ctag: &self.sync_token,
            max_resource_size: MAX_CARD_BYTES as u64,
        })
    }
}

/// Returns the values of a resource that is no card.
fn values_of<'a>(resource: &Resource, book: &'a Book<'_>) -> Values<'a> {
    let user = book.principal.user.id.0;
    match resource {
        Resource::Root => Values::Root(user),
        Resource::Principal(_) => {
            Values::Principal(PrincipalValues { user, display_name: book.principal.user.username.as_str() })
        }
        Resource::Home(_) => Values::Home(user),
        Resource::AddressBook(_) | Resource::Card(..) => book.values(),
    }
}
