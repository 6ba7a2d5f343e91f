//! Access tokens as JWTs (RFC 9068), signed with HMAC-SHA-256.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta};
use domain::{
    ids::{SessionId, UserId},
    session::{AccessClaims, AccessTokenError, AccessTokens, InvalidAccessToken},
    time::{Clock, Timestamp},
};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, errors::ErrorKind};
use moka::sync::Cache;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    password_scheme::key_id,
    settings::{JwtSettings, SettingsError},
};

const ALGORITHM: Algorithm = Algorithm::HS256;
const TYPE: &str = "at+jwt";
const KEY_ID_DOMAIN: &[u8] = b"contacts-api/kid";
/// Maximum length of a parsed token: about ten times the length of an issued one.
const MAX_TOKEN_BYTES: usize = 4096;
/// Maximum number of verified tokens in memory: about 3 MB.
const MAX_VERIFIED: u64 = 4096;
/// Maximum difference between the clocks of two replicas.
const LEEWAY: TimeDelta = TimeDelta::seconds(5);

/// Signs and verifies access tokens.
///
/// The header must be exactly `alg`, `typ` and `kid`, as [`AccessTokens::issue`] writes them. Any other header (`crit`,
/// `jwk`, the long type `application/at+jwt`) comes from another issuer and is rejected. Unknown claims are ignored, so
/// that a later version can add some.
pub struct JwtAccessTokens {
    clock: Arc<dyn Clock>,
    current: Key,
    previous: Option<Key>,
    issuer: String,
    audience: String,
    validation: Validation,
    /// Claims of tokens whose signature was valid. Clients send the same token with each request.
    verified: Cache<String, ParsedClaims>,
}

impl JwtAccessTokens {
    /// Creates the signer from valid settings.
    ///
    /// # Errors
    /// See [`SettingsError`].
    pub fn new(settings: JwtSettings, clock: Arc<dyn Clock>) -> Result<Self, SettingsError> {
        settings.check()?;
        let JwtSettings { secret, previous_secret, issuer, audience } = settings;
        let mut validation = Validation::new(ALGORITHM);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "nbf", "exp"]);
        validation.set_issuer(&[&issuer]);
        validation.set_audience(&[&audience]);
        // Times are checked in `check_times`, with the `Clock` port.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let previous = previous_secret.as_ref().map(Key::new);
        Ok(Self {
            clock,
            current: Key::new(&secret),
            previous,
            issuer,
            audience,
            validation,
            verified: Cache::new(MAX_VERIFIED),
        })
    }
}

impl AccessTokens for JwtAccessTokens {
    fn issue(&self, claims: &AccessClaims) -> Result<String, AccessTokenError> {
        let issued_at = seconds(claims.issued_at)?;
        let claims = WireClaims {
            iss: self.issuer.clone(),
            aud: self.audience.clone(),
            sub: claims.user.to_string(),
            sid: claims.session.to_string(),
            iat: issued_at,
            nbf: issued_at,
            exp: seconds(claims.expires_at)?,
            jti: claims.token_id.to_string(),
        };
        jsonwebtoken::encode(&self.current.header, &claims, &self.current.signing)
            .map_err(|error| AccessTokenError(Box::new(error)))
    }

    fn verify(&self, token: &str) -> Result<AccessClaims, InvalidAccessToken> {
        self.read(token).map_err(|rejection| InvalidAccessToken(Box::new(rejection)))
    }
}

impl JwtAccessTokens {
    fn read(&self, token: &str) -> Result<AccessClaims, RejectedToken> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(RejectedToken::TooLong);
        }
        if let Some(claims) = self.verified.get(token) {
            return self.check_times(&claims).map(|()| claims.access);
        }
        let claims = self.verify_signature(token)?;
        self.check_times(&claims)?;
        self.verified.insert(token.to_owned(), claims);
        Ok(claims.access)
    }

    fn verify_signature(&self, token: &str) -> Result<ParsedClaims, RejectedToken> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| RejectedToken::Malformed)?;
        let key = [Some(&self.current), self.previous.as_ref()]
            .into_iter()
            .flatten()
            .find(|key| key.header.kid == header.kid)
            .ok_or(RejectedToken::UnknownKey)?;
        if header != key.header {
            return Err(RejectedToken::Header);
        }
        let decoded = jsonwebtoken::decode::<WireClaims>(token, &key.verifying, &self.validation)?;
        decoded.claims.parse()
    }

    fn check_times(&self, claims: &ParsedClaims) -> Result<(), RejectedToken> {
        // The leeway is applied to `now`: the times of the token may be the maximum, and overflow.
        let now = self.clock.now();
        if claims.access.expires_at <= now - LEEWAY {
            Err(RejectedToken::Expired)
        } else if claims.not_before > now + LEEWAY || claims.access.issued_at > now + LEEWAY {
            Err(RejectedToken::NotYet)
        } else {
            Ok(())
        }
    }
}

