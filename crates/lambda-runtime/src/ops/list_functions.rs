//! ListFunctions: lists the functions of the account in the Region, by name.
//! <https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html>
//! Done: FunctionVersion Marker MaxItems
//! Stored: -
//! Refused: MasterRegion
//! Deviates: -

use crate::domain::failure::InvalidParameter;
use crate::domain::{FunctionAddress, LATEST};
use crate::limits::LIST_PAGE;
use crate::shapes::{Described, refuse};
use crate::state::directory;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mesh_models::lambda::{
    FunctionConfiguration, ListFunctionsError, ListFunctionsInput, ListFunctionsOutput,
};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: ListFunctionsInput,
) -> Result<ListFunctionsOutput, ListFunctionsError> {
    let ListFunctionsInput { master_region, function_version, marker, max_items } = input;
    refuse(master_region.as_ref(), "MasterRegion yet")?;
    // the model lets ALL alone pass: then the ARN names the version
    let shows_version = function_version.is_some();
    let after = marker.as_deref().map(read_marker).transpose()?;
    let limit = max_items.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(LIST_PAGE).min(LIST_PAGE);
    // the whole list is shared, not copied, and walked outside the lock
    let place = directory::key_of(cx.account(), cx.region());
    let functions = cx.read(&place, |directory, _| directory.functions.snapshot())?;
    let mut names =
        functions.keys().filter(|name| after.as_deref().is_none_or(|after| name.as_str() > after));
    let mut page: Vec<FunctionConfiguration> = Vec::new();
    let mut last = None;
    for name in names.by_ref().take(limit) {
        last = Some(name);
        let function = FunctionAddress { key: cx.key(name.clone()), qualifier: None };
        // one that was deleted since is left out
        if let Some(settings) = cx.read(&function.key, |state, _| state.settings.get_shared())? {
            let arn = if shows_version { format!("{}:{LATEST}", function.arn()) } else { function.arn() };
            let mut shown = FunctionConfiguration::from(Described { name, arn, settings: &settings });
            // a list does not tell how far a function is
            (shown.state, shown.last_update_status) = (None, None);
            page.push(shown);
        }
    }
    let is_cut = names.next().is_some();
    let next_marker = last.filter(|_| is_cut).map(|last| URL_SAFE_NO_PAD.encode(last.as_str()));
    Ok(ListFunctionsOutput { next_marker, functions: Some(page) })
}

fn read_marker(marker: &str) -> Result<String, InvalidParameter> {
    let name = URL_SAFE_NO_PAD.decode(marker).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    name.ok_or_else(|| InvalidParameter {
        sentence: "Invalid Marker: it is none that ListFunctions gave.".to_owned(),
    })
}
