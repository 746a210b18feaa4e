//! The generated models through the codecs they are made for, and what must hold for all of them.

use aws_smithy_cbor::codec::CborCodec;
use aws_smithy_json::codec::{JsonCodec, JsonCodecSettings};
use mesh_attributes::{AttributeValue, Number, ValueFailure};
use mesh_models::dynamodb::GetItemInput;
use mesh_models::lambda::{CreateFunction, CreateFunctionInput, Environment, Invoke, InvokeOutput};
use mesh_models::sqs::{
    self, DeleteMessage, DeleteMessageOutput, MessageAttributeValue, QueueDoesNotExist, ReceiveMessageInput,
    SendMessage, SendMessageError, SendMessageInput,
};
use mesh_models::{OPERATIONS, SERVICES, apigateway, iam, kinesis};
use mesh_wire::schema::ShapeType;
use mesh_wire::schema::codec::{Codec, FinishSerializer};
use mesh_wire::schema::serde::{SerdeError, ShapeSerializer};
use mesh_wire::types::RequestId;
use mesh_wire::{ApiError, Blob, ErrorShape, Map, Operation, OperationMeta, Protocol, Shape};

fn written<C: Codec>(codec: &C, value: &impl Shape) -> Result<Vec<u8>, SerdeError>
where
    C::Serializer: FinishSerializer,
{
    let mut to = codec.create_serializer();
    to.write_struct(value.schema(), value)?;
    Ok(to.finish())
}

fn read<C: Codec, S: Shape>(codec: &C, bytes: &[u8]) -> Result<S, SerdeError> {
    S::read(&mut codec.create_deserializer(bytes))
}

fn json() -> JsonCodec {
    JsonCodec::new(JsonCodecSettings::default())
}

fn all_operations() -> impl Iterator<Item = &'static OperationMeta> {
    OPERATIONS.iter().flat_map(|operations| operations.iter().map(|meta| meta()))
}

fn message() -> SendMessageInput {
    let color = MessageAttributeValue {
        data_type: Some("Binary".to_owned()),
        binary_value: Some(Blob::new(vec![1, 2, 3])),
        ..Default::default()
    };
    SendMessageInput {
        queue_url: Some("http://localhost/q".to_owned()),
        message_body: Some("hello".to_owned()),
        delay_seconds: Some(5),
        message_attributes: Some(Map::from([("color".to_owned(), color)])),
        ..Default::default()
    }
}

#[test]
fn a_message_survives_json() -> Result<(), SerdeError> {
    let bytes = written(&json(), &message())?;
    assert_eq!(
        String::from_utf8_lossy(&bytes),
        r#"{"QueueUrl":"http://localhost/q","MessageBody":"hello","DelaySeconds":5,"MessageAttributes":{"color":{"BinaryValue":"AQID","DataType":"Binary"}}}"#
    );
    assert_eq!(read::<_, SendMessageInput>(&json(), &bytes)?, message());
    Ok(())
}

#[test]
fn a_message_survives_cbor() -> Result<(), SerdeError> {
    let bytes = written(&CborCodec::default(), &message())?;
    assert_eq!(read::<_, SendMessageInput>(&CborCodec::default(), &bytes)?, message());
    Ok(())
}

#[test]
fn an_attribute_value_recurs_through_lists_and_maps() -> Result<(), SerdeError> {
    let text =
        r#"{"Key":{"a":{"L":[{"M":{"deep":{"N":"1"}}},{"SS":["x","y"]},{"NULL":true}]},"b":{"BOOL":false}}}"#;
    let input: GetItemInput = read(&json(), text.as_bytes())?;
    let key = input.key.clone().unwrap_or_default().accept().expect("they are values");
    let Some(AttributeValue::L(list)) = key.get("a") else { panic!("{key:?}") };
    let Some(AttributeValue::M(map)) = list.first() else { panic!("{list:?}") };
    assert_eq!(map.get("deep"), Some(&AttributeValue::N(Number::from(1))));
    assert_eq!(String::from_utf8_lossy(&written(&json(), &input)?), text);
    let cbor = written(&CborCodec::default(), &input)?;
    assert_eq!(read::<_, GetItemInput>(&CborCodec::default(), &cbor)?, input);
    Ok(())
}

