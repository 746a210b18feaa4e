//! Checks a decoded input against the constraints of its model, in the words of its service.
//!
//! The input is walked by its own serialization, beside the static [`Rules`]; what no rule looks at is not walked. When
//! everything is valid nothing is allocated.

mod pattern;
mod printed;
mod sentence;
mod walk;

pub use pattern::{Pattern, compile};

use crate::error::common;
use crate::rules::ConstraintStyle;
#[cfg(doc)]
use crate::rules::Rules;
use crate::schema::serde::SerializableStruct;
use crate::{ApiError, Operation, OperationMeta};
use walk::Walk;

/// More broken constraints than this are not told.
const MOST: usize = 10;

/// Checks an input of `O`.
///
/// # Errors
/// AWS's answer to the constraints that are broken.
pub fn check<O: Operation>(input: &O::Input) -> Result<(), ApiError> {
    check_with(O::meta(), input)
}

/// [`check`] by rules alone.
///
/// # Errors
/// As [`check`].
pub fn check_with(operation: &OperationMeta, input: &dyn SerializableStruct) -> Result<(), ApiError> {
    let walk = Walk::new(operation.service);
    walk.input(operation, input);
    let mut broken = walk.into_broken();
    if broken.is_empty() {
        return Ok(());
    }
    // by the order of members, whether one is absent or wrong
    broken.sort_by(|one, other| one.order.cmp(&other.order));
    let meta = match operation.service.constraint_style {
        ConstraintStyle::Presence => return Err(common::missing_parameter(&broken.swap_remove(0).sentence)),
        ConstraintStyle::Coral | ConstraintStyle::Gateway => &common::VALIDATION_EXCEPTION,
        ConstraintStyle::CoralParameter => &common::INVALID_PARAMETER_EXCEPTION,
        ConstraintStyle::CoralQuery => &common::VALIDATION_ERROR,
    };
    broken.truncate(MOST);
    let plural = if broken.len() == 1 { "" } else { "s" };
    let mut message = format!("{} validation error{plural} detected: ", broken.len());
    for (index, broken) in broken.iter().enumerate() {
        if index > 0 {
            message.push_str("; ");
        }
        message.push_str(&broken.sentence);
    }
    Err(ApiError::new(meta, message))
}

#[cfg(test)]
mod tests;
