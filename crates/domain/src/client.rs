//! The client that sent a request, as far as it is known: address, user agent, network.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

/// The device a request came from. Shown to the user in the list of sessions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClientInfo {
    /// The client's address.
    pub ip: Option<IpAddr>,
    /// The `User-Agent` header, cut to [`ClientInfo::MAX_USER_AGENT`] characters.
    pub user_agent: Option<String>,
}

impl ClientInfo {
    /// The greatest number of characters kept of a user agent.
    pub const MAX_USER_AGENT: usize = 255;

    /// The share of the client in what is shared out among networks; see [`ClientNetwork::largest_of`].
    #[must_use]
    pub fn largest_network(&self) -> ClientNetwork {
        ClientNetwork::largest_of(self.ip)
    }

    /// Takes what the request told; control characters are dropped.
    #[must_use]
    pub fn new(ip: Option<IpAddr>, user_agent: Option<&str>) -> Self {
        let user_agent = user_agent
            .map(|text| text.chars().filter(|c| !c.is_control()).take(Self::MAX_USER_AGENT).collect::<String>());
        Self { ip, user_agent }
    }
}

/// A block of IPv6 that is given to one customer whole: what is a /64 to one provider is a /56 or a /48 to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Block {
    /// A /56: a household.
    Slash56,
    /// A /48: a company, or whoever asks a tunnel broker for it.
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

/// A block of addresses that belongs to one customer of a network, or to one site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientNetwork(IpAddr);

impl ClientNetwork {
    /// The smallest block that one customer gets: one IPv4 address, a /64 of IPv6. Inside it a client may take any
    /// address, so a limit by single addresses would be none.
    ///
    /// An IPv4 address written as IPv6 is an IPv4 address. Clients without an address share one network.
    #[must_use]
    pub fn of(address: Option<IpAddr>) -> Self {
        Self::with_prefix(address, 32, 64)
    }

    /// The block of the site of an address: a /24 of IPv4, a /56 of IPv6. A device that moves between the access points
    /// of one site, or is given another address by its provider, usually stays inside it.
    #[must_use]
    pub fn site_of(address: Option<IpAddr>) -> Self {
        Self::with_prefix(address, 24, 56)
    }

    /// The largest block that one customer is usually given: one IPv4 address, a /48 of IPv6. For what is shared out
    /// among client networks: whoever has many of the smaller blocks gets no more than one share.
    #[must_use]
    pub fn largest_of(address: Option<IpAddr>) -> Self {
        Self::with_prefix(address, 32, 48)
    }

    /// The larger block of IPv6 that this one is part of; `None` for IPv4, where one address is one customer.
    #[must_use]
    pub fn within(self, block: Block) -> Option<Self> {
        match self.0 {
            IpAddr::V4(_) => None,
            IpAddr::V6(address) => Some(Self::with_prefix(Some(address.into()), 32, block.bits())),
        }
    }

    /// Keeps that many leading bits of an IPv4 or IPv6 address.
    fn with_prefix(address: Option<IpAddr>, v4_bits: u32, v6_bits: u32) -> Self {
        let address = address.unwrap_or(Ipv4Addr::UNSPECIFIED.into());
        Self(match address.to_canonical() {
            IpAddr::V4(address) => {
                Ipv4Addr::from_bits(address.to_bits() & !u32::MAX.checked_shr(v4_bits).unwrap_or_default()).into()
            }
            IpAddr::V6(address) => {
                Ipv6Addr::from_bits(address.to_bits() & !u128::MAX.checked_shr(v6_bits).unwrap_or_default()).into()
            }
        })
    }
}

impl fmt::Display for ClientNetwork {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}
