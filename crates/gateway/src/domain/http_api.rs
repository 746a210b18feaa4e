//! HTTP APIs: routes, integrations, deployments and stages.

use super::failure::{
    HttpStageExists, InvalidHttp, NoHttpApi, NoHttpStage, NoPart, NoRouteOfSettings, RouteExists,
    VariablesConflict,
};
use super::{LambdaUri, RouteKey, Routes, Slashes, draw_id};
use crate::limits::{HTTP_TIMEOUT, ROUTES, STAGE_NAME_LENGTH};
use crate::state::http::{
    Deployed, Deployment, Format, HttpApi, HttpState, Integration, IntegrationKind, Route, RouteSettings,
    Snapshot, Stage,
};
use mesh_store::{Key, Snapshot as Rows, Tx};
use smol_str::SmolStr;
use std::sync::Arc;

/// An HTTP API to be made.
#[derive(Debug, Clone)]
pub struct NewHttpApi {
    /// What it is.
    pub api: HttpApi,
    /// Quick create: where its default route leads, the route's key, and the role that calls it.
    pub quick: Option<QuickCreate>,
}

/// What quick create makes.
#[derive(Debug, Clone)]
pub struct QuickCreate {
    /// A function's ARN or a URL.
    pub target: String,
    /// `$default` where it is absent.
    pub route_key: Option<String>,
    /// `credentialsArn`
    pub credentials: Option<String>,
}

/// Checks a stage's name.
///
/// # Errors
/// A name that no stage can have.
pub fn check_stage_name(name: &str) -> Result<(), InvalidHttp> {
    let is_name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    if name == "$default" || (STAGE_NAME_LENGTH.contains(&name.len()) && name.bytes().all(is_name)) {
        return Ok(());
    }
    Err(InvalidHttp::new(
        "Stage name can only contain alphanumeric characters, hyphens, and underscores, or be $default",
    ))
}

impl NewHttpApi {
    /// Makes it.
    ///
    /// # Errors
    /// A target that is neither function nor URL, a route key that is none.
    pub fn make<E>(self, state: &mut HttpState, tx: &mut Tx<'_>) -> Result<(), E>
    where
        E: From<InvalidHttp> + From<RouteExists> + From<VariablesConflict> + From<NoPart>,
    {
        state.api.set(self.api);
        let Some(QuickCreate { target, route_key, credentials }) = self.quick else { return Ok(()) };
        let is_function = LambdaUri::parse(&target).is_some();
        if !is_function && !target.starts_with("http://") && !target.starts_with("https://") {
            return Err(InvalidHttp::new(
                "Invalid target specified. Only HTTP URLs and Lambda function ARNs are supported",
            )
            .into());
        }
        let integration = Integration {
            kind: if is_function { IntegrationKind::AwsProxy } else { IntegrationKind::HttpProxy },
            uri: target,
            method: if is_function { "POST" } else { "ANY" }.to_owned(),
            format: if is_function { Format::V2 } else { Format::V1 },
            credentials,
            description: None,
            timeout_in_millis: *HTTP_TIMEOUT.end(),
            server_name_to_verify: None,
            is_managed: true,
        };
        let id = draw_id(tx, 7);
        state.integrations.insert(id.clone(), integration);
        let route = Route {
            key: route_key.unwrap_or_else(|| "$default".to_owned()),
            target: Some(format!("integrations/{id}")),
            authorization: "NONE".to_owned(),
            operation_name: None,
            is_managed: true,
        };
        state.add_route::<E>(route, tx)?;
        let stage = Stage {
            deployment: None,
            deploys_itself: true,
            description: None,
            variables: Default::default(),
            access_log: None,
            client_certificate_id: None,
            default_route_settings: RouteSettings {
                detailed_metrics_enabled: Some(false),
                ..Default::default()
            },
            route_settings: Default::default(),
            tags: Default::default(),
            is_managed: true,
            created_at: tx.now(),
            updated_at: tx.now(),
        };
        state.stages.insert("$default".into(), stage);
        state.changed(tx);
        Ok(())
    }
}

impl HttpState {
    /// What the API is.
    ///
    /// # Errors
    /// There is none.
    pub fn existing<E: From<NoHttpApi>>(&self, key: &Key<Self>) -> Result<&HttpApi, E> {
        let missing = || NoHttpApi { account: key.account(), id: key.name().to_string() }.into();
        self.api.get().ok_or_else(missing)
    }

    /// Takes the API away with all that it has.
    ///
    /// # Errors
    /// There is none.
    pub fn delete<E: From<NoHttpApi>>(&mut self, key: &Key<Self>) -> Result<(), E> {
        self.existing::<E>(key)?;
        self.api.clear();
        self.routes.clear();
        self.integrations.clear();
        self.deployments.clear();
        self.snapshots.clear();
        self.stages.clear();
        Ok(())
    }

    /// A route.
    ///
    /// # Errors
    /// There is none.
    pub fn route<E: From<NoPart>>(&self, id: &str) -> Result<&Route, E> {
        self.routes.get(&SmolStr::new(id)).ok_or_else(|| NoPart { what: "Route", id: id.to_owned() }.into())
    }

    /// An integration.
    ///
    /// # Errors
    /// There is none.
    pub fn integration<E: From<NoPart>>(&self, id: &str) -> Result<&Integration, E> {
        let missing = || NoPart { what: "Integration", id: id.to_owned() }.into();
        self.integrations.get(&SmolStr::new(id)).ok_or_else(missing)
    }

    /// A stage.
    ///
    /// # Errors
    /// There is none.
    pub fn stage<E: From<NoHttpStage>>(&self, name: &str) -> Result<&Stage, E> {
        self.stages.get(&SmolStr::new(name)).ok_or_else(|| NoHttpStage.into())
    }

