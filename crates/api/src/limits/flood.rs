//! The guard of this replica: whoever floods it from one place is turned away before anything costs.

use std::{hash::RandomState, num::NonZeroU32, sync::Arc, time::Duration};

use actix_governor::{Governor, GovernorConfig, GovernorConfigBuilder, KeyExtractor, SimpleKeyExtractionError};
use actix_web::{
    HttpResponse, HttpResponseBuilder, ResponseError as _, body::MessageBody, dev::ServiceRequest,
    middleware::Condition,
};
use domain::{
    client::{Block, ClientNetwork},
    limit::{Counted, Decision, Quota},
};
use governor::{
    NotUntil,
    clock::{Clock as _, DefaultClock, QuantaInstant},
    middleware::NoOpMiddleware,
};

use super::fields;
use crate::extract::client_address;

/// How the counters are called in the answer, what of a client network each counts together, and how many times the
/// allowance it has. A client without a larger block is counted by its own network there, too, which changes nothing.
const COUNTERS: [(&str, Option<Block>, NonZeroU32); 3] = [
    ("flood", None, NonZeroU32::MIN),
    ("flood-56", Some(Block::Slash56), NonZeroU32::MIN.saturating_add(1)),
    ("flood-48", Some(Block::Slash48), NonZeroU32::MIN.saturating_add(3)),
];

/// Client networks are counted in so many places a counter. It bounds the memory (about 4 MiB each) without a sweep;
/// two that meet in one place by chance share an allowance that none of them needs.
const PLACES: u64 = 1 << 17;

type Config = GovernorConfig<Place, NoOpMiddleware<QuantaInstant>>;

/// One counter of the guard, for the whole application of one worker.
pub(crate) type Gate = Condition<Governor<Place, NoOpMiddleware<QuantaInstant>>>;

/// The counters of this process; all workers count together.
pub(crate) struct FloodGuard {
    configs: [Config; 3],
    is_on: bool,
}

impl FloodGuard {
    /// So many requests from one client network; `None` for as many as it likes.
    pub(crate) fn new(quota: Option<Quota>) -> Option<Self> {
        let unused = Quota::new(Quota::MAX_LIMIT, Duration::from_secs(1));
        let counted = quota.unwrap_or(unused);
        let [smallest, household, company] = COUNTERS.map(|(name, block, factor)| {
            let quota = counted.times(factor);
            let place = Place { name, block, quota, hasher: Arc::default() };
            let interval = Duration::from_micros(quota.interval_micros().unsigned_abs());
            GovernorConfigBuilder::default().period(interval).burst_size(quota.limit()).key_extractor(place).finish()
        });
        Some(Self { configs: [smallest?, household?, company?], is_on: quota.is_some() })
    }

    /// One gate for each counter. The first stands in front: what it refuses is not counted by the others.
    pub(crate) fn gates(&self) -> [Gate; 3] {
        self.configs.each_ref().map(|config| Condition::new(self.is_on, Governor::new(config)))
    }
}

/// In which place a request is counted: a hash of its client network that nobody outside can foresee.
#[derive(Clone)]
pub(crate) struct Place {
    name: &'static str,
    block: Option<Block>,
    quota: Quota,
    hasher: Arc<RandomState>,
}

impl Place {
    fn of(&self, network: ClientNetwork) -> u64 {
        use std::hash::BuildHasher as _;
        let counted = self.block.and_then(|block| network.within(block)).unwrap_or(network);
        self.hasher.hash_one(counted) % PLACES
    }
}

impl KeyExtractor for Place {
    type Key = u64;
    type KeyExtractionError = SimpleKeyExtractionError<&'static str>;

    fn extract(&self, request: &ServiceRequest) -> Result<u64, Self::KeyExtractionError> {
        Ok(self.of(ClientNetwork::of(client_address(request.request()))))
    }

    fn exceed_rate_limit_response(&self, refusal: &NotUntil<QuantaInstant>, _: HttpResponseBuilder) -> HttpResponse {
        let wait = refusal.wait_time_from(DefaultClock::default().now());
        let decision = Decision { allowed: false, remaining: 0, retry_after: wait, reset_after: wait };
        let mut response =
            fields::refusal(&[Counted { counter: self.name, quota: self.quota, decision }]).error_response();
        response.extensions_mut().insert(Refused);
        response
    }
}

/// Marks a response of the guard.
struct Refused;

/// Tells the guard's refusals apart from the responses of all other layers.
pub(crate) fn is_refusal(response: &HttpResponse<impl MessageBody>) -> bool {
    response.extensions().contains::<Refused>()
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn a_million_strangers_are_counted_in_bounded_memory() {
        let quota = Quota::new(NonZeroU32::new(200).unwrap(), Duration::from_secs(1));
        let guard = FloodGuard::new(Some(quota)).unwrap();
        let place = Place { name: "flood", block: None, quota, hasher: Arc::default() };
        for client in 0..1_000_000 {
            let network = ClientNetwork::of(Some(Ipv4Addr::from_bits(client).into()));
            // Whether one is let in is not the matter here.
            let _ = guard.configs[0].limiter().check_key(&place.of(network));
        }
        let counted = guard.configs[0].limiter().len();
        assert!((100_000..=131_072).contains(&counted), "spread over the places, and no more: {counted}");
    }
}
