//! The expressions of a request, with the names and values they use, checked in AWS's order.

use crate::domain::AttributeValue;
use crate::domain::expression::{
    Condition, ExpressionKind, KeyConditions, Placeholders, Projection, UpdateExpression,
};
use crate::domain::failure::{Invalid, NotServed};
use mesh_attributes::Given;
use mesh_wire::Map;
use smol_str::SmolStr;

/// The expressions of a request as they came.
#[derive(Debug, Default)]
pub(crate) struct Expressions {
    pub(crate) update: Option<String>,
    pub(crate) condition: Option<String>,
    pub(crate) key_condition: Option<String>,
    pub(crate) filter: Option<String>,
    pub(crate) projection: Option<String>,
    pub(crate) names: Option<Map<String>>,
    pub(crate) values: Option<Map<Given<AttributeValue>>>,
}

/// The expressions of a request, read.
#[derive(Debug, Default)]
pub(crate) struct Read {
    pub(crate) update: Option<UpdateExpression>,
    pub(crate) condition: Option<Condition>,
    pub(crate) key_conditions: Option<KeyConditions>,
    pub(crate) filter: Option<Condition>,
    pub(crate) projection: Option<Projection>,
}

/// Members from before there were expressions, with whether they are there.
pub(crate) type Legacy<'a> = &'a [(&'static str, bool)];

impl Expressions {
    /// The members that are there, in the order in which AWS names them.
    fn present(&self) -> impl Iterator<Item = &'static str> {
        let all = [
            ("ProjectionExpression", self.projection.is_some()),
            ("UpdateExpression", self.update.is_some()),
            ("ConditionExpression", self.condition.is_some()),
            ("FilterExpression", self.filter.is_some()),
            ("KeyConditionExpression", self.key_condition.is_some()),
        ];
        all.into_iter().filter(|(_, is_there)| *is_there).map(|(name, _)| name)
    }

    /// Checks which members go together: the first thing that AWS looks at.
    ///
    /// # Errors
    /// Members of both kinds; names or values that nothing could use.
    pub(crate) fn check_members(&self, legacy: Legacy<'_>) -> Result<(), Invalid> {
        let is_legacy = legacy.iter().any(|(_, is_there)| *is_there);
        if !is_legacy && self.names.is_none() && self.values.is_none() {
            return Ok(());
        }
        let is_expressive = self.present().next().is_some();
        if is_legacy && is_expressive {
            let expressions: Vec<_> = self.present().collect();
            let legacy: Vec<_> =
                legacy.iter().filter(|(_, is_there)| *is_there).map(|(name, _)| *name).collect();
            return Err(Invalid::new(format!(
                "Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {{{}}} Expression parameters: {{{}}}",
                legacy.join(", "),
                expressions.join(", ")
            )));
        }
        let useless =
            |member: &str| Invalid::new(format!("{member} can only be specified when using expressions"));
        match (is_expressive, &self.names, &self.values) {
            (false, Some(_), _) => Err(useless("ExpressionAttributeNames")),
            (false, None, Some(_)) => Err(useless("ExpressionAttributeValues")),
            _ => Ok(()),
        }
    }

    /// Reads the expressions. Most requests have none.
    ///
    /// # Errors
    /// Names, values or expressions that are wrong, or that none of the others uses.
    pub(crate) fn read(self) -> Result<Read, Invalid> {
        let Self { update, condition, key_condition, filter, projection, names, values } = self;
        let mut placeholders = Placeholders::default();
        if let Some(names) = names {
            placeholders.names(names.into_iter().map(|(key, name)| (key, SmolStr::from(name))))?;
        }
        if let Some(values) = values {
            Placeholders::check_value_keys(values.keys().map(String::as_str))?;
            let values = values.into_iter().map(|(key, value)| Ok((key, value.accept()?)));
            placeholders.values(values.collect::<Result<Vec<_>, Invalid>>()?)?;
        }
        let mut condition_of = |kind, text: Option<String>| {
            text.map(|text| Condition::parse(kind, &text, &mut placeholders)).transpose()
        };
        let condition = condition_of(ExpressionKind::Condition, condition)?;
        let key_condition = condition_of(ExpressionKind::KeyCondition, key_condition)?;
        let filter = condition_of(ExpressionKind::Filter, filter)?;
        let projection = projection.map(|text| Projection::parse(&text, &mut placeholders)).transpose()?;
        let update = update.map(|text| UpdateExpression::parse(&text, &mut placeholders)).transpose()?;
        placeholders.finish()?;
        let key_conditions = key_condition.as_ref().map(KeyConditions::of).transpose()?;
        Ok(Read { update, condition, key_conditions, filter, projection })
    }
}

/// Refuses, by its name, a member from before there were expressions.
///
/// # Errors
/// The first that is there.
pub(crate) fn refuse(legacy: Legacy<'_>) -> Result<(), NotServed> {
    match legacy.iter().find(|(_, is_there)| *is_there) {
        Some((what, _)) => Err(NotServed { what }),
        None => Ok(()),
    }
}
