//! The client that sent a request: IP address, user agent, network.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

/// Device that sent a request. Displayed to the user in the list of sessions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClientInfo {
    /// IP address of the client, if known.
    pub ip: Option<IpAddr>,
    /// The `User-Agent` header, cut to [`ClientInfo::MAX_USER_AGENT`] characters.
    pub user_agent: Option<String>,
}

impl ClientInfo {
    /// Maximum number of stored characters of a user agent.
    pub const MAX_USER_AGENT: usize = 255;

    /// Returns the block of addresses that counts as one client in fair queues.
    #[must_use]
    pub fn largest_network(&self) -> LargestNetwork {
        LargestNetwork::of(self.ip)
    }

    /// Creates the value from the data of a request. Control characters are removed from the user agent.
    #[must_use]
    pub fn new(ip: Option<IpAddr>, user_agent: Option<&str>) -> Self {
        let user_agent = user_agent
            .map(|text| text.chars().filter(|c| !c.is_control()).take(Self::MAX_USER_AGENT).collect::<String>());
        Self { ip, user_agent }
    }
}

/// Smallest block of IP addresses that one customer of a provider gets, which rate limits count as one client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientNetwork(IpAddr);

impl ClientNetwork {
    /// Returns one IPv4 address, or a /64 of IPv6. A client can use any address inside its block, so a limit by single
    /// addresses would have no effect.
    ///
    /// IPv4-mapped IPv6 addresses count as IPv4. Clients without a known address share one network.
    #[must_use]
    pub fn of(ip: Option<IpAddr>) -> Self {
        Self(first_address(ip, 32, 64))
    }

    /// Returns the larger IPv6 block that contains this one. Returns `None` for IPv4, where one address is one
    /// customer.
    #[must_use]
    pub fn within(self, block: Block) -> Option<Self> {
        self.0.is_ipv6().then(|| Self(first_address(Some(self.0), 32, block.bits())))
    }
}

/// Larger IPv6 block that some providers assign to one customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Block {
    /// A /56, usual for a household.
    Slash56,
    /// A /48, usual for a company or a user of a tunnel broker.
    Slash48,
}

impl Block {
    const fn bits(self) -> u32 {
        match self {
            Self::Slash56 => 56,
            Self::Slash48 => 48,
        }
    }
}

/// Largest block of IP addresses that one customer usually gets. For resources that clients share: a client with many
/// smaller blocks gets only one share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LargestNetwork(IpAddr);

impl LargestNetwork {
    /// Returns one IPv4 address, or a /48 of IPv6.
    #[must_use]
    pub fn of(ip: Option<IpAddr>) -> Self {
        Self(first_address(ip, 32, 48))
    }
}

/// Block of IP addresses in which a device usually stays when it changes its access point or its assigned address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Site(IpAddr);

impl Site {
    /// Returns a /24 of IPv4, or a /56 of IPv6.
    #[must_use]
    pub fn of(ip: Option<IpAddr>) -> Self {
        Self(first_address(ip, 24, 56))
    }
}

macro_rules! displayed_as_first_address {
    ($($block:ident),+) => { $(
        impl fmt::Display for $block {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }
    )+ };
}
displayed_as_first_address!(ClientNetwork, LargestNetwork, Site);

/// Returns the first address of the block with the leading `v4_bits` or `v6_bits` bits of an address.
fn first_address(ip: Option<IpAddr>, v4_bits: u32, v6_bits: u32) -> IpAddr {
    let ip = ip.unwrap_or(Ipv4Addr::UNSPECIFIED.into());
    match ip.to_canonical() {
        IpAddr::V4(ip) => Ipv4Addr::from_bits(ip.to_bits() & !u32::MAX.checked_shr(v4_bits).unwrap_or_default()).into(),
        IpAddr::V6(ip) => {
            Ipv6Addr::from_bits(ip.to_bits() & !u128::MAX.checked_shr(v6_bits).unwrap_or_default()).into()
        }
    }
}
