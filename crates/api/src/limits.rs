//! How many requests a client may send: actix-governor in front of single routes.

use std::{net::IpAddr, num::NonZeroU32, sync::Arc, time::Duration};

use actix_governor::{Governor, GovernorConfig, GovernorConfigBuilder, KeyExtractor, SimpleKeyExtractionError};
use actix_web::{
    HttpResponse, HttpResponseBuilder, ResponseError as _,
    dev::ServiceRequest,
    http::header::{HeaderName, HeaderValue, RETRY_AFTER},
    middleware::Condition,
};
use domain::session::AccessTokens;
use governor::{
    NotUntil,
    clock::{Clock as _, DefaultClock, QuantaInstant},
    middleware::NoOpMiddleware,
};
use ipnet::{IpNet, Ipv6Net};
use uuid::Uuid;

use crate::{
    extract::{bearer_token, client_address},
    problem::{Code, Problem},
    settings::{Rate, RateLimits},
};

/// The names of the limits, as in the settings: what `RateLimit-Policy` calls them.
const NAMES: [&str; 6] = ["me", "contacts", "contact-create", "login", "mail", "register"];

/// Stands in for a rate that is switched off; the limiter made of it is never asked.
const UNUSED: Rate = Rate { requests: NonZeroU32::MIN, window: Duration::from_secs(1) };

type Config = GovernorConfig<KeyBy, NoOpMiddleware<QuantaInstant>>;

/// A limit in front of a route; does nothing when it is switched off.
pub(crate) type Gate = Condition<Governor<KeyBy, NoOpMiddleware<QuantaInstant>>>;

struct Limit {
    config: Config,
    is_on: bool,
}

/// The limits of this process. Cheap to hand to every worker: all count together.
pub(crate) struct Limits {
    me: Limit,
    contacts: Limit,
    contact_create: Limit,
    login: Limit,
    mail: Limit,
    register: Limit,
}

impl Limits {
    /// Makes the limiters. `None` only if a rate could not be one, which its type forbids.
    pub(crate) fn new(rates: &RateLimits, tokens: &Arc<dyn AccessTokens>, trusted: &[IpNet]) -> Option<Self> {
        let [me, contacts, contact_create, login, mail, register] = NAMES;
        let limit = |name: &'static str, rate: Option<Rate>, by_user: bool| {
            let rate_or_unused = rate.unwrap_or(UNUSED);
            let key = KeyBy {
                name,
                rate: rate_or_unused,
                tokens: by_user.then(|| Arc::clone(tokens)),
                trusted: trusted.into(),
            };
            let config = GovernorConfigBuilder::default()
                .period(rate_or_unused.period())
                .burst_size(rate_or_unused.requests.get())
                .key_extractor(key)
                .finish()?;
            Some(Limit { config, is_on: rate.is_some() })
        };
        Some(Self {
            me: limit(me, rates.me, true)?,
            contacts: limit(contacts, rates.contacts, true)?,
            contact_create: limit(contact_create, rates.contact_create, true)?,
            login: limit(login, rates.login, false)?,
            mail: limit(mail, rates.mail, false)?,
            register: limit(register, rates.register, false)?,
        })
    }

    pub(crate) fn me(&self) -> Gate {
        self.me.gate()
    }

    pub(crate) fn contacts(&self) -> Gate {
        self.contacts.gate()
    }

    pub(crate) fn contact_create(&self) -> Gate {
        self.contact_create.gate()
    }

    pub(crate) fn login(&self) -> Gate {
        self.login.gate()
    }

    pub(crate) fn mail(&self) -> Gate {
        self.mail.gate()
    }

    pub(crate) fn register(&self) -> Gate {
        self.register.gate()
    }

    /// Forgets the clients that have their whole allowance again; without this the keys would only
    /// ever grow.
    pub(crate) fn sweep(&self) {
        for limit in [&self.me, &self.contacts, &self.contact_create, &self.login, &self.mail, &self.register] {
            let limiter = limit.config.limiter();
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
    }
}

impl Limit {
    fn gate(&self) -> Gate {
        Condition::new(self.is_on, Governor::new(&self.config))
    }
}

/// Whose requests are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    User(Uuid),
    Address(IpNet),
}

/// Counts by user where a good access token says who it is, by client address otherwise.
#[derive(Clone)]
pub(crate) struct KeyBy {
    name: &'static str,
    rate: Rate,
    tokens: Option<Arc<dyn AccessTokens>>,
    trusted: Arc<[IpNet]>,
}

impl KeyExtractor for KeyBy {
    type Key = Key;
    type KeyExtractionError = SimpleKeyExtractionError<&'static str>;

    fn extract(&self, request: &ServiceRequest) -> Result<Key, Self::KeyExtractionError> {
        let user = self.tokens.as_ref().and_then(|tokens| tokens.verify(bearer_token(request.request())?).ok());
        if let Some(claims) = user {
            return Ok(Key::User(claims.user.0));
        }
        let peer = request.peer_addr().map(|peer| peer.ip());
        let address = client_address(peer, request.headers(), &self.trusted);
        Ok(Key::Address(address.map_or_else(IpNet::default, neighbourhood)))
    }

    fn exceed_rate_limit_response(&self, refusal: &NotUntil<QuantaInstant>, _: HttpResponseBuilder) -> HttpResponse {
        let wait = refusal.wait_time_from(DefaultClock::default().now());
        // Rounded up: who comes back after the whole seconds told must be let in.
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        let Rate { requests, window } = self.rate;
        let headers = [
            (RETRY_AFTER, seconds.to_string()),
            (HeaderName::from_static("ratelimit"), format!("\"{}\";r=0;t={seconds}", self.name)),
            (
                HeaderName::from_static("ratelimit-policy"),
                format!("\"{}\";q={requests};w={}", self.name, window.as_secs()),
            ),
        ];
        let problem = headers.into_iter().fold(Problem::new(Code::TooManyRequests), |problem, (name, value)| {
            match HeaderValue::from_str(&value) {
                Ok(value) => problem.with_header(name, value),
                Err(_) => problem,
            }
        });
        problem.error_response()
    }
}

/// One IPv4 address; a /64 of IPv6, which is the least that one customer gets.
fn neighbourhood(address: IpAddr) -> IpNet {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Net::new_assert(address, 64).trunc().into(),
        address @ IpAddr::V4(_) => address.into(),
    }
}