#[test]
fn null_members_are_absent_and_unknown_members_are_passed_over() -> Result<(), SerdeError> {
    let text = r#"{"QueueUrl":null,"Unknown":{"a":[1,{"b":null}]},"AttributeNames":["All",null],"WaitTimeSeconds":20}"#;
    let input: ReceiveMessageInput = read(&json(), text.as_bytes())?;
    let wanted = ReceiveMessageInput {
        attribute_names: Some(vec!["All".to_owned()]),
        wait_time_seconds: Some(20),
        ..Default::default()
    };
    assert_eq!(input, wanted);
    Ok(())
}

#[test]
fn a_null_in_a_map_of_structures_is_one_without_members() -> Result<(), SerdeError> {
    let input: GetItemInput = read(&json(), br#"{"Key":{"id":null}}"#)?;
    let refused = input.key.unwrap_or_default().accept();
    assert_eq!(refused, Err(ValueFailure::NoDatatype));
    let input: GetItemInput = read(&json(), br#"{"Key":{"id":{}}}"#)?;
    assert_eq!(input.key.unwrap_or_default().accept(), refused);
    Ok(())
}

#[test]
fn what_the_model_calls_sensitive_is_not_shown() {
    let variables = Map::from([("PASSWORD".to_owned(), "hunter2".to_owned())]);
    let input = CreateFunctionInput {
        function_name: Some("f".to_owned()),
        environment: Some(Environment { variables: Some(variables) }),
        ..Default::default()
    };
    let shown = format!("{input:?}");
    assert!(!shown.contains("hunter2") && shown.contains("[redacted]") && shown.contains("\"f\""), "{shown}");
    assert!(Environment::static_schema().members()[0].sensitive().is_some());
}

#[test]
fn errors_know_their_codes_in_every_protocol() {
    let facts =
        |meta: &'static mesh_wire::ErrorMeta| (meta.code, meta.query_code, meta.namespace, meta.status);
    assert_eq!(
        facts(QueueDoesNotExist::META),
        ("QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue", None, 400)
    );
    assert_eq!(facts(sqs::ReceiptHandleIsInvalid::META).3, 404);
    assert_eq!(
        facts(sqs::MissingRequiredParameterException::META),
        ("MissingRequiredParameterException", "MissingParameter", Some("com.amazon.coral.service"), 400)
    );
    assert_eq!(facts(iam::NoSuchEntityException::META), ("NoSuchEntityException", "NoSuchEntity", None, 404));
}

#[test]
fn a_generated_error_is_its_own_failure() {
    fn fails() -> Result<(), SendMessageError> {
        Err(QueueDoesNotExist { message: "gone".to_owned() })?;
        Ok(())
    }
    let error = fails().map_err(ApiError::from).expect_err("it fails");
    assert!(error.is::<QueueDoesNotExist>() && !error.is::<sqs::OverLimit>());
    assert_eq!((error.message(), error.members().is_some()), ("gone", false));
}

#[test]
fn sqs_keeps_the_names_of_its_former_protocol() {
    let member = |schema: &'static mesh_wire::schema::Schema<'static>, name: &str| {
        let member = schema.member_schema(name).expect("the member is there");
        let xml_name =
            |schema: &mesh_wire::schema::Schema<'_>| schema.xml_name().map(|name| name.value().to_owned());
        (
            member.xml_flattened(),
            xml_name(member),
            member.key().and_then(xml_name),
            member.member().and_then(xml_name),
        )
    };
    let named = |name: &str| Some(name.to_owned());
    let attributes = member(SendMessageInput::static_schema(), "MessageAttributes");
    assert_eq!(attributes, (true, named("MessageAttribute"), named("Name"), named("Value")));
    let names = member(ReceiveMessageInput::static_schema(), "AttributeNames");
    assert_eq!(names, (true, None, None, named("AttributeName")));
    assert_eq!(SendMessage::meta().result_wrapper, Some("SendMessageResult"));
    assert_eq!(sqs::DeleteMessage::meta().result_wrapper, None);
    assert_eq!(sqs::SERVICE.protocols, [Protocol::AwsJson10, Protocol::AwsQuery]);
}

#[test]
fn labels_of_paths_are_named_as_their_members() {
    for operation in all_operations() {
        let labels = operation.http.path.split('{').skip(1).filter_map(|rest| rest.split(['}', '+']).next());
        for label in labels {
            let member = operation.input.member_schema(label);
            assert!(
                member.is_some_and(|member| member.http_label().is_some()),
                "{}: {label}",
                operation.name
            );
        }
    }
    let integration = apigateway::PutIntegration::meta();
    assert_eq!(
        integration.http.path,
        "/restapis/{restApiId}/resources/{resourceId}/methods/{httpMethod}/integration"
    );
    assert_eq!((integration.http.method, integration.http.success), ("PUT", 201));
}

#[test]
fn http_bindings_reach_the_schemas() {
    let (input, output) = (Invoke::meta().input, Invoke::meta().output);
    let header = |name: &str| {
        let member = input.member_schema(name).or_else(|| output.member_schema(name));
        member.and_then(|member| member.http_header()).map(|header| header.value())
    };
    assert_eq!(header("LogType"), Some("X-Amz-Log-Type"));
    assert_eq!(header("FunctionError"), Some("X-Amz-Function-Error"));
    assert!(input.member_schema("Payload").is_some_and(|member| member.http_payload().is_some()));
    assert!(output.member_schema("StatusCode").is_some_and(|member| member.http_response_code().is_some()));
    assert_eq!(CreateFunction::meta().http.path, "/2015-03-31/functions");
}

#[test]
fn every_member_stands_at_its_index_and_every_rule_beside_its_member() {
    for operation in all_operations() {
        for schema in [operation.input, operation.output] {
            assert_eq!(schema.shape_type(), ShapeType::Structure, "{}", operation.name);
            for (index, member) in schema.members().iter().enumerate() {
                assert_eq!(member.member_index(), Some(index), "{}", member.shape_id());
                let contains = member.is_list() || member.is_map();
                assert_eq!(member.member().is_some(), contains, "{}", member.shape_id());
            }
        }
        let (rules, members) = (operation.rules.members.len(), operation.input.members().len());
        assert!(rules == 0 || rules == members, "{}: {rules} rules for {members} members", operation.name);
    }
}

#[test]
fn services_routes_and_operations_are_sorted_and_unique() {
    assert!(SERVICES.iter().map(|service| service.name).is_sorted_by(|a, b| a < b));
    assert_eq!(SERVICES.len(), OPERATIONS.len());
    for (service, operations) in SERVICES.iter().zip(OPERATIONS) {
        let routes: Vec<_> = service.routes.iter().map(|route| route.name).collect();
        assert!(routes.is_sorted_by(|a, b| a < b), "{}", service.name);
        let names: Vec<_> = operations.iter().map(|meta| meta().name).collect();
        assert!(names.is_sorted_by(|a, b| a < b), "{}", service.name);
        for meta in operations.iter().map(|meta| meta()) {
            assert!(std::ptr::eq(meta.service, *service), "{}", meta.name);
            let route = service.routes.iter().find(|route| route.name == meta.name);
            let found = route.map(|route| (route.method, route.path));
            assert_eq!(found, Some((meta.http.method, meta.http.path)), "{}", meta.name);
        }
    }
}

#[test]
fn a_service_without_operations_still_knows_their_names() {
    assert!(kinesis::OPERATIONS.is_empty());
    assert!(kinesis::SERVICE.routes.iter().any(|route| route.name == "PutRecord"));
}

fn answer<O: Operation>(protocol: Protocol, output: &O::Output) -> (String, Option<String>) {
    let answer = mesh_wire::protocol::encode::<O>(protocol, output, RequestId::from_random(0));
    let content_type = answer.headers().get("content-type").and_then(|value| value.to_str().ok());
    (String::from_utf8_lossy(answer.body()).into_owned(), content_type.map(ToOwned::to_owned))
}

#[test]
fn what_has_no_output_has_no_body() {
    let output = DeleteMessageOutput::default();
    let of = |protocol| answer::<DeleteMessage>(protocol, &output);
    assert_eq!(of(Protocol::RpcV2Cbor), (String::new(), None));
    assert_eq!(of(Protocol::AwsJson10), (String::new(), Some("application/x-amz-json-1.0".to_owned())));
    assert!(of(Protocol::AwsQuery).0.contains("/\"><ResponseMetadata>"), "no result is wrapped");
    let deleted = answer::<apigateway::DeleteRestApi>(Protocol::RestJson1, &Default::default());
    assert_eq!(deleted, (String::new(), None));
    // an output that lacks its members is an output
    let (received, content_type) = answer::<sqs::ReceiveMessage>(Protocol::RpcV2Cbor, &Default::default());
    assert!(!received.is_empty() && content_type.as_deref() == Some("application/cbor"));
}

#[test]
fn what_a_function_returns_is_answered_as_json() {
    let output = InvokeOutput { payload: Some(Blob::new("null")), ..InvokeOutput::default() };
    let wanted = ("null".to_owned(), Some("application/json".to_owned()));
    assert_eq!(answer::<Invoke>(Protocol::RestJson1, &output), wanted);
}
