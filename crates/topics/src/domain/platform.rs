//! Platform applications and their endpoints: names, attributes, addresses.

use super::failure::{InvalidParameter, NoSuchApplication, NoSuchEndpoint};
use crate::limits::{MAX_APPLICATION_NAME_LENGTH, MAX_USER_DATA_SIZE};
use crate::state::devices::{self, Application, Device, Devices};
use mesh_router::Context;
use mesh_store::{Key, Tx};
use mesh_types::{AccountId, Arn, Region, RequestId};
use smol_str::{SmolStr, format_smolstr};
use std::collections::BTreeMap;

/// Those that Amazon SNS knows.
const PLATFORMS: [&str; 11] = [
    "ADM",
    "APNS",
    "APNS_SANDBOX",
    "APNS_VOIP",
    "APNS_VOIP_SANDBOX",
    "BAIDU",
    "GCM",
    "MACOS",
    "MACOS_SANDBOX",
    "MPNS",
    "WNS",
];

/// Attributes of an application; the first two are not answered.
const OF_APPLICATIONS: [&str; 13] = [
    "PlatformCredential",
    "PlatformPrincipal",
    "ApplePlatformBundleID",
    "ApplePlatformTeamID",
    "Enabled",
    "EventDeliveryFailure",
    "EventEndpointCreated",
    "EventEndpointDeleted",
    "EventEndpointUpdated",
    "FailureFeedbackRoleArn",
    "SuccessFeedbackRoleArn",
    "SuccessFeedbackSampleRate",
    "AuthenticationMethod",
];
const SECRET: [&str; 2] = ["PlatformCredential", "PlatformPrincipal"];

const OF_ENDPOINTS: [&str; 3] = ["CustomUserData", "Enabled", "Token"];

/// Attributes as they are stored.
pub type Texts = BTreeMap<SmolStr, SmolStr>;

/// Where an application is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationAddress {
    /// The partition that it is in.
    pub key: Key<Devices>,
    /// Platform and name: `GCM/shop`.
    pub name: SmolStr,
}

impl ApplicationAddress {
    /// A new one of the caller's.
    ///
    /// # Errors
    /// A name or a platform that there is not.
    pub fn new(cx: &Context, name: &str, platform: &str) -> Result<Self, InvalidParameter> {
        // recordings/sns.json::test_create_platform_application_invalid_name
        let is_name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
        let reason = match name.len() {
            0 => "cannot be empty",
            length if length > MAX_APPLICATION_NAME_LENGTH => "must be at most 256 characters long",
            _ if !name.bytes().all(is_name) => {
                "must contain only characters 'a'-'z', 'A'-'Z', '0'-'9', '_', '-', and '.'"
            }
            _ if !PLATFORMS.contains(&platform) => {
                let reason = format!("{platform} is not supported");
                return Err(InvalidParameter::because("Platform", reason));
            }
            _ => return Ok(Self { key: devices::key(cx), name: format_smolstr!("{platform}/{name}") }),
        };
        Err(InvalidParameter::because(name, reason))
    }

    /// That of an ARN.
    ///
    /// # Errors
    /// A text that is no ARN of an application in the caller's Region.
    pub fn of_arn(cx: &Context, text: &str) -> Result<Self, InvalidParameter> {
        const PARAMETER: &str = "PlatformApplicationArn";
        let (key, parts) = parts(cx, PARAMETER, text)?;
        match parts[..] {
            ["app", platform, name] => Ok(Self { key, name: format_smolstr!("{platform}/{name}") }),
            _ => Err(wrong_slashes(PARAMETER)),
        }
    }

    /// Its ARN.
    pub fn arn(&self) -> Arn {
        Arn::new("sns", self.key.region(), self.key.account(), format!("app/{}", self.name))
    }

    /// The ARN of its endpoint with this id.
    pub fn endpoint_arn(&self, id: u128) -> String {
        let mut buffer = [0; 36];
        let id = RequestId::from_random(id);
        let resource = format!("endpoint/{}/{}", self.name, id.encode(&mut buffer));
        Arn::new("sns", self.key.region(), self.key.account(), resource).to_string()
    }
}

/// Where an endpoint is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceAddress {
    /// Its application.
    pub application: ApplicationAddress,
    /// Its id.
    pub id: u128,
}

impl DeviceAddress {
    /// That of an ARN.
    ///
    /// # Errors
    /// A text that is no ARN of an endpoint in the caller's Region.
    pub fn of_arn(cx: &Context, parameter: &str, text: &str) -> Result<Self, InvalidParameter> {
        let (key, parts) = parts(cx, parameter, text)?;
        let ["endpoint", platform, name, id] = parts[..] else { return Err(wrong_slashes(parameter)) };
        let name = format_smolstr!("{platform}/{name}");
        // An id that is none names no endpoint.
        let id = u128::from_str_radix(&id.replace('-', ""), 16).unwrap_or(0);
        Ok(Self { application: ApplicationAddress { key, name }, id })
    }

    /// Its row's key.
    pub fn row(&self) -> (SmolStr, u128) {
        (self.application.name.clone(), self.id)
    }

    /// The platform of its application: `GCM`.
    pub fn platform(&self) -> &str {
        self.application.name.split('/').next().unwrap_or_default()
    }
}

