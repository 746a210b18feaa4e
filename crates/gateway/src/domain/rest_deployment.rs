//! Deployments and stages of a REST API.

use super::draw_id;
use super::failure::{Invalid, NoDeployment, NoStage, StageExists};
use super::route_tree::{Routes, Slashes};
use crate::limits::STAGE_NAME_LENGTH;
use crate::state::rest::{Deployed, Deployment, RestState, Snapshot, Stage, Texts};
use mesh_store::Tx;
use smol_str::SmolStr;
use std::sync::Arc;

/// A stage to be made, or to be led to another deployment.
#[derive(Debug, Clone, Default)]
pub struct StageDraft {
    /// `description`
    pub description: Option<String>,
    /// `cacheClusterEnabled`
    pub cache_cluster_enabled: Option<bool>,
    /// `cacheClusterSize`
    pub cache_cluster_size: Option<String>,
    /// `variables`
    pub variables: Option<Texts>,
    /// `documentationVersion`
    pub documentation_version: Option<String>,
    /// `tracingEnabled`
    pub tracing_enabled: Option<bool>,
    /// `tags`
    pub tags: Option<Texts>,
}

/// Checks a stage's name.
///
/// # Errors
/// A name that no stage can have.
pub fn check_stage_name(name: &str) -> Result<(), Invalid> {
    let is_name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    if STAGE_NAME_LENGTH.contains(&name.len()) && name.bytes().all(is_name) {
        return Ok(());
    }
    Err(Invalid::new("Stage name only allows a-zA-Z0-9_"))
}

impl RestState {
    /// A stage.
    ///
    /// # Errors
    /// There is none.
    pub fn stage<E: From<NoStage>>(&self, name: &str) -> Result<&Stage, E> {
        self.stages.get(&SmolStr::new(name)).ok_or_else(|| NoStage.into())
    }

    /// A deployment.
    ///
    /// # Errors
    /// There is none.
    pub fn deployment<E: From<NoDeployment>>(&self, id: &str) -> Result<&Deployment, E> {
        self.deployments.get(&SmolStr::new(id)).ok_or_else(|| NoDeployment.into())
    }

    /// Takes a picture of the methods as they are.
    ///
    /// # Errors
    /// There are none, or one that nothing answers.
    pub fn deploy<E: From<Invalid>>(
        &mut self,
        description: Option<String>,
        tx: &mut Tx<'_>,
    ) -> Result<SmolStr, E> {
        let mut methods = Vec::with_capacity(self.methods.len());
        for (resource, http_method) in self.methods.snapshot().keys() {
            let key = (resource.clone(), http_method.clone());
            let (Some(method), Some(at)) = (self.methods.get_shared(&key), self.resources.get(resource))
            else {
                continue;
            };
            if method.integration.is_none() {
                return Err(Invalid::new("No integration defined for method").into());
            }
            let (path, resource) = (at.path.clone(), resource.clone());
            methods.push(Deployed { path, resource, http_method: http_method.clone(), method });
        }
        if methods.is_empty() {
            return Err(Invalid::new("The REST API doesn't contain any methods").into());
        }
        let id = draw_id(tx, 6);
        let binary_media_types =
            self.api.get().and_then(|api| api.binary_media_types.clone()).unwrap_or_default();
        self.snapshots.insert(id.clone(), Snapshot { methods, binary_media_types });
        self.deployments.insert(id.clone(), Deployment { description, created_at: tx.now() });
        Ok(id)
    }

    /// Makes a stage.
    ///
    /// # Errors
    /// There is one of this name; there is no such deployment.
    pub fn create_stage<E>(
        &mut self,
        name: &str,
        deployment: &str,
        draft: StageDraft,
        tx: &Tx<'_>,
    ) -> Result<(), E>
    where
        E: From<Invalid> + From<StageExists>,
    {
        let (name, deployment) = (SmolStr::new(name), SmolStr::new(deployment));
        if self.deployments.get(&deployment).is_none() {
            return Err(Invalid::new("Deployment id does not exist").into());
        }
        if self.stages.get(&name).is_some() {
            return Err(StageExists.into());
        }
        self.stages.insert(name, draft.into_stage(deployment, tx));
        Ok(())
    }

    /// Leads a stage to a deployment, and makes it where there is none.
    pub fn serve_from(&mut self, name: &str, deployment: &SmolStr, draft: StageDraft, tx: &Tx<'_>) {
        let name = SmolStr::new(name);
        let stage = match self.stages.get(&name) {
            Some(former) => {
                let mut stage = former.clone();
                stage.deployment = deployment.clone();
                stage.updated_at = tx.now();
                stage.description = draft.description.or(stage.description);
                stage.variables = draft.variables.or(stage.variables);
                stage.cache_cluster_enabled =
                    draft.cache_cluster_enabled.unwrap_or(stage.cache_cluster_enabled);
                stage.cache_cluster_size = draft.cache_cluster_size.or(stage.cache_cluster_size);
                stage.tracing_enabled = draft.tracing_enabled.unwrap_or(stage.tracing_enabled);
                stage
            }
            None => draft.into_stage(deployment.clone(), tx),
        };
        self.stages.insert(name, stage);
    }
}

impl StageDraft {
    fn into_stage(self, deployment: SmolStr, tx: &Tx<'_>) -> Stage {
        Stage {
            deployment,
            description: self.description,
            cache_cluster_enabled: self.cache_cluster_enabled.unwrap_or(false),
            cache_cluster_size: self.cache_cluster_size,
            variables: self.variables,
            documentation_version: self.documentation_version,
            tracing_enabled: self.tracing_enabled.unwrap_or(false),
            tags: self.tags,
            created_at: tx.now(),
            updated_at: tx.now(),
        }
    }
}

/// The methods of a deployment, to be found by path and HTTP method.
pub fn compile(snapshot: &Snapshot) -> Routes<Arc<Deployed>> {
    let mut routes = Routes::new(Slashes::Ignored);
    for deployed in &snapshot.methods {
        routes.insert(&deployed.http_method, &deployed.path, Arc::new(deployed.clone()));
    }
    routes
}
