//! Conditions: `ConditionExpression`, `FilterExpression`, and the grammar of `KeyConditionExpression`.
//!
//! Read with a stack of what is still open instead of recursion, for 4,000 parentheses are a legal text.

use super::super::value::{AttributeValue, Kind};
use super::evaluate::order;
use super::operand::{Call, Function, Operand};
use super::parser::{Grammar, Matter, Parser, parse};
use super::token::TokenKind;
use super::{ExpressionFailure, ExpressionKind, Fault, Path, Placeholders};
use std::cmp::Ordering;

/// How many values `IN` chooses from at most.
const MAX_CHOICES: usize = 100;

/// A condition on an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Every part, each behind the parts it is made of.
    nodes: Vec<Node>,
}

/// The place of a part.
pub(super) type NodeId = usize;

/// A part of a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    Compare(Comparator, Operand, Operand),
    Between { subject: Operand, lower: Operand, upper: Operand },
    In { subject: Operand, list: Vec<Operand> },
    Call(Call),
    Not(NodeId),
    And(NodeId, NodeId),
    Or(NodeId, NodeId),
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparator {
    fn of(kind: TokenKind) -> Option<Self> {
        Some(match kind {
            TokenKind::Equal => Self::Equal,
            TokenKind::NotEqual => Self::NotEqual,
            TokenKind::Less => Self::Less,
            TokenKind::LessOrEqual => Self::LessOrEqual,
            TokenKind::Greater => Self::Greater,
            TokenKind::GreaterOrEqual => Self::GreaterOrEqual,
            _ => return None,
        })
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "<>",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }

    /// Whether it asks for an order, which only text, numbers and bytes have.
    pub(super) fn is_order(self) -> bool {
        !matches!(self, Self::Equal | Self::NotEqual)
    }
}

impl Condition {
    /// Reads a condition that came as `kind`.
    pub fn parse(
        kind: ExpressionKind,
        text: &str,
        placeholders: &mut Placeholders,
    ) -> Result<Self, ExpressionFailure> {
        parse(kind, Grammar::Condition, text, placeholders, |parser| {
            let mut reader = Reader { parser, nodes: Vec::new(), parts: Vec::new(), open: Vec::new() };
            reader.read()?;
            Ok(Self { nodes: reader.nodes })
        })
    }

    pub(super) fn root(&self) -> Option<NodeId> {
        self.nodes.len().checked_sub(1)
    }

    pub(super) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id]
    }

    /// Every path in it, in the order of the text.
    pub fn paths(&self) -> Vec<&Path> {
        let mut paths = Vec::new();
        for node in &self.nodes {
            match node {
                Node::Compare(_, left, right) => operand_paths([left, right], &mut paths),
                Node::Between { subject, lower, upper } => {
                    operand_paths([subject, lower, upper], &mut paths);
                }
                Node::In { subject, list } => {
                    operand_paths(std::iter::once(subject).chain(list), &mut paths);
                }
                Node::Call(call) => operand_paths(&call.operands, &mut paths),
                Node::Not(_) | Node::And(..) | Node::Or(..) => {}
            }
        }
        paths
    }
}

pub(super) fn operand_paths<'a>(operands: impl IntoIterator<Item = &'a Operand>, into: &mut Vec<&'a Path>) {
    for operand in operands {
        match operand {
            Operand::Path(path) => into.push(path),
            Operand::Call(call) => operand_paths(&call.operands, into),
            Operand::Value(_) | Operand::Undefined => {}
        }
    }
}

/// What is open while a condition is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    Parenthesis,
    Not,
    And,
    Or,
}

/// A finished part.
struct Part {
    node: NodeId,
    /// It stands in parentheses; another pair would be redundant.
    enclosed: bool,
}

struct Reader<'r, 't, 'p> {
    parser: &'r mut Parser<'t, 'p>,
    nodes: Vec<Node>,
    parts: Vec<Part>,
    open: Vec<Open>,
}

