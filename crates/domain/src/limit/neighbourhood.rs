//! Whose addresses are counted together.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

/// The least that one customer of a network gets: one IPv4 address, a /64 of IPv6. Inside it anybody
/// may take any address, so a limit by single addresses would be none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Neighbourhood(IpAddr);

impl Neighbourhood {
    /// The neighbourhood of an address. An IPv4 address written as IPv6 is an IPv4 address. Who has
    /// none at all shares one neighbourhood with everybody who has none.
    #[must_use]
    pub fn of(address: Option<IpAddr>) -> Self {
        let address = address.unwrap_or(Ipv4Addr::UNSPECIFIED.into());
        Self(match address.to_canonical() {
            IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
            address @ IpAddr::V4(_) => address,
        })
    }
}

impl fmt::Display for Neighbourhood {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}
