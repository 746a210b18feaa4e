//! The edge of mesh-local: the process's own listener, which AWS service a request is meant for, who may come in, and
//! the control plane under `/_mesh/`.
//!
//! [`serve`] takes connections; [`Front`] settles for each request its universe, account, Region, API, operation and
//! protocol, in this order of signs: the scope of a signature, `X-Amz-Target`, `smithy-protocol` or `Action`, then the
//! host, then the path. It hands the request to the router and writes the answer. A request whose connection breaks is
//! told so and runs to its end.
//!
//! Invariants: nothing is served to a page of a foreign origin or under a foreign host name ([`guard`]); a body is
//! read whole and bounded before anything acts on it; a request that no API claims is answered by none.

mod address;
mod body;
mod connection;
pub mod control;
mod detached;
mod front;
pub mod guard;
mod listener;
mod options;
pub mod outgoing;
pub mod outside;
mod signature;
mod target;
mod tongue;

pub use control::ControlState;
pub use front::Front;
pub use guard::Guard;
pub use listener::serve;
pub use options::Limits;
