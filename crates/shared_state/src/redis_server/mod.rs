//! The Redis server that replicas share. It may become unavailable, slow or empty at any time without failing or
//! delaying requests.

mod connection;
mod link;
mod probes;
mod server;

pub use self::{
    link::RedisFailure,
    server::{RedisServer, RedisSettings, RedisStartError},
};
