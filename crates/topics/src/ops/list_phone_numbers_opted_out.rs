//! ListPhoneNumbersOptedOut: lists the numbers that want no messages.
//! <https://docs.aws.amazon.com/sns/latest/api/API_ListPhoneNumbersOptedOut.html>
//! Done: nextToken
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::domain::page;
use crate::state::texting::key;
use mesh_models::sns::{
    ListPhoneNumbersOptedOutError, ListPhoneNumbersOptedOutInput, ListPhoneNumbersOptedOutOutput,
};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: ListPhoneNumbersOptedOutInput,
) -> Result<ListPhoneNumbersOptedOutOutput, ListPhoneNumbersOptedOutError> {
    let ListPhoneNumbersOptedOutInput { next_token } = input;
    let after = page::start(next_token.as_deref())?;
    let all = cx.read(&key(cx), |state, _| state.opted_out.snapshot())?;
    let numbers = all.keys().filter(|number| after.as_deref().is_none_or(|after| number.as_str() > after));
    let (numbers, next_token) = page::usual(numbers, |number| number.to_string());
    let numbers = numbers.into_iter().map(ToString::to_string).collect();
    Ok(ListPhoneNumbersOptedOutOutput { phone_numbers: Some(numbers), next_token })
}
