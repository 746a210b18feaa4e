//! What all grammars share: paths, operands, function calls, and the choice among several faults.

use super::super::value::{AttributeValue, Kind};
use super::fault::Fault;
use super::operand::{Call, Function, Operand};
use super::path::{Path, Relation, Step};
use super::placeholder::Placeholders;
use super::reserved::is_reserved;
use super::token::{Lexer, Token, TokenKind};
use super::{ExpressionFailure, ExpressionKind};
use smol_str::SmolStr;

/// The longest expression, in bytes.
pub(super) const MAX_SIZE: usize = 4096;
/// The most operators in an expression; functions and parentheses are not counted.
const MAX_OPERATORS: u16 = 300;
/// The most elements of a path.
const MAX_PATH: usize = 32;
/// How deep calls stand in each other before reading gives up: no call that means something reaches it in 4096 bytes.
const MAX_CALLS: u16 = 260;

/// Which rules hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grammar {
    Update,
    Condition,
    Projection,
}

/// What a fault is about. Of the faults of an expression AWS answers the one whose matter it checks first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Matter {
    Parentheses,
    FunctionName,
    FunctionPlace,
    ReservedWord,
    Section,
    Name,
    Value,
    OperandCount,
    SameOperands,
    Overlap,
    Conflict,
    ActionType,
    OperandType,
}

/// A place in an expression, and what was found on the way.
pub(super) struct Parser<'t, 'p> {
    lexer: Lexer<'t>,
    pub(super) token: Token,
    /// Where the token before it begins.
    previous: Option<usize>,
    placeholders: &'p mut Placeholders,
    grammar: Grammar,
    operators: u16,
    calls: u16,
    /// How many comparisons, or calls in their place, have been read: AWS checks one after the other.
    pub(super) comparisons: u32,
    found: Option<(u32, Fault)>,
}

/// Reads an expression with `read`, which must come to its end; then answers the fault that AWS would.
pub(super) fn parse<T>(
    kind: ExpressionKind,
    grammar: Grammar,
    text: &str,
    placeholders: &mut Placeholders,
    read: impl FnOnce(&mut Parser<'_, '_>) -> Result<T, Fault>,
) -> Result<T, ExpressionFailure> {
    let parsed = if text.is_empty() {
        Err(Fault::Empty)
    } else if text.len() > MAX_SIZE {
        Err(Fault::TooLong { size: text.len() })
    } else {
        let mut lexer = Lexer::new(text);
        let token = lexer.next();
        let (previous, found) = (None, None);
        let mut parser = Parser {
            lexer,
            token,
            previous,
            placeholders,
            grammar,
            operators: 0,
            calls: 0,
            comparisons: 0,
            found,
        };
        let read = read(&mut parser);
        match (read, parser.found) {
            (Ok(_), Some((_, fault))) | (Err(fault), _) => Err(fault),
            (Ok(parsed), None) => Ok(parsed),
        }
    };
    parsed.map_err(|fault| ExpressionFailure { kind, fault })
}

