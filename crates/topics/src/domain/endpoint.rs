//! Where a subscription's messages go.

use super::failure::InvalidParameter;
use mesh_types::Arn;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::fmt;

/// In which form messages are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Protocol {
    /// To a queue of Amazon SQS.
    Sqs,
    /// To a function of AWS Lambda.
    Lambda,
    /// By POST.
    Http,
    /// By POST over TLS.
    Https,
    /// By e-mail, as text.
    Email,
    /// By e-mail, as JSON.
    EmailJson,
    /// To a telephone.
    Sms,
    /// To an app on a device.
    Application,
}

impl Protocol {
    /// As AWS spells it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqs => "sqs",
            Self::Lambda => "lambda",
            Self::Http => "http",
            Self::Https => "https",
            Self::Email => "email",
            Self::EmailJson => "email-json",
            Self::Sms => "sms",
            Self::Application => "application",
        }
    }

    /// Reads a protocol's name.
    ///
    /// # Errors
    /// One that AWS does not have, or that is not served yet.
    pub fn parse(text: &str) -> Result<Self, InvalidParameter> {
        const ALL: [Protocol; 8] = [
            Protocol::Sqs,
            Protocol::Lambda,
            Protocol::Http,
            Protocol::Https,
            Protocol::Email,
            Protocol::EmailJson,
            Protocol::Sms,
            Protocol::Application,
        ];
        let found = ALL.into_iter().find(|protocol| protocol.name() == text);
        found.ok_or_else(|| match text {
            "firehose" => InvalidParameter::of("mesh-local does not serve subscriptions of firehose yet"),
            text => {
                InvalidParameter::of(format_args!("Amazon SNS does not support this protocol string: {text}"))
            }
        })
    }

    /// Whether the endpoint is asked before messages are sent to it.
    pub fn asks(self) -> bool {
        matches!(self, Self::Http | Self::Https | Self::Email | Self::EmailJson)
    }

    /// Whether a message can be sent as it is, without an envelope.
    pub fn can_be_raw(self) -> bool {
        matches!(self, Self::Sqs | Self::Http | Self::Https)
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// An endpoint that its protocol can have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// In which form messages are sent to it.
    pub protocol: Protocol,
    /// Where it is.
    pub text: SmolStr,
}

impl Endpoint {
    /// Checks an endpoint as it was sent.
    ///
    /// # Errors
    /// One that the protocol cannot have; one that a FIFO topic cannot have, or only that.
    pub fn parse(protocol: &str, endpoint: &str, is_fifo: bool) -> Result<Self, InvalidParameter> {
        let protocol = Protocol::parse(protocol)?;
        let resource = |service: &str| Arn::parse(endpoint).ok().filter(|arn| arn.service == service);
        let refused = match protocol {
            Protocol::Sqs if resource("sqs").is_none() => InvalidParameter::of("SQS endpoint ARN"),
            Protocol::Lambda if resource("lambda").is_none() => InvalidParameter::of("Lambda endpoint ARN"),
            Protocol::Application if resource("sns").is_none() => {
                InvalidParameter::of("Application endpoint arn invalid")
            }
            Protocol::Http if !endpoint.starts_with("http://") => {
                InvalidParameter::of("Endpoint must match the specified protocol")
            }
            Protocol::Https if !endpoint.starts_with("https://") => {
                InvalidParameter::of("Endpoint must match the specified protocol")
            }
            Protocol::Http | Protocol::Https if endpoint.parse::<http::Uri>().is_err() => {
                InvalidParameter::of("Unreachable Endpoint")
            }
            Protocol::Email | Protocol::EmailJson if !is_address(endpoint) => {
                InvalidParameter::of("Email address")
            }
            Protocol::Sms if !is_phone_number(endpoint) => {
                InvalidParameter { sentence: format!("Invalid SMS endpoint: {endpoint}") }
            }
            Protocol::Sqs if endpoint.ends_with(".fifo") && !is_fifo => InvalidParameter::because(
                "Invalid parameter: Endpoint",
                "FIFO SQS Queues can not be subscribed to standard topics",
            ),
            _ if is_fifo && protocol != Protocol::Sqs => {
                InvalidParameter::because("Invalid parameter: Endpoint", "Please use FIFO SQS queue")
            }
            protocol => return Ok(Self { protocol, text: SmolStr::new(endpoint) }),
        };
        Err(refused)
    }
}

/// One `@` between a name and a domain that has a dot.
fn is_address(text: &str) -> bool {
    let is_part = |part: &str| !part.is_empty() && !part.contains(|c: char| c == '@' || c.is_whitespace());
    let domain = |part: &str| part.split('.').count() > 1 && part.split('.').all(is_part);
    text.split_once('@').is_some_and(|(name, host)| is_part(name) && domain(host))
}

/// Digits with a plus before them; dots, hyphens and spaces alone may stand between.
/// (recordings/sns.json::test_subscribe_invalid_sms)
pub(super) fn is_phone_number(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or(text);
    let mut last_was_digit = false;
    let is_sound = digits.chars().all(|c| {
        let was_digit = std::mem::replace(&mut last_was_digit, c.is_ascii_digit());
        c.is_ascii_digit() || (was_digit && matches!(c, '-' | '.' | ' '))
    });
    let count = digits.bytes().filter(u8::is_ascii_digit).count();
    is_sound && last_was_digit && (6..=20).contains(&count)
}
