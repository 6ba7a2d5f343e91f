//! Flood guard of this replica. It rejects a client network that sends too many requests, before a request costs much.

use std::{hash::RandomState, num::NonZeroU32, sync::Arc, time::Duration};

use actix_governor::{Governor, GovernorConfig, GovernorConfigBuilder, KeyExtractor, SimpleKeyExtractionError};
use actix_web::{HttpResponse, HttpResponseBuilder, body::MessageBody, dev::ServiceRequest, middleware::Condition};
use domain::{
    client::{Block, ClientNetwork},
    limit::{Counted, Decision, Quota},
};
use governor::{
    NotUntil,
    clock::{Clock as _, DefaultClock, QuantaInstant},
    middleware::NoOpMiddleware,
};

use crate::{caller::client_ip, problem::limit_fields};

/// Counters: the name in the response, the block of addresses that is counted together, and the factor of the quota. An
/// IPv4 client has no larger block and is counted by its own network in every counter, which changes nothing.
const COUNTERS: [(&str, Option<Block>, NonZeroU32); 3] = [
    ("flood", None, NonZeroU32::MIN),
    ("flood-56", Some(Block::Slash56), NonZeroU32::MIN.saturating_add(1)),
    ("flood-48", Some(Block::Slash48), NonZeroU32::MIN.saturating_add(3)),
];

/// Number of buckets of a counter. It bounds the memory (about 4 MiB per counter) without a cleanup. Two client networks
/// that share a bucket at random share a quota, of which neither needs all.
const BUCKETS: u64 = 1 << 17;

type Config = GovernorConfig<Bucket, NoOpMiddleware<QuantaInstant>>;

/// Middleware of one counter, around the whole application of one worker.
pub(crate) type Gate = Condition<Governor<Bucket, NoOpMiddleware<QuantaInstant>>>;

/// Counters of this process, shared by all workers.
pub(crate) struct FloodGuard {
    configs: [Config; 3],
    is_on: bool,
}

impl FloodGuard {
    /// Returns a guard with the given quota for each client network. `None` is no limit.
    pub(crate) fn new(quota: Option<Quota>) -> Option<Self> {
        let unused = Quota::new(Quota::MAX_LIMIT, Duration::from_secs(1));
        let counted = quota.unwrap_or(unused);
        let [network, slash56, slash48] = COUNTERS.map(|(name, block, factor)| {
            let quota = counted.times(factor);
            let bucket = Bucket { name, block, quota, hasher: Arc::default() };
            let interval = Duration::from_micros(quota.interval_micros().unsigned_abs());
            GovernorConfigBuilder::default().period(interval).burst_size(quota.limit()).key_extractor(bucket).finish()
        });
        Some(Self { configs: [network?, slash56?, slash48?], is_on: quota.is_some() })
    }

    /// Returns one gate per counter. The first is outermost: the others do not count what it rejects.
    pub(crate) fn gates(&self) -> [Gate; 3] {
        self.configs.each_ref().map(|config| Condition::new(self.is_on, Governor::new(config)))
    }
}

/// Selects the bucket of a request by a keyed hash of its client network, which clients cannot predict.
#[derive(Clone)]
pub(crate) struct Bucket {
    name: &'static str,
    block: Option<Block>,
    quota: Quota,
    hasher: Arc<RandomState>,
}

impl Bucket {
    fn of(&self, network: ClientNetwork) -> u64 {
        use std::hash::BuildHasher as _;
        let counted = self.block.and_then(|block| network.within(block)).unwrap_or(network);
        self.hasher.hash_one(counted) % BUCKETS
    }
}

impl KeyExtractor for Bucket {
    type Key = u64;
    type KeyExtractionError = SimpleKeyExtractionError<&'static str>;

    fn extract(&self, request: &ServiceRequest) -> Result<u64, Self::KeyExtractionError> {
        Ok(self.of(ClientNetwork::of(client_ip(request.request()))))
    }

    fn exceed_rate_limit_response(&self, rejection: &NotUntil<QuantaInstant>, _: HttpResponseBuilder) -> HttpResponse {
        let wait = rejection.wait_time_from(DefaultClock::default().now());
        let decision = Decision { allowed: false, remaining: 0, retry_after: wait, reset_after: wait };
        let rejection = limit_fields::rejection(&[Counted { counter: self.name, quota: self.quota, decision }]);
        let mut response = HttpResponse::from_error(rejection);
        response.extensions_mut().insert(RejectedByGuard);
        response
    }
}

/// Marker of a response of the guard.
struct RejectedByGuard;

/// True when the guard has rejected the request.
pub(crate) fn is_rejection(response: &HttpResponse<impl MessageBody>) -> bool {
    response.extensions().contains::<RejectedByGuard>()
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn million_clients_are_counted_in_bounded_memory() {
        let quota = Quota::new(NonZeroU32::new(200).unwrap(), Duration::from_secs(1));
        let guard = FloodGuard::new(Some(quota)).unwrap();
        let bucket = Bucket { name: "flood", block: None, quota, hasher: Arc::default() };
        for client in 0..1_000_000 {
            let network = ClientNetwork::of(Some(Ipv4Addr::from_bits(client).into()));
            // The decision does not matter here.
            let _ = guard.configs[0].limiter().check_key(&bucket.of(network));
        }
        let counted = guard.configs[0].limiter().len();
        assert!((100_000..=131_072).contains(&counted), "spread over the buckets, and no more: {counted}");
    }
}
