//! The AWS SDK for Rust against what an example has deployed: `examples/*/test.py` starts mesh-local, deploys, and runs
//! this. What is not as it should be ends it with a panic or an error.

mod orders;

use anyhow::{Context, Result};
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_smithy_http_client::Builder;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    orders::run().await?;
    println!("rust: done");
    Ok(())
}

/// Where mesh-local is: `AWS_ENDPOINT_URL`, as for every other client.
fn endpoint() -> Result<String> {
    variable("AWS_ENDPOINT_URL")
}

fn variable(name: &str) -> Result<String> {
    #[expect(clippy::disallowed_methods, reason = "whoever deploys the example hands its place over so")]
    std::env::var(name).with_context(|| format!("{name} is not set: examples/*/test.py runs this"))
}

fn credentials() -> Credentials {
    Credentials::new("test", "test", None, None, "test")
}

fn dynamodb() -> Result<aws_sdk_dynamodb::Client> {
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(credentials())
        .endpoint_url(endpoint()?)
        .http_client(Builder::new().build_http())
        .build();
    Ok(aws_sdk_dynamodb::Client::from_conf(config))
}

fn lambda() -> Result<aws_sdk_lambda::Client> {
    let config = aws_sdk_lambda::Config::builder()
        .behavior_version(aws_sdk_lambda::config::BehaviorVersion::latest())
        .region(aws_sdk_lambda::config::Region::new("us-east-1"))
        .credentials_provider(credentials())
        .endpoint_url(endpoint()?)
        .http_client(Builder::new().build_http())
        .build();
    Ok(aws_sdk_lambda::Client::from_conf(config))
}
