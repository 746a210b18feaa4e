//! `UpdateExpression`: what is set, removed, added and deleted.

use super::super::value::{AttributeValue, Kind};
use super::condition::operand_paths;
use super::operand::{Function, Operand};
use super::parser::{Grammar, Matter, Parser, parse};
use super::token::TokenKind;
use super::{ExpressionFailure, ExpressionKind, Fault, Path, Placeholders};

/// An update of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdateExpression {
    pub(super) actions: Vec<Action>,
}

/// A path, and what happens there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Action {
    pub(super) path: Path,
    pub(super) change: Change,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change {
    Set(Operand),
    SetSum(Operand, Operand),
    SetDifference(Operand, Operand),
    Remove,
    Add(AttributeValue),
    Delete(AttributeValue),
}

impl UpdateExpression {
    /// Reads an `UpdateExpression`.
    pub fn parse(text: &str, placeholders: &mut Placeholders) -> Result<Self, ExpressionFailure> {
        parse(ExpressionKind::Update, Grammar::Update, text, placeholders, read)
    }

    /// The paths that are changed, with the type of the new value where the expression alone tells it. A key must not
    /// be among them, and the keys of indexes must keep their types.
    pub fn targets(&self) -> impl Iterator<Item = (&Path, Option<Kind>)> {
        self.actions.iter().map(|action| {
            let kind = match &action.change {
                Change::Set(Operand::Call(call)) if call.function == Function::ListAppend => Some(Kind::L),
                Change::Set(operand) => operand.kind(),
                Change::SetSum(..) | Change::SetDifference(..) => Some(Kind::N),
                Change::Add(value) | Change::Delete(value) => Some(value.kind()),
                Change::Remove => None,
            };
            (&action.path, kind)
        })
    }

    /// Every path in it, changed or read.
    pub fn paths(&self) -> Vec<&Path> {
        let mut paths = Vec::new();
        for action in &self.actions {
            paths.push(&action.path);
            match &action.change {
                Change::Set(operand) => operand_paths([operand], &mut paths),
                Change::SetSum(left, right) | Change::SetDifference(left, right) => {
                    operand_paths([left, right], &mut paths);
                }
                Change::Remove | Change::Add(_) | Change::Delete(_) => {}
            }
        }
        paths
    }

    /// The paths that are changed, which `UPDATED_OLD` and `UPDATED_NEW` return.
    pub fn changed_paths(&self) -> impl Iterator<Item = &Path> {
        self.actions.iter().map(|action| &action.path)
    }
}

const SECTIONS: [&str; 4] = ["SET", "REMOVE", "ADD", "DELETE"];

fn read(parser: &mut Parser<'_, '_>) -> Result<UpdateExpression, Fault> {
    let mut actions: Vec<Action> = Vec::new();
    let mut seen = [false; SECTIONS.len()];
    loop {
        let Some(section) = SECTIONS.iter().position(|name| parser.is_word(name)) else {
            return Err(parser.syntax());
        };
        parser.advance();
        loop {
            let path = parser.path()?;
            parser.check_paths(actions.iter().map(|action| &action.path), &path);
            let change = match SECTIONS[section] {
                "SET" => {
                    parser.expect(TokenKind::Equal)?;
                    assigned(parser)?
                }
                "REMOVE" => Change::Remove,
                "ADD" => Change::Add(member(parser, "ADD", &[Kind::N, Kind::Ss, Kind::Ns, Kind::Bs])?),
                _ => Change::Delete(member(parser, "DELETE", &[Kind::Ss, Kind::Ns, Kind::Bs])?),
            };
            actions.push(Action { path, change });
            if !parser.take(TokenKind::Comma) {
                break;
            }
        }
        if seen[section] {
            parser.note(Matter::Section, || Fault::RepeatedSection(SECTIONS[section]));
        }
        seen[section] = true;
        if parser.is(TokenKind::End) {
            return Ok(UpdateExpression { actions });
        }
    }
}

/// What stands behind `=`: an operand, a sum or a difference, all of it in parentheses or not.
fn assigned(parser: &mut Parser<'_, '_>) -> Result<Change, Fault> {
    let mut open = 0;
    while parser.take(TokenKind::Open) {
        open += 1;
    }
    let mut left = parser.operand()?;
    let mut enclosed = false;
    while open > 0 && parser.take(TokenKind::Close) {
        open -= 1;
        (left, enclosed) = parser.enclose(left, enclosed)?;
    }
    let name = match parser.token.kind {
        TokenKind::Plus => "+",
        TokenKind::Minus => "-",
        _ if open == 0 => return Ok(Change::Set(left)),
        _ => return Err(parser.syntax()),
    };
    parser.operator()?;
    parser.advance();
    let operands = [left, parser.enclosed_operand()?];
    // what is left open encloses the whole sum, more than once is redundant
    if open > 1 {
        parser.note(Matter::Parentheses, || Fault::RedundantParentheses);
    }
    for _ in 0..open {
        parser.expect(TokenKind::Close)?;
    }
    parser.check_kinds(name, &operands, |kind| kind == Kind::N);
    let [left, right] = operands;
    Ok(if name == "+" { Change::SetSum(left, right) } else { Change::SetDifference(left, right) })
}

/// The value that `ADD` and `DELETE` take.
fn member(
    parser: &mut Parser<'_, '_>,
    action: &'static str,
    kinds: &[Kind],
) -> Result<AttributeValue, Fault> {
    let Some(value) = parser.value()? else { return Ok(AttributeValue::Null) };
    let kind = value.kind();
    if !kinds.contains(&kind) {
        parser.note(Matter::ActionType, || Fault::ActionType { action, kind });
    }
    Ok(value)
}

#[cfg(test)]
#[path = "update_tests.rs"]
mod tests;
