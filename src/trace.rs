//! Every value that one run computed.

use crate::error::{Error, Kind, Place, Result};
use crate::graph::{Element, Graph, INPUT, Initial, Operation, Rearrange, Recurrent};
use crate::recurrence::LayerInput;

/// The recorded values of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// Each value of the graph, in single precision as tract computed it; empty where no explanation needs it.
    pub values: Vec<Vec<f32>>,
    /// The tape of each node; empty where the node is not recurrent.
    pub tapes: Vec<Vec<f32>>,
    /// What the model returned.
    pub outputs: Vec<f32>,
}

impl Trace {
    /// A trace that knows the input and nothing else yet.
    #[must_use]
    pub fn begin(graph: &Graph, input: &[f32]) -> Self {
        let mut values = vec![Vec::new(); graph.lens.len()];
        values[INPUT] = input.to_vec();
        Self { values, tapes: vec![Vec::new(); graph.nodes.len()], outputs: Vec::new() }
    }

    /// Copies what tract recorded to where rearrangements move it.
    pub fn rearrange(&mut self, graph: &Graph) {
        for node in &graph.nodes {
            if let Operation::Rearrange(op) = &node.operation {
                self.values[op.output] = moved(op, &self.values);
            }
        }
    }

    /// Computes the whole graph from the input, without tract.
    #[must_use]
    pub fn replay(graph: &Graph, input: &[f32]) -> Self {
        let mut trace = Self::begin(graph, input);
        for (index, node) in graph.nodes.iter().enumerate() {
            match &node.operation {
                Operation::Rearrange(op) => trace.values[op.output] = moved(op, &trace.values),
                Operation::Affine(op) => {
                    let x = &trace.values[op.input];
                    trace.values[op.output] = (0..op.rows.len()).map(|j| op.sum(x, j) as f32).collect();
                }
                Operation::Activate(op) => {
                    trace.values[op.output] = trace.values[op.input].iter().map(|z| op.f.apply(*z)).collect();
                }
                Operation::Recurrent(op) => {
                    let out = op.layer.forward(&op.layout, &trace.layer_input(op));
                    trace.values[op.y] = out.y;
                    trace.values[op.y_h] = out.y_h;
                    trace.values[op.y_c] = out.y_c;
                    trace.tapes[index] = out.tape;
                }
            }
        }
        trace.outputs = graph
            .targets
            .iter()
            .map(|target| target.link.apply(f64::from(trace.values[target.score.value][target.score.index])) as f32)
            .collect();
        trace
    }

    /// What a recurrent layer read in this run.
    #[must_use]
    pub fn layer_input<'a>(&'a self, op: &'a Recurrent) -> LayerInput<'a> {
        LayerInput {
            x: &self.values[op.input],
            lengths: op.lengths.as_deref(),
            initial_h: op.initial_h.as_ref().map(|initial| self.initial(initial)),
            initial_c: op.initial_c.as_ref().map(|initial| self.initial(initial)),
        }
    }

    fn initial<'a>(&'a self, initial: &'a Initial) -> &'a [f32] {
        match initial {
            Initial::Constant(values) => values,
            Initial::Value(value) => &self.values[*value],
        }
    }

    /// Checks that `other`, computed another way, has the same values.
    ///
    /// # Errors
    /// Names the first node whose values differ by more than `tolerance`, relative to values above 1.
    pub fn compare(&self, graph: &Graph, other: &Self, tolerance: f32) -> Result<()> {
        for node in &graph.nodes {
            for value in node.operation.outputs() {
                let difference = difference(&self.values[value], &other.values[value], tolerance);
                if let Some(difference) = difference {
                    return Err(Error::new(
                        Kind::Mismatch,
                        format!("recorded and replayed values differ by {difference:e}; this model cannot be explained faithfully, please report it"),
                    )
                    .at(Place::Node(node.name.clone())));
                }
            }
        }
        Ok(())
    }
}

fn moved(op: &Rearrange, values: &[Vec<f32>]) -> Vec<f32> {
    let copy = |element: &Element| match element {
        Element::Site(site) => values[site.value][site.index],
        Element::Constant(constant) => *constant,
    };
    op.elements.iter().map(copy).collect()
}

/// The first difference, relative to values above 1, that is not within the tolerance; NaN never is.
fn difference(a: &[f32], b: &[f32], tolerance: f32) -> Option<f32> {
    let within = |difference: &f32| *difference <= tolerance;
    let mut differences = a.iter().zip(b).map(|(a, b)| (a - b).abs() / a.abs().max(1.0));
    differences.find(|difference| !within(difference))
}
