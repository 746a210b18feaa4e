//! Rows as the shapes of the models.

mod http;
mod rest;

pub(crate) use http::{cors_from, settings_from};
pub(crate) use rest::Methods;

use mesh_types::Timestamp;
use mesh_wire::DateTime;

/// A row with the id under which it is stored.
pub(crate) struct Shown<'a, R> {
    /// The id, or the name.
    pub(crate) id: &'a str,
    /// The row.
    pub(crate) row: &'a R,
}

/// A row to be shown.
pub(crate) fn shown<'a, R>(id: &'a str, row: &'a R) -> Shown<'a, R> {
    Shown { id, row }
}

/// A row to be shown with the address under which the caller reaches this universe.
pub(crate) struct ShownAt<'a, R> {
    /// The id.
    pub(crate) id: &'a str,
    /// The row.
    pub(crate) row: &'a R,
    /// The address.
    pub(crate) endpoint: &'a str,
}

/// API Gateway shows whole seconds.
fn moment(at: Timestamp) -> DateTime {
    DateTime::from_secs(at.as_secs())
}

/// Declares into which shapes a row goes, all of the same members.
macro_rules! shapes {
    ($($view:ident<$row:ty> as |$shown:ident| $($shape:path),+ => $members:tt)+) => {
        $(shapes! { @each $view<$row> $shown [$($shape),+] $members })+
    };
    (@each $view:ident<$row:ty> $shown:ident [$($shape:path),+] $members:tt) => {
        $(shapes! { @one $view<$row> $shown $shape, $members })+
    };
    (@one $view:ident<$row:ty> $shown:ident $shape:path, { $($member:ident: $value:expr),* $(,)? }) => {
        impl From<$crate::shapes::$view<'_, $row>> for $shape {
            fn from($shown: $crate::shapes::$view<'_, $row>) -> Self {
                Self { $($member: $value),* }
            }
        }
    };
}
use shapes;
