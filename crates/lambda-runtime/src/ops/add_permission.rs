//! AddPermission: adds a statement to a function's policy.
//! <https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html>
//! Done: FunctionName StatementId Action Principal SourceArn FunctionUrlAuthType InvokedViaFunctionUrl SourceAccount EventSourceToken Qualifier RevisionId PrincipalOrgID
//! Stored: -
//! Refused: -
//! Deviates: the policy decides about services that invoke for a resource; what clients may do is not looked up in it

use crate::domain::failure::{InvalidParameter, NoSuchAlias};
use crate::domain::{FunctionAddress, Grant, LATEST, Statement};
use mesh_models::lambda::{AddPermissionError, AddPermissionInput, AddPermissionOutput};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: AddPermissionInput,
) -> Result<AddPermissionOutput, AddPermissionError> {
    let AddPermissionInput {
        function_name,
        statement_id,
        action,
        principal,
        source_arn,
        function_url_auth_type,
        invoked_via_function_url,
        source_account,
        event_source_token,
        qualifier,
        revision_id,
        principal_org_id,
    } = input;
    let function =
        FunctionAddress::parse::<AddPermissionError>(cx, &function_name.unwrap_or_default(), qualifier)?;
    if function.qualifier.as_deref() == Some(LATEST) {
        let sentence = "We currently do not support adding policies for $LATEST.".to_owned();
        return Err(InvalidParameter { sentence }.into());
    }
    let grant = Grant {
        id: statement_id.unwrap_or_default(),
        action: action.unwrap_or_default(),
        principal: principal.unwrap_or_default(),
        source_arn,
        source_account,
        event_source_token,
        organisation: principal_org_id,
        url_auth_type: function_url_auth_type,
        via_url: invoked_via_function_url,
    };
    if !cx.read(&function.key, |state, _| state.exists())? {
        return Err(function.missing().into());
    }
    if function.names_alias() {
        return Err(NoSuchAlias { arn: function.qualified_arn() }.into());
    }
    function.latest()?;
    let statement = Statement::new(grant, &function.arn())?;
    cx.write(&function.key, |state, tx| {
        if !state.exists() {
            return Err(AddPermissionError::from(function.missing()));
        }
        state.permit(&statement, revision_id.as_deref(), tx)
    })?;
    Ok(AddPermissionOutput { statement: Some(statement.json.to_string()) })
}
