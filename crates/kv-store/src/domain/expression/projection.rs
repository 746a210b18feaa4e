//! `ProjectionExpression`: the paths of an item that are wanted.

use super::parser::{Grammar, Parser, parse};
use super::token::TokenKind;
use super::{ExpressionFailure, ExpressionKind, Fault, Path, Placeholders};

/// The paths of an item that are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Projection {
    paths: Vec<Path>,
}

impl Projection {
    /// Reads a `ProjectionExpression`.
    pub fn parse(text: &str, placeholders: &mut Placeholders) -> Result<Self, ExpressionFailure> {
        parse(ExpressionKind::Projection, Grammar::Projection, text, placeholders, read)
    }

    /// Whole attributes, as `AttributesToGet` and the projections of indexes name them.
    pub fn of_attributes<N: Into<smol_str::SmolStr>>(names: impl IntoIterator<Item = N>) -> Self {
        Self { paths: names.into_iter().map(|name| Path::new(name.into(), Vec::new())).collect() }
    }

    /// The paths.
    pub fn paths(&self) -> &[Path] {
        &self.paths
    }
}

fn read(parser: &mut Parser<'_, '_>) -> Result<Projection, Fault> {
    let mut paths = Vec::new();
    loop {
        let path = parser.path()?;
        parser.check_paths(paths.iter(), &path);
        paths.push(path);
        if !parser.take(TokenKind::Comma) {
            break;
        }
    }
    if !parser.is(TokenKind::End) {
        return Err(parser.syntax());
    }
    Ok(Projection { paths })
}
