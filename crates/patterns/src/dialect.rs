//! What each user of the language allows.

/// Whose policy it is: which operators it may use, how exact its numbers are, how large it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// An SNS filter policy with the scope `MessageAttributes`: keys are not nested.
    /// <https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html>
    SnsAttributes,
    /// An SNS filter policy with the scope `MessageBody`.
    SnsBody,
    /// A filter of a Lambda event source mapping.
    /// <https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html>
    Lambda,
    /// An EventBridge rule or pipe.
    /// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html>
    EventBridge,
}

/// What `anything-but` may hold besides values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Negated {
    Prefix,
    Suffix,
    EqualsIgnoreCase,
    Wildcard,
}

impl Dialect {
    /// Numbers are compared in this range, from its negative to it, both included.
    pub(crate) const fn number_limit(self) -> i64 {
        if self.is_sns() { 1_000_000_000 } else { 5_000_000_000 }
    }

    /// ... and to so many digits behind the decimal point.
    pub(crate) const fn number_digits(self) -> u32 {
        if self.is_sns() { 5 } else { 6 }
    }

    /// The largest text of a policy, in bytes.
    pub(crate) const fn max_bytes(self) -> usize {
        match self {
            Self::SnsAttributes | Self::SnsBody => 256 * 1024,
            Self::Lambda | Self::EventBridge => 4096,
        }
    }

    /// How many keys a policy may have at its top.
    pub(crate) const fn max_keys(self) -> Option<usize> {
        if self.is_sns() { Some(5) } else { None }
    }

    /// How many combinations of values a policy may have: of rules, where values are not counted.
    pub(crate) const fn max_combinations(self) -> u64 {
        if self.is_sns() { 150 } else { 1000 }
    }

    /// Whether each value counts as a combination, and the depth of its key with it.
    pub(crate) const fn counts_values(self) -> bool {
        self.is_sns()
    }

    /// A policy without any key, which lets everything pass.
    pub(crate) const fn allows_empty(self) -> bool {
        self.is_sns()
    }

    pub(crate) const fn allows_nesting(self) -> bool {
        !matches!(self, Self::SnsAttributes)
    }

    /// Lambda's list of operators has no wildcard.
    pub(crate) const fn allows_wildcard(self) -> bool {
        !matches!(self, Self::Lambda)
    }

    /// `{"prefix": {"equals-ignore-case": "x"}}`, and the same with a suffix.
    pub(crate) const fn allows_ignored_case_in_affixes(self) -> bool {
        matches!(self, Self::EventBridge)
    }

    /// SNS knows prefixes and wildcards there, and refuses a suffix by name.
    pub(crate) const fn allows_negated(self, operator: Negated) -> bool {
        match self {
            Self::SnsAttributes | Self::SnsBody => matches!(operator, Negated::Prefix | Negated::Wildcard),
            Self::Lambda => !matches!(operator, Negated::Wildcard),
            Self::EventBridge => true,
        }
    }

    /// Whether `anything-but` takes a list of prefixes, suffixes and so on.
    pub(crate) const fn allows_negated_lists(self) -> bool {
        !self.is_sns()
    }

    const fn is_sns(self) -> bool {
        matches!(self, Self::SnsAttributes | Self::SnsBody)
    }
}
