//! A service that invokes for a resource needs leave from the function's policy.

use crate::rig::{Rig, run, text};
use mesh_models::lambda;
use mesh_router::Context;

const TOPIC: &str = "arn:aws:sns:us-east-1:000000000000:t";
const FUNCTION: &str = "arn:aws:lambda:us-east-1:000000000000:function:f";

/// Whether the function may be invoked: its status, or AWS's sentence.
async fn invoked(cx: &Context, function: &str) -> Result<i32, String> {
    let input = lambda::InvokeInput {
        function_name: text(function),
        invocation_type: text("DryRun"),
        ..Default::default()
    };
    let output = cx.call::<lambda::Invoke>(input).await.map_err(|error| error.to_string())?;
    Ok(output.status_code.unwrap_or_default())
}

async fn permit(rig: &Rig, id: &str, source: &str) {
    let input = lambda::AddPermissionInput {
        function_name: text("f"),
        statement_id: text(id),
        action: text("lambda:InvokeFunction"),
        principal: text("sns.amazonaws.com"),
        source_arn: text(source),
        ..Default::default()
    };
    rig.call::<lambda::AddPermission>(input).await.expect("it is added");
}

fn refused(arn: &str) -> Result<i32, String> {
    Err(format!(
        "AccessDeniedException: User: sns.amazonaws.com is not authorized to perform: lambda:InvokeFunction on \
         resource: {arn} because no resource-based policy allows the lambda:InvokeFunction action"
    ))
}

// the sentence: https://github.com/awslabs/aws-automated-incident-response-and-forensics/issues/13
#[test]
fn a_topic_of_the_same_account_invokes_once_a_statement_lets_it() {
    run(async {
        let rig = Rig::new();
        rig.create("f", "python3.12", "index.handler", &[("index.py", "")]).await;
        let topic = rig.context().as_service_for("sns", TOPIC);
        assert_eq!(invoked(&topic, "f").await, refused(FUNCTION));
        permit(&rig, "other", "arn:aws:sns:us-east-1:000000000000:other").await;
        assert_eq!(invoked(&topic, "f").await, refused(FUNCTION));
        permit(&rig, "t", TOPIC).await;
        assert_eq!(invoked(&topic, "f").await, Ok(204));
        assert_eq!(invoked(&topic, FUNCTION).await, Ok(204));
        // the statement is on the function, not on a version of it
        let latest = format!("{FUNCTION}:$LATEST");
        assert_eq!(invoked(&topic, &latest).await, refused(&latest));
        rig.end().await;
    });
}

#[test]
fn a_client_and_a_service_with_a_role_need_no_statement() {
    run(async {
        let rig = Rig::new();
        rig.create("f", "python3.12", "index.handler", &[("index.py", "")]).await;
        assert_eq!(invoked(&rig.context(), "f").await, Ok(204));
        assert_eq!(invoked(&rig.context().as_service("apigateway"), "f").await, Ok(204));
        rig.end().await;
    });
}
