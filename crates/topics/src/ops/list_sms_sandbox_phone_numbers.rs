//! ListSMSSandboxPhoneNumbers: lists the numbers in the sandbox.
//! <https://docs.aws.amazon.com/sns/latest/api/API_ListSMSSandboxPhoneNumbers.html>
//! Done: NextToken MaxResults
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::domain::page;
use crate::limits::PAGE;
use crate::state::texting::key;
use mesh_models::sns::{
    ListSMSSandboxPhoneNumbersError, ListSMSSandboxPhoneNumbersInput, ListSMSSandboxPhoneNumbersOutput,
    SMSSandboxPhoneNumber,
};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: ListSMSSandboxPhoneNumbersInput,
) -> Result<ListSMSSandboxPhoneNumbersOutput, ListSMSSandboxPhoneNumbersError> {
    let ListSMSSandboxPhoneNumbersInput { next_token, max_results } = input;
    let after = page::start(next_token.as_deref())?;
    let size = max_results.and_then(|size| usize::try_from(size).ok()).unwrap_or(PAGE);
    let all = cx.read(&key(cx), |state, _| state.sandbox.snapshot())?;
    let rows = all.iter().filter(|(number, _)| after.as_deref().is_none_or(|after| number.as_str() > after));
    let (rows, next_token) = page::take(rows, size, |(number, _)| number.to_string());
    let numbers = rows.into_iter().map(|(number, row)| SMSSandboxPhoneNumber {
        phone_number: Some(number.to_string()),
        status: Some(row.status().to_owned()),
    });
    Ok(ListSMSSandboxPhoneNumbersOutput { phone_numbers: Some(numbers.collect()), next_token })
}
