//! What a model demands of an input's members: presence, length, range, pattern, enumeration.

/// The rules of a structure, one for each member, in the order of its schema's members.
#[derive(Debug)]
pub struct Rules {
    /// One rule a member.
    pub members: &'static [MemberRule],
}

/// The rule of one member.
#[derive(Debug)]
pub struct MemberRule {
    /// Whether the member must be sent.
    pub required: bool,
    /// What its value must satisfy.
    pub value: Rule,
}

/// What a value must satisfy.
#[derive(Debug)]
pub enum Rule {
    /// Anything.
    Free,
    /// A string: length in characters, pattern, and the values of an enumeration.
    Text {
        /// Length in Unicode scalar values.
        length: Bounds,
        /// The model's regular expression, unanchored as it stands there.
        pattern: Option<&'static str>,
        /// The values of an enumeration; empty where the string is none.
        one_of: &'static [&'static str],
    },
    /// A blob, its length in bytes.
    Blob(Bounds),
    /// A number.
    Number(Bounds),
    /// A list: its length, and the rule of its elements.
    List(Bounds, &'static Rule),
    /// A map: its size, and the rules of its keys and values.
    Map(Bounds, &'static Rule, &'static Rule),
    /// A structure.
    Struct(&'static Rules),
}

/// An inclusive interval, open where a bound is absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// The least value.
    pub min: Option<i64>,
    /// The greatest value.
    pub max: Option<i64>,
}

impl Bounds {
    /// No bound at all.
    pub const NONE: Self = Self { min: None, max: None };
}

/// How a service words a broken rule, and as which error it answers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConstraintStyle {
    /// `1 validation error detected: Value null at 'tableName' failed to satisfy constraint: Member must not be
    /// null`, as `ValidationException`: DynamoDB, Lambda and most JSON services.
    Coral,
    /// The same list of errors as [`ConstraintStyle::Coral`], as `InvalidParameterException`: CloudWatch Logs.
    CoralParameter,
    /// `The request must contain the parameter QueueUrl.` as `MissingParameter`, presence only; values are checked
    /// by the service itself: SQS.
    Presence,
    /// The same list of errors as [`ConstraintStyle::Coral`], as `ValidationError`, in awsQuery: IAM, STS, SNS.
    CoralQuery,
    /// As [`ConstraintStyle::Coral`], the path led by the operation's input: `putIntegrationInput.type`: API Gateway.
    Gateway,
}
