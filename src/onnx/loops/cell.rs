//! Which recurrence a step is: what it computes, compared with the equations of LSTM, GRU and plain cells.
//!
//! An equation is compared as a tree: sums and products in any order, but nothing more and nothing less. So a
//! recurrence that lacks a gate, or has a peephole, is none of the three here, and its loop is left to be unrolled.

use std::rc::Rc;

use super::expression::{AffineSum, Expression, Matrix};
use super::reason::LoopReason;
use crate::engine::function::activation::Activation;
use crate::onnx::node::Operator;

/// A recurrence, as ONNX writes it, in one direction.
#[derive(Debug)]
pub(super) struct Lifted {
    /// LSTM, GRU or RNN.
    pub(super) operator: Operator,
    /// Number of the hidden state among the states.
    pub(super) h: usize,
    /// Number of the cell state, of an LSTM.
    pub(super) c: Option<usize>,
    /// As many as the operator has.
    pub(super) activations: Vec<Activation>,
    /// The maps to the blocks, in ONNX's order.
    pub(super) blocks: Vec<CellBlock>,
    /// Whether a GRU's reset gate multiplies after the recurrent product.
    pub(super) reset_after: bool,
}

/// `x w + h u + b`, and the recurrent bias that stands apart in a GRU whose reset gate comes after the product.
#[derive(Debug)]
pub(super) struct CellBlock {
    /// Of the input, `[n_inputs, n_hidden]`.
    pub(super) w: Matrix,
    /// Of the hidden state, `[n_hidden, n_hidden]`.
    pub(super) u: Matrix,
    /// `[n_hidden]`.
    pub(super) bias: Vec<f32>,
    /// `[n_hidden]`, zeros but for the candidate of such a GRU.
    pub(super) recurrent_bias: Vec<f32>,
}

/// The states after a step, `next[k]` that of state `k`; `None` where it is no vector.
pub(super) type Next = [Option<Rc<Expression>>];

/// Reads the step whose hidden state becomes `out`, where `next` are all states after it. The equations are tried in
/// turn: LSTM, GRU, plain cell.
///
/// # Errors
/// Says what the step is not.
pub(super) fn recognise(out: &Rc<Expression>, next: &Next) -> Result<Lifted, LoopReason> {
    // Behind a Masking layer a second state holds what the loop returned last; no gate reads it.
    let mut states = (0..next.len()).filter(|state| next[*state].as_ref() == Some(out)).peekable();
    states.peek().ok_or("it returns what is not its hidden state")?;
    states
        .find_map(|h| lstm(out, h, next).or_else(|| gru(out, h)).or_else(|| rnn(out, h)))
        .ok_or_else(|| "its step is none of an LSTM's, a GRU's or a plain recurrent cell's".into())
}

/// ```text
/// i, f, o = gate(x w + h u + b)    g = candidate(x w + h u + b)    c' = f * c + i * g    h' = o * cell(c')
/// ```
fn lstm(out: &Rc<Expression>, h: usize, next: &Next) -> Option<Lifted> {
    let Expression::Product(a, b) = &**out else { return None };
    let (o, cell, new_c) = cell_output(a, b, next).or_else(|| cell_output(b, a, next))?;
    let c = next.iter().position(|next| next.as_ref() == Some(&new_c))?;
    let (f, other) = products(&new_c, |product| factor_of(product, c))?;
    let Expression::Product(i, g) = &*other else { return None };
    // Where gates and candidate have one activation, i and g can only be told by their order; Keras writes i * g.
    let (gate, f_map) = gate_of(&f, h)?;
    let (i, g) = if gate_of(i, h)?.0 == gate { (i, g) } else { (g, i) };
    let ((i_gate, i_map), (o_gate, o_map), (candidate, g_map)) = (gate_of(i, h)?, gate_of(&o, h)?, gate_of(g, h)?);
    (i_gate == gate && o_gate == gate).then_some(Lifted {
        operator: Operator::Lstm,
        h,
        c: Some(c),
        activations: vec![gate, candidate, cell],
        blocks: vec![i_map, o_map, f_map, g_map],
        reset_after: false,
    })
}

/// `o * cell(c')` where `c'` is a state after the step: o, the function, and c'.
fn cell_output(
    o: &Rc<Expression>,
    cell: &Rc<Expression>,
    next: &Next,
) -> Option<(Rc<Expression>, Activation, Rc<Expression>)> {
    let (function, c) = match &**cell {
        Expression::Function(function, c) => (*function, c),
        _ => (LINEAR, cell),
    };
    next.iter().any(|next| next.as_ref() == Some(c)).then(|| (o.clone(), function, c.clone()))
}

/// `linear`, as Keras calls it.
const LINEAR: Activation = Activation::Affine { alpha: 1.0, beta: 0.0 };

/// ```text
/// z, r = gate(x w + h u + b)    n = candidate(..)    h' = (1 - z) * n + z * h
/// ```
fn gru(out: &Rc<Expression>, h: usize) -> Option<Lifted> {
    let (z, other) = products(out, |product| factor_of(product, h))?;
    let n = factor_beside(&other, |x| matches!(x, Expression::OneMinus(same) if *same == z))?;
    let (gate, z_map) = gate_of(&z, h)?;
    let (candidate, n) = function_of(&n)?;
    let (r, n_map, reset_after) = reset_before(&n, h).or_else(|| reset_after(&n, h))?;
    let (r_gate, r_map) = gate_of(&r, h)?;
    (r_gate == gate).then_some(Lifted {
        operator: Operator::Gru,
        h,
        c: None,
        activations: vec![gate, candidate],
        blocks: vec![z_map, r_map, n_map],
        reset_after,
    })
}

