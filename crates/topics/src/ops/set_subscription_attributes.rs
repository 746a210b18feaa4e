//! SetSubscriptionAttributes: sets one attribute of a subscription.
//! <https://docs.aws.amazon.com/sns/latest/api/API_SetSubscriptionAttributes.html>
//! Done: SubscriptionArn AttributeName AttributeValue
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::domain::SubscriptionAddress;
use mesh_models::sns::{
    SetSubscriptionAttributesError, SetSubscriptionAttributesInput, SetSubscriptionAttributesOutput,
};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: SetSubscriptionAttributesInput,
) -> Result<SetSubscriptionAttributesOutput, SetSubscriptionAttributesError> {
    let SetSubscriptionAttributesInput { subscription_arn, attribute_name, attribute_value } = input;
    let address = SubscriptionAddress::of_arn(cx, &subscription_arn.unwrap_or_default())?;
    let (name, value) = (attribute_name.unwrap_or_default(), attribute_value.unwrap_or_default());
    cx.write(&address.topic.key, |state, tx| {
        state.set_subscription_attribute::<SetSubscriptionAttributesError>(&address, (&name, &value), tx)
    })?;
    Ok(SetSubscriptionAttributesOutput {})
}
