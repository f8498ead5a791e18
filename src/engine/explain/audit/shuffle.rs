//! Networks whose weights were shuffled (Adebayo 2018, arXiv:1810.03292): an explanation that stays the same does not
//! depend on what the network has learnt.

use crate::engine::explain::random::Random;
use crate::engine::explain::scorer::Network;
use crate::engine::graph::{Graph, Operation};
use crate::engine::trace::Trace;
use crate::error::Result;

/// A graph that is run by itself, without tract.
#[derive(Debug, Clone)]
pub struct GraphRun(pub Graph);

impl Network for GraphRun {
    fn graph(&self) -> &Graph {
        &self.0
    }

    fn trace(&self, input: &[f32]) -> Result<Trace> {
        Ok(Trace::replay(&self.0, input))
    }
}

/// Shuffles the weights of every node among themselves: each kind keeps its size and its distribution.
pub(super) fn shuffle(graph: &mut Graph, random: &mut Random) {
    graph.nodes.iter_mut().for_each(|node| shuffle_node(&mut node.operation, random));
}

/// Shuffles what a node has learnt. Operations without weights stay as they are.
fn shuffle_node(operation: &mut Operation, random: &mut Random) {
    match operation {
        Operation::Affine(op) => {
            random.shuffle(&mut op.weight);
            random.shuffle(&mut op.bias);
        }
        Operation::Recurrent(op) => {
            op.layer.edit(|cell| cell.weights_mut().into_iter().for_each(|weights| random.shuffle(weights)));
        }
        Operation::Embed(op) => random.shuffle(&mut op.table),
        _ => {}
    }
}
