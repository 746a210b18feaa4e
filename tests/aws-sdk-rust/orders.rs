//! `examples/a03-serverless-microservice`: the orders service, invoked, called over its HTTP API, and read in its table.

use crate::{dynamodb, lambda, variable};
use anyhow::{Context, Result, bail};
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{InvocationType, State};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Uses what was deployed.
pub(crate) async fn run() -> Result<()> {
    let (function, api) = (variable("ORDERS_FUNCTION")?, variable("ORDERS_API")?);
    let (lambda, dynamodb) = (lambda()?, dynamodb()?);

    let found = lambda.get_function().function_name(&function).send().await?;
    let configuration = found.configuration().context("no configuration")?;
    assert_eq!(configuration.function_name(), Some(&*function));
    assert_eq!(configuration.state(), Some(&State::Active));
    let absent = lambda.get_function().function_name("absent").send().await.expect_err("there is none");
    assert!(absent.into_service_error().is_resource_not_found_exception());

    // the function itself, with an event such as an HTTP API's
    let order = json!({"customer": "rust", "item": "soap"});
    let event =
        json!({"version": "2.0", "requestContext": {"http": {"method": "POST"}}, "body": order.to_string()});
    let invoke = lambda.invoke().function_name(&function).payload(Blob::new(event.to_string()));
    let invoked = invoke.send().await?;
    assert_eq!((invoked.status_code(), invoked.function_error()), (200, None));
    let answer: Value = serde_json::from_slice(invoked.payload().context("no payload")?.as_ref())?;
    assert_eq!(answer["statusCode"], 201);
    let first: Value = serde_json::from_str(answer["body"].as_str().context("no body")?)?;
    let dry = lambda.invoke().function_name(&function).invocation_type(InvocationType::DryRun);
    assert_eq!(dry.send().await?.status_code(), 204);

    // the HTTP API before it
    let (status, second) =
        post(&api, "/orders", &json!({"customer": "rust", "item": "towel", "quantity": 3})).await?;
    assert_eq!(status, 201);

    let id = AttributeValue::S(text(&second, "id")?);
    let got = dynamodb.get_item().table_name("orders").key("id", id).send().await?;
    let item = got.item().context("the order is not in the table")?;
    assert_eq!(item.get("quantity"), Some(&AttributeValue::N("3".to_owned())));
    let query = dynamodb
        .query()
        .table_name("orders")
        .index_name("by-customer")
        .key_condition_expression("customer = :customer")
        .expression_attribute_values(":customer", AttributeValue::S("rust".to_owned()));
    let found = query.send().await?;
    let mut ids: Vec<String> =
        found.items().iter().filter_map(|item| item.get("id")?.as_s().ok().cloned()).collect();
    let mut made = vec![text(&first, "id")?, text(&second, "id")?];
    ids.sort();
    made.sort();
    assert_eq!(ids, made);
    let missing = dynamodb.get_item().table_name("absent").key("id", AttributeValue::S("x".to_owned()));
    let missing = missing.send().await.expect_err("there is no such table");
    assert!(missing.into_service_error().is_resource_not_found_exception());
    Ok(())
}

fn text(order: &Value, name: &str) -> Result<String> {
    order[name].as_str().map(str::to_owned).with_context(|| format!("no {name} in {order}"))
}

/// Posts JSON over plain HTTP: the status, and the JSON that is answered.
async fn post(api: &str, path: &str, body: &Value) -> Result<(u16, Value)> {
    let place = api.strip_prefix("http://").context("the API is not at http://")?;
    let (host, base) = place.find('/').map_or((place, ""), |at| place.split_at(at));
    let port = host.rsplit_once(':').context("the API's address has no port")?.1.parse()?;
    // The API may have a host name of its own; it is of this machine, and not every resolver knows that.
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    let body = body.to_string();
    let head = format!(
        "POST {base}{path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nConnection: close\r\n\
         Content-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all((head + &body).as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let Some((head, body)) = answer.split_once("\r\n\r\n") else { bail!("no answer: {answer}") };
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    Ok((status.context("no status")?, serde_json::from_str(body)?))
}
