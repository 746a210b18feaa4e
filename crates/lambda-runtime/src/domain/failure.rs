//! One struct for each way to fail, whose `Display` is AWS's sentence.

use mesh_models::lambda;
use mesh_wire::{ErrorMeta, ErrorShape, Failure, Fault};
use std::fmt;

/// Whose fault an error is, in Lambda's words.
fn kind(meta: &ErrorMeta) -> Option<String> {
    (meta.fault == Fault::Client).then(|| "User".to_owned())
}

/// Declares a failure: its data, its sentence, the error it is answered as, with its type.
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
            type Shape = lambda::$shape;

            fn into_shape(self) -> Self::Shape {
                let mut shape = Self::Shape::from_message(self.to_string());
                shape.type_ = kind(Self::Shape::META);
                shape
            }
        }
    };
}

failure! {
    /// There is no such function, or no such version of it.
    NoSuchFunction {
        /// Its ARN, as it was asked for.
        arn: String,
    } as ResourceNotFoundException,
    "Function not found: {arn}"
}
failure! {
    /// There is no such alias.
    NoSuchAlias {
        /// Its ARN, as it was asked for.
        arn: String,
    } as ResourceNotFoundException,
    "Cannot find alias arn: {arn}"
}
failure! {
    /// There is no policy, or no function that could have one.
    NoSuchPolicy as ResourceNotFoundException,
    "The resource you requested does not exist."
}
failure! {
    /// There is no function for whose events something could be set.
    NoFunction as ResourceNotFoundException,
    "The function doesn't exist."
}
failure! {
    /// Nothing was set for the events of this function.
    NoEventConfig {
        /// Its ARN, with a qualifier.
        arn: String,
    } as ResourceNotFoundException,
    "The function {arn} doesn't have an EventInvokeConfig"
}

impl NoEventConfig {
    /// Of this function.
    pub fn of(function: &super::FunctionAddress) -> Self {
        let arn = match function.qualifier {
            Some(_) => function.qualified_arn(),
            None => format!("{}:{}", function.arn(), super::LATEST),
        };
        Self { arn }
    }
}

failure! {
    /// There is no such event source mapping.
    NoSuchMapping as ResourceNotFoundException,
    "The resource you requested does not exist."
}
failure! {
    /// The function gets the messages of this queue already.
    MappingExists {
        /// The queue's ARN.
        queue: String,
        /// The function, as it was named.
        function: String,
        /// The UUID of the mapping that is there.
        id: String,
    } as ResourceConflictException,
    "An event source mapping with SQS arn (\" {queue} \") and function (\" {function} \") already exists. Please update or delete the existing mapping with UUID {id}"
}
failure! {
    /// A function of this name exists.
    FunctionExists {
        /// The name.
        name: String,
    } as ResourceConflictException,
    "Function already exist: {name}"
}
failure! {
    /// The policy has a statement of this id.
    StatementExists {
        /// The id.
        id: String,
    } as ResourceConflictException,
    "The statement id ({id}) provided already exists. Please provide a new statement id, or remove the existing statement."
}
failure! {
    /// The policy would be too long.
    PolicyTooLong {
        /// Bytes it may have.
        limit: usize,
    } as PolicyLengthExceededException,
    "The final policy size is bigger than the limit ({limit})."
}
failure! {
    /// The caller works on what was changed since.
    OtherRevision as PreconditionFailedException,
    "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id"
}
failure! {
    /// A parameter is wrong, in words of its own.
    InvalidParameter {
        /// The sentence.
        sentence: String,
    } as InvalidParameterValueException,
    "{sentence}"
}
failure! {
    /// mesh-local does not serve this yet.
    NotServed {
        /// What: a member, and what it would bring, or what to do instead.
        what: &'static str,
    } as InvalidParameterValueException,
    "mesh-local does not serve {what}."
}
failure! {
    /// The event is no JSON.
    InvalidEvent {
        /// What a parser says of it.
        what: String,
    } as InvalidRequestContentException,
    "Could not parse request body into json: Could not parse payload into json: {what}"
}
failure! {
    /// The event is too long.
    EventTooLong {
        /// Its bytes.
        length: usize,
        /// How it came.
        invocation_type: &'static str,
        /// Bytes it may have.
        limit: usize,
    } as RequestTooLargeException,
    "{length} byte payload is too large for the {invocation_type} invocation type (limit {limit} bytes)"
}
failure! {
    /// As many environments work as may.
    TooManyInvocations as TooManyRequestsException,
    "Rate Exceeded."
}
failure! {
    /// The machine lets no other environment be made now: AWS's throttle, which clients try again after, with the reason.
    NoRoom {
        /// The machine's reason, and what to do.
        why: String,
    } as TooManyRequestsException,
    "Rate Exceeded. ({why})"
}
failure! {
    /// An environment could not be made: the fault is mesh-local's or the machine's, and the sentence says what to do.
    NoEnvironment {
        /// The sentence.
        sentence: String,
    } as ServiceException,
    "{sentence}"
}
failure! {
    /// An event that was taken before failed: it is tried again.
    EventFailed {
        /// The function's error.
        error: String,
    } as ServiceException,
    "{error}"
}

/// The archive is too long. AWS answers it before Lambda sees it, so the error has no type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArchiveTooLong;

impl fmt::Display for ArchiveTooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Zipped size must be smaller than {} bytes", crate::limits::ZIPPED)
    }
}

impl Failure for ArchiveTooLong {
    type Shape = lambda::RequestEntityTooLargeException;
}

/// A number is greater than Lambda allows, though the model lets it pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooGreat {
    /// The member, as the request names it.
    pub member: &'static str,
    /// The value.
    pub value: i32,
    /// The greatest.
    pub limit: u32,
}

impl fmt::Display for TooGreat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { member, value, limit } = self;
        write!(
            f,
            "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: Member must \
             have value less than or equal to {limit}"
        )
    }
}

impl Failure for TooGreat {
    type Shape = lambda::ValidationException;
}

/// The function's policy does not let a service invoke it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotLet {
    /// The service's principal.
    pub who: String,
    /// The function's ARN, as it was invoked.
    pub arn: String,
}

impl fmt::Display for NotLet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { who, arn } = self;
        write!(
            f,
            "User: {who} is not authorized to perform: lambda:InvokeFunction on resource: {arn} because no \
             resource-based policy allows the lambda:InvokeFunction action"
        )
    }
}

impl Failure for NotLet {
    type Shape = lambda::AccessDeniedException;
}
