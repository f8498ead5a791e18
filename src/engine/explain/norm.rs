//! Normalisations as wholes: layer, root mean square, instance and group norms, however an exporter writes them.
//!
//! ```text
//! q = sum over k of w_k e_k^2 + b        y_j = s_j h(q)        h for example 1 / sqrt(q)
//! ```
//!
//! Taken apart, a reference in which `e` is zero has `h = 1 / sqrt(b)`, some hundred times what any run has, and the product
//! rule hands half of that down: it compounds from layer to layer. The whole is bounded. Its multipliers are the mean
//! derivatives on the straight line `e(a) = e0 + a (e - e0)`, `s(a)` alike (Aumann and Shapley 1974):
//!
//! ```text
//! S(a) = sum over j of m_j s_j(a)        m_s_j = m_j integral of h(q(a))        m_e_k = integral of 2 w_k e_k(a) S(a) h'(q(a))
//! ```
//!
//! They are complete, for the integral of a derivative is the difference at its ends. `S` and `e_k` are linear in `a` and
//! `q` is of second degree, so that four integrals of one number are all it takes.

use std::collections::HashMap;

use super::quadrature::gauss_legendre;
use crate::engine::function::Function;
use crate::engine::graph::{Affine, Element, Graph, Operation, Product, Site, ValueId};
use crate::engine::trace::Trace;

/// The normalisations of a graph, by the product that ends each.
#[derive(Debug)]
pub(super) struct Norms {
    /// By the value that the product makes.
    by_product: HashMap<ValueId, Vec<Norm>>,
    /// The places within a piece of the line, and their weights.
    points: Vec<(f64, f64)>,
}

/// Everything that one `q` scales.
#[derive(Debug)]
struct Norm {
    /// Each `e_k` with its weight.
    squares: Vec<(Site, f64)>,
    /// `b`
    bias: f64,
    /// From `h` down to `q`.
    steps: Vec<NormStep>,
    /// For each output its index, where its `s_j` is, and what multiplies `h` for it alone.
    outputs: Vec<(usize, Site, f64)>,
}

/// One function of one number on the way from `q` to `h`.
#[derive(Debug, Clone, Copy, PartialEq)]
enum NormStep {
    Apply(Function),
    /// `weight z + bias`
    Scale {
        weight: f64,
        bias: f64,
    },
}

impl Norms {
    /// Finds them.
    pub(super) fn of(graph: &Graph) -> Self {
        let mut finder = Finder { graph, producers: vec![None; graph.lens.len()] };
        for (index, node) in graph.nodes.iter().enumerate() {
            node.operation.outputs().iter().for_each(|value| finder.producers[*value] = Some(index));
        }
        let of = |operation: &Operation| match operation {
            Operation::Product(op) => Some((op.output, finder.norms(op)?)),
            _ => None,
        };
        let by_product = graph.nodes.iter().filter_map(|node| of(&node.operation)).collect();
        Self { by_product, points: gauss_legendre(8) }
    }

    /// Hands the multipliers `upper` at a product's outputs down to what its normalisation reads; `None` where it ends none.
    pub(super) fn multipliers(&self, op: &Product, runs: [&Trace; 2], upper: &[f64]) -> Option<Vec<(Site, f64)>> {
        let norms = self.by_product.get(&op.output)?;
        let mut below = Vec::new();
        norms.iter().for_each(|norm| norm.multipliers(runs, upper, &self.points, &mut below));
        Some(below)
    }
}

impl Norm {
    /// What each element that the normalisation reads receives of `upper`, added to `below`; `runs` are the run and the
    /// reference.
    fn multipliers(&self, runs: [&Trace; 2], upper: &[f64], points: &[(f64, f64)], below: &mut Vec<(Site, f64)>) {
        let ends = |site: Site| runs.map(|run| f64::from(run.values[site.value][site.index]));
        let (mut sum, mut slope) = (0.0, 0.0);
        for (j, signal, factor) in &self.outputs {
            let [s, s0] = ends(*signal);
            sum += upper[*j] * factor * s0;
            slope += upper[*j] * factor * (s - s0);
        }
        let mut q = Quadratic { constant: self.bias, linear: 0.0, square: 0.0, least: f64::NEG_INFINITY };
        for (site, weight) in &self.squares {
            let [e, e0] = ends(*site);
            q.constant += weight * e0 * e0;
            q.linear += 2.0 * weight * e0 * (e - e0);
            q.square += weight * (e - e0) * (e - e0);
        }
        if self.squares.iter().all(|(_, weight)| *weight >= 0.0) {
            // Rounding takes no sum of squares below the bias.
            q.least = self.bias;
        }
        let [i, j0, j1, j2] = q.integrals(points, |q| self.height_and_slope(q));
        below.extend(self.outputs.iter().map(|(j, signal, factor)| (*signal, upper[*j] * factor * i)));
        for (site, weight) in &self.squares {
            let [e, e0] = ends(*site);
            let m = e0 * (sum * j0 + slope * j1) + (e - e0) * (sum * j1 + slope * j2);
            below.push((*site, 2.0 * weight * m));
        }
    }

