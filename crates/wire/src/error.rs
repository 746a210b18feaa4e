//! How operations fail.
//!
//! A failure travels in three forms. In a service's domain it is a struct of its own with its data, whose `Display` is
//! AWS's sentence: a [`Failure`]. It names the model's error shape it becomes, an [`ErrorShape`]. An operation's error
//! type takes only the shapes that AWS lists for that operation ([`Lists`]), so answering any other is a compile
//! error. All end as one [`ApiError`], which the protocols write.

pub mod common;

use crate::Shape;
use aws_smithy_schema::serde::SerializableStruct;
use mesh_types::Need;
use std::error::Error;
use std::fmt;

/// Whose fault an error is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The caller's: a 4xx status, `Sender` in awsQuery.
    Client,
    /// The service's: a 5xx status, `Receiver` in awsQuery.
    Server,
}

/// The static description of an error.
#[derive(Debug)]
pub struct ErrorMeta {
    /// The shape's name, which is the code in JSON and CBOR: `QueueDoesNotExist`.
    pub code: &'static str,
    /// The code in awsQuery and in `x-amzn-query-error`: `AWS.SimpleQueueService.NonExistentQueue`.
    pub query_code: &'static str,
    /// The namespace in front of the code, where it is not the service's own (`com.amazon.coral.validate`).
    pub namespace: Option<&'static str>,
    /// The HTTP status.
    pub status: u16,
    /// Whose fault it is.
    pub fault: Fault,
    /// The member that holds the sentence: `message` or `Message`.
    pub message_member: &'static str,
}

/// An error shape of a model. Its sentence is its `message`; the members beyond that are written by its
/// `SerializableStruct`.
pub trait ErrorShape: Shape {
    /// Code, status and fault.
    const META: &'static ErrorMeta;
    /// Whether the model gives the error members beyond its message.
    const HAS_MEMBERS: bool;

    /// The error with this sentence, its other members absent.
    fn from_message(message: String) -> Self;

    /// The sentence.
    fn message(&self) -> &str;

    /// The form in which all errors are answered.
    fn into_api_error(self) -> ApiError {
        let message = self.message().to_owned();
        let members: Option<Box<dyn ErrorMembers>> =
            if Self::HAS_MEMBERS { Some(Box::new(self)) } else { None };
        ApiError(Box::new(Inner { meta: Self::META, message, members, source: None }))
    }
}

/// The members of an error beyond its message, ready to be written.
pub trait ErrorMembers: SerializableStruct + fmt::Debug + Send + Sync + 'static {}
impl<T: SerializableStruct + fmt::Debug + Send + Sync + 'static> ErrorMembers for T {}

/// A failure of a service's domain: a struct with its data, whose `Display` is AWS's exact sentence.
pub trait Failure: fmt::Display + Sized {
    /// The error of the model that it is answered as.
    type Shape: ErrorShape;

    /// Becomes that error. Failures that fill members beyond the message override this.
    fn into_shape(self) -> Self::Shape {
        Self::Shape::from_message(self.to_string())
    }

    /// Becomes the answer.
    fn into_answer(self) -> ApiError {
        self.into_shape().into_api_error()
    }
}

/// Marks an operation's error type as listing the error shape `S`, as the model or the service's overlay says.
pub trait Lists<S> {}

/// What an operation's error type lists, for whoever does not know the shapes: a fault that is asked for by its code.
pub trait Answers {
    /// The errors of the model and the overlay, then those that every operation may answer.
    const ERRORS: &'static [&'static ErrorMeta];
}

/// An error ready to be answered, whichever operation it comes from.
pub struct ApiError(Box<Inner>);

