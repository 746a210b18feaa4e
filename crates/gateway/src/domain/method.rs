//! Methods of a REST API's resources.

use super::failure::{Invalid, NoIntegration, NoMethod};
use crate::state::rest::{Integration, Method, RestState};
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};

/// The HTTP methods that a resource may have.
const METHODS: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "ANY"];

/// Checks that this is an HTTP method.
///
/// # Errors
/// It is none.
pub fn check_method(http_method: &str) -> Result<(), Invalid> {
    if METHODS.contains(&http_method) {
        return Ok(());
    }
    Err(Invalid::new(
        "Invalid HttpMethod specified. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY",
    ))
}

/// Checks the parameters that a method wants: `method.request.header.NAME`, each name once.
///
/// # Errors
/// A parameter that is none, a name that occurs in two places.
pub fn check_parameters(parameters: &BTreeMap<String, bool>) -> Result<(), Invalid> {
    let mut names = BTreeSet::new();
    for parameter in parameters.keys() {
        let rest = parameter.strip_prefix("method.request.").unwrap_or_default();
        let Some(("header" | "querystring" | "path", name)) = rest.split_once('.') else {
            return Err(Invalid::new(format!("Invalid mapping expression specified: {parameter}")));
        };
        if !names.insert(name.to_ascii_lowercase()) {
            return Err(Invalid::new("Parameter names must be unique across querystring, header and path"));
        }
    }
    Ok(())
}

impl RestState {
    /// A method of a resource that is there.
    ///
    /// # Errors
    /// There is none.
    pub fn method<E: From<NoMethod>>(&self, resource: &str, http_method: &str) -> Result<&Method, E> {
        let key = (SmolStr::new(resource), SmolStr::new(http_method));
        self.methods.get(&key).ok_or_else(|| NoMethod.into())
    }

    /// Changes a method of a resource that is there.
    ///
    /// # Errors
    /// There is none; what `change` answers.
    pub fn change_method<R, E: From<NoMethod>>(
        &mut self,
        resource: &str,
        http_method: &str,
        change: impl FnOnce(&mut Method) -> Result<R, E>,
    ) -> Result<R, E> {
        let mut method = self.method::<E>(resource, http_method)?.clone();
        let answer = change(&mut method)?;
        self.methods.insert((SmolStr::new(resource), SmolStr::new(http_method)), method);
        Ok(answer)
    }

    /// The methods of a resource, by HTTP method.
    pub fn methods_of(&self, resource: &str) -> impl Iterator<Item = (&str, &Method)> {
        let resource = SmolStr::new(resource);
        let first = (resource.clone(), SmolStr::default());
        let of_this = move |((of, _), _): &(&(SmolStr, SmolStr), &Method)| *of == resource;
        self.methods
            .range(first..)
            .take_while(of_this)
            .map(|((_, http_method), method)| (http_method.as_str(), method))
    }
}

impl Method {
    /// What answers it.
    ///
    /// # Errors
    /// There is nothing yet.
    pub fn integrated<E: From<NoIntegration>>(&self) -> Result<&Integration, E> {
        self.integration.as_ref().ok_or_else(|| NoIntegration.into())
    }
}