    /// Makes a route and tells its id.
    ///
    /// # Errors
    /// A key that is none or is taken, a target that is not there.
    pub fn add_route<E>(&mut self, route: Route, tx: &mut Tx<'_>) -> Result<SmolStr, E>
    where
        E: From<InvalidHttp> + From<RouteExists> + From<VariablesConflict> + From<NoPart>,
    {
        let key = RouteKey::parse(&route.key)?;
        for (_, other) in self.routes.range(..) {
            if other.key == route.key {
                return Err(RouteExists { key: route.key }.into());
            }
            if RouteKey::parse(&other.key).is_ok_and(|other| key.differs_in_names_alone(other)) {
                return Err(VariablesConflict { key: route.key.clone(), other: other.key.clone() }.into());
            }
        }
        if self.routes.len() >= ROUTES {
            return Err(InvalidHttp::new("Maximum number of routes for this API has been reached").into());
        }
        if let Some(target) = &route.target {
            let id = target
                .strip_prefix("integrations/")
                .ok_or_else(|| InvalidHttp::new("Invalid target specified"))?;
            self.integration::<E>(id)?;
        }
        let id = draw_id(tx, 7);
        self.routes.insert(id.clone(), route);
        self.changed(tx);
        Ok(id)
    }

    /// Notes that routes or integrations have changed: stages that deploy by themselves do so.
    pub fn changed(&mut self, tx: &mut Tx<'_>) {
        let Some(api) = self.api.get() else { return };
        let api = HttpApi { revision: api.revision + 1, ..api.clone() };
        self.api.set(api);
        let stages = self.stages.snapshot();
        for (name, stage) in stages.iter().filter(|(_, stage)| stage.deploys_itself) {
            if let Some(former) = &stage.deployment
                && self.deployments.get(former).is_some_and(|former| former.is_automatic)
            {
                self.deployments.remove(former);
            }
            let id = draw_id(tx, 6);
            let description =
                Some("Automatic deployment triggered by changes to the Api configuration".to_owned());
            self.deployments
                .insert(id.clone(), Deployment { description, is_automatic: true, created_at: tx.now() });
            let stage = Stage { deployment: Some(id), updated_at: tx.now(), ..Stage::clone(stage) };
            self.stages.insert(name.clone(), stage);
        }
    }

    /// Takes a picture of the routes as they are.
    ///
    /// # Errors
    /// There are none.
    pub fn deploy<E: From<InvalidHttp>>(
        &mut self,
        description: Option<String>,
        tx: &mut Tx<'_>,
    ) -> Result<SmolStr, E> {
        if self.routes.is_empty() {
            return Err(InvalidHttp::new("At least one route is required before deploying the Api.").into());
        }
        let id = draw_id(tx, 6);
        self.snapshots.insert(id.clone(), Snapshot { routes: self.current().deployed().collect() });
        self.deployments
            .insert(id.clone(), Deployment { description, is_automatic: false, created_at: tx.now() });
        Ok(id)
    }

    /// Makes a stage.
    ///
    /// # Errors
    /// There is one of this name; there is no such deployment; settings name a route that is not there.
    pub fn create_stage<E>(&mut self, name: &str, stage: Stage, tx: &mut Tx<'_>) -> Result<(), E>
    where
        E: From<HttpStageExists> + From<NoPart> + From<NoRouteOfSettings>,
    {
        let name = SmolStr::new(name);
        if self.stages.get(&name).is_some() {
            return Err(HttpStageExists.into());
        }
        if let Some(id) = stage.deployment.as_ref().filter(|id| self.deployments.get(id).is_none()) {
            return Err(NoPart { what: "Deployment", id: id.to_string() }.into());
        }
        let has = |key: &String| self.routes.range(..).any(|(_, route)| route.key == *key);
        if let Some(key) = stage.route_settings.keys().find(|key| !has(key)) {
            return Err(NoRouteOfSettings { key: key.clone() }.into());
        }
        let deploys_itself = stage.deploys_itself;
        self.stages.insert(name, stage);
        if deploys_itself && !self.routes.is_empty() {
            self.changed(tx);
        }
        Ok(())
    }

    /// Routes and integrations as they are.
    pub fn current(&self) -> Current {
        Current { routes: self.routes.snapshot(), integrations: self.integrations.snapshot() }
    }
}

/// Routes and integrations at one moment, to be walked outside the lock.
#[derive(Debug, Clone)]
pub struct Current {
    routes: Rows<SmolStr, Route>,
    integrations: Rows<SmolStr, Integration>,
}

impl Current {
    /// Routes with the integrations that answer them.
    pub fn deployed(&self) -> impl Iterator<Item = Deployed> {
        self.routes.values().map(|route| {
            let id = route.target.as_deref().and_then(|target| target.strip_prefix("integrations/"));
            let integration = id.and_then(|id| self.integrations.get(&SmolStr::new(id))).cloned();
            Deployed { route: Arc::clone(route), integration }
        })
    }
}

/// Routes, to be found by path and method.
pub fn compile(deployed: impl Iterator<Item = Deployed>) -> Routes<Arc<Deployed>> {
    let mut routes = Routes::new(Slashes::Counted);
    for deployed in deployed {
        let deployed = Arc::new(deployed);
        match RouteKey::parse(&deployed.route.key) {
            Ok(RouteKey::Path { method, path }) => routes.insert(method, path, Arc::clone(&deployed)),
            Ok(RouteKey::Default) => routes.set_default(Arc::clone(&deployed)),
            // Nothing else was ever let in.
            Err(_) => {}
        }
    }
    routes
}
