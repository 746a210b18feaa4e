//! Names and addresses of topics and of their subscriptions.

use super::failure::InvalidParameter;
use crate::limits::TOPIC_NAME_LENGTH;
use crate::state::topic::TopicState;
use mesh_router::{Caller, Context};
use mesh_store::Key;
use mesh_types::{AccountId, Arn, Region, RequestId};
use smol_str::SmolStr;

/// What the name of a FIFO topic ends with.
const FIFO: &str = ".fifo";

/// The parts of an ARN.
const PARTS: usize = 6;

/// The name of a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicName(SmolStr);

impl TopicName {
    /// A name for a new topic.
    ///
    /// # Errors
    /// A name that no topic of its kind can have.
    pub fn parse(text: &str, is_fifo: bool) -> Result<Self, InvalidParameter> {
        let is_name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        let stem = if is_fifo { text.strip_suffix(FIFO) } else { Some(text) };
        let fits = |stem: &str| {
            TOPIC_NAME_LENGTH.contains(&text.len()) && !stem.is_empty() && stem.bytes().all(is_name)
        };
        if stem.is_some_and(fits) {
            return Ok(Self(SmolStr::new(text)));
        }
        let sentence = match is_fifo {
            true => {
                "Fifo Topic names must end with .fifo and must be made up of only uppercase and lowercase ASCII letters, \
                 numbers, underscores, and hyphens, and must be between 1 and 256 characters long."
            }
            false => "Topic Name",
        };
        Err(InvalidParameter::of(sentence))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Where a topic is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicAddress {
    /// Its partition.
    pub key: Key<TopicState>,
}

impl TopicAddress {
    /// The topic of this name in the caller's account and Region.
    pub fn of_name(cx: &Context, name: &TopicName) -> Self {
        Self { key: cx.key(name.0.clone()) }
    }

    /// The topic that an ARN names. `parameter` is the parameter that has it.
    ///
    /// # Errors
    /// A text that is no ARN of a topic in the caller's Region.
    pub fn of_arn(cx: &Context, parameter: &str, text: &str) -> Result<Self, InvalidParameter> {
        let (account, region, resource) = resource(cx, parameter, text)?;
        if resource.is_empty() || resource.contains([':', '/']) {
            return Err(InvalidParameter::of(parameter));
        }
        Ok(Self { key: Key::new(account, region, resource) })
    }

    /// Its ARN.
    pub fn arn(&self) -> Arn {
        Arn::new("sns", self.key.region(), self.key.account(), self.key.name().as_str())
    }

    /// Whether it is a FIFO topic: its name says so.
    pub fn is_fifo(&self) -> bool {
        self.key.name().ends_with(FIFO)
    }

    /// The ARN of its subscription with this id.
    pub fn subscription_arn(&self, id: u128) -> String {
        format!("{}:{}", self.arn(), RequestId::from_random(id).encode(&mut [0; 36]))
    }
}

/// Where a subscription is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionAddress {
    /// Its topic.
    pub topic: TopicAddress,
    /// The bits of its id.
    pub id: u128,
}

impl SubscriptionAddress {
    /// The subscription that an ARN names.
    ///
    /// # Errors
    /// A text that is no ARN of a subscription in the caller's Region.
    pub fn of_arn(cx: &Context, text: &str) -> Result<Self, InvalidParameter> {
        const PARAMETER: &str = "SubscriptionArn";
        let (account, region, resource) = resource(cx, PARAMETER, text)?;
        let wrong = || InvalidParameter::because(PARAMETER, "An ARN must have at least 7 elements, not 6");
        let (topic, id) = resource.split_once(':').ok_or_else(wrong)?;
        let bits = bits(id).filter(|_| !topic.is_empty());
        let id = bits.ok_or_else(|| InvalidParameter::because(PARAMETER, "SubscriptionId is not valid"))?;
        Ok(Self { topic: TopicAddress { key: Key::new(account, region, topic) }, id })
    }
}

/// Account, Region and resource in an ARN of this service in the caller's Region.
pub(super) fn resource<'a>(
    cx: &Context,
    parameter: &str,
    text: &'a str,
) -> Result<(AccountId, Region, &'a str), InvalidParameter> {
    let parts: Vec<&str> = text.splitn(PARTS, ':').collect();
    let [arn, _, service, region, account, resource] = parts[..] else {
        let reason = format!("An ARN must have at least {PARTS} elements, not {}", parts.len());
        return Err(InvalidParameter::because(parameter, reason));
    };
    if arn != "arn" || service != "sns" {
        return Err(InvalidParameter::of(parameter));
    }
    // Who does not sign says no Region but in the ARN.
    let region = match Region::parse(region) {
        Ok(named) if named == *cx.region() || *cx.caller() == Caller::Anonymous => named,
        _ => return Err(InvalidParameter::of(parameter)),
    };
    // Tools that build an ARN without asking for the account leave it empty.
    let account = if account.is_empty() { Ok(cx.account()) } else { AccountId::parse(account) };
    Ok((account.map_err(|_| InvalidParameter::of(parameter))?, region, resource))
}

/// The bits of a UUID.
fn bits(text: &str) -> Option<u128> {
    let is_uuid = text.len() == 36
        && text.bytes().enumerate().all(|(at, b)| match at {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        });
    is_uuid.then(|| u128::from_str_radix(&text.replace('-', ""), 16).ok()).flatten()
}