struct Inner {
    meta: &'static ErrorMeta,
    message: String,
    members: Option<Box<dyn ErrorMembers>>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl ApiError {
    /// An error outside every model: what the edge, the protocols and the interceptors answer.
    pub fn new(meta: &'static ErrorMeta, message: impl Into<String>) -> Self {
        Self(Box::new(Inner { meta, message: message.into(), members: None, source: None }))
    }

    /// An error of a model that is known by its description alone, with its members beyond the sentence.
    pub fn with_members(
        meta: &'static ErrorMeta,
        message: impl Into<String>,
        members: impl ErrorMembers,
    ) -> Self {
        Self(Box::new(Inner {
            meta,
            message: message.into(),
            members: Some(Box::new(members)),
            source: None,
        }))
    }

    /// Trouble of our own: answered as `InternalFailure`; the cause is for the log.
    pub fn internal(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        let message = "The request processing has failed because of an unknown error, exception or failure.";
        let (meta, source) = (InternalFailure::META, Some(source.into()));
        Self(Box::new(Inner { meta, message: message.to_owned(), members: None, source }))
    }

    /// Code, status and fault.
    pub fn meta(&self) -> &'static ErrorMeta {
        self.0.meta
    }

    /// The sentence.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The members beyond the message.
    pub fn members(&self) -> Option<&dyn ErrorMembers> {
        self.0.members.as_deref()
    }

    /// Whether this is the error shape `S`.
    pub fn is<S: ErrorShape>(&self) -> bool {
        std::ptr::eq(self.0.meta, S::META)
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.meta.code, self.0.message)
    }
}

impl fmt::Debug for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for ApiError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

/// Declares an error type that every operation of every service may answer, because it is ours and not a model's.
macro_rules! common_error {
    ($(#[$doc:meta])* $name:ident, $status:literal, $fault:ident) => {
        $(#[$doc])*
        #[derive(Debug, Default, Clone)]
        pub struct $name {
            /// The sentence.
            pub message: String,
        }

        impl SerializableStruct for $name {
            fn schema(&self) -> &aws_smithy_schema::Schema<'_> {
                Self::static_schema()
            }

            fn serialize_members(
                &self,
                _: &mut dyn aws_smithy_schema::serde::ShapeSerializer,
            ) -> Result<(), aws_smithy_schema::serde::SerdeError> {
                Ok(())
            }
        }

        impl Shape for $name {
            fn static_schema() -> &'static aws_smithy_schema::Schema<'static> {
                static SCHEMA: aws_smithy_schema::Schema<'static> = aws_smithy_schema::Schema::new_struct(
                    aws_smithy_schema::ShapeId::from_parts(
                        concat!("mesh.local#", stringify!($name)),
                        "mesh.local",
                        stringify!($name),
                    ),
                    aws_smithy_schema::ShapeType::Structure,
                    &[],
                );
                &SCHEMA
            }

            fn read(
                from: &mut dyn aws_smithy_schema::serde::ShapeDeserializer,
            ) -> Result<Self, aws_smithy_schema::serde::SerdeError> {
                from.read_struct(Self::static_schema(), &mut |_, _| Ok(()))?;
                Ok(Self::default())
            }
        }

        impl ErrorShape for $name {
            const META: &'static ErrorMeta = {
                // a static, because errors are told apart by its address
                static META: ErrorMeta = ErrorMeta {
                    code: stringify!($name),
                    query_code: stringify!($name),
                    namespace: Some("com.amazon.coral.service"),
                    status: $status,
                    fault: Fault::$fault,
                    message_member: "message",
                };
                &META
            };
            const HAS_MEMBERS: bool = false;

            fn from_message(message: String) -> Self {
                Self { message }
            }

            fn message(&self) -> &str {
                &self.message
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.message)
            }
        }

        impl Failure for $name {
            type Shape = Self;

            fn into_shape(self) -> Self {
                self
            }
        }
    };
}

common_error! {
    /// Something failed inside mesh-local.
    InternalFailure, 500, Server
}
common_error! {
    /// The universe cannot serve: it was reset, restored or deleted under the request, or its disk failed.
    ServiceUnavailable, 503, Server
}

/// A [`Need`] that was not met: the universe is gone, or, by a defect of ours, a transaction's wish for another
/// partition left the transaction. Every operation lists [`InternalFailure`], so every operation takes it with `?`.
impl Failure for Need {
    type Shape = InternalFailure;