/// Reasons to reject a token: the source of [`InvalidAccessToken`], for logs. Contains no part of the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RejectedToken {
    /// Longer than any token that this service issues.
    #[error("too long")]
    TooLong,
    /// Not three base64url parts, or without a valid header.
    #[error("not a signed JWT")]
    Malformed,
    /// No `kid`, or not the one of a configured secret.
    #[error("signed with an unknown key")]
    UnknownKey,
    /// The header differs from the one that this service writes.
    #[error("unexpected header")]
    Header,
    /// Signed with another key, or modified.
    #[error("wrong signature")]
    Signature,
    /// A claim is missing, duplicate or malformed.
    #[error("a claim is missing or malformed")]
    Claims,
    /// Issued by another issuer.
    #[error("wrong issuer")]
    Issuer,
    /// Issued for another audience.
    #[error("wrong audience")]
    Audience,
    /// Expired.
    #[error("expired")]
    Expired,
    /// Not valid yet, or issued in the future.
    #[error("not valid yet")]
    NotYet,
}

impl From<jsonwebtoken::errors::Error> for RejectedToken {
    fn from(error: jsonwebtoken::errors::Error) -> Self {
        match error.kind() {
            ErrorKind::InvalidSignature => Self::Signature,
            ErrorKind::InvalidIssuer => Self::Issuer,
            ErrorKind::InvalidAudience => Self::Audience,
            ErrorKind::Json(_) | ErrorKind::MissingRequiredClaim(_) | ErrorKind::InvalidClaimFormat(_) => Self::Claims,
            _ => Self::Malformed,
        }
    }
}

/// Signing and verification keys of a secret, and the header of its tokens.
struct Key {
    header: Header,
    signing: EncodingKey,
    verifying: DecodingKey,
}

impl Key {
    fn new(secret: &SecretString) -> Self {
        let secret = secret.expose_secret().as_bytes();
        let mut header = Header::new(ALGORITHM);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(key_id(KEY_ID_DOMAIN, secret));
        Self { header, signing: EncodingKey::from_secret(secret), verifying: DecodingKey::from_secret(secret) }
    }
}

/// Serialized claims. All are required; times are in whole seconds; `aud` is a single string.
#[derive(Serialize, Deserialize)]
struct WireClaims {
    iss: String,
    aud: String,
    sub: String,
    sid: String,
    iat: u64,
    nbf: u64,
    exp: u64,
    jti: String,
}

#[derive(Clone, Copy)]
struct ParsedClaims {
    access: AccessClaims,
    not_before: Timestamp,
}

impl WireClaims {
    fn parse(&self) -> Result<ParsedClaims, RejectedToken> {
        let access = AccessClaims {
            user: UserId(parse_id(&self.sub)?),
            session: SessionId(parse_id(&self.sid)?),
            token_id: parse_id(&self.jti)?,
            issued_at: parse_seconds(self.iat)?,
            expires_at: parse_seconds(self.exp)?,
        };
        Ok(ParsedClaims { access, not_before: parse_seconds(self.nbf)? })
    }
}

/// Parses an id in the only form that this service writes: hyphenated, lower case.
fn parse_id(text: &str) -> Result<Uuid, RejectedToken> {
    let id = Uuid::try_parse(text).map_err(|_| RejectedToken::Claims)?;
    if id.hyphenated().encode_lower(&mut Uuid::encode_buffer()) == text { Ok(id) } else { Err(RejectedToken::Claims) }
}

fn parse_seconds(seconds: u64) -> Result<Timestamp, RejectedToken> {
    let instant = i64::try_from(seconds).ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    instant.ok_or(RejectedToken::Claims)
}

fn seconds(instant: Timestamp) -> Result<u64, AccessTokenError> {
    u64::try_from(instant.timestamp()).map_err(|error| AccessTokenError(Box::new(error)))
}