impl<'t> Parser<'t, '_> {
    pub(super) fn advance(&mut self) {
        self.previous = Some(self.token.start);
        self.token = self.lexer.next();
    }

    pub(super) fn is(&self, kind: TokenKind) -> bool {
        self.token.kind == kind
    }

    pub(super) fn take(&mut self, kind: TokenKind) -> bool {
        let is = self.is(kind);
        if is {
            self.advance();
        }
        is
    }

    pub(super) fn expect(&mut self, kind: TokenKind) -> Result<(), Fault> {
        if self.take(kind) { Ok(()) } else { Err(self.syntax()) }
    }

    fn token_text(&self) -> &'t str {
        &self.lexer.text()[self.token.start..self.token.end]
    }

    /// Whether the token is this keyword, in any case.
    pub(super) fn is_word(&self, word: &str) -> bool {
        self.is(TokenKind::Name) && self.token_text().eq_ignore_ascii_case(word)
    }

    fn is_keyword(&self) -> bool {
        let words: &[&str] = match self.grammar {
            Grammar::Update => &["SET", "REMOVE", "ADD", "DELETE"],
            Grammar::Condition => &["AND", "OR", "NOT", "IN", "BETWEEN"],
            Grammar::Projection => &[],
        };
        words.iter().any(|word| self.is_word(word))
    }

    /// The token has no place here. AWS shows it with the tokens on its two sides.
    pub(super) fn syntax(&self) -> Fault {
        let text = self.lexer.text();
        let mut ahead = self.lexer;
        let from = self.previous.unwrap_or(self.token.start);
        let near = text[from..ahead.next().end].to_owned();
        let token = if self.is(TokenKind::End) { "<EOF>" } else { self.token_text() };
        Fault::Syntax { token: token.to_owned(), near }
    }

    /// Counts an operator.
    pub(super) fn operator(&mut self) -> Result<(), Fault> {
        self.operators += 1;
        if self.operators > MAX_OPERATORS { Err(Fault::TooManyOperators) } else { Ok(()) }
    }

    /// Where AWS checks this matter: the lower, the earlier.
    fn rank(&self, matter: Matter) -> u32 {
        use Matter::*;
        if self.grammar != Grammar::Condition {
            return match matter {
                Parentheses | ReservedWord => 0,
                FunctionName => 1,
                FunctionPlace => 2,
                Section => 3,
                Name => 4,
                Value => 5,
                Overlap => 6,
                Conflict => 7,
                ActionType => 8,
                OperandCount | SameOperands | OperandType => 9,
            };
        }
        let within = match matter {
            Parentheses => return 0,
            FunctionName => return 1,
            FunctionPlace => return 2,
            ReservedWord => return 3,
            Name | Value => 0,
            OperandCount => 1,
            SameOperands => 2,
            Section | Overlap | Conflict | ActionType | OperandType => 3,
        };
        4 + 4 * self.comparisons + within
    }

    /// Notes a fault, if AWS would answer it rather than the one already noted.
    pub(super) fn note(&mut self, matter: Matter, fault: impl FnOnce() -> Fault) {
        let rank = self.rank(matter);
        if self.found.as_ref().is_none_or(|(found, _)| rank < *found) {
            self.found = Some((rank, fault()));
        }
    }

    /// An attribute's name, or what stands for it.
    fn name(&mut self) -> Result<SmolStr, Fault> {
        let text = self.token_text();
        let name = match self.token.kind {
            TokenKind::Name if !self.is_keyword() => {
                if is_reserved(text) {
                    self.note(Matter::ReservedWord, || Fault::ReservedWord(text.to_owned()));
                }
                SmolStr::new(text)
            }
            TokenKind::NamePlaceholder => match self.placeholders.name(text) {
                Some(name) => name,
                None => {
                    self.note(Matter::Name, || Fault::UndefinedName(text.to_owned()));
                    SmolStr::new(text)
                }
            },
            _ => return Err(self.syntax()),
        };
        self.advance();
        Ok(name)
    }

    /// A path.
    pub(super) fn path(&mut self) -> Result<Path, Fault> {
        let root = self.name()?;
        self.steps(root, Vec::new())
    }

    /// The steps behind what has been read of a path.
    pub(super) fn steps(&mut self, root: SmolStr, mut steps: Vec<Step>) -> Result<Path, Fault> {
        loop {
            if self.take(TokenKind::Dot) {
                steps.push(Step::Name(self.name()?));
            } else if self.take(TokenKind::OpenBracket) {
                let index = self.index()?;
                self.expect(TokenKind::CloseBracket)?;
                steps.push(Step::Index(index));
            } else {
                break;
            }
        }
        let levels = steps.len() + 1;
        if levels > MAX_PATH {
            self.note(Matter::Name, || Fault::PathTooDeep { levels });
        }
        Ok(Path::new(root, steps))
    }

    fn index(&mut self) -> Result<usize, Fault> {
        let text = self.token_text();
        self.expect(TokenKind::Index)?;
        match text.parse::<i32>() {
            Ok(index) => Ok(index.unsigned_abs() as usize),
            Err(_) => {
                self.note(Matter::Name, || Fault::ListIndex(text.to_owned()));
                Ok(0)
            }
        }
    }

    /// A `:value`.
    pub(super) fn value(&mut self) -> Result<Option<AttributeValue>, Fault> {
        if !self.is(TokenKind::ValuePlaceholder) {
            return Err(self.syntax());
        }
        let text = self.token_text();
        let value = self.placeholders.value(text);
        if value.is_none() {
            self.note(Matter::Value, || Fault::UndefinedValue(text.to_owned()));
        }
        self.advance();
        Ok(value)
    }

    /// A path, a value or a call.
    pub(super) fn operand(&mut self) -> Result<Operand, Fault> {
        match self.token.kind {
            TokenKind::ValuePlaceholder => Ok(self.value()?.map_or(Operand::Undefined, Operand::Value)),
            TokenKind::Name if self.lexer.opens() && !self.is_keyword() => self.call().map(Operand::Call),
            _ => self.path().map(Operand::Path),
        }
    }

    /// An operand that may stand in parentheses.
    pub(super) fn enclosed_operand(&mut self) -> Result<Operand, Fault> {
        let mut open = 0;
        while self.take(TokenKind::Open) {
            open += 1;
        }
        let mut operand = self.operand()?;
        let mut enclosed = false;
        while open > 0 {
            self.expect(TokenKind::Close)?;
            open -= 1;
            (operand, enclosed) = self.enclose(operand, enclosed)?;
        }
        Ok(operand)
    }

    /// What follows an operand's closing parenthesis: in conditions, a path may go on behind it.
    pub(super) fn enclose(&mut self, operand: Operand, enclosed: bool) -> Result<(Operand, bool), Fault> {
        if enclosed {
            self.note(Matter::Parentheses, || Fault::RedundantParentheses);
        }
        match operand {
            Operand::Path(path)
                if self.grammar == Grammar::Condition
                    && (self.is(TokenKind::Dot) || self.is(TokenKind::OpenBracket)) =>
            {
                let path = self.steps(path.root().clone(), path.steps().to_vec())?;
                Ok((Operand::Path(path), false))
            }
            operand => Ok((operand, true)),
        }
    }

    fn call(&mut self) -> Result<Call, Fault> {
        let name = self.token_text();
        let function = Function::of(name);
        if self.calls == MAX_CALLS {
            return Err(match function {
                Function::Unknown => Fault::UnknownFunction(name.to_owned()),
                // the size of a size: the one call that could go on
                function => Fault::OperandType { name: function.name(), kind: Kind::N.as_str() },
            });
        }
        self.calls += 1;
        self.advance();
        self.expect(TokenKind::Open)?;
        let mut operands = vec![self.enclosed_operand()?];
        while self.take(TokenKind::Comma) {
            operands.push(self.enclosed_operand()?);
        }
        self.expect(TokenKind::Close)?;
        self.calls -= 1;
        let call = Call { function, operands };
        match function {
            Function::Unknown => self.note(Matter::FunctionName, || Fault::UnknownFunction(name.to_owned())),
            _ => self.check_call(&call),
        }
        Ok(call)
    }

    fn check_call(&mut self, call: &Call) {
        let (function, name) = (call.function, call.function.name());
        let is_update = self.grammar == Grammar::Update;
        if function.is_for_updates() != is_update {
            let place = if is_update { "an update" } else { "a condition" };
            self.note(Matter::FunctionPlace, || Fault::ForeignFunction { place, name });
        }
        self.check_places(&call.operands);
        if call.operands.len() != function.operands() {
            let count = call.operands.len();
            self.note(Matter::OperandCount, || Fault::OperandCount { name, count });
            return;
        }
        if let ([first, second], false) = (call.operands.as_slice(), is_update) {
            self.check_distinct(name, first, second);
        }
        match (function, call.operands.as_slice()) {
            (
                Function::AttributeExists | Function::AttributeNotExists | Function::IfNotExists,
                [Operand::Value(_) | Operand::Call(_), ..],
            ) => self.note(Matter::OperandType, || Fault::NeedsPath(name)),
            (Function::ListAppend, operands) => self.check_kinds(name, operands, |kind| kind == Kind::L),
            (Function::BeginsWith, operands) => {
                self.check_kinds(name, operands, |kind| matches!(kind, Kind::S | Kind::B));
            }
            (Function::Size, operands) => {
                self.check_kinds(name, operands, |kind| !matches!(kind, Kind::N | Kind::Bool | Kind::Null));
            }
            (Function::AttributeType, [_, second]) => self.check_type_name(name, second),
            _ => {}
        }
    }

    fn check_type_name(&mut self, name: &'static str, operand: &Operand) {
        match operand {
            Operand::Undefined => {}
            Operand::Value(AttributeValue::S(text)) => {
                if Kind::parse(text).is_none() {
                    self.note(Matter::OperandType, || Fault::UnknownType(text.to_string()));
                }
            }
            other => {
                let kind = other.kind().map_or("{NS,SS,L,BS,N,M,B,BOOL,NULL,S}", Kind::as_str);
                self.note(Matter::OperandType, || Fault::OperandType { name, kind });
            }
        }
    }

    /// Refuses operands whose type is known and wrong.
    pub(super) fn check_kinds(
        &mut self,
        name: &'static str,
        operands: &[Operand],
        is_right: impl Fn(Kind) -> bool,
    ) {
        if let Some(kind) = operands.iter().filter_map(Operand::kind).find(|kind| !is_right(*kind)) {
            self.note(Matter::OperandType, || Fault::OperandType { name, kind: kind.as_str() });
        }
    }

    /// Refuses functions where their value has no place: in conditions all but `size` are conditions themselves, in
    /// updates a list cannot be appended to an appended one.
    pub(super) fn check_places(&mut self, operands: &[Operand]) {
        let is_misplaced = |function| match self.grammar {
            Grammar::Update => function == Function::ListAppend,
            _ => !matches!(function, Function::Size | Function::Unknown),
        };
        let calls = operands.iter().filter_map(|operand| match operand {
            Operand::Call(call) => Some(call.function),
            _ => None,
        });
        if let Some(function) = calls.into_iter().find(|function| is_misplaced(*function)) {
            self.note(Matter::FunctionPlace, || Fault::MisusedFunction(function.name()));
        }
    }

    /// Refuses two operands that are the same path.
    pub(super) fn check_distinct(&mut self, name: &'static str, first: &Operand, second: &Operand) {
        if let (Operand::Path(a), Operand::Path(b)) = (first, second)
            && a == b
        {
            self.note(Matter::SameOperands, || Fault::SameOperands { name, path: a.to_string() });
        }
    }

    /// Refuses paths that cannot be changed, or returned, together.
    pub(super) fn check_paths<'a>(&mut self, earlier: impl Iterator<Item = &'a Path>, path: &Path) {
        for other in earlier {
            match other.relation(path) {
                Relation::Apart => {}
                Relation::Overlap => {
                    self.note(Matter::Overlap, || Fault::Overlap(other.to_string(), path.to_string()));
                }
                Relation::Conflict => {
                    self.note(Matter::Conflict, || Fault::Conflict(other.to_string(), path.to_string()));
                }
            }
        }
    }
}
