//! Every operator of ONNX is read, or stands in the table of those that are not.

use std::collections::{HashMap, HashSet};

use vitrine::engine::explain::{Method, Options};
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
    of_node([domain, operator, "y"], &[], &[])
}

/// The same of a node with more: `more` of its own fields, `beside` of the graph's; `made` is what it computes.
fn of_node([domain, operator, made]: [&str; 3], more: &[u8], beside: &[u8]) -> Vec<u8> {
    let named = [of(2, made.as_bytes()), of(3, b"node"), of(4, operator.as_bytes()), of(7, domain.as_bytes())].concat();
    let node = [of(1, b"x"), more.to_vec(), named].concat();
    let dims = [1, 4].map(|len| of(1, &whole(1, len))).concat();
    let kind = of(2, &of(1, &[whole(1, 1), of(2, &dims)].concat()));
    let value = |name: &[u8]| [of(1, name), kind.clone()].concat();
    let ends = [of(11, &value(b"x")), of(12, &value(b"y"))].concat();
    let graph = [of(1, &node), beside.to_vec(), of(2, b"graph"), ends].concat();
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

/// By hand, of 2, -3, 0.5 and 4. A product is linear in each factor, so that gradient times input gives it back from each of
/// its factors, and nothing from the others. Without itself, the first product is 1 whatever the input says: each is then
/// multiplied by its own number, which makes it the product with itself.
#[test]
fn running_products_are_those_by_hand() {
    let x = [2.0, -3.0, 0.5, 4.0_f32];
    let axis = of(5, &[of(8, b"axis"), whole(2, 7), of(7, &[1])].concat());
    let own = [of(1, b"p"), of(1, b"x"), of(2, b"y"), of(3, b"own"), of(4, b"Mul")].concat();
    let flag = |name: &[u8], is_on: bool| of(5, &[of(1, name), whole(3, u8::from(is_on)), vec![160, 1, 2]].concat());
    for (reverse, want) in [(false, [2.0, -6.0, -3.0, -12.0]), (true, [-12.0, -6.0, 2.0, 4.0])] {
        for exclusive in [false, true] {
            let more = [of(1, b"axis"), flag(b"reverse", reverse), flag(b"exclusive", exclusive)].concat();
            let (made, beside) =
                if exclusive { ("p", [of(1, &own), axis.clone()].concat()) } else { ("y", axis.clone()) };
            let model = Model::read(&of_node(["", "CumProd", made], &more, &beside), None, &HashMap::new()).unwrap();
            assert_eq!(model.predict(&x).unwrap(), want, "reverse {reverse}, exclusive {exclusive}");
            for (target, y) in want.into_iter().enumerate() {
                let options = Options { target, method: Method::GradientXInput, ..Options::default() };
                let found = model.explain(&x, &options).unwrap().values;
                let is_factor = |k: usize| if reverse { k >= target } else { k <= target };
                let parts: Vec<f64> = (0..4).map(|k| if is_factor(k) { f64::from(y) } else { 0.0 }).collect();
                assert!(found.iter().zip(&parts).all(|(a, b)| (a - b).abs() < 1e-5), "{target}: {found:?} {parts:?}");
            }
        }
    }
}

/// `a sigmoid(1.5 a) b` of one `a` on both sides, and its slope, `2 a s + 1.5 a^2 s (1 - s)`.
#[test]
fn a_gated_product_is_the_one_by_hand() {
    let x = [2.0, -3.0, 0.5, 4.0_f32];
    // A number of single precision, little endian, is field 2 of an attribute of kind 1.
    let alpha =
        of(5, &[of(1, b"alpha"), [&[2 << 3 | 5][..], &1.5_f32.to_le_bytes()].concat(), vec![160, 1, 1]].concat());
    let model = Model::read(&of_node(["", "SwiGLU", "y"], &[of(1, b"x"), alpha].concat(), &[]), None, &HashMap::new());
    let model = model.unwrap();
    for (target, (y, a)) in model.predict(&x).unwrap().into_iter().zip(x.map(f64::from)).enumerate() {
        let s = 1.0 / (1.0 + (-1.5 * a).exp());
        assert!((f64::from(y) - a * a * s).abs() < 1e-5, "{y}");
        let options = Options { target, method: Method::Gradient, ..Options::default() };
        let slope = model.explain(&x, &options).unwrap().values[target];
        assert!((slope - (2.0 * a * s + 1.5 * a * a * s * (1.0 - s))).abs() < 1e-4, "{slope}");
    }
}

/// 1 to the last bit, where the product with the reciprocal is 1 less 6e-8; nothing where x is 0.
#[test]
fn a_number_divided_by_itself_is_one() {
    let x = [41.0, 47.0, -83.0, 97.0_f32];
    let own = [of(1, b"p"), of(1, b"x"), of(2, b"y"), of(3, b"own"), of(4, b"Mul")].concat();
    let model = Model::read(&of_node(["", "Div", "p"], &of(1, b"x"), &of(1, &own)), None, &HashMap::new()).unwrap();
    assert_eq!(model.predict(&x).unwrap(), x);
    let options = Options { target: 2, method: Method::Gradient, ..Options::default() };
    assert_eq!(model.explain(&x, &options).unwrap().values, [0.0, 0.0, 1.0, 0.0]);
    assert_eq!(model.predict(&[41.0, 0.0, 1.0, 1.0]).unwrap_err().kind, Kind::NotFinite);
}
