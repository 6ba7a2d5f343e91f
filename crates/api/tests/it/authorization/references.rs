//! Documented inputs with what another account has.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{account::Account, answer, documented_inputs::REFERENCES};
use crate::service::Answer;

/// Paths to which an account sends a request with an idempotency key.
const KEYED: [&str; 3] = ["/api/contacts", "/api/contacts/batch", "/api/contacts/import"];

/// Ids of contacts, by the paths of [`KEYED`] that created them.
pub(super) type Keyed = Vec<(&'static str, String)>;

/// Lets `olena` create contacts with idempotency keys, and a second contact in the trash. Each contact has her e-mail.
/// `petro` has more changes than she has, so her sync tokens are valid for his address book.
pub(super) async fn prepare(olena: &Account<'_>, petro: &Account<'_>) -> Keyed {
    let mut keyed = Keyed::new();
    for path in KEYED {
        let id = created_id(&send_keyed(olena, path).await);
        // A replay has the contact as it is now.
        let marked = json!({"notes": olena.email});
        olena.person.send_json(Method::PATCH, &path_of(&id), &marked).await.expect(StatusCode::OK);
        keyed.push((path, id));
    }
    let trashed = olena.person.add(&json!({"first_name": format!("Contact of {}", olena.email)})).await;
    let trashed = path_of(trashed["id"].as_str().unwrap());
    olena.person.send(Method::DELETE, &trashed).await.expect(StatusCode::NO_CONTENT);

    let operations = vec![json!({"op": "create", "contact": {"first_name": "Нова"}}); 30];
    let batch = json!({ "operations": operations });
    petro.person.send_json(Method::POST, "/api/contacts/batch", &batch).await.expect(StatusCode::OK);
    keyed
}

fn path_of(id: &str) -> String {
    format!("/api/contacts/{id}")
}

/// Sends a request that creates a contact. Each account sends the same key and the same body.
async fn send_keyed(account: &Account<'_>, path: &str) -> Answer {
    let request = account.person.request(Method::POST, path).header("idempotency-key", path);
    let request = match path {
        "/api/contacts" => request.json(&json!({"first_name": "Single"})),
        "/api/contacts/batch" => {
            request.json(&json!({"operations": [{"op": "create", "contact": {"first_name": "Batched"}}]}))
        }
        "/api/contacts/import" => {
            let card = "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Imported\r\nEND:VCARD\r\n";
            request.header("content-type", "text/vcard").body(card)
        }
        _ => panic!("{path}: there is no request with an idempotency key"),
    };
    answer(request).await
}

/// Returns the id of the contact that such a request has created.
#[track_caller]
fn created_id(answer: &Answer) -> String {
    assert!(answer.status.is_success(), "{}", answer.text);
    let item = if answer.json["items"].is_array() { &answer.json["items"][0] } else { &answer.json };
    let id = item["id"].as_str().or_else(|| item["contact_id"].as_str());
    id.unwrap_or_else(|| panic!("no contact was created: {}", answer.text)).to_owned()
}

/// Requests of `petro` with what `olena` has.
pub(super) struct References<'a> {
    pub(super) olena: &'a Account<'a>,
    pub(super) petro: &'a Account<'a>,
    /// Contacts that `olena` has created.
    pub(super) keyed: &'a [(&'static str, String)],
}

impl References<'_> {
    /// Sends a request with each of [`REFERENCES`].
    pub(super) async fn check(&self) {
        let contact = &self.olena.contact;
        for (operation, name) in REFERENCES {
            match (operation, name) {
                ("GET /api/contacts", "cursor") => {
                    self.check_position("/api/contacts?sort=created_at&", "next_cursor", name).await;
                }
                ("GET /api/contacts/trash", "cursor") => {
                    self.check_position("/api/contacts/trash?", "next_cursor", name).await;
                }
                ("GET /api/contacts/changes", "since") => {
                    self.check_position("/api/contacts/changes?", "next", name).await;
                }
                ("POST /api/contacts/batch", "BatchUpdate.id") => {
                    let update = json!({"op": "update", "id": contact, "contact": {"notes": "x"}});
                    self.check_batch(&update).await;
                }
                ("POST /api/contacts/batch", "BatchDelete.id") => {
                    self.check_batch(&json!({"op": "delete", "id": contact})).await;
                }
                ("PUT /api/contacts/{id}", "ContactReplacement.id") => self.check_replacement().await,
                (_, "Idempotency-Key") => self.check_key(operation.strip_prefix("POST ").unwrap()).await,
                _ => panic!("{operation}: there is no request with {name}"),
            }
        }
    }

    /// Continues the list of `olena` after its first item, for her and for `petro`. The member `next` has the position.
    async fn check_position(&self, list: &str, next: &str, parameter: &str) {
        let first = self.olena.person.get(&format!("{list}limit=1")).await.expect(StatusCode::OK);
        let position = first.json[next].as_str().unwrap_or_else(|| panic!("{list} has one item: {}", first.text));
        let rest = format!("{list}limit=100&{parameter}={position}");
        let own = self.olena.person.get(&rest).await.expect(StatusCode::OK);
        assert!(own.text.contains(&self.olena.email), "{rest}: {}", own.text);
        let other = self.petro.person.get(&rest).await.expect(StatusCode::OK);
        assert!(other.text.contains(&self.petro.email), "{rest}: {}", other.text);
        self.olena.expect_absent(&other, &rest);
    }

    /// A key of `olena` is unused for `petro`.
    async fn check_key(&self, path: &str) {
        let (_, known) = self.keyed.iter().find(|(own, _)| *own == path).unwrap();
        let answer = send_keyed(self.petro, path).await;
        assert_eq!(answer.header("idempotency-replayed"), "", "{path}: {}", answer.text);
        self.olena.expect_absent(&answer, path);
        let created = created_id(&answer);
        assert_ne!(&created, known, "{path}");
        self.petro.person.get(&path_of(&created)).await.expect(StatusCode::OK);
        self.olena.person.get(&path_of(&created)).await.expect_problem(404, "contact-not-found");
    }

    /// A batch that names a contact of `olena` changes nothing.
    async fn check_batch(&self, operation: &Value) {
        let body = json!({"operations": [{"op": "create", "contact": {"first_name": "Нова"}}, operation]});
        let rejected = self.petro.person.send_json(Method::POST, "/api/contacts/batch", &body).await;
        let rejected = rejected.expect_problem(422, "batch-refused");
        assert_eq!(rejected.errors(), [("/operations/1/id", "contact-not-found")], "{}", rejected.text);
    }

    /// The id in the body is ignored: the path names the contact.
    async fn check_replacement(&self) {
        let path = path_of(&self.petro.contact);
        let body = json!({"id": self.olena.contact, "first_name": format!("Contact of {}", self.petro.email)});
        let replaced = self.petro.person.send_json(Method::PUT, &path, &body).await.expect(StatusCode::OK);
        assert_eq!(replaced.json["id"], json!(self.petro.contact));
        self.olena.expect_absent(&replaced, &path);
    }
}
