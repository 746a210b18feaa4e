//! Who is told how the work on an event ended: the function's dead-letter target, and its destinations.
//! <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html>

use super::LATEST;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mesh_store::{Delivery, Retry, Target};
use mesh_types::{AccountId, Arn, Region, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};
use smol_str::SmolStr;
use std::time::Duration;

/// How often it is tried to tell somebody: ours, AWS does not say.
const RETRY: Retry =
    Retry { attempts: 3, first_pause: Duration::from_secs(1), longest_pause: Duration::from_secs(2) };

/// Bytes of an error that a dead letter tells.
const ERROR: usize = 1_024;

/// The services that can be told.
const SERVED: [&str; 3] = ["sqs", "sns", "lambda"];

/// An event that nobody works on any more.
#[derive(Debug, Clone, Copy)]
pub struct Ended<'a> {
    /// The function's ARN, without a qualifier.
    pub function: &'a str,
    /// The id of the request that brought the event.
    pub request: &'a str,
    /// The event.
    pub event: &'a [u8],
    /// How it ended.
    pub end: End,
    /// Attempts in all.
    pub attempts: u32,
    /// What the function answered last, where it did.
    pub answer: Option<&'a [u8]>,
    /// When.
    pub at: Timestamp,
}

/// How the work on an event ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The function is done with it.
    Success,
    /// It has failed as often as it may.
    RetriesExhausted,
    /// It is older than it may be.
    EventAgeExceeded,
}

impl End {
    const fn condition(self) -> &'static str {
        match self {
            Self::Success => "Success",
            Self::RetriesExhausted => "RetriesExhausted",
            Self::EventAgeExceeded => "EventAgeExceeded",
        }
    }
}

/// What a destination is told, its members in AWS's order.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    version: &'static str,
    timestamp: String,
    request_context: RequestContext<'a>,
    request_payload: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_context: Option<ResponseContext>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_payload: Option<Value>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext<'a> {
    request_id: &'a str,
    function_arn: String,
    condition: &'static str,
    approximate_invoke_count: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResponseContext {
    status_code: u16,
    executed_version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    function_error: Option<&'static str>,
}

impl Ended<'_> {
    /// What a destination is told.
    fn record(&self) -> String {
        let has_failed = self.end != End::Success;
        let read = |json: &[u8]| serde_json::from_slice(json).unwrap_or(Value::Null);
        let record = Record {
            version: "1.0",
            // as Lambda prints it elsewhere, but for the zone
            timestamp: crate::date::print(self.at).replace("+0000", "Z"),
            request_context: RequestContext {
                request_id: self.request,
                function_arn: format!("{}:{LATEST}", self.function),
                condition: self.end.condition(),
                approximate_invoke_count: self.attempts,
            },
            request_payload: read(self.event),
            response_context: self.answer.map(|_| ResponseContext {
                status_code: 200,
                executed_version: LATEST,
                function_error: has_failed.then_some("Unhandled"),
            }),
            response_payload: self.answer.map(read),
        };
        serde_json::to_string(&record).unwrap_or_default()
    }

    /// Tells a destination.
    pub fn tell(&self, destination: &str) -> Option<Delivery> {
        delivery(destination, &self.record(), &json!({}))
    }

    /// Sends the event to the dead-letter target, with what went wrong as attributes.
    pub fn bury(&self, target: &str) -> Option<Delivery> {
        let error = self.answer.and_then(|answer| serde_json::from_slice::<Value>(answer).ok());
        let error = error.as_ref().and_then(|error| error["errorMessage"].as_str()).unwrap_or_default();
        let end = (0..=ERROR.min(error.len())).rev().find(|at| error.is_char_boundary(*at)).unwrap_or(0);
        let mut attributes = json!({
            "RequestID": { "DataType": "String", "StringValue": self.request },
            "ErrorCode": { "DataType": "Number", "StringValue": "200" },
        });
        if end > 0 {
            // an attribute has a value
            attributes["ErrorMessage"] = json!({ "DataType": "String", "StringValue": &error[..end] });
        }
        delivery(target, &String::from_utf8_lossy(self.event), &attributes)
    }
}

/// Whether something of this ARN can be told.
pub fn is_served(arn: &str) -> bool {
    Arn::parse(arn).is_ok_and(|arn| SERVED.contains(&arn.service.as_str()))
}

/// What brings a text to a queue, a topic or a function.
fn delivery(arn: &str, body: &str, attributes: &Value) -> Option<Delivery> {
    let to = Arn::parse(arn).ok()?;
    let (account, region) = (AccountId::parse(&to.account).ok()?, Region::parse(&to.region).ok()?);
    let (service, operation, input) = match to.service.as_str() {
        "sqs" => {
            let url = format!("https://sqs.{region}.amazonaws.com/{account}/{}", to.resource);
            let input = json!({ "QueueUrl": url, "MessageBody": body, "MessageAttributes": attributes });
            ("sqs", "SendMessage", input)
        }
        "sns" => {
            ("sns", "Publish", json!({ "TopicArn": arn, "Message": body, "MessageAttributes": attributes }))
        }
        "lambda" => {
            let payload = STANDARD.encode(body);
            let input = json!({ "FunctionName": arn, "InvocationType": "Event", "Payload": payload });
            ("lambda", "Invoke", input)
        }
        _ => return None,
    };
    Some(Delivery {
        to: Target::Operation {
            service: SmolStr::new_static(service),
            operation: SmolStr::new_static(operation),
            account,
            region,
            caller: SmolStr::new_static("lambda"),
        },
        payload: input.to_string().into_bytes().into(),
        retry: RETRY,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    // recordings/lambda.json::TestLambdaDestinationSqs::test_retries
    #[test]
    fn a_destination_is_told_as_aws_tells_it() {
        let ended = Ended {
            function: "arn:aws:lambda:us-east-1:111111111111:function:f",
            request: "id",
            event: br#"{"message":"m"}"#,
            end: End::RetriesExhausted,
            attempts: 3,
            answer: Some(br#"{"errorMessage":"no"}"#),
            at: Timestamp::from_millis(1_500),
        };
        let expected = r#"{"version":"1.0","timestamp":"1970-01-01T00:00:01.500Z","requestContext":{"requestId":"id","functionArn":"arn:aws:lambda:us-east-1:111111111111:function:f:$LATEST","condition":"RetriesExhausted","approximateInvokeCount":3},"requestPayload":{"message":"m"},"responseContext":{"statusCode":200,"executedVersion":"$LATEST","functionError":"Unhandled"},"responsePayload":{"errorMessage":"no"}}"#;
        assert_eq!(ended.record(), expected);
        let delivery = ended.bury("arn:aws:sqs:eu-west-1:111111111111:q").expect("a delivery");
        let input: Value = serde_json::from_slice(&delivery.payload).expect("JSON");
        assert_eq!(input["MessageBody"], r#"{"message":"m"}"#);
        assert_eq!(input["MessageAttributes"]["ErrorMessage"]["StringValue"], "no");
        assert!(ended.tell("arn:aws:s3:::bucket").is_none());
        assert!(!is_served("arn:aws:s3:::bucket") && is_served("arn:aws:sns:us-east-1:111111111111:t"));
    }
}
