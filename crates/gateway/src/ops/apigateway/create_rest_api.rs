//! CreateRestApi: makes a REST API with its root resource.
//! <https://docs.aws.amazon.com/apigateway/latest/api/API_CreateRestApi.html>
//! Done: name description endpointConfiguration binaryMediaTypes apiKeySource disableExecuteApiEndpoint
//! Stored: version minimumCompressionSize policy tags securityPolicy endpointAccessMode
//! Refused: cloneFrom
//! Deviates: resource policies and minimum compression are kept without effect

use crate::domain::draw_id;
use crate::domain::failure::{Invalid, NotServed};
use crate::shapes::shown;
use crate::state::directory::{self, ApiKind, Directory, Entry, Place};
use crate::state::rest::{self, RestApi, RestState};
use mesh_models::apigateway::{CreateRestApiError, CreateRestApiInput, CreateRestApiOutput};
use mesh_router::Context;
use mesh_store::Tx;
use smol_str::SmolStr;

pub(crate) async fn run(
    cx: &Context,
    input: CreateRestApiInput,
) -> Result<CreateRestApiOutput, CreateRestApiError> {
    let CreateRestApiInput {
        name,
        description,
        version,
        clone_from,
        binary_media_types,
        minimum_compression_size,
        api_key_source,
        endpoint_configuration,
        policy,
        tags,
        disable_execute_api_endpoint,
        security_policy,
        endpoint_access_mode,
    } = input;
    if clone_from.is_some() {
        return Err(NotServed { what: "cloneFrom" }.into());
    }
    if description.as_deref() == Some("") {
        return Err(Invalid::new("Description cannot be an empty string").into());
    }
    let endpoints = endpoint_configuration.unwrap_or_default();
    let types = endpoints.types.filter(|types| !types.is_empty()).unwrap_or_else(|| vec!["EDGE".to_owned()]);
    let is_private = types.iter().any(|kind| kind == "PRIVATE");
    if is_private && endpoints.ip_address_type.as_deref() == Some("ipv4") {
        return Err(Invalid::new("Only dualstack ipAddressType is supported for Private APIs.").into());
    }
    let ip_address_type =
        endpoints.ip_address_type.unwrap_or_else(|| if is_private { "dualstack" } else { "ipv4" }.to_owned());
    let api = move |tx: &mut Tx<'_>| RestApi {
        name: name.clone().unwrap_or_default(),
        description: description.clone(),
        version: version.clone(),
        binary_media_types: binary_media_types.clone(),
        minimum_compression_size,
        api_key_source: api_key_source.clone().unwrap_or_else(|| "HEADER".to_owned()),
        endpoint_types: types.clone(),
        ip_address_type: ip_address_type.clone(),
        vpc_endpoint_ids: endpoints.vpc_endpoint_ids.clone(),
        policy: policy.clone(),
        tags: tags.clone().filter(|tags| !tags.is_empty()),
        disable_execute_api_endpoint: disable_execute_api_endpoint.unwrap_or(false),
        security_policy: security_policy.clone(),
        endpoint_access_mode: endpoint_access_mode.clone(),
        root: draw_id(tx, 10),
        created_at: tx.now(),
    };
    let (id, api) = cx.write(&directory::key(cx), |directory: &mut Directory, tx| {
        let (id, api) = (draw_id(tx, 10), api(tx));
        directory.rest.insert(id.clone(), Entry { created_at: api.created_at });
        place(cx, &id, ApiKind::Rest, tx)?;
        tx.on(&rest::key(cx, &id), |state: &mut RestState, _| state.create(api.clone()))?;
        Ok::<_, CreateRestApiError>((id, api))
    })?;
    Ok(shown(&id, &api).into())
}

/// Writes where an API is, so that its id alone leads to it.
pub(crate) fn place(
    cx: &Context,
    id: &SmolStr,
    kind: ApiKind,
    tx: &mut Tx<'_>,
) -> Result<(), mesh_types::Need> {
    let place = Place { account: cx.account(), region: cx.region().clone(), kind };
    tx.on(&directory::location(id), |location, _| location.place.set(place))
}
