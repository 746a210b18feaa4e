//! From a whole model to what the served operations reach.

use super::model::{Model, Reference, Shape};
use super::names;
use super::settings::{All, Operations};
use anyhow::{Context, Result, bail};
use std::collections::{BTreeMap, BTreeSet};

/// What is generated of a model.
#[derive(Debug)]
pub(super) struct Pruned {
    /// The served operations.
    pub(super) operations: Vec<String>,
    /// The structures and unions, errors apart. Inputs and outputs are there as `<Operation>Input` and `…Output`.
    pub(super) structures: BTreeMap<String, Shape>,
    /// The error shapes.
    pub(super) errors: BTreeMap<String, Shape>,
    /// The lists and maps.
    pub(super) containers: BTreeSet<String>,
    /// Members, as structure and member name, that are boxed because the structure recurs through them.
    pub(super) boxed: BTreeSet<(String, String)>,
}

/// Prunes a model to the operations and what they reach.
pub(super) fn prune(model: &Model, chosen: &Operations) -> Result<Pruned> {
    let mut operations: Vec<String> = match chosen {
        Operations::All(All::All) => model.operations.keys().cloned().collect(),
        Operations::Only(names) => names.clone(),
    };
    operations.sort();
    operations.dedup();
    let mut pruned = Pruned {
        operations,
        structures: BTreeMap::new(),
        errors: BTreeMap::new(),
        containers: BTreeSet::new(),
        boxed: BTreeSet::new(),
    };
    let mut seen = BTreeSet::new();
    for name in pruned.operations.clone() {
        let operation =
            model.operations.get(&name).with_context(|| format!("the model has no operation {name}"))?;
        for (suffix, reference) in [("Input", &operation.input), ("Output", &operation.output)] {
            pruned.add_side(model, format!("{name}{suffix}"), reference.as_ref(), &mut seen)?;
        }
        for error in &operation.errors {
            let shape = model.target(error)?;
            if pruned.errors.insert(error.shape.clone(), shape.clone()).is_none() {
                pruned.reach_members(model, shape, &mut seen)?;
            }
        }
    }
    pruned.check_names()?;
    pruned.boxed = recursive_members(&pruned.structures);
    Ok(pruned)
}

impl Pruned {
    /// An input or output, under its own name whatever the model calls it.
    fn add_side(
        &mut self,
        model: &Model,
        name: String,
        reference: Option<&Reference>,
        seen: &mut BTreeSet<String>,
    ) -> Result<()> {
        let shape = match reference {
            Some(reference) => model.target(reference)?.clone(),
            None => Shape { kind: "structure".to_owned(), is_unit: true, ..Shape::default() },
        };
        self.reach_members(model, &shape, seen)?;
        self.add_structure(name, shape)
    }

    /// The model may use the name of an input or output for something else, which must not be reached then.
    fn add_structure(&mut self, name: String, shape: Shape) -> Result<()> {
        if self.structures.get(&name).is_some_and(|other| *other != shape) {
            bail!("two structures need the name {name}");
        }
        self.structures.insert(name, shape);
        Ok(())
    }

    fn reach_members(&mut self, model: &Model, shape: &Shape, seen: &mut BTreeSet<String>) -> Result<()> {
        let inner = [&shape.member, &shape.key, &shape.value].into_iter().flatten();
        for reference in shape.members.iter().map(|(_, reference)| reference).chain(inner) {
            self.reach(model, &reference.shape, seen)?;
        }
        Ok(())
    }

    fn reach(&mut self, model: &Model, name: &str, seen: &mut BTreeSet<String>) -> Result<()> {
        if !seen.insert(name.to_owned()) {
            return Ok(());
        }
        let shape = model.shape(name)?;
        if shape.eventstream {
            bail!("{name}: event streams are not generated yet");
        }
        if shape.kind == "structure" && shape.rust_type.is_some() {
            // its members are its own affair
            return Ok(());
        }
        self.reach_members(model, shape, seen)?;
        match shape.kind.as_str() {
            "structure" if !shape.document => self.add_structure(name.to_owned(), shape.clone())?,
            "list" | "map" => {
                self.containers.insert(name.to_owned());
            }
            _ => {}
        }
        Ok(())
    }

    /// Two shapes must not become one name in Rust.
    fn check_names(&self) -> Result<()> {
        let mut types = BTreeMap::new();
        let mut statics = BTreeMap::new();
        let structures = self.structures.keys().chain(self.errors.keys());
        for shape in structures.clone() {
            if let Some(other) = types.insert(names::type_name(shape), shape.clone()) {
                bail!("{shape} and {other} become the same type");
            }
        }
        for operation in &self.operations {
            for name in [operation.clone(), format!("{operation}Error")] {
                if let Some(other) = types.insert(name.clone(), name.clone()) {
                    bail!("operation {operation} needs the name {name}, which {other} has");
                }
            }
        }
        for shape in structures.chain(&self.containers) {
            if let Some(other) = statics.insert(names::constant(shape), shape) {
                bail!("{shape} and {other} become the same static");
            }
        }
        Ok(())
    }
}