/// `x w + (r * h) u + b`: r, the maps, and that the reset gate comes before the product.
fn reset_before(n: &AffineSum, h: usize) -> Option<(Rc<Expression>, CellBlock, bool)> {
    let [(a, _), (b, _)] = &n.terms[..] else { return None };
    let product = [a, b].into_iter().find(|x| ***x != Expression::Row)?;
    let r = factor_of(product, h)?;
    let map = map_of(n, product)?;
    Some((r, map, false))
}

/// `x w + r * (h u + c) + b`: r, the maps, and that the reset gate comes after the product.
fn reset_after(n: &AffineSum, h: usize) -> Option<(Rc<Expression>, CellBlock, bool)> {
    let ([(x, w)], [product]) = (&n.terms[..], &n.others[..]) else { return None };
    let Expression::Product(a, b) = &**product else { return None };
    let recurrent = |x: &Rc<Expression>| match &**x {
        Expression::Sum(sum) if sum.others.is_empty() && sum.terms.len() == 1 => {
            (*sum.terms[0].0 == Expression::State(h)).then(|| sum.clone())
        }
        _ => None,
    };
    let (r, u) = recurrent(b).map(|u| (a, u)).or_else(|| recurrent(a).map(|u| (b, u)))?;
    let width = w.n_columns;
    let block = CellBlock {
        w: w.clone(),
        u: u.terms[0].1.clone(),
        bias: or_zeros(&n.bias, width),
        recurrent_bias: or_zeros(&u.bias, width),
    };
    (**x == Expression::Row && block.is_sound()).then(|| (r.clone(), block, true))
}

/// `h' = f(x w + h u + b)`
fn rnn(out: &Rc<Expression>, h: usize) -> Option<Lifted> {
    let (function, map) = gate_of(out, h)?;
    let (operator, activations) = (Operator::Rnn, vec![function]);
    Some(Lifted { operator, h, c: None, activations, blocks: vec![map], reset_after: false })
}

/// A sum of two products and nothing else: what `find` finds in one of them, and the other.
fn products(
    sum: &Rc<Expression>,
    find: impl Fn(&Rc<Expression>) -> Option<Rc<Expression>>,
) -> Option<(Rc<Expression>, Rc<Expression>)> {
    let Expression::Sum(sum) = &**sum else { return None };
    let [a, b] = &sum.others[..] else { return None };
    if !sum.terms.is_empty() || !sum.bias.is_empty() {
        return None;
    }
    find(a).map(|found| (found, b.clone())).or_else(|| find(b).map(|found| (found, a.clone())))
}

/// The other factor of a product with state `state`, whichever comes first.
fn factor_of(product: &Rc<Expression>, state: usize) -> Option<Rc<Expression>> {
    factor_beside(product, |x| *x == Expression::State(state))
}

/// The other factor of a product of which one is such as `is` says.
fn factor_beside(product: &Rc<Expression>, is: impl Fn(&Expression) -> bool) -> Option<Rc<Expression>> {
    let Expression::Product(a, b) = &**product else { return None };
    if is(b) {
        return Some(a.clone());
    }
    is(a).then(|| b.clone())
}

/// `function(x w + h u + b)`: the function and the maps.
fn gate_of(gate: &Rc<Expression>, h: usize) -> Option<(Activation, CellBlock)> {
    let (function, sum) = function_of(gate)?;
    Some((function, map_of(&sum, &Rc::new(Expression::State(h)))?))
}

/// A function of a sum; the linear one, where it is a sum itself.
fn function_of(x: &Rc<Expression>) -> Option<(Activation, AffineSum)> {
    match &**x {
        Expression::Function(function, x) => match &**x {
            Expression::Sum(sum) => Some((*function, sum.clone())),
            _ => None,
        },
        Expression::Sum(sum) => Some((LINEAR, sum.clone())),
        _ => None,
    }
}

/// The maps of `x w + other u + b`; `None` where the sum has anything else in it.
fn map_of(sum: &AffineSum, other: &Rc<Expression>) -> Option<CellBlock> {
    let [(a, a_matrix), (b, b_matrix)] = &sum.terms[..] else { return None };
    let (w, u) = if **a == Expression::Row && b == other {
        (a_matrix, b_matrix)
    } else if **b == Expression::Row && a == other {
        (b_matrix, a_matrix)
    } else {
        return None;
    };
    let width = w.n_columns;
    let (bias, recurrent_bias) = (or_zeros(&sum.bias, width), vec![0.0; width]);
    let block = CellBlock { w: w.clone(), u: u.clone(), bias, recurrent_bias };
    (sum.others.is_empty() && block.is_sound()).then_some(block)
}

/// A bias, or as many zeros where there is none.
fn or_zeros(bias: &[f32], width: usize) -> Vec<f32> {
    if bias.is_empty() { vec![0.0; width] } else { bias.to_vec() }
}

impl CellBlock {
    /// Whether the sizes fit each other.
    fn is_sound(&self) -> bool {
        let d = self.w.n_columns;
        [self.u.n_rows, self.u.n_columns, self.bias.len(), self.recurrent_bias.len()] == [d; 4]
    }
}
