//! One struct for each way to fail, whose `Display` is AWS's sentence.

use mesh_models::sqs;
use mesh_wire::Failure;
use std::fmt;

/// Declares a failure: its data, its sentence, the error it is answered as.
macro_rules! failure {
    ($(#[$doc:meta])* $name:ident as $shape:ident, $($sentence:tt)+) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct $name;

        failure!(@answer $name {} as $shape, $($sentence)+);
    };
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty),+ $(,)? } as $shape:ident, $($sentence:tt)+) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type),+
        }

        failure!(@answer $name { $($field),+ } as $shape, $($sentence)+);
    };
    (@answer $name:ident { $($field:ident),* } as $shape:ident, $($sentence:tt)+) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let Self { $($field),* } = self;
                write!(f, $($sentence)+)
            }
        }

        impl Failure for $name {
            type Shape = sqs::$shape;
        }
    };
}

failure! {
    /// There is no such queue.
    NoSuchQueue as QueueDoesNotExist,
    "The specified queue does not exist."
}
failure! {
    /// A queue of this name has another value for an attribute.
    OtherQueueExists {
        /// The attribute.
        attribute: &'static str,
    } as QueueNameExists,
    "A queue already exists with the same name and a different value for attribute {attribute}"
}
failure! {
    /// A parameter has a value that it cannot have.
    InvalidValue {
        /// The parameter.
        parameter: &'static str,
        /// The value.
        value: String,
        /// Why not.
        reason: &'static str,
    } as InvalidParameterValueException,
    "Value {value} for parameter {parameter} is invalid. Reason: {reason}"
}
failure! {
    /// A parameter is wrong, in words of its own.
    InvalidParameter {
        /// AWS's sentence.
        sentence: String,
    } as InvalidParameterValueException,
    "{sentence}"
}
failure! {
    /// A parameter must be there, and not empty.
    MissingParameter {
        /// The parameter.
        parameter: &'static str,
    } as MissingRequiredParameterException,
    "The request must contain the parameter {parameter}."
}
failure! {
    /// There is no attribute of this name.
    UnknownAttribute {
        /// The name.
        name: String,
    } as InvalidAttributeName,
    "Unknown Attribute {name}."
}
failure! {
    /// An attribute that only FIFO queues have.
    FifoAttribute {
        /// The attribute.
        name: &'static str,
    } as InvalidAttributeName,
    "You can specify the {name} only when FifoQueue is set to true."
}
failure! {
    /// An attribute has a value that it cannot have.
    InvalidAttribute {
        /// The attribute.
        name: &'static str,
    } as InvalidAttributeValue,
    "Invalid value for the parameter {name}."
}
failure! {
    /// The body has a character that XML 1.0 has not.
    InvalidCharacters as InvalidMessageContents,
    "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | \
     #x10000 to #x10FFFF"
}
failure! {
    /// What was sent as a receipt handle is none, or none of this queue.
    InvalidReceipt {
        /// What was sent.
        handle: String,
    } as ReceiptHandleIsInvalid,
    "The input receipt handle \"{handle}\" is not a valid receipt handle."
}
failure! {
    /// mesh-local does not serve this yet.
    NotServed {
        /// What.
        what: &'static str,
    } as UnsupportedOperation,
    "mesh-local does not serve {what} yet."
}
