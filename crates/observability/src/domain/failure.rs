//! One struct for each way to fail, whose `Display` is AWS's sentence.

use mesh_models::logs;
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
            type Shape = logs::$shape;
        }
    };
}

failure! {
    /// There is no such log group.
    NoSuchGroup as ResourceNotFoundException,
    "The specified log group does not exist."
}
failure! {
    /// There is no such log stream.
    NoSuchStream as ResourceNotFoundException,
    "The specified log stream does not exist."
}
failure! {
    /// There is a log group of this name.
    GroupExists as ResourceAlreadyExistsException,
    "The specified log group already exists"
}
failure! {
    /// There is a log stream of this name.
    StreamExists as ResourceAlreadyExistsException,
    "The specified log stream already exists"
}
failure! {
    /// There are as many as there may be.
    TooMany as LimitExceededException,
    "Resource limit exceeded."
}
failure! {
    /// The group is protected, and its streams with it.
    Protected as ValidationException,
    "Deletion protection is enabled on the log group."
}
failure! {
    /// A group is named in two ways.
    NamedTwice as ValidationException,
    "LogGroup name and LogGroup ARN are mutually exclusive parameters."
}
failure! {
    /// No group is named.
    NotNamed as ValidationException,
    "Either LogGroup name or LogGroup ARN must be specified."
}
failure! {
    /// A list of groups is narrowed in two ways.
    PrefixAndPattern as InvalidParameterException,
    "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters."
}
failure! {
    /// Streams are named, and their prefix too.
    NamesAndPrefix as InvalidParameterException,
    "logStreamNamePrefix and logStreamNames are mutually exclusive parameters."
}
failure! {
    /// Streams with a prefix have one order only.
    PrefixByTime as InvalidParameterException,
    "Cannot order by LastEventTime with a logStreamNamePrefix."
}
failure! {
    /// A token is none that an answer had.
    InvalidToken as InvalidParameterException,
    "The specified nextToken is invalid."
}
failure! {
    /// A batch is not in the order of time.
    NotInOrder as InvalidParameterException,
    "Log events in a single PutLogEvents request must be in chronological order."
}
failure! {
    /// The events of a batch lie too far apart.
    TooFarApart as InvalidParameterException,
    "The batch of log events in a single PutLogEvents request cannot span more than 24 hours."
}
failure! {
    /// A batch is too large.
    TooLarge {
        /// Its bytes.
        size: usize,
        /// What it may have.
        limit: usize,
    } as InvalidParameterException,
    "Upload too large: {size} bytes exceeds limit of {limit}"
}
failure! {
    /// A span of time ends before it begins.
    EndsBeforeStart as InvalidParameterException,
    "startTime cannot be greater than endTime"
}
failure! {
    /// FilterLogEvents does not read backwards to before 2024.
    BackwardTooFar as InvalidParameterException,
    "startFromHead can be false only if startTime is on or after Jan 1, 2024 00:00:00 UTC."
}
failure! {
    /// A filter pattern is not well formed.
    InvalidPattern {
        /// AWS's sentence.
        sentence: String,
    } as InvalidParameterException,
    "{sentence}"
}
failure! {
    /// mesh-local does not serve this.
    NotServed {
        /// What.
        what: &'static str,
    } as InvalidParameterException,
    "mesh-local does not serve {what}."
}
