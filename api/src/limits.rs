//! The caller's address, and the rate limits for it.
//!
//! Guesses at codes are counted in the database (`store::attempts`). The limits in this module, which protect against floods, are in
//! memory: losing them at a restart does no harm.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use axum::{
    extract::{ConnectInfo, FromRequestParts, Request, State},
    http::{HeaderMap, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use governor::{Quota, RateLimiter, clock::Clock as _, middleware::NoOpMiddleware, state::keyed::DashMapStateStore};

use crate::{
    Api,
    clock::{Clock, SinceEpoch},
    config::Limits,
    error::{Answer, ApiError},
};

type Keyed<K> = RateLimiter<K, DashMapStateStore<K>, SinceEpoch, NoOpMiddleware<Duration>>;

/// The rate limits.
pub(crate) struct Floods {
    requests: Keyed<IpAddr>,
    writes: Keyed<String>,
    clock: SinceEpoch,
    since_tidied: AtomicU32,
}

impl Floods {
    pub(crate) fn new(limits: Limits, clock: Arc<dyn Clock>) -> Self {
        let clock = SinceEpoch(clock);
        let a_minute = |count: u32| Quota::per_minute(NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN));
        Self {
            requests: RateLimiter::dashmap_with_clock(a_minute(limits.requests), clock.clone()),
            writes: RateLimiter::dashmap_with_clock(a_minute(limits.writes), clock.clone()),
            clock,
            since_tidied: AtomicU32::new(0),
        }
    }

    fn request(&self, from: IpAddr) -> Answer<()> {
        if self.since_tidied.fetch_add(1, Ordering::Relaxed) % 4096 == 4095 {
            self.requests.retain_recent();
            self.writes.retain_recent();
        }
        self.requests.check_key(&from).map_err(|no| wait(no.wait_time_from(self.clock.now())))
    }

    /// Counts one write of a member.
    pub(crate) fn write(&self, member: &str) -> Answer<()> {
        self.writes.check_key(&member.to_owned()).map_err(|no| wait(no.wait_time_from(self.clock.now())))
    }
}

fn wait(time: Duration) -> ApiError {
    ApiError::wait(time.as_secs() + 1)
}

/// The caller's address as the limits count it. IPv6 addresses count by their /64, because one connection has a whole /64.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct From(pub(crate) IpAddr);

impl<S: Send + Sync> FromRequestParts<S> for From {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(parts.extensions.get().copied().unwrap_or(Self(IpAddr::V4(Ipv4Addr::UNSPECIFIED))))
    }
}

/// Finds the caller's address, and refuses the request if there were too many from it.
pub(crate) async fn flood_gate(State(api): State<Api>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let peer = peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    let from = From(network_of(caller(peer, request.headers(), api.trusted_proxies())));
    if let Err(error) = api.floods().request(from.0) {
        return error.into_response();
    }
    request.extensions_mut().insert(from);
    next.run(request).await
}

/// The address of a caller behind trusted proxies: from the right, the first address that is not a trusted proxy. The client can write
/// anything further to the left, so it is ignored.
fn caller(peer: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> IpAddr {
    let mut caller = peer.to_canonical();
    let forwarded: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    for hop in forwarded.into_iter().rev() {
        if !trusted.contains(&caller) {
            break;
        }
        match hop.trim().parse::<IpAddr>() {
            Ok(address) => caller = address.to_canonical(),
            Err(_) => break,
        }
    }
    caller
}

fn network_of(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => IpAddr::V6((u128::from(v6) & !u128::from(u64::MAX)).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn through(peer: &str, forwarded: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        let trusted = ["10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap()];
        caller(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed_and_from_the_right() {
        assert_eq!(through("203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(through("10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(through("10.0.0.1", &["6.6.6.6, 198.51.100.1", "10.0.0.2"]), "198.51.100.1");
        assert_eq!(through("10.0.0.1", &["6.6.6.6", "nonsense"]), "10.0.0.1");
        assert_eq!(through("::ffff:10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
    }

    #[test]
    fn one_line_is_one_address() {
        let network = |text: &str| network_of(text.parse().unwrap()).to_string();
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(network("192.0.2.7"), "192.0.2.7");
    }
}
