//! ListOriginationNumbers: lists the numbers from which the account sends.
//! <https://docs.aws.amazon.com/sns/latest/api/API_ListOriginationNumbers.html>
//! Done: NextToken MaxResults
//! Stored: -
//! Refused: -
//! Deviates: there are none: numbers are had with AWS End User Messaging

use crate::domain::page;
use mesh_models::sns::{
    ListOriginationNumbersError, ListOriginationNumbersInput, ListOriginationNumbersOutput,
};
use mesh_router::Context;

pub(crate) async fn run(
    _: &Context,
    input: ListOriginationNumbersInput,
) -> Result<ListOriginationNumbersOutput, ListOriginationNumbersError> {
    let ListOriginationNumbersInput { next_token, max_results: _ } = input;
    page::start(next_token.as_deref())?;
    Ok(ListOriginationNumbersOutput { next_token: None, phone_numbers: Some(Vec::new()) })
}
