//! REST APIs and their resources.

use super::draw_id;
use super::failure::{Invalid, NoResource, NoRestApi, SiblingExists, TooManyResources};
use crate::limits::RESOURCES;
use crate::state::rest::{Resource, RestApi, RestState};
use mesh_store::{Key, Tx};
use smol_str::SmolStr;

impl RestState {
    /// What the API is.
    ///
    /// # Errors
    /// There is none.
    pub fn existing<E: From<NoRestApi>>(&self, key: &Key<Self>) -> Result<&RestApi, E> {
        let missing = || NoRestApi { account: key.account(), id: key.name().to_string() }.into();
        self.api.get().ok_or_else(missing)
    }

    /// A resource. AWS does not tell an API that is not there from a resource that is not there.
    ///
    /// # Errors
    /// There is none.
    pub fn resource<E: From<NoResource>>(&self, id: &str) -> Result<&Resource, E> {
        self.resources.get(&SmolStr::new(id)).ok_or_else(|| NoResource.into())
    }

    /// Makes the API with its root.
    pub fn create(&mut self, api: RestApi) {
        let root = Resource { parent: None, part: None, path: "/".to_owned() };
        self.resources.insert(api.root.clone(), root);
        self.api.set(api);
    }

    /// Takes the API away with all that it has.
    ///
    /// # Errors
    /// There is none.
    pub fn delete<E: From<NoRestApi>>(&mut self, key: &Key<Self>) -> Result<(), E> {
        self.existing::<E>(key)?;
        self.api.clear();
        self.resources.clear();
        self.methods.clear();
        self.deployments.clear();
        self.snapshots.clear();
        self.stages.clear();
        Ok(())
    }

    /// Takes a resource away with all below it and their methods.
    ///
    /// # Errors
    /// There is none; it is the root.
    pub fn delete_resource<E: From<NoResource> + From<Invalid>>(&mut self, id: &str) -> Result<(), E> {
        if self.resource::<E>(id)?.parent.is_none() {
            return Err(Invalid::new("Root resource cannot be deleted").into());
        }
        let mut open = vec![SmolStr::new(id)];
        while let Some(id) = open.pop() {
            open.extend(self.children(&id));
            let methods: Vec<_> =
                self.methods_of(&id).map(|(http_method, _)| SmolStr::new(http_method)).collect();
            for http_method in methods {
                self.methods.remove(&(id.clone(), http_method));
            }
            self.resources.remove(&id);
        }
        Ok(())
    }

    fn children(&self, id: &SmolStr) -> Vec<SmolStr> {
        let first = (id.clone(), SmolStr::default());
        let of_this = |((parent, _), _): &(&(SmolStr, SmolStr), &SmolStr)| parent == id;
        self.resources.by().by_parent.range(first..).take_while(of_this).map(|(_, id)| id.clone()).collect()
    }
}

/// A resource to be made.
#[derive(Debug, Clone, Copy)]
pub struct NewResource<'a> {
    /// The id of the resource above.
    pub parent: &'a str,
    /// The path part.
    pub part: &'a str,
}

impl NewResource<'_> {
    /// Makes it and tells its id.
    ///
    /// # Errors
    /// There is no such parent; the parent is greedy; the path part is none, or is taken.
    pub fn make<E>(self, state: &mut RestState, tx: &mut Tx<'_>) -> Result<SmolStr, E>
    where
        E: From<NoResource> + From<Invalid> + From<SiblingExists> + From<TooManyResources>,
    {
        let above = state.resource::<E>(self.parent)?.clone();
        check_part(self.part)?;
        if above.part.as_deref().is_some_and(|part| part.ends_with("+}")) {
            return Err(
                Invalid::new("Cannot create a child of a resource with a greedy path variable").into()
            );
        }
        for sibling in state.children(&SmolStr::new(self.parent)) {
            let Some(part) = state.resources.get(&sibling).and_then(|sibling| sibling.part.as_deref()) else {
                continue;
            };
            if part == self.part {
                return Err(SiblingExists { part: part.to_owned() }.into());
            }
            if is_variable(part)
                && is_variable(self.part)
                && part.ends_with("+}") == self.part.ends_with("+}")
            {
                let sentence = format!(
                    "A sibling ({part}) of this resource already has a variable path part -- only one is allowed"
                );
                return Err(Invalid::new(sentence).into());
            }
        }
        if state.resources.len() >= RESOURCES {
            return Err(TooManyResources.into());
        }
        let path = format!("{}/{}", above.path.trim_end_matches('/'), self.part);
        let id = draw_id(tx, 6);
        let resource = Resource { parent: Some(self.parent.into()), part: Some(self.part.to_owned()), path };
        state.resources.insert(id.clone(), resource);
        Ok(id)
    }
}

fn is_variable(part: &str) -> bool {
    part.starts_with('{')
}

fn check_part(part: &str) -> Result<(), Invalid> {
    let is_text = |text: &str| {
        !text.is_empty()
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-:~@!$&'()*+,;=%".contains(&b))
    };
    let is_name = |text: &str| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-:$".contains(&b))
    };
    let variable = part.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    let fits = match variable {
        Some(name) => is_name(name.strip_suffix('+').unwrap_or(name)),
        None => is_text(part),
    };
    let sentence = "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the beginning and the end.";
    if fits { Ok(()) } else { Err(Invalid::new(sentence)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_part_is_plain_text_or_one_variable() {
        for part in ["pets", "v1.0", "{id}", "{proxy+}", "a:b"] {
            assert!(check_part(part).is_ok(), "{part}");
        }
        for part in ["", "a/b", "{}", "{a}{b}", "x{id}", "{id", "{a b}", "a b"] {
            assert!(check_part(part).is_err(), "{part}");
        }
    }
}