fn parts<'a>(
    cx: &Context,
    parameter: &str,
    text: &'a str,
) -> Result<(Key<Devices>, Vec<&'a str>), InvalidParameter> {
    let (account, region, resource): (AccountId, Region, &str) =
        super::address::resource(cx, parameter, text)?;
    Ok((devices::key_of(account, &region), resource.split('/').collect()))
}

fn wrong_slashes(parameter: &str) -> InvalidParameter {
    InvalidParameter::because(parameter, "Wrong number of slashes in relative portion of the ARN.")
}

/// Checks the attributes of an application.
///
/// # Errors
/// One that there is not; a value that it cannot have.
pub fn check_application(sent: BTreeMap<String, String>) -> Result<Texts, InvalidParameter> {
    sent.into_iter().map(|(name, value)| check(&OF_APPLICATIONS, &name, &value)).collect()
}

/// Checks the attributes of an endpoint.
///
/// # Errors
/// One that there is not; a value that it cannot have.
pub fn check_endpoint(sent: BTreeMap<String, String>) -> Result<Texts, InvalidParameter> {
    sent.into_iter().map(|(name, value)| check(&OF_ENDPOINTS, &name, &value)).collect()
}

fn check(known: &[&str], name: &str, value: &str) -> Result<(SmolStr, SmolStr), InvalidParameter> {
    let wrong = |reason: &str| {
        InvalidParameter::because("Attributes", format_args!("Invalid value for attribute: {name}: {reason}"))
    };
    if !known.contains(&name) {
        return Err(InvalidParameter::because("Attributes", format_args!("Invalid attribute name: {name}")));
    }
    match name {
        "CustomUserData" if value.len() > MAX_USER_DATA_SIZE => {
            return Err(wrong("must be at most 2048 bytes long in UTF-8 encoding"));
        }
        "Enabled" if !value.eq_ignore_ascii_case("true") && !value.eq_ignore_ascii_case("false") => {
            return Err(wrong("must be true or false"));
        }
        "PlatformCredential" | "PlatformPrincipal" | "Token" if value.is_empty() => {
            return Err(wrong("cannot be empty"));
        }
        "Enabled" => return Ok((SmolStr::new(name), SmolStr::new(value.to_ascii_lowercase()))),
        _ => {}
    }
    Ok((SmolStr::new(name), SmolStr::new(value)))
}

/// The attributes of an application as they are answered.
pub fn shown(application: &Application) -> BTreeMap<String, String> {
    let is_shown = |(name, _): &(&SmolStr, &SmolStr)| !SECRET.contains(&name.as_str());
    let mut shown: BTreeMap<String, String> = application
        .attributes
        .iter()
        .filter(is_shown)
        .map(|(name, value)| (name.to_string(), value.to_string()))
        .collect();
    shown.entry("Enabled".to_owned()).or_insert_with(|| "true".to_owned());
    shown
}

/// The attributes of an endpoint as they are answered.
pub fn shown_of_device(device: &Device) -> BTreeMap<String, String> {
    device.attributes.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
}

impl Devices {
    /// An application.
    ///
    /// # Errors
    /// There is none of this name.
    pub fn application(&self, name: &SmolStr) -> Result<&Application, NoSuchApplication> {
        self.applications.get(name).ok_or(NoSuchApplication)
    }

    /// An endpoint.
    ///
    /// # Errors
    /// There is none of this id.
    pub fn device(&self, address: &DeviceAddress) -> Result<&Device, NoSuchEndpoint> {
        self.endpoints.get(&address.row()).ok_or(NoSuchEndpoint)
    }

    /// Registers a device; finds the one with this token.
    ///
    /// # Errors
    /// There is no such application; the one with this token has other attributes.
    pub fn register<E>(
        &mut self,
        application: &ApplicationAddress,
        attributes: &Texts,
        tx: &mut Tx<'_>,
    ) -> Result<u128, E>
    where
        E: From<NoSuchApplication> + From<InvalidParameter>,
    {
        self.application(&application.name)?;
        let token = attributes.get("Token").cloned().unwrap_or_default();
        let found = self.endpoints.by().by_token.get(&(application.name.clone(), token)).cloned();
        if let Some(key) = found {
            let has = self.endpoints.get(&key).map(|device| device.attributes.clone()).unwrap_or_default();
            // Attributes that were not sent are not compared.
            if attributes.iter().any(|(name, value)| has.get(name) != Some(value)) {
                let arn = application.endpoint_arn(key.1);
                let reason =
                    format!("Endpoint {arn} already exists with the same Token, but different attributes.");
                return Err(InvalidParameter::because("Token", reason).into());
            }
            return Ok(key.1);
        }
        let id = RequestId::from_random(tx.draw().next_u128()).bits();
        let mut attributes = attributes.clone();
        attributes.entry(SmolStr::new_static("Enabled")).or_insert(SmolStr::new_static("true"));
        let device = Device { created_at: tx.now(), attributes };
        self.endpoints.insert((application.name.clone(), id), device);
        Ok(id)
    }

    /// Takes an application away with its endpoints. Nothing happens where there is none.
    pub fn remove(&mut self, name: &SmolStr) {
        self.applications.remove(name);
        let keys: Vec<(SmolStr, u128)> = self
            .endpoints
            .range((name.clone(), 0)..=(name.clone(), u128::MAX))
            .map(|(key, _)| key.clone())
            .collect();
        keys.iter().for_each(|key| drop(self.endpoints.remove(key)));
    }
}