    fn into_answer(self) -> ApiError {
        match self {
            Need::Universe => {
                let message =
                    "The universe was reset, restored or deleted while the request was running.".to_owned();
                ServiceUnavailable { message }.into_api_error()
            }
            Need::Storage => {
                let message = "The disk that keeps mesh-local's state has failed: nothing can be changed any more, and \
                               what was not on disk yet is lost. What it printed says how; see to the disk, then \
                               restart mesh-local."
                    .to_owned();
                ServiceUnavailable { message }.into_api_error()
            }
            Need::Partition => {
                ApiError::internal("a transaction's wish for another partition was not granted")
            }
        }
    }
}

/// Declares a failure of a service's domain: its data, the error shape of the model that it is answered as, and AWS's
/// sentence, which names the data.
///
/// ```
/// mesh_wire::failure! {
///     /// A disk burns.
///     DiskOnFire {
///         /// Which.
///         disk: &'static str,
///     } as mesh_wire::InternalFailure,
///     "The disk {disk} is on fire."
/// }
/// assert_eq!(DiskOnFire { disk: "sda" }.to_string(), "The disk sda is on fire.");
/// ```
#[macro_export]
macro_rules! failure {
    ($(#[$doc:meta])* $name:ident as $shape:path, $($sentence:tt)+) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct $name;

        $crate::failure!(@answer $name {} as $shape, $($sentence)+);
    };
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty),+ $(,)? } as $shape:path, $($sentence:tt)+) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type),+
        }

        $crate::failure!(@answer $name { $($field),+ } as $shape, $($sentence)+);
    };
    (@answer $name:ident { $($field:ident),* } as $shape:path, $($sentence:tt)+) => {
        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                let Self { $($field),* } = self;
                write!(f, $($sentence)+)
            }
        }

        impl $crate::Failure for $name {
            type Shape = $shape;
        }
    };
}

/// Declares an operation's error type and the shapes it lists. For the generated models.
#[macro_export]
macro_rules! operation_error {
    ($(#[$doc:meta])* $name:ident lists $($shape:ty),* $(,)?) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name($crate::ApiError);

        $(impl $crate::Lists<$shape> for $name {})*
        impl $crate::Lists<$crate::InternalFailure> for $name {}
        impl $crate::Lists<$crate::ServiceUnavailable> for $name {}

        impl $crate::Answers for $name {
            const ERRORS: &'static [&'static $crate::ErrorMeta] = &[
                $(<$shape as $crate::ErrorShape>::META,)*
                <$crate::InternalFailure as $crate::ErrorShape>::META,
                <$crate::ServiceUnavailable as $crate::ErrorShape>::META,
            ];
        }

        impl<F: $crate::Failure> From<F> for $name
        where
            $name: $crate::Lists<F::Shape>,
        {
            fn from(failure: F) -> Self {
                Self($crate::Failure::into_answer(failure))
            }
        }

        impl From<$name> for $crate::ApiError {
            fn from(error: $name) -> Self {
                error.0
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    operation_error! {
        /// An operation that lists no error of its own.
        ProbeError lists
    }

    #[test]
    fn an_operation_may_always_fail_by_our_own_fault() {
        fn fails() -> Result<(), ProbeError> {
            Err(InternalFailure { message: "broken".to_owned() })?;
            Ok(())
        }
        let error = fails().map_err(ApiError::from).expect_err("it fails");
        assert!(error.is::<InternalFailure>() && !error.is::<ServiceUnavailable>());
        assert_eq!(error.to_string(), "InternalFailure: broken");
        let codes: Vec<_> = ProbeError::ERRORS.iter().map(|meta| meta.code).collect();
        assert_eq!(codes, ["InternalFailure", "ServiceUnavailable"]);
    }

    #[test]
    fn the_cause_of_our_own_trouble_is_kept_for_the_log_and_not_answered() {
        let error = ApiError::internal("the disk is on fire");
        assert!(!error.message().contains("fire"));
        assert_eq!(error.source().map(ToString::to_string).as_deref(), Some("the disk is on fire"));
    }
}