    /// `h(q)` and `h'(q)`
    fn height_and_slope(&self, q: f64) -> (f64, f64) {
        self.steps.iter().rev().fold((q, 1.0), |(z, slope), step| match step {
            NormStep::Apply(f) => (f.value(z), slope * f.derivative(z)),
            NormStep::Scale { weight, bias } => (weight * z + bias, slope * weight),
        })
    }
}

/// `q(a) = constant + linear a + square a^2`
#[derive(Debug, Clone, Copy)]
struct Quadratic {
    constant: f64,
    linear: f64,
    square: f64,
    /// The least that the network lets it be, its epsilon; minus infinity where nothing bounds it.
    least: f64,
}

impl Quadratic {
    /// The quadratic form at the place `a` of the line; not below the least that the network lets it be.
    fn at(self, a: f64) -> f64 {
        (self.constant + a * (self.linear + a * self.square)).max(self.least)
    }

    /// The integrals over 0..1 of `h`, `h'`, `a h'` and `a^2 h'`. Towards its lowest place q may turn within a millionth of
    /// the line, so that pieces halve towards it from both sides.
    fn integrals(self, points: &[(f64, f64)], h: impl Fn(f64) -> (f64, f64)) -> [f64; 4] {
        const HALVINGS: i32 = 44;
        let lowest = if self.square > 0.0 { (-0.5 * self.linear / self.square).clamp(0.0, 1.0) } else { 0.0 };
        let mut sums = [0.0; 4];
        let mut add = |from: f64, to: f64| {
            for (place, weight) in points {
                let a = from + (to - from) * place;
                let (height, slope) = h(self.at(a));
                let weight = weight * (to - from).abs();
                sums[0] += weight * height;
                [1.0, a, a * a].iter().zip(&mut sums[1..]).for_each(|(power, sum)| *sum += weight * slope * power);
            }
        };
        for end in [0.0, 1.0] {
            let length = end - lowest;
            if length == 0.0 {
                continue;
            }
            for halving in 0..HALVINGS {
                add(lowest + length * 0.5_f64.powi(halving + 1), lowest + length * 0.5_f64.powi(halving));
            }
            add(lowest, lowest + length * 0.5_f64.powi(HALVINGS));
        }
        sums
    }
}

/// What a search for normalisations needs to know.
struct Finder<'a> {
    graph: &'a Graph,
    /// The node that computes each value.
    producers: Vec<Option<usize>>,
}

impl Finder<'_> {
    /// The normalisations that a product ends, if each of its elements ends one.
    fn norms(&self, op: &Product) -> Option<Vec<Norm>> {
        let mut norms: Vec<Norm> = Vec::new();
        let mut known: HashMap<(ValueId, usize), Vec<usize>> = HashMap::new();
        for j in 0..op.stencil.len() {
            let mut units = op.stencil.lower(j);
            let (unit, None) = (units.next()?, units.next()) else { return None };
            let signal = self.origin(Site { value: op.signal, index: unit.x })?;
            let (mut steps, at) = self.down_to_squares(Site { value: op.gate, index: unit.w })?;
            let factor = own_factor(&mut steps);
            let places = known.entry((at.value, at.index)).or_default();
            let place = places.iter().copied().find(|place| norms[*place].steps == steps);
            let place = match place {
                Some(place) => place,
                None => {
                    let (squares, bias) = self.squares(at)?;
                    norms.push(Norm { squares, bias, steps, outputs: Vec::new() });
                    places.push(norms.len() - 1);
                    norms.len() - 1
                }
            };
            norms[place].outputs.push((j, signal, factor));
        }
        Some(norms)
    }

    /// From a gate's element to the sum of squares that it is a function of.
    fn down_to_squares(&self, gate: Site) -> Option<(Vec<NormStep>, Site)> {
        let (mut steps, mut site) = (Vec::new(), self.origin(gate)?);
        loop {
            match self.operation(site.value)? {
                Operation::Activate(op) => {
                    steps.push(NormStep::Apply(op.f));
                    site = self.origin(Site { value: op.input, index: site.index })?;
                }
                Operation::Affine(op) => {
                    let mut units = op.lower_units(site.index);
                    let (index, weight) = units.next()?;
                    let lower = Site { value: op.input, index };
                    if units.next().is_some() || self.square(lower).is_some() {
                        return steps.iter().any(divides).then_some((steps, site));
                    }
                    steps.push(NormStep::Scale { weight, bias: f64::from(op.bias[site.index]) });
                    site = self.origin(lower)?;
                }
                _ => return None,
            }
        }
    }

    /// The elements whose squares an affine element sums, with their weights, and its bias.
    fn squares(&self, at: Site) -> Option<(Vec<(Site, f64)>, f64)> {
        let Operation::Affine(op) = self.operation(at.value)? else { return None };
        let square = |(index, weight): (usize, f64)| Some((self.square(Site { value: op.input, index })?, weight));
        let squares: Option<Vec<_>> = op.lower_units(at.index).map(square).collect();
        Some((squares?, bias(op, at.index)))
    }

    /// The element that an element is the square of.
    fn square(&self, site: Site) -> Option<Site> {
        let site = self.origin(site)?;
        match self.operation(site.value)? {
            Operation::Activate(op) if is_square(op.f) => self.origin(Site { value: op.input, index: site.index }),
            Operation::Product(op) => {
                let mut units = op.stencil.lower(site.index);
                let (unit, None) = (units.next()?, units.next()) else { return None };
                let gate = self.origin(Site { value: op.gate, index: unit.w })?;
                (self.origin(Site { value: op.signal, index: unit.x })? == gate).then_some(gate)
            }
            _ => None,
        }
    }

    /// The operation that makes a value; nothing for the input.
    fn operation(&self, value: ValueId) -> Option<&Operation> {
        Some(&self.graph.nodes[self.producers[value]?].operation)
    }

    /// The computed element that an element is a copy of.
    fn origin(&self, mut site: Site) -> Option<Site> {
        while let Some(Operation::Rearrange(op)) = self.operation(site.value) {
            let Element::Site(below) = op.elements[site.index] else { return None };
            site = below;
        }
        Some(site)
    }
}

