//! A file that is the same for all requests: served compressed, and with a validator.

use std::io::Write as _;

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::header::{
        self, AcceptEncoding, CACHE_CONTROL, CONTENT_ENCODING, ContentEncoding, ETAG, Encoding, EntityTag, Header as _,
        IfNoneMatch, VARY,
    },
    web::Bytes,
};
use flate2::{Compression, write::GzEncoder};
use sha2::{Digest as _, Sha256};
use tokio::{sync::OnceCell, task::spawn_blocking};

/// Caching of a file whose address stays when its content changes: it is used after the server has confirmed it.
const REVALIDATE: &str = "no-cache";

/// A file in memory. It is compressed at the first request for it, since most processes never serve it.
pub(crate) struct StaticFile {
    content_type: String,
    bytes: Bytes,
    forms: OnceCell<Forms>,
}

/// The file as it is, and compressed.
struct Forms {
    plain: Variant,
    /// `None` when compression does not make it smaller.
    gzip: Option<Variant>,
}

/// One form of a file. Each has its own validator (RFC 9110, 8.8.3).
struct Variant {
    bytes: Bytes,
    tag: EntityTag,
}

impl Variant {
    fn new(bytes: Bytes) -> Self {
        let digest = Sha256::digest(&bytes);
        let tag: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        Self { bytes, tag: EntityTag::new_strong(tag) }
    }
}

impl Forms {
    fn of(bytes: Bytes) -> Self {
        let gzip = compressed(&bytes).map(Variant::new);
        Self { plain: Variant::new(bytes), gzip }
    }
}

impl StaticFile {
    pub(crate) fn new(content_type: impl Into<String>, bytes: impl Into<Bytes>) -> Self {
        Self { content_type: content_type.into(), bytes: bytes.into(), forms: OnceCell::new() }
    }

    /// Returns the forms. The first call makes them in a blocking task. If that fails, the file is not compressed.
    async fn forms(&self) -> &Forms {
        let make = || async {
            let bytes = self.bytes.clone();
            let plain = || Forms { plain: Variant::new(self.bytes.clone()), gzip: None };
            spawn_blocking(|| Forms::of(bytes)).await.unwrap_or_else(|_| plain())
        };
        self.forms.get_or_init(make).await
    }

    /// Returns the file in the form that the client accepts, or 304 when the client has it. `send` adds the body.
    pub(crate) async fn respond(
        &self,
        request: &HttpRequest,
        send: impl FnOnce(&mut HttpResponseBuilder, Bytes) -> HttpResponse,
    ) -> HttpResponse {
        let Forms { plain, gzip } = self.forms().await;
        let gzip = gzip.as_ref().filter(|_| accepts_gzip(request));
        let Variant { bytes, tag } = gzip.unwrap_or(plain);
        let is_cached = IfNoneMatch::parse(request).is_ok_and(|cached| match cached {
            IfNoneMatch::Any => true,
            IfNoneMatch::Items(tags) => tags.iter().any(|cached| cached.weak_eq(tag)),
        });
        let mut response = if is_cached { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        response
            .insert_header((ETAG, tag.to_string()))
            .insert_header((CACHE_CONTROL, REVALIDATE))
            .insert_header((VARY, header::ACCEPT_ENCODING.as_str()));
        if is_cached {
            return response.finish();
        }
        response.content_type(self.content_type.as_str());
        if gzip.is_some() {
            response.insert_header((CONTENT_ENCODING, ContentEncoding::Gzip.as_str()));
        }
        send(&mut response, bytes.clone())
    }
}

fn accepts_gzip(request: &HttpRequest) -> bool {
    if !request.headers().contains_key(header::ACCEPT_ENCODING) {
        return false;
    }
    let supported = [Encoding::gzip(), Encoding::identity()];
    AcceptEncoding::parse(request).is_ok_and(|accepted| accepted.negotiate(supported.iter()) == Some(Encoding::gzip()))
}

/// Returns the file as gzip when that is smaller.
fn compressed(bytes: &Bytes) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).ok()?;
    let compressed = encoder.finish().ok()?;
    (compressed.len() < bytes.len()).then(|| compressed.into())
}

#[cfg(test)]
mod tests {
    use actix_web::{body::to_bytes, http::StatusCode, test::TestRequest};

    use super::*;

    async fn answer(file: &StaticFile, headers: &[(&str, &str)]) -> (StatusCode, Option<String>, String, Bytes) {
        let request = headers.iter().fold(TestRequest::get(), |request, header| request.insert_header(*header));
        let response = file.respond(&request.to_http_request(), HttpResponseBuilder::body).await;
        let text = |name| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        let (status, encoding, tag) = (response.status(), text(CONTENT_ENCODING), text(ETAG).unwrap());
        (status, encoding, tag, to_bytes(response.into_body()).await.unwrap())
    }

    #[actix_web::test]
    async fn file_is_compressed_on_request_and_validated() {
        let text = "a text that is repeated ".repeat(100);
        let file = StaticFile::new("text/plain", text.clone());
        let (status, encoding, plain_tag, body) = answer(&file, &[]).await;
        assert_eq!((status, encoding, body), (StatusCode::OK, None, Bytes::from(text.clone())));
        for accepted in ["gzip", "gzip, deflate, br", "br;q=1, gzip;q=0.8"] {
            let (_, encoding, gzip_tag, body) = answer(&file, &[("accept-encoding", accepted)]).await;
            assert_eq!(encoding.as_deref(), Some("gzip"), "{accepted}");
            assert!(gzip_tag != plain_tag && body.len() < text.len() / 4);
            let cached = [("accept-encoding", accepted), ("if-none-match", gzip_tag.as_str())];
            let (status, _, tag, body) = answer(&file, &cached).await;
            assert_eq!((status, tag, body.len()), (StatusCode::NOT_MODIFIED, gzip_tag.clone(), 0));
            assert_eq!(answer(&file, &[("if-none-match", &gzip_tag)]).await.0, StatusCode::OK, "another form");
        }
        for rejected in ["identity", "gzip;q=0", "br"] {
            assert_eq!(answer(&file, &[("accept-encoding", rejected)]).await.1, None, "{rejected}");
        }
    }

    #[actix_web::test]
    async fn small_file_is_not_compressed() {
        let file = StaticFile::new("text/plain", "x");
        assert_eq!(answer(&file, &[("accept-encoding", "gzip")]).await.1, None);
    }
}
