//! One struct for each way to fail, whose `Display` is AWS's sentence.

use mesh_models::{iam, sts};
use mesh_wire::failure;

failure! {
    /// There is no such role.
    NoSuchRole {
        /// Its name.
        name: String,
    } as iam::NoSuchEntityException,
    "The role with name {name} cannot be found."
}
failure! {
    /// There is a role of this name.
    RoleExists {
        /// Its name.
        name: String,
    } as iam::EntityAlreadyExistsException,
    "Role with name {name} already exists."
}
failure! {
    /// The role has no such inline policy.
    NoSuchRolePolicy {
        /// The policy's name.
        name: String,
    } as iam::NoSuchEntityException,
    "The role policy with name {name} cannot be found."
}
failure! {
    /// There is no such managed policy.
    NoSuchPolicy {
        /// Its ARN.
        arn: String,
    } as iam::NoSuchEntityException,
    "Policy {arn} does not exist or is not attachable."
}
failure! {
    /// There is no such policy to bound permissions by.
    NoSuchBoundary {
        /// Its ARN.
        arn: String,
    } as iam::NoSuchEntityException,
    "Scope ARN: {arn} does not exist or is not attachable."
}
failure! {
    /// The managed policy is not attached.
    NotAttached {
        /// Its ARN.
        arn: String,
    } as iam::NoSuchEntityException,
    "Policy {arn} was not found."
}
failure! {
    /// Managed policies are attached to the role still.
    StillAttached as iam::DeleteConflictException,
    "Cannot delete entity, must detach all policies first."
}
failure! {
    /// The role has inline policies still.
    StillHasPolicies as iam::DeleteConflictException,
    "Cannot delete entity, must delete policies first."
}
failure! {
    /// A quota with a name is used up.
    QuotaExceeded {
        /// Its name.
        quota: &'static str,
        /// The number.
        limit: usize,
    } as iam::LimitExceededException,
    "Cannot exceed quota for {quota}: {limit}"
}
failure! {
    /// A role's inline policies are too long together.
    PoliciesTooLong {
        /// The role.
        role: String,
        /// How long they may be.
        limit: usize,
    } as iam::LimitExceededException,
    "Maximum policy size of {limit} bytes exceeded for role {role}"
}
failure! {
    /// A policy document is not well formed.
    MalformedPolicy {
        /// AWS's sentence.
        sentence: String,
    } as iam::MalformedPolicyDocumentException,
    "{sentence}"
}
failure! {
    /// Two tags have the same key.
    DuplicateTag as iam::InvalidInputException,
    "Duplicate tag keys found. Please note that Tag keys are case insensitive."
}
failure! {
    /// A policy's ARN is none.
    UnparsableArn as iam::ValidationError,
    "Invalid ARN:  Could not be parsed!"
}
failure! {
    /// An ARN is not a policy's.
    InvalidPolicyArn {
        /// What was sent.
        arn: String,
    } as iam::ValidationError,
    "ARN {arn} is not valid."
}
failure! {
    /// A marker is none that an answer had.
    InvalidMarker as iam::ValidationError,
    "Invalid Marker."
}

failure! {
    /// What was sent as a role's ARN is no ARN.
    InvalidRoleArn {
        /// What was sent.
        arn: String,
    } as sts::ValidationError,
    "{arn} is invalid"
}
failure! {
    /// The caller may not assume the role, or there is none.
    MayNotAssume {
        /// The caller's ARN.
        caller: String,
        /// The role's.
        role: String,
    } as sts::AccessDenied,
    "User: {caller} is not authorized to perform: sts:AssumeRole on resource: {role}"
}
failure! {
    /// A session is asked for that is longer than the role allows.
    LongerThanRole as sts::ValidationError,
    "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
}
failure! {
    /// A chained session is asked for that is longer than AWS allows.
    LongerThanChain as sts::ValidationError,
    "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."
}
failure! {
    /// Temporary credentials do not serve to get others.
    NotWithSession as sts::AccessDenied,
    "Cannot call GetSessionToken with session credentials"
}
failure! {
    /// There are no multi-factor devices.
    NoSuchDevice as sts::AccessDenied,
    "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and \
     associated with this user."
}
failure! {
    /// Who assumes roles may not call himself otherwise along the chain.
    OtherSourceIdentity {
        /// The caller's ARN.
        caller: String,
        /// The role's.
        role: String,
    } as sts::AccessDenied,
    "User: {caller} is not authorized to perform: sts:SetSourceIdentity on resource: {role}"
}
failure! {
    /// A session policy is not well formed.
    MalformedSessionPolicy {
        /// AWS's sentence.
        sentence: String,
    } as sts::MalformedPolicyDocumentException,
    "{sentence}"
}
failure! {
    /// Too much was packed into a session.
    PackedTooLarge {
        /// How much of the space it would take.
        percent: usize,
    } as sts::PackedPolicyTooLargeException,
    "Packed policy consumes {percent}% of allotted space, please use smaller policy."
}
failure! {
    /// Too many managed session policies.
    TooManyPolicyArns {
        /// How many there may be.
        limit: usize,
    } as sts::ValidationError,
    "1 validation error detected: Value at 'policyArns' failed to satisfy constraint: Member must have length less than \
     or equal to {limit}"
}
failure! {
    /// Two session tags have the same key.
    DuplicateSessionTag as sts::ValidationError,
    "Duplicate tag keys found. Please note that Tag keys are case insensitive."
}
failure! {
    /// The access key id is none that was issued here.
    InvalidToken as sts::InvalidClientTokenId,
    "The security token included in the request is invalid"
}
failure! {
    /// The credentials have ended.
    ExpiredToken as sts::ExpiredToken,
    "The security token included in the request is expired"
}
failure! {
    /// mesh-local does not serve this.
    NotServed {
        /// What.
        what: &'static str,
    } as sts::ValidationError,
    "mesh-local does not serve {what}."
}