impl Reader<'_, '_, '_> {
    fn read(&mut self) -> Result<(), Fault> {
        loop {
            if self.parser.take(TokenKind::Open) {
                self.open.push(Open::Parenthesis);
            } else if self.parser.is_word("NOT") {
                self.parser.operator()?;
                self.parser.advance();
                self.open.push(Open::Not);
            } else {
                self.comparison()?;
                if !self.joined()? {
                    return Ok(());
                }
            }
        }
    }

    /// What follows a part: closing parentheses, then `AND` or `OR`, or the end.
    fn joined(&mut self) -> Result<bool, Fault> {
        loop {
            self.reduce(&[Open::Not]);
            if self.parser.is(TokenKind::Close) && self.open.contains(&Open::Parenthesis) {
                self.reduce(&[Open::Not, Open::And, Open::Or]);
                self.open.pop();
                self.parser.advance();
                if let Some(part) = self.parts.last_mut() {
                    if part.enclosed {
                        self.parser.note(Matter::Parentheses, || Fault::RedundantParentheses);
                    }
                    part.enclosed = true;
                }
            } else if self.parser.is_word("AND") {
                self.reduce(&[Open::And]);
                return self.join(Open::And);
            } else if self.parser.is_word("OR") {
                self.reduce(&[Open::And, Open::Or]);
                return self.join(Open::Or);
            } else if self.parser.is(TokenKind::End) && !self.open.contains(&Open::Parenthesis) {
                self.reduce(&[Open::And, Open::Or]);
                return Ok(false);
            } else {
                return Err(self.parser.syntax());
            }
        }
    }

    fn join(&mut self, open: Open) -> Result<bool, Fault> {
        self.parser.operator()?;
        self.parser.advance();
        self.open.push(open);
        Ok(true)
    }

    /// Finishes what is open as long as it is one of these.
    fn reduce(&mut self, which: &[Open]) {
        while let Some(open) = self.open.last().copied().filter(|open| which.contains(open)) {
            self.open.pop();
            let Some(last) = self.parts.pop() else { return };
            let node = match open {
                Open::Not => Node::Not(last.node),
                _ => {
                    let Some(first) = self.parts.pop() else { return };
                    self.misplaced_size(first.node);
                    self.misplaced_size(last.node);
                    if open == Open::And {
                        Node::And(first.node, last.node)
                    } else {
                        Node::Or(first.node, last.node)
                    }
                }
            };
            self.push(node, false);
        }
    }

    fn push(&mut self, node: Node, enclosed: bool) {
        self.nodes.push(node);
        self.parts.push(Part { node: self.nodes.len() - 1, enclosed });
    }

    /// `size` is no condition in itself.
    fn misplaced_size(&mut self, node: NodeId) {
        if let Some(Node::Call(Call { function: function @ Function::Size, .. })) = self.nodes.get(node) {
            let name = function.name();
            self.parser.note(Matter::FunctionPlace, || Fault::MisusedFunction(name));
        }
    }

    /// The first operand of a comparison, or a call that is a condition. A parenthesis that was opened may turn out to
    /// hold nothing but it.
    fn subject(&mut self) -> Result<(Operand, bool), Fault> {
        let mut operand = self.parser.operand()?;
        let mut enclosed = false;
        while self.parser.is(TokenKind::Close) && self.open.last() == Some(&Open::Parenthesis) {
            self.open.pop();
            self.parser.advance();
            (operand, enclosed) = self.parser.enclose(operand, enclosed)?;
        }
        Ok((operand, enclosed))
    }

    fn comparison(&mut self) -> Result<(), Fault> {
        let (subject, enclosed) = self.subject()?;
        if let Some(comparator) = Comparator::of(self.parser.token.kind) {
            self.parser.operator()?;
            self.parser.advance();
            let other = self.parser.enclosed_operand()?;
            let operands = [subject, other];
            self.parser.check_places(&operands);
            self.parser.check_distinct(comparator.name(), &operands[0], &operands[1]);
            if comparator.is_order() {
                self.parser.check_kinds(comparator.name(), &operands, Kind::is_ordered);
            }
            let [subject, other] = operands;
            self.push(Node::Compare(comparator, subject, other), false);
        } else if self.parser.is_word("BETWEEN") {
            self.between(subject)?;
        } else if self.parser.is_word("IN") {
            self.membership(subject)?;
        } else if let Operand::Call(call) = subject {
            self.push(Node::Call(call), enclosed);
            // alone, or under NOT: `size(a)`
            self.misplaced_size(self.nodes.len() - 1);
        } else {
            return Err(self.parser.syntax());
        }
        self.parser.comparisons += 1;
        Ok(())
    }

    fn between(&mut self, subject: Operand) -> Result<(), Fault> {
        self.parser.operator()?;
        self.parser.advance();
        let lower = self.parser.enclosed_operand()?;
        if !self.parser.is_word("AND") {
            return Err(self.parser.syntax());
        }
        self.parser.advance();
        let upper = self.parser.enclosed_operand()?;
        let operands = [subject, lower, upper];
        self.parser.check_places(&operands);
        self.parser.check_kinds("BETWEEN", &operands, Kind::is_ordered);
        let [subject, lower, upper] = operands;
        if let (Operand::Value(low), Operand::Value(high)) = (&lower, &upper) {
            let bounds = || (shown(low), shown(high));
            if low.kind() != high.kind() {
                self.parser.note(Matter::OperandType, || {
                    let (lower, upper) = bounds();
                    Fault::BoundTypes { lower, upper }
                });
            } else if order(low, high) == Some(Ordering::Greater) {
                self.parser.note(Matter::OperandType, || {
                    let (lower, upper) = bounds();
                    Fault::BoundOrder { lower, upper }
                });
            }
        }
        self.push(Node::Between { subject, lower, upper }, false);
        Ok(())
    }

    fn membership(&mut self, subject: Operand) -> Result<(), Fault> {
        self.parser.operator()?;
        self.parser.advance();
        self.parser.expect(TokenKind::Open)?;
        let mut list = vec![self.parser.enclosed_operand()?];
        while self.parser.take(TokenKind::Comma) {
            list.push(self.parser.enclosed_operand()?);
        }
        self.parser.expect(TokenKind::Close)?;
        self.parser.check_places(std::slice::from_ref(&subject));
        self.parser.check_places(&list);
        if list.len() > MAX_CHOICES {
            self.parser.note(Matter::OperandCount, || Fault::TooManyChoices { count: list.len() });
        }
        for choice in &list {
            self.parser.check_distinct("IN", &subject, choice);
        }
        self.push(Node::In { subject, list }, false);
        Ok(())
    }
}

/// A bound as AWS shows it: `{N:1}`.
fn shown(value: &AttributeValue) -> String {
    let text = match value {
        AttributeValue::S(text) => text.to_string(),
        AttributeValue::N(number) => number.to_string(),
        AttributeValue::B(bytes) => bytes.to_base64(),
        other => format!("{other:?}"),
    };
    format!("{{{}:{text}}}", value.kind())
}

#[cfg(test)]
#[path = "condition_tests.rs"]
mod tests;
