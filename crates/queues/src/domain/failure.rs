//! One struct for each way to fail, whose `Display` is AWS's sentence.

use mesh_models::sqs;
use mesh_wire::failure;

failure! {
    /// There is no such queue.
    NoSuchQueue as sqs::QueueDoesNotExist,
    "The specified queue does not exist."
}
failure! {
    /// A queue of this name has another value for an attribute.
    OtherQueueExists {
        /// The attribute.
        attribute: &'static str,
    } as sqs::QueueNameExists,
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
    } as sqs::InvalidParameterValueException,
    "Value {value} for parameter {parameter} is invalid. Reason: {reason}"
}
failure! {
    /// A parameter is wrong, in words of its own.
    InvalidParameter {
        /// AWS's sentence.
        sentence: String,
    } as sqs::InvalidParameterValueException,
    "{sentence}"
}
failure! {
    /// A parameter must be there, and not empty.
    MissingParameter {
        /// The parameter.
        parameter: &'static str,
    } as sqs::MissingRequiredParameterException,
    "The request must contain the parameter {parameter}."
}
failure! {
    /// There is no attribute of this name.
    UnknownAttribute {
        /// The name.
        name: String,
    } as sqs::InvalidAttributeName,
    "Unknown Attribute {name}."
}
failure! {
    /// An attribute that only FIFO queues have.
    FifoAttribute {
        /// The attribute.
        name: &'static str,
    } as sqs::InvalidAttributeName,
    "You can specify the {name} only when FifoQueue is set to true."
}
failure! {
    /// An attribute has a value that it cannot have.
    InvalidAttribute {
        /// The attribute.
        name: &'static str,
    } as sqs::InvalidAttributeValue,
    "Invalid value for the parameter {name}."
}
failure! {
    /// The body has a character that XML 1.0 has not.
    InvalidCharacters as sqs::InvalidMessageContents,
    "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | \
     #x10000 to #x10FFFF"
}
failure! {
    /// What was sent as a receipt handle is none, or none of this queue.
    InvalidReceipt {
        /// What was sent.
        handle: String,
    } as sqs::ReceiptHandleIsInvalid,
    "The input receipt handle \"{handle}\" is not a valid receipt handle."
}
failure! {
    /// mesh-local does not serve this yet.
    NotServed {
        /// What.
        what: &'static str,
    } as sqs::UnsupportedOperation,
    "mesh-local does not serve {what} yet."
}
