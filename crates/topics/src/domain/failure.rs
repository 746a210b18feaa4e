//! One struct for each way to fail, whose `Display` is AWS's sentence.

use mesh_models::sns;
use mesh_wire::failure;

failure! {
    /// There is no such topic.
    NoSuchTopic as sns::NotFoundException,
    "Topic does not exist"
}
failure! {
    /// There is no such subscription.
    NoSuchSubscription as sns::NotFoundException,
    "Subscription does not exist"
}
failure! {
    /// There is no such platform application.
    NoSuchApplication as sns::NotFoundException,
    "PlatformApplication does not exist"
}
failure! {
    /// There is no such endpoint of a platform application.
    NoSuchEndpoint as sns::NotFoundException,
    "Endpoint does not exist"
}
failure! {
    /// Nothing is sent to this endpoint.
    EndpointIsDisabled as sns::EndpointDisabledException,
    "Endpoint is disabled"
}
failure! {
    /// There is no such number in the sandbox.
    NoSuchNumber as sns::ResourceNotFoundException,
    "The destination phone number isn't in the SMS sandbox"
}
failure! {
    /// Who has the number wants no messages.
    HasOptedOut as sns::OptedOutException,
    "The phone number has opted out of receiving messages"
}
failure! {
    /// What was sent to a number is not what was sent back.
    WrongPassword as sns::VerificationException,
    "The one-time password is invalid"
}
failure! {
    /// There is no such resource to have tags.
    NoSuchResource as sns::ResourceNotFoundException,
    "Resource does not exist"
}
failure! {
    /// A topic that keeps its messages is not deleted.
    HasArchive as sns::InvalidStateException,
    "Topic cannot be deleted while it has an active ArchivePolicy: deactivate the archive first"
}
failure! {
    /// Only a signed request may do this.
    NotSigned as sns::AuthorizationErrorException,
    "This subscription was confirmed with AuthenticateOnUnsubscribe: only a signed request ends it."
}
failure! {
    /// A parameter is wrong.
    InvalidParameter {
        /// AWS's sentence.
        sentence: String,
    } as sns::InvalidParameterException,
    "{sentence}"
}
failure! {
    /// A message attribute is wrong.
    InvalidAttribute {
        /// AWS's sentence.
        sentence: String,
    } as sns::InvalidParameterValueException,
    "{sentence}"
}
failure! {
    /// A topic would have too many tags.
    TooManyTags as sns::TagLimitExceededException,
    "Could not complete request: tag quota of per resource exceeded"
}
failure! {
    /// A batch has no entries.
    EmptyBatch as sns::EmptyBatchRequestException,
    "The batch request doesn't contain any entries."
}
failure! {
    /// A batch has more entries than it can have.
    TooManyEntries as sns::TooManyEntriesInBatchRequestException,
    "The batch request contains more entries than permissible."
}
failure! {
    /// The id of an entry is none.
    InvalidEntryId as sns::InvalidBatchEntryIdException,
    "The Id of a batch entry in the batch request doesn't abide by the specification."
}
failure! {
    /// Two entries have the same id.
    RepeatedEntryId as sns::BatchEntryIdsNotDistinctException,
    "Two or more batch entries in the request have the same Id."
}
failure! {
    /// The messages of a batch are too large together.
    BatchTooLong as sns::BatchRequestTooLongException,
    "The length of all the batch messages put together is more than the limit."
}

impl InvalidParameter {
    /// A parameter is wrong in a way that AWS does not explain.
    pub fn of(parameter: impl std::fmt::Display) -> Self {
        Self { sentence: format!("Invalid parameter: {parameter}") }
    }

    /// A parameter is wrong for a reason.
    pub fn because(parameter: impl std::fmt::Display, reason: impl std::fmt::Display) -> Self {
        Self { sentence: format!("Invalid parameter: {parameter} Reason: {reason}") }
    }
}