/// The constant that a dense layer adds to one of its outputs.
fn bias(op: &Affine, index: usize) -> f64 {
    f64::from(op.bias[index])
}

/// Takes the factors off that stand above everything else: they belong to one output.
fn own_factor(steps: &mut Vec<NormStep>) -> f64 {
    let mut factor = 1.0;
    while let Some(NormStep::Scale { weight, bias: 0.0 }) = steps.first() {
        factor *= weight;
        steps.remove(0);
    }
    factor
}

/// Whether a function is `x^2`, however it is spelled.
fn is_square(f: Function) -> bool {
    matches!(f, Function::Square) || f == Function::Power { exponent: 2.0 }
}

/// Whether a step can be large where its argument is near zero.
fn divides(step: &NormStep) -> bool {
    match step {
        NormStep::Apply(Function::ReciprocalSqrt | Function::Reciprocal) => true,
        NormStep::Apply(Function::Power { exponent }) => *exponent < 0.0,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{Quadratic, gauss_legendre};

    /// On `q = 1e-5 + a^2`: the integral of `q^(-1/2)` is `asinh(1 / w)` with `w^2 = 1e-5`, that of `q^(-3/2)` is
    /// `1 / (w^2 sqrt(1 + w^2))`, of `a q^(-3/2)` `1 / w - 1 / sqrt(1 + w^2)`, of `a^2 q^(-3/2)` `asinh(1 / w) - 1 / sqrt(1 + w^2)`.
    #[test]
    fn integrals_are_exact_where_the_norm_turns_at_once() {
        for w in [1e-8_f64, 1e-5_f64.sqrt(), 0.3, 40.0] {
            let q = Quadratic { constant: w * w, linear: 0.0, square: 1.0, least: w * w };
            let got = q.integrals(&gauss_legendre(8), |q| (q.powf(-0.5), q.powf(-1.5)));
            let root = (1.0 + w * w).sqrt();
            let want = [(1.0 / w).asinh(), 1.0 / (w * w * root), 1.0 / w - 1.0 / root, (1.0 / w).asinh() - 1.0 / root];
            for (got, want) in got.iter().zip(want) {
                // Where w is large, the last of these formulas loses digits itself.
                assert!((got - want).abs() < 1e-9 * want.abs() + 1e-14, "{w}: {got} and {want}");
            }
        }
    }

    /// The lowest place lies inside: `q = w^2 + (a - 0.3)^2`.
    #[test]
    fn integrals_are_exact_on_both_sides_of_the_lowest_place() {
        let w = 1e-4_f64;
        let q = Quadratic { constant: w * w + 0.09, linear: -0.6, square: 1.0, least: w * w };
        let [height, ..] = q.integrals(&gauss_legendre(8), |q| (q.powf(-0.5), 0.0));
        let want = (0.7 / w).asinh() + (0.3 / w).asinh();
        assert!((height - want).abs() < 1e-7 * want, "{height} and {want}");
    }
}
