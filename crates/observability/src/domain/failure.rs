//! One struct for each way to fail, whose `Display` is AWS's sentence.

use mesh_models::logs;
use mesh_wire::failure;

failure! {
    /// There is no such log group.
    NoSuchGroup as logs::ResourceNotFoundException,
    "The specified log group does not exist."
}
failure! {
    /// There is no such log stream.
    NoSuchStream as logs::ResourceNotFoundException,
    "The specified log stream does not exist."
}
failure! {
    /// There is a log group of this name.
    GroupExists as logs::ResourceAlreadyExistsException,
    "The specified log group already exists"
}
failure! {
    /// There is a log stream of this name.
    StreamExists as logs::ResourceAlreadyExistsException,
    "The specified log stream already exists"
}
failure! {
    /// There are as many as there may be.
    TooMany as logs::LimitExceededException,
    "Resource limit exceeded."
}
failure! {
    /// The group is protected, and its streams with it.
    Protected as logs::ValidationException,
    "Deletion protection is enabled on the log group."
}
failure! {
    /// A group is named in two ways.
    NamedTwice as logs::ValidationException,
    "LogGroup name and LogGroup ARN are mutually exclusive parameters."
}
failure! {
    /// No group is named.
    NotNamed as logs::ValidationException,
    "Either LogGroup name or LogGroup ARN must be specified."
}
failure! {
    /// A list of groups is narrowed in two ways.
    PrefixAndPattern as logs::InvalidParameterException,
    "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters."
}
failure! {
    /// Streams are named, and their prefix too.
    NamesAndPrefix as logs::InvalidParameterException,
    "logStreamNamePrefix and logStreamNames are mutually exclusive parameters."
}
failure! {
    /// Streams with a prefix have one order only.
    PrefixByTime as logs::InvalidParameterException,
    "Cannot order by LastEventTime with a logStreamNamePrefix."
}
failure! {
    /// A token is none that an answer had.
    InvalidToken as logs::InvalidParameterException,
    "The specified nextToken is invalid."
}
failure! {
    /// A batch is not in the order of time.
    NotInOrder as logs::InvalidParameterException,
    "Log events in a single PutLogEvents request must be in chronological order."
}
failure! {
    /// The events of a batch lie too far apart.
    TooFarApart as logs::InvalidParameterException,
    "The batch of log events in a single PutLogEvents request cannot span more than 24 hours."
}
failure! {
    /// A batch is too large.
    TooLarge {
        /// Its bytes.
        size: usize,
        /// What it may have.
        limit: usize,
    } as logs::InvalidParameterException,
    "Upload too large: {size} bytes exceeds limit of {limit}"
}
failure! {
    /// A span of time ends before it begins.
    EndsBeforeStart as logs::InvalidParameterException,
    "startTime cannot be greater than endTime"
}
failure! {
    /// FilterLogEvents does not read backwards to before 2024.
    BackwardTooFar as logs::InvalidParameterException,
    "startFromHead can be false only if startTime is on or after Jan 1, 2024 00:00:00 UTC."
}
failure! {
    /// A filter pattern is not well formed.
    InvalidPattern {
        /// AWS's sentence.
        sentence: String,
    } as logs::InvalidParameterException,
    "{sentence}"
}
failure! {
    /// mesh-local does not serve this.
    NotServed {
        /// What.
        what: &'static str,
    } as logs::InvalidParameterException,
    "mesh-local does not serve {what}."
}
