//! The fault rules of a universe.

use crate::control::{Control, Refused};
use crate::universe::Universe;
use http::Method;
use serde::Serialize;
use serde_json::Value;

/// The fault rules of a universe: see the project's page on faults for what a rule can say.
#[derive(Debug, Clone, Copy)]
pub struct Faults<'u>(pub(crate) &'u Universe);

impl Faults<'_> {
    /// Adds a rule, or a list of them, behind those there are.
    ///
    /// # Errors
    /// A rule that cannot do what it says; then none is added.
    pub async fn add(&self, rules: impl Serialize) -> Result<(), Refused> {
        self.0.ask(Method::POST, "/faults", Control::write(rules)?).await.map(drop)
    }

    /// The rules in the order in which they are asked, with what became of them: `matches`, `injected`.
    ///
    /// # Errors
    /// The universe is gone.
    pub async fn list(&self) -> Result<Vec<Value>, Refused> {
        let told = self.0.ask(Method::GET, "/faults", Value::Null).await?;
        Control::read(told["faults"].clone())
    }

    /// Takes one rule away.
    ///
    /// # Errors
    /// There is none of this name.
    pub async fn remove(&self, name: &str) -> Result<(), Refused> {
        let path = format!(
            "/faults/{}",
            percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC)
        );
        self.0.ask(Method::DELETE, &path, Value::Null).await.map(drop)
    }

    /// Takes all rules away.
    ///
    /// # Errors
    /// The universe is gone.
    pub async fn clear(&self) -> Result<(), Refused> {
        self.0.ask(Method::DELETE, "/faults", Value::Null).await.map(drop)
    }
}
