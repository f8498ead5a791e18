//! Every operator of ONNX is read, or stands in the table of those that are not.

use std::collections::{HashMap, HashSet};

use vitrine::{Kind, Model};

/// A field of protobuf that holds bytes, fewer than 16,384.
fn of(number: usize, bytes: &[u8]) -> Vec<u8> {
    let head = [number << 3 | 2, bytes.len() & 127 | 128, bytes.len() >> 7];
    [head.map(|byte| u8::try_from(byte).unwrap()).as_slice(), bytes].concat()
}

/// A field that holds a small number.
fn whole(number: u8, value: u8) -> Vec<u8> {
    vec![number << 3, value]
}

/// A model of one node, `y` of `x [1, 4]`.
fn of_one_node(domain: &str, operator: &str) -> Vec<u8> {
    let node =
        [of(1, b"x"), of(2, b"y"), of(3, b"node"), of(4, operator.as_bytes()), of(7, domain.as_bytes())].concat();
    let dims = [1, 4].map(|len| of(1, &whole(1, len))).concat();
    let kind = of(2, &of(1, &[whole(1, 1), of(2, &dims)].concat()));
    let value = |name: &[u8]| [of(1, name), kind.clone()].concat();
    let graph = [of(1, &node), of(2, b"graph"), of(11, &value(b"x")), of(12, &value(b"y"))].concat();
    [whole(1, 10), of(8, &whole(2, 24)), of(7, &graph)].concat()
}

/// `operators.txt` is by `onnx.defs` 1.23: opset 28, and `ai.onnx.ml`.
#[test]
fn operators_without_a_rule_are_those_of_the_table() {
    let document = include_str!("../../docs/compatibility.md");
    let section = document.split("\n## Operators that are not read\n").nth(1).unwrap();
    let rows = section.split("\n## ").next().unwrap().lines().filter(|line| line.starts_with("| `"));
    let names = rows.flat_map(|row| row.split('|').nth(1).unwrap().split('`').skip(1).step_by(2));
    let listed: HashSet<&str> = names.collect();
    let all = include_str!("../fixtures/operators.txt").lines().map(|line| line.split_once(' ').unwrap());
    // Of an input of the network, or without a body.
    let all = all.filter(|(_, operator)| !["IsNaN", "IsInf", "Loop", "Scan"].contains(operator));
    let refused = all.filter_map(|(domain, operator)| {
        let domain = if domain == "ai.onnx" { "" } else { domain };
        let error = Model::read(&of_one_node(domain, operator), None, &HashMap::new()).err()?;
        let is_refused = error.kind == Kind::Unsupported && error.message.starts_with(&format!("operator {operator} "));
        let is_told =
            operator == "Det" || !error.message.contains("has no rule here; export the model without it, of dense");
        assert!(is_told, "{operator}: {error}");
        // What a table knows is refused for what this node lacks.
        (is_refused && !error.message.contains("cannot be read")).then_some(operator)
    });
    let refused: HashSet<&str> = refused.collect();
    assert_eq!(refused, listed, "refused, and listed");
}