/// The members through which a structure holds itself directly. Lists and maps hold theirs on the heap already.
fn recursive_members(structures: &BTreeMap<String, Shape>) -> BTreeSet<(String, String)> {
    let mut boxed = BTreeSet::new();
    for (name, shape) in structures {
        for (member, reference) in shape.members.iter() {
            if holds(structures, &reference.shape, name, &mut BTreeSet::new()) {
                boxed.insert((name.clone(), member.clone()));
            }
        }
    }
    boxed
}

/// Whether a structure is, or directly holds, another.
fn holds<'a>(
    structures: &'a BTreeMap<String, Shape>,
    outer: &'a str,
    inner: &str,
    seen: &mut BTreeSet<&'a str>,
) -> bool {
    if outer == inner {
        return structures.contains_key(outer);
    }
    let Some(shape) = structures.get(outer) else { return false };
    seen.insert(outer)
        && shape.members.iter().any(|(_, reference)| holds(structures, &reference.shape, inner, seen))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Three operations; a tree that holds itself directly and through a list.
    pub(in crate::codegen) fn model() -> Model {
        serde_json::from_str(
            r#"{
            "metadata": {"apiVersion": "1", "endpointPrefix": "probe", "protocol": "json", "jsonVersion": "1.0",
                         "serviceFullName": "Probe", "targetPrefix": "Probe"},
            "operations": {
                "Put": {"http": {"method": "POST", "requestUri": "/"}, "input": {"shape": "PutRequest"},
                        "errors": [{"shape": "Missing"}]},
                "Get": {"http": {"method": "POST", "requestUri": "/"}, "input": {"shape": "Empty"},
                        "output": {"shape": "Tree"}},
                "Other": {"http": {"method": "POST", "requestUri": "/"}, "input": {"shape": "Unreached"}}
            },
            "shapes": {
                "PutRequest": {"type": "structure", "required": ["Names"],
                               "members": {"Names": {"shape": "Names"}, "Secret": {"shape": "Secret"}}},
                "Names": {"type": "list", "member": {"shape": "Name"}, "max": 10},
                "Name": {"type": "string", "min": 1},
                "Secret": {"type": "string", "sensitive": true},
                "Empty": {"type": "structure", "members": {}},
                "Tree": {"type": "structure", "members": {"Left": {"shape": "Branch"}, "All": {"shape": "Trees"}}},
                "Branch": {"type": "structure", "members": {"Tree": {"shape": "Tree"}, "Leaf": {"shape": "Empty"}}},
                "Trees": {"type": "list", "member": {"shape": "Tree"}},
                "Missing": {"type": "structure", "members": {"message": {"shape": "Name"}}, "exception": true},
                "Unreached": {"type": "structure", "members": {}}
            }}"#,
        )
        .expect("the model parses")
    }

    fn only(names: &[&str]) -> Operations {
        Operations::Only(names.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn only_what_the_operations_reach_is_kept() -> Result<()> {
        let pruned = prune(&model(), &only(&["Put"]))?;
        assert_eq!(pruned.structures.keys().collect::<Vec<_>>(), ["PutInput", "PutOutput"]);
        assert_eq!(pruned.errors.keys().collect::<Vec<_>>(), ["Missing"]);
        assert_eq!(pruned.containers.iter().collect::<Vec<_>>(), ["Names"]);
        Ok(())
    }

    #[test]
    fn a_shared_output_keeps_its_name_where_it_is_a_member_too() -> Result<()> {
        let pruned = prune(&model(), &Operations::All(All::All))?;
        assert_eq!(pruned.structures["GetOutput"], pruned.structures["Tree"]);
        assert!(pruned.structures["PutOutput"].members.0.is_empty());
        let units: Vec<_> = pruned.structures.iter().filter(|(_, shape)| shape.is_unit).collect();
        assert_eq!(
            units.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
            ["OtherOutput", "PutOutput"]
        );
        assert_eq!(pruned.operations, ["Get", "Other", "Put"]);
        Ok(())
    }

    #[test]
    fn only_members_that_close_a_circle_are_boxed() -> Result<()> {
        let pruned = prune(&model(), &only(&["Get"]))?;
        let boxed: Vec<_> = pruned.boxed.iter().map(|(shape, member)| format!("{shape}.{member}")).collect();
        assert_eq!(boxed, ["Branch.Tree", "Tree.Left"]);
        Ok(())
    }

    #[test]
    fn a_structure_that_is_written_by_hand_is_not_generated() -> Result<()> {
        let mut model = model();
        model.shapes.get_mut("Branch").expect("it is there").rust_type = Some("hand::Branch".to_owned());
        let pruned = prune(&model, &only(&["Get"]))?;
        assert_eq!(pruned.structures.keys().collect::<Vec<_>>(), ["GetInput", "GetOutput", "Tree"]);
        Ok(())
    }

    #[test]
    fn an_operation_that_the_model_lacks_is_refused() {
        assert!(prune(&model(), &only(&["Gone"])).is_err());
    }
}
