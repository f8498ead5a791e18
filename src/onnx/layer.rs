//! The layer that a person wrote, behind a node that a file numbers through: torch's default exporter calls its nodes
//! `node_floor_3`, and keeps the names of modules in the nodes' metadata, which tract's protobuf does not have.
//!
//! ```text
//! pkg.torch.onnx.name_scopes        ['', 'encoder', 'encoder.bins', 'floor']
//! pkg.torch.onnx.class_hierarchy    ['main.Net', 'main.Encoder', 'main.Bins', 'aten.floor.default']
//! ```

use crate::error::{Error, Place};

/// Where names of modules stand, from the network down to the operation.
const SCOPES: &[u8] = b"pkg.torch.onnx.name_scopes";
/// Where their classes do.
const CLASSES: &[u8] = b"pkg.torch.onnx.class_hierarchy";

/// Numbers of fields in onnx.proto.
mod field {
    pub(super) const GRAPH: u64 = 7;
    pub(super) const NODE: u64 = 1;
    pub(super) const OUTPUT: u64 = 2;
    pub(super) const NAME: u64 = 3;
    pub(super) const METADATA: u64 = 9;
    pub(super) const KEY: u64 = 1;
    pub(super) const VALUE: u64 = 2;
}

/// An error of a node with the layer before its reason, where the bytes of the file say which layer that is.
pub(crate) fn with_layer(error: Error, bytes: &[u8]) -> Error {
    let Place::Node(name) = &error.place else { return error };
    let Some(layer) = layer_of(bytes, name) else { return error };
    let message = format!("in the layer {layer}: {}", error.message);
    error.saying(message)
}

/// The layer of a node, or of the node that it is a part of (`node.part`).
fn layer_of(bytes: &[u8], name: &str) -> Option<String> {
    let graphs = Fields(bytes).filter(|(number, _)| *number == field::GRAPH);
    let nodes = graphs.flat_map(|(_, graph)| Fields(graph)).filter(|(number, _)| *number == field::NODE);
    let own = nodes.filter(|(_, node)| {
        let label = first(node, field::NAME).filter(|label| !label.is_empty()).or_else(|| first(node, field::OUTPUT));
        let rest = label.filter(|label| !label.is_empty()).and_then(|label| name.as_bytes().strip_prefix(label));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"."))
    });
    // The longest name is that of the node itself.
    let node = own.map(|(_, node)| node).max_by_key(|node| first(node, field::NAME).map_or(0, <[u8]>::len))?;
    let entries = || Fields(node).filter(|(number, _)| *number == field::METADATA).map(|(_, entry)| entry);
    let entry = |key: &[u8]| {
        let value =
            entries().find(|entry| first(entry, field::KEY) == Some(key)).and_then(|it| first(it, field::VALUE));
        value.and_then(|value| last_but_one(std::str::from_utf8(value).ok()?))
    };
    let layer = entry(SCOPES).filter(|layer| !layer.is_empty())?;
    let class =
        entry(CLASSES).map_or(String::new(), |class| format!(" ({})", class.rsplit('.').next().unwrap_or(class)));
    Some(format!("\"{layer}\"{class}"))
}

/// The text before the last of a list as Python writes it.
fn last_but_one(list: &str) -> Option<&str> {
    let texts: Vec<&str> = list.split('\'').skip(1).step_by(2).collect();
    texts.len().checked_sub(2).map(|at| texts[at])
}

/// The first field of a number.
fn first(message: &[u8], number: u64) -> Option<&[u8]> {
    Fields(message).find(|(other, _)| *other == number).map(|(_, bytes)| bytes)
}

/// The fields of a message of protobuf that hold bytes, with their numbers, up to where the message is damaged.
struct Fields<'a>(&'a [u8]);

impl<'a> Iterator for Fields<'a> {
    type Item = (u64, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let key = self.number()?;
            match key & 7 {
                0 => _ = self.number()?,
                1 => _ = self.taken(8)?,
                5 => _ = self.taken(4)?,
                2 => {
                    let len = usize::try_from(self.number()?).ok()?;
                    return Some((key >> 3, self.taken(len)?));
                }
                _ => return None,
            }
        }
    }
}

impl<'a> Fields<'a> {
    /// So many bytes.
    fn taken(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(taken)
    }

    /// A number of seven bits a byte, the least first.
    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.taken(1)?[0];
            number |= u64::from(byte & 127) << shift;
            if byte < 128 {
                return Some(number);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    /// A field of less than 128 bytes, or one whose length takes two.
    fn of(number: u8, bytes: &[u8]) -> Vec<u8> {
        let [low, high] = [(bytes.len() & 127) | 128, bytes.len() >> 7].map(|byte| u8::try_from(byte).unwrap());
        [&[number << 3 | 2, low, high], bytes].concat()
    }

    #[test]
    fn the_layer_of_a_numbered_node_is_named() {
        let entry = |key: &[u8], value: &str| of(9, &[of(1, key), of(2, value.as_bytes())].concat());
        let scopes = entry(SCOPES, "['', 'encoder', 'encoder.bins', 'floor']");
        let classes = entry(CLASSES, "['main.Net', 'main.Encoder', 'main.Bins', 'aten.floor.default']");
        let node = [of(1, b"x"), of(2, b"y"), of(3, b"node_floor_3"), scopes, classes].concat();
        let other = of(2, b"node_floor");
        let file = of(7, &[of(1, &other), of(1, &node)].concat());
        let check = |name: &str, want: Option<&str>| assert_eq!(layer_of(&file, name).as_deref(), want, "{name}");
        check("node_floor_3", Some("\"encoder.bins\" (Bins)"));
        check("node_floor_3.low", Some("\"encoder.bins\" (Bins)"));
        check("node_floor_30", None);
        check("node_floor", None);
        let error = Error::new(Kind::Unsupported, "operator Floor makes steps").at(Place::Node("node_floor_3".into()));
        assert_eq!(
            with_layer(error, &file).message,
            "in the layer \"encoder.bins\" (Bins): operator Floor makes steps"
        );
        assert_eq!(layer_of(&file[..file.len() - 1], "node_floor_3"), None, "a damaged file");
    }
}
